// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/snapshot_taker.h"

namespace ocellus::media {

void SnapshotTaker::HandleTurn(Time now) {
  if (unsent_) {
    if (!finished_.Push(*unsent_)) return;
    unsent_.reset();
    parts_.io_waker.Wake();
  }
  if (!waiting_since_ && requested_.exchange(false, std::memory_order_relaxed)) {
    waiting_since_ = now;
  }
  if (!waiting_since_) return;
  if (!keyframe_.empty() && now - *waiting_since_ >= kSnapshotKeyframeWait) {
    FinishFromKeyframe();
  } else if (now - *waiting_since_ >= kSnapshotTimeout) {
    Finish({{StatusCode::kTimeout, "no picture came from the camera"}, {}, {}});
  }
}

void SnapshotTaker::HandlePicture(const hal::VideoFrame& picture) {
  keyframe_.clear();
  if (!waiting_since_) return;
  Snapshot snapshot;
  snapshot.captured_at = picture.captured_at;
  if (picture.pixel_format == hal::PixelFormat::kI420) {
    snapshot.status = parts_.jpeg.Encode(picture, quality_, snapshot.jpeg);
  } else {
    snapshot.status = converted_.Assign(picture);
    if (snapshot.status.ok()) {
      snapshot.status = parts_.jpeg.Encode(converted_.frame(), quality_, snapshot.jpeg);
    }
  }
  Finish(std::move(snapshot));
}

void SnapshotTaker::HandleAccessUnit(const hal::EncodedFrame& frame) {
  if (!frame.keyframe) return;
  keyframe_ = frame.data;
  keyframe_captured_at_ = frame.captured_at;
  if (waiting_since_) FinishFromKeyframe();
}

void SnapshotTaker::HandleCameraLost(const std::string& reason) {
  keyframe_.clear();
  if (waiting_since_) Finish({{StatusCode::kUnavailable, reason}, {}, {}});
}

void SnapshotTaker::FinishFromKeyframe() {
  Snapshot snapshot;
  snapshot.captured_at = keyframe_captured_at_;
  snapshot.status = parts_.decoder.Reset();
  if (snapshot.status.ok()) {
    const Result<std::optional<hal::VideoFrame>> picture =
        parts_.decoder.Decode(keyframe_, keyframe_captured_at_);
    if (!picture.ok()) {
      snapshot.status = picture.status();
    } else if (!picture->has_value()) {
      snapshot.status = {StatusCode::kMalformed, "the camera's keyframe gave no picture"};
    } else {
      snapshot.status = parts_.jpeg.Encode(**picture, quality_, snapshot.jpeg);
    }
  }
  Finish(std::move(snapshot));
}

void SnapshotTaker::Finish(Snapshot snapshot) {
  waiting_since_.reset();
  if (finished_.Push(snapshot)) {
    parts_.io_waker.Wake();
  } else {
    unsent_ = std::move(snapshot);
  }
}

}  // namespace ocellus::media
