// SPDX-License-Identifier: Apache-2.0
// The way of encoded frames from the video thread to the io thread and of their buffers back, so
// that each buffer is allocated once. Owned by VideoPipeline.
//
// Invariants:
//   1. Each of the kVideoMailboxFrames buffers is in spare_, frames_, returned_, or with whoever
//      took it by Begin or Pop: no mailbox is ever full.
//   2. captured_at of the frames that go out grows by at least kMinFrameSpacing.
//   3. After a gap, the first frame that goes out is a keyframe.
#pragma once

#include <atomic>

#include "firmware/base/limits.h"
#include "firmware/base/mailbox.h"
#include "firmware/base/ring.h"
#include "hal/video_encoder.h"
#include "hal/waker.h"

namespace ocellus::media {

// Two pictures are never closer, so that each has an RTP timestamp (1/90,000 s) of its own.
constexpr Duration kMinFrameSpacing = std::chrono::milliseconds(1);

class FrameOutbox {
 public:
  // `io_waker` is woken for each frame; borrowed.
  explicit FrameOutbox(hal::Waker& io_waker);

  // Video thread.

  // An empty frame to fill and give to Send or Cancel. nullopt: the io thread has all of them, the
  // picture is lost, and HandleGap() has been called.
  std::optional<hal::EncodedFrame> Begin();
  // False when it was withheld: after a gap, until a keyframe comes. `now` bounds captured_at.
  bool Send(Time now, hal::EncodedFrame frame);
  void Cancel(hal::EncodedFrame frame);
  // A frame was lost, or what comes next has nothing to do with what was: only a keyframe helps.
  void HandleGap() { keyframe_needed_ = true; }
  bool keyframe_needed() const { return keyframe_needed_; }

  // io thread.

  std::optional<hal::EncodedFrame> Pop() { return frames_.Pop(); }
  // Takes a frame that Pop gave, when it is not needed any more.
  void Recycle(hal::EncodedFrame frame);

 private:
  hal::Waker& io_waker_;
  Mailbox<hal::EncodedFrame, kVideoMailboxFrames> frames_;
  Mailbox<hal::EncodedFrame, kVideoMailboxFrames> returned_;

  // Video thread.
  Ring<hal::EncodedFrame, kVideoMailboxFrames> spare_;
  bool keyframe_needed_ = true;
  Time last_captured_at_ = Time::min();
};

}  // namespace ocellus::media
