// SPDX-License-Identifier: Apache-2.0
// Makes JPEG snapshots of what passes by: of the next picture, or, where the camera encodes by
// itself, of its next keyframe. Owned by VideoPipeline.
#pragma once

#include <atomic>
#include <optional>
#include <vector>

#include "firmware/base/mailbox.h"
#include "firmware/media/i420_buffer.h"
#include "hal/jpeg_codec.h"
#include "hal/video_decoder.h"
#include "hal/video_encoder.h"
#include "hal/waker.h"

namespace ocellus::media {

// How long a snapshot of an H.264 camera waits for a new keyframe before it shows the last one.
constexpr Duration kSnapshotKeyframeWait = std::chrono::milliseconds(500);

// A snapshot for which nothing at all came by fails after this time.
constexpr Duration kSnapshotTimeout = std::chrono::seconds(2);

struct Snapshot {
  Status status;              // kUnavailable: the camera is away. Else what went wrong.
  std::vector<uint8_t> jpeg;  // When status is ok.
  Time captured_at;           // Of the picture in it.
};

class SnapshotTaker {
 public:
  struct Parts {
    hal::VideoDecoder& decoder;
    hal::JpegCodec& jpeg;
    hal::Waker& io_waker;
  };
  // All parts are borrowed. `quality` is of the JPEG, 1 to 100.
  SnapshotTaker(const Parts& parts, int quality) : parts_(parts), quality_(quality) {}

  // io thread.

  // Requests that wait become one, and get one answer.
  void Request() { requested_.store(true, std::memory_order_relaxed); }
  std::optional<Snapshot> Pop() { return finished_.Pop(); }

  // Video thread.

  // Looks for a request, and gives up one that waits too long. Once a turn, before what follows.
  void HandleTurn(Time now);
  // True while an H.264 camera should make a keyframe for a snapshot.
  bool waiting() const { return waiting_since_.has_value(); }
  // An uncompressed picture of the camera.
  void HandlePicture(const hal::VideoFrame& picture);
  // An encoded picture of a camera that encodes by itself.
  void HandleAccessUnit(const hal::EncodedFrame& frame);
  // The camera is away, because of `reason`.
  void HandleCameraLost(const std::string& reason);

 private:
  void FinishFromKeyframe();
  void Finish(Snapshot snapshot);

  const Parts parts_;
  const int quality_;
  std::atomic<bool> requested_{false};
  Mailbox<Snapshot, 2> finished_;  // Full: the request waits until one is taken.

  // Video thread.
  std::optional<Time> waiting_since_;
  std::optional<Snapshot> unsent_;
  I420Buffer converted_;
  std::vector<uint8_t> keyframe_;  // The newest of an H.264 camera; empty when there is none.
  Time keyframe_captured_at_;
};

}  // namespace ocellus::media
