// SPDX-License-Identifier: Apache-2.0
// The pace of the checks of all agents together. Whoever has a check to send takes a place in the
// queue, so that a viewer with many candidates delays the others by no more than its turn, and a
// crowd of viewers with forged ones makes us send no more than a trickle. io thread only. Owned by
// whoever owns the peers; one for the program.
#pragma once

#include <algorithm>
#include <chrono>

#include "firmware/base/time.h"

namespace ocellus::ice {

// RFC 8445 section 14.2: whatever Ta is, the transactions of all agents together "MUST NOT be sent
// more often than once every 5 ms". Checks that answer one of the peer's own do not wait for it:
// the peer has paced that one.
constexpr Duration kCommonPace = std::chrono::milliseconds(5);

class Pacer {
 public:
  // When the caller may send a check that it would send now.
  Time Reserve(Time now) {
    const Time slot = std::max(now, next_);
    next_ = slot + kCommonPace;
    return slot;
  }

 private:
  Time next_{};
};

}  // namespace ocellus::ice
