// SPDX-License-Identifier: Apache-2.0
// Spreads packets over the round trip, so that a window of them does not meet the bottleneck at
// once. What was not sent in time may be made up for in one burst of kBurst, which is also what
// keeps fast paths fast: timers are coarser than their packets. Slower packets leave one by one: a
// small window whose packets leave together sees the path at one moment of each round trip only,
// and takes for a queue the video's picture that may stand there every time. io thread only. Owned
// by Sender.
#pragma once

#include <algorithm>
#include <cstddef>

#include "firmware/base/time.h"

namespace ocellus::sctp {

class Pacer {
 public:
  bool Allows(Time now) const { return now >= next_; }

  // A packet of `bytes` leaves; at this rate, `window` bytes take `interval`. After a pause,
  // another one may follow it at once if `in_pairs`.
  void Spend(Time now, size_t bytes, size_t window, Duration interval, bool in_pairs) {
    const int64_t nanoseconds = static_cast<int64_t>(bytes) * interval.count() * 1000 /
                                std::max<int64_t>(1, static_cast<int64_t>(window));
    const Duration burst = in_pairs ? std::max(kBurst, Duration(nanoseconds / 1000)) : kBurst;
    if (next_ < now - burst) {
      next_ = now - burst;
      fraction_ = 0;
    }
    fraction_ += nanoseconds;
    next_ += Duration(fraction_ / 1000);
    fraction_ %= 1000;
  }

  // When the next packet may leave.
  Time next() const { return next_; }

 private:
  static constexpr Duration kBurst = std::chrono::milliseconds(1);

  Time next_{};
  int64_t fraction_ = 0;  // Nanoseconds that next_ is early.
};

}  // namespace ocellus::sctp
