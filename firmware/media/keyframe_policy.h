// SPDX-License-Identifier: Apache-2.0
// Merges the keyframe requests of all viewers (PLI, FIR, joiners) into at most one keyframe per
// interval, so that neither a flood nor fifty viewers who lose the same packet make the encoder
// emit keyframes only. A request is never lost: it waits for its deadline.
// io thread only. Owned by the app.
#pragma once

#include "firmware/base/time.h"

namespace ocellus::media {

// Between two keyframes made on request. Long enough to keep most of the bitrate for the pictures
// between, short enough that a viewer whose picture broke hardly notices the wait.
constexpr Duration kKeyframeInterval = std::chrono::milliseconds(300);

class KeyframePolicy {
 public:
  explicit KeyframePolicy(Duration interval = kKeyframeInterval) : interval_(interval) {}

  // Somebody needs a keyframe. It is due at once, or when the interval since the last is over.
  void Request(Time now);

  // A keyframe came: it serves whoever waits, whoever asked for it. Starts the interval.
  void HandleKeyframe(Time now);

  // True once for all requests whose deadline has come: make a keyframe now.
  bool TakeDue(Time now);

  // kNever when nobody waits.
  Time next_deadline() const { return due_; }

 private:
  Duration interval_;
  Time due_ = kNever;
  Time earliest_{};  // When the interval since the last keyframe is over.
};

}  // namespace ocellus::media
