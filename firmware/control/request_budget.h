// SPDX-License-Identifier: Apache-2.0
// How much one client may ask: so many at once, and so many a second (token buckets). Any thread.
#pragma once

#include <algorithm>
#include <cstddef>

#include "firmware/base/limits.h"
#include "firmware/base/time.h"

namespace ocellus::control {

// A bucket of `kSize` tokens that gets `kRate` of them a second, full at first.
template <unsigned kSize, unsigned kRate>
class TokenBucket {
 public:
  // False, and nothing is taken, when there are fewer than `tokens`.
  bool Take(Time now, size_t tokens) {
    const Time full = std::max(full_at_, now) + kInterval * static_cast<int64_t>(tokens);
    if (full - now > kInterval * int64_t{kSize}) return false;
    full_at_ = full;
    return true;
  }

 private:
  static constexpr Duration kInterval = Duration(std::chrono::seconds(1)) / kRate;

  // When the bucket will be full again: all that has to be kept of it.
  Time full_at_{};
};

class RequestBudget {
 public:
  // Whether a message of `bytes` is read at all. False: the client is to be sent away.
  bool TakeMessage(Time now, size_t bytes) { return messages_.Take(now, 1 + bytes / 1024); }

  // Whether one request is carried out. False: it is answered with an error.
  bool TakeRequest(Time now) { return requests_.Take(now, 1); }

 private:
  TokenBucket<kMaxControlMessagesPerSecond, kMaxControlMessagesPerSecond> messages_;
  TokenBucket<kControlBurst, kControlRequestsPerSecond> requests_;
};

}  // namespace ocellus::control
