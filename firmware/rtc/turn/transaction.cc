// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/turn/transaction.h"

#include <utility>

namespace ocellus::turn {

Transaction::Transaction(Time now, TransportProtocol protocol, Request request,
                         const stun::TransactionId& id, Bytes bytes, unsigned challenges)
    : request_(std::move(request)),
      id_(id),
      bytes_(bytes.begin(), bytes.end()),
      protocol_(protocol),
      challenges_(challenges),
      first_sent_(now),
      next_(now) {}

void Transaction::HandleSent(Time now) {
  CHECK(IsDue(now), "transmission %u is not due", transmissions_ + 1);
  if (transmissions_ == 0) first_sent_ = now;
  ++transmissions_;
  if (protocol_ != TransportProtocol::kUdp) {
    next_ = now + kStreamTimeout;
  } else if (is_last()) {
    next_ = now + kLastWaitInRtos * kInitialRto;
  } else {
    next_ = now + wait_;
    wait_ *= 2;
  }
}

std::optional<Duration> Transaction::RoundTrip(Time now) const {
  if (transmissions_ != 1) return std::nullopt;
  return now - first_sent_;
}

}  // namespace ocellus::turn
