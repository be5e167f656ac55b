// SPDX-License-Identifier: Apache-2.0
// Limits how often something may happen: `burst` times at once, and `per_second` times a second in
// the long run. A few bytes, whatever the rate.
#pragma once

#include <algorithm>

#include "firmware/base/time.h"

namespace ocellus {

class TokenBucket {
 public:
  TokenBucket(int burst, int per_second)
      : burst_(burst), interval_(Duration(std::chrono::seconds(1)) / per_second) {}

  // Takes a token, or says that there is none.
  bool Take(Time now) {
    const Time full_at = std::max(full_at_, now) + interval_;
    if (full_at - now > interval_ * burst_) return false;
    full_at_ = full_at;
    return true;
  }

 private:
  int burst_;
  Duration interval_;
  Time full_at_{};  // When the bucket is full again; the distance to now is what has been taken.
};

}  // namespace ocellus
