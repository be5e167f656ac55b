// SPDX-License-Identifier: Apache-2.0
// Spreads the first requests of gathering over time: RFC 8445 section 14.2, "one new STUN/TURN
// transaction every Ta", because a burst of new mappings is what cheap NATs lose.
#pragma once

#include <algorithm>

#include "firmware/base/time.h"
#include "firmware/rtc/ice/agent.h"

namespace ocellus::gathering {

class Pacing {
 public:
  // When the next transaction may begin: now, or Ta after the one before.
  Time Next(Time now) {
    const Time start = std::max(now, next_);
    next_ = start + ice::kTa;
    return start;
  }

 private:
  Time next_{};
};

}  // namespace ocellus::gathering
