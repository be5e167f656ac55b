// SPDX-License-Identifier: Apache-2.0
// One base as one STUN server sees it: asks, keeps the NAT's mapping alive, and notices when it
// changes (RFC 8445 sections 5.1.1.2 and 5.1.1.4, RFC 8489). io thread only. Owned by Gatherer.
#pragma once

#include <chrono>
#include <optional>
#include <utility>

#include "firmware/rtc/gathering/backoff.h"
#include "firmware/rtc/gathering/binding_request.h"

namespace ocellus::gathering {

// RFC 8445 section 11: Tr "SHOULD have a default of 15 seconds" and "MUST NOT" be less; NATs forget
// UDP mappings after 30 s at the earliest that is seen in the field. With a spread, so that several
// servers are not asked in one moment. A binding request instead of an indication tells us when the
// mapping has changed.
constexpr Duration kMappingRefresh = std::chrono::seconds(15);
constexpr Duration kMappingRefreshSpread = std::chrono::seconds(3);

// RFC 8489's patience is for the first request. A later one that nobody answers: sent at 0,
// 0.5, 1.5 and 3.5 s, failed after 7.5 s.
constexpr Retransmission kRefreshRetransmission = {std::chrono::milliseconds(500), 4, 8};

// How long a mapping is still signalled after the last answer: the server may be down while the
// mapping, which our requests keep alive, is as good as before.
constexpr Duration kMappingKept = std::chrono::seconds(60);

class Mapping {
 public:
  // First asked at `start`. `random` outlives it.
  Mapping(Time start, const SocketAddress& base, const SocketAddress& server, Random& random);

  const SocketAddress& base() const { return path_.local; }
  const SocketAddress& server() const { return path_.remote; }
  // What the server sees; nullopt until it has answered, and when that was too long ago.
  const std::optional<SocketAddress>& mapped() const { return mapped_; }
  // Of the last failure, or that an answer takes long; OK again with the next answer.
  Status error() const;
  const std::optional<Duration>& rtt() const { return rtt_; }
  // True once after each request that was not answered or was refused.
  bool TakeFailed() { return std::exchange(failed_, false); }

  // Asks anew at `start`: the network has changed.
  void AskAgain(Time start);

  // False: `in`, which carries `message`, is not an answer to a request of this one.
  bool HandleAnswer(Time now, const Datagram& in, const stun::Message& message);
  void HandleTimeout(Time now);
  std::optional<Transmit> PollTransmit(Time now, MutableBytes out);
  Time next_deadline() const;

 private:
  void Ask(Time start, const Retransmission& retransmission);
  void Fail(Time now, Status why);

  Random& random_;
  ice::Path path_;
  std::optional<BindingRequest> request_;
  Time next_request_{};  // When there is no request_.
  Backoff backoff_;

  std::optional<SocketAddress> mapped_;
  Time forget_at_ = kNever;  // When mapped_ is too old.
  std::optional<Duration> rtt_;
  Status error_;
  bool failed_ = false;
};

}  // namespace ocellus::gathering
