// SPDX-License-Identifier: Apache-2.0
// One request to a TURN server on its way: when it is sent, again and again, and given up (RFC 8489
// section 6.2). Its bytes are kept, because they are sent again as they were, whatever has become
// of the nonce since. io thread only. Owned by Client.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "firmware/base/datagram.h"
#include "firmware/base/time.h"
#include "firmware/rtc/stun/message.h"
#include "firmware/rtc/turn/request.h"

namespace ocellus::turn {

// RFC 8489 section 6.2.1: for RTO, "a value of 500 ms is RECOMMENDED"; it doubles with each
// transmission.
constexpr Duration kInitialRto = std::chrono::milliseconds(500);
// RFC 8489 section 6.2.1: Rc "SHOULD be configurable and SHOULD have a default of 7"; Rm, how many
// RTOs the last transmission is waited for, "SHOULD have a default of 16".
constexpr unsigned kMaxTransmissions = 7;
constexpr int kLastWaitInRtos = 16;
// RFC 8489 section 6.2.2: over a stream there is one transmission, and Ti "SHOULD have a
// default of 39.5s": as long as all of the others take together.
constexpr Duration kStreamTimeout = std::chrono::milliseconds(39500);

class Transaction {
 public:
  // `bytes` are what `request` is on the wire. Due at once. `challenges`: how often the same was
  // refused for its nonce before.
  Transaction(Time now, TransportProtocol protocol, Request request, const stun::TransactionId& id,
              Bytes bytes, unsigned challenges);

  const Request& request() const { return request_; }
  const stun::TransactionId& id() const { return id_; }
  Bytes bytes() const { return bytes_; }
  unsigned challenges() const { return challenges_; }
  unsigned transmissions() const { return transmissions_; }
  // Of the first transmission. What the server grants counts from then on at the earliest.
  Time first_sent() const { return first_sent_; }

  bool IsDue(Time now) const { return !is_last() && now >= next_; }
  // The bytes have been sent. Only when it is due.
  void HandleSent(Time now);
  bool HasFailed(Time now) const { return is_last() && now >= next_; }
  // When it is due again or has failed.
  Time next_deadline() const { return next_; }

  // From the first transmission to `now`; nullopt when there were more: then nobody knows which of
  // them was answered (Karn's algorithm, RFC 8489 section 6.2.1).
  std::optional<Duration> RoundTrip(Time now) const;

  // RFC 8489 section 9.2.5: when all answers were forged, that is what it failed of.
  void HandleForgery() { forged_ = true; }
  bool forged() const { return forged_; }

 private:
  bool is_last() const {
    return transmissions_ == (protocol_ == TransportProtocol::kUdp ? kMaxTransmissions : 1);
  }

  Request request_;
  stun::TransactionId id_;
  std::vector<uint8_t> bytes_;
  TransportProtocol protocol_;
  unsigned challenges_;
  unsigned transmissions_ = 0;
  Duration wait_ = kInitialRto;
  Time first_sent_;
  Time next_;
  bool forged_ = false;
};

}  // namespace ocellus::turn
