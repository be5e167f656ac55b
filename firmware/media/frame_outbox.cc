// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/frame_outbox.h"

#include <algorithm>
#include <optional>

namespace ocellus::media {

FrameOutbox::FrameOutbox(hal::Waker& io_waker) : io_waker_(io_waker) {
  while (!spare_.full()) spare_.PushDroppingOldest({});
}

std::optional<hal::EncodedFrame> FrameOutbox::Begin() {
  while (std::optional<hal::EncodedFrame> frame = returned_.Pop()) Cancel(std::move(*frame));
  if (spare_.empty()) {
    HandleGap();
    return std::nullopt;
  }
  hal::EncodedFrame frame = spare_.Pop();
  frame.Clear();
  return frame;
}

bool FrameOutbox::Send(Time now, hal::EncodedFrame frame) {
  if (keyframe_needed_ && !frame.keyframe) {
    Cancel(std::move(frame));
    return false;
  }
  keyframe_needed_ = false;
  // A device may tell times that jump or lie in the future.
  frame.captured_at = std::min(frame.captured_at, now);
  if (last_captured_at_ != Time::min()) {
    frame.captured_at = std::max(frame.captured_at, last_captured_at_ + kMinFrameSpacing);
  }
  last_captured_at_ = frame.captured_at;
  CHECK(frames_.Push(frame), "invariant 1: more than %zu frames", kVideoMailboxFrames);
  io_waker_.Wake();
  return true;
}

void FrameOutbox::Cancel(hal::EncodedFrame frame) {
  CHECK(spare_.Push(std::move(frame)), "invariant 1: more than %zu frames", kVideoMailboxFrames);
}

void FrameOutbox::Recycle(hal::EncodedFrame frame) {
  CHECK(returned_.Push(frame), "invariant 1: more than %zu frames", kVideoMailboxFrames);
}

}  // namespace ocellus::media
