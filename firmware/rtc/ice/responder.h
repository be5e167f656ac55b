// SPDX-License-Identifier: Apache-2.0
// Answers binding requests: authenticates them (RFC 8489 section 9.1.3), refuses those that it
// must, and keeps the answers until they are sent. What a request means for the checklist is the
// agent's business. io thread only. Owned by Agent.
//
// Harmless to third parties: an answer is never longer than its request, but for the DTLS that it
// carries for a peer who has authenticated itself, within the bounds of dtls::StunPiggyback.
// Answers to requests that nobody vouches for are few (kRefusalInterval); beyond that it is silent.
#pragma once

#include <chrono>
#include <optional>

#include "firmware/base/datagram.h"
#include "firmware/base/ring.h"
#include "firmware/rtc/ice/credentials.h"
#include "firmware/rtc/ice/types.h"
#include "firmware/rtc/stun/dtls_in_stun.h"
#include "firmware/rtc/stun/message.h"

namespace ocellus::ice {

// At most ten refusals a second: enough for a peer to see what it does wrong.
constexpr Duration kRefusalInterval = std::chrono::milliseconds(100);

// The credentials that a request or its answer belongs to: ours now, or those from before a
// restart whose path still carries media.
enum class Generation : uint8_t { kCurrent, kPrevious };

// What an authenticated request says. RFC 8445 section 7.1.
struct Check {
  Generation generation = Generation::kCurrent;
  uint32_t priority = 0;
  bool use_candidate = false;
  // What the sender takes itself for; nullopt from a sender that knows no roles.
  std::optional<Role> role;
  uint64_t tie_breaker = 0;
};

// Ours; `previous` is null unless a restart is under way. Borrowed.
struct Keys {
  const Credentials& current;
  const Credentials* previous;
};

class Responder {
 public:
  // A request that passed, to be answered by Accept or RefuseRole; nullopt when it was dropped or
  // refused. The checks stand in the order of their cost; the HMAC comes last.
  std::optional<Check> HandleRequest(Time now, const Datagram& in, const stun::Message& request,
                                     const Keys& keys, Stats& stats);

  // Answers success with the address that the request came from.
  void Accept(const Datagram& in, const stun::Message& request, Generation generation,
              Stats& stats);
  // Answers 487. RFC 8445 section 7.3.1.1.
  void RefuseRole(const Datagram& in, const stun::Message& request, Stats& stats);

  bool has_answers() const { return !answers_.empty(); }
  // `out` has at least kMaxDatagramSize bytes. A success also carries what fits of `dtls`.
  std::optional<Transmit> PollTransmit(MutableBytes out, const Keys& keys,
                                       const stun::DtlsInStun& dtls = {});
  // Forgets what was not sent yet.
  void Clear() { answers_.Clear(); }

 private:
  // Unknown comprehension-required attributes that a 420 names; further ones are left out.
  static constexpr size_t kMaxNamedAttributes = 4;

  struct Answer {
    Path path;
    stun::TransactionId id{};
    size_t request_size = 0;
    // Nullopt: success.
    std::optional<stun::ErrorCode> error;
    // Nullopt: without MESSAGE-INTEGRITY, because the request's was not good.
    std::optional<Generation> signed_by;
    std::array<stun::AttributeType, kMaxNamedAttributes> unknown{};
    size_t unknown_count = 0;
  };

  static Answer MakeAnswer(const Datagram& in, const stun::Message& request);
  void Refuse(Time now, const Datagram& in, const stun::Message& request, stun::ErrorCode error);
  bool RefuseUnknownAttributes(const Datagram& in, const stun::Message& request,
                               Generation generation, Stats& stats);
  void Push(const Answer& answer, Stats& stats);

  // Full: the request is dropped, and its sender repeats it.
  Ring<Answer, 8> answers_;
  Time next_refusal_{};
};

}  // namespace ocellus::ice
