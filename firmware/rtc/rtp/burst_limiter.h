// SPDX-License-Identifier: Apache-2.0
// Keeps one viewer from being sent more packets back to back than its socket can hold: a token
// bucket of kMaxBurstPackets that fills by kMaxPacketsPerMillisecond. Frames of live video pass it
// untouched; a joiner's way from an old keyframe to the present is spread over some milliseconds.
#pragma once

#include <algorithm>

#include "firmware/base/limits.h"
#include "firmware/base/time.h"

namespace ocellus::rtp {

class BurstLimiter {
 public:
  bool Allows(Time now) {
    const int64_t earned = (now - filled_at_) / kTokenInterval;
    if (earned > 0) {
      tokens_ = std::min<int64_t>(kMaxBurstPackets, tokens_ + earned);
      filled_at_ += kTokenInterval * earned;
    }
    return tokens_ > 0;
  }

  // One packet was sent, after Allows.
  void Spend() { --tokens_; }

  // When to ask again after Allows said no: late enough for some packets at once.
  Time next_refill() const { return filled_at_ + std::chrono::milliseconds(1); }

 private:
  static constexpr Duration kTokenInterval =
      Duration(std::chrono::milliseconds(1)) / kMaxPacketsPerMillisecond;

  int64_t tokens_ = kMaxBurstPackets;
  Time filled_at_{};
};

}  // namespace ocellus::rtp
