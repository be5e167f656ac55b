// SPDX-License-Identifier: Apache-2.0
// Consent freshness (RFC 7675) for one path: when to ask the peer whether it still wants our
// packets, and when it has not said so for too long. Sends nothing itself. Owned by Agent.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "firmware/base/random.h"
#include "firmware/base/ring.h"
#include "firmware/base/time.h"
#include "firmware/rtc/stun/message.h"

namespace ocellus::ice {

// RFC 7675 section 5.1: "Implementations SHOULD set a default interval of 5 seconds".
constexpr Duration kConsentInterval = std::chrono::seconds(5);
// RFC 7675 section 5.1: "Consent expires after 30 seconds".
constexpr Duration kConsentLifetime = std::chrono::seconds(30);

class Consent {
 public:
  // The peer consented at `granted`, by answering a connectivity check (RFC 7675 section 4.1).
  Consent(Time granted, Random& random);

  // When to ask next. RFC 7675 section 5.1: each interval is "randomized from between 0.8 and 1.2
  // times the basic period".
  Time next_check() const { return next_check_; }
  // From then on nothing may be sent on the path.
  Time expires() const { return granted_ + kConsentLifetime; }

  // The peer has answered another check of ours on this path.
  void Renew(Time now) { granted_ = now; }

  // Asks by then, if that is sooner than planned.
  void AskBy(Time time) { next_check_ = std::min(next_check_, time); }

  // A new request, which is sent once: RFC 7675 section 5.1 has no retransmission, and "Each STUN
  // transaction [...] MUST use a new, cryptographically strong random STUN transaction identifier".
  stun::TransactionId Ask(Time now, Random& random);

  // Whether `id` is that of a request of ours that was not answered yet.
  bool Asked(const stun::TransactionId& id) const;

  // An authenticated success response from the path. Returns its round-trip time when it answers a
  // request of ours, and then consent lasts anew.
  std::optional<Duration> HandleResponse(Time now, const stun::TransactionId& id);

 private:
  struct Question {
    stun::TransactionId id{};
    Time sent{};
  };

  void Schedule(Time now, Random& random);

  Time granted_;
  Time next_check_{};
  // Full: the oldest makes room; it is older than kConsentLifetime.
  Ring<Question, 8> questions_;
};

}  // namespace ocellus::ice
