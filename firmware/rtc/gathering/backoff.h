// SPDX-License-Identifier: Apache-2.0
// How long to wait before trying again: doubles from one failure to the next, with chance in it so
// that a fleet of cameras does not come back to a server in one moment.
#pragma once

#include <algorithm>
#include <chrono>

#include "firmware/base/random.h"
#include "firmware/base/time.h"

namespace ocellus::gathering {

// Ours to choose. The first tries are quick, so that a server that was restarted is in use again
// within seconds; the last ones cost a dead server one datagram a minute or so.
constexpr Duration kMinBackoff = std::chrono::seconds(1);
constexpr Duration kMaxBackoff = std::chrono::seconds(60);

class Backoff {
 public:
  // The wait after one more failure: 1, 2, 4 ... 60 s, each times 0.75 to 1.
  Duration Next(Random& random) {
    const auto spread = static_cast<uint32_t>(wait_.count() / 4);
    const Duration wait = wait_ - Duration(random.Below(spread + 1));
    wait_ = std::min(wait_ * 2, kMaxBackoff);
    return wait;
  }
  // It has worked, or the world has changed.
  void Reset() { wait_ = kMinBackoff; }

 private:
  Duration wait_ = kMinBackoff;
};

}  // namespace ocellus::gathering
