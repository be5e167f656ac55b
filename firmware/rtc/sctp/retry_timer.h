// SPDX-License-Identifier: Apache-2.0
// The timer of a request that is repeated until it is answered (RFC 9260's T1 and T2, RFC 6525's
// re-configuration timer): each wait is twice the one before, and their number is bounded.
#pragma once

#include <algorithm>

#include "firmware/base/time.h"

namespace ocellus::sctp {

class RetryTimer {
 public:
  // RFC 9260 section 16 starts with 1 s and doubles up to 60 s. Here ICE and DTLS have just crossed
  // the path in less than that; a repetition too early is ignored by the peer, one too late is time
  // that a viewer waits for the controls. The tries add up to 31.5 s: longer than ICE takes to
  // notice that nobody is there (RFC 7675: 30 s).
  static constexpr Duration kFirst = std::chrono::milliseconds(500);
  static constexpr Duration kLongest = std::chrono::seconds(4);
  // RFC 9260 section 16: "Max.Init.Retransmits 8 attempts", "Association.Max.Retrans 10 attempts".
  static constexpr unsigned kMaxTries = 10;

  // The request is being sent for the first time; or again, and what was counted does not count.
  void Start(Time now) {
    wait_ = kFirst;
    tries_ = 1;
    expires_at_ = now + wait_;
  }
  void Stop() { expires_at_ = kNever; }

  bool running() const { return expires_at_ != kNever; }
  bool Expired(Time now) const { return now >= expires_at_; }
  // When Expired() becomes true.
  Time expires_at() const { return expires_at_; }
  // Requests sent since Start.
  unsigned tries() const { return tries_; }

  // To be called when it has expired. True: the request is to be sent again. False: that was the
  // last time, and the timer has stopped.
  [[nodiscard]] bool Retry(Time now) {
    if (tries_ == kMaxTries) {
      Stop();
      return false;
    }
    ++tries_;
    wait_ = std::min(wait_ * 2, kLongest);
    expires_at_ = now + wait_;
    return true;
  }

 private:
  Time expires_at_ = kNever;
  Duration wait_ = kFirst;
  unsigned tries_ = 0;
};

}  // namespace ocellus::sctp
