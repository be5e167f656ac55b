// SPDX-License-Identifier: Apache-2.0
// The rate of something that counts bytes, over the last full second of updates. io thread only.
#pragma once

#include "firmware/base/units.h"

namespace ocellus::app {

class RateMeter {
 public:
  // `total` is all bytes so far. Call it often: a window closes with the first call after it.
  void Update(Time now, uint64_t total) {
    if (now - window_begin_ < std::chrono::seconds(1)) return;
    if (window_begin_ != Time()) {
      rate_ = DataSize::FromBytes(static_cast<int64_t>(total - total_at_begin_)) /
              (now - window_begin_);
    }
    window_begin_ = now;
    total_at_begin_ = total;
  }

  DataRate rate() const { return rate_; }

 private:
  Time window_begin_{};
  uint64_t total_at_begin_ = 0;
  DataRate rate_;
};

}  // namespace ocellus::app
