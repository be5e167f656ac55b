// SPDX-License-Identifier: Apache-2.0
// DTLS in STUN (SPED, draft-hancke-webrtc-sped-00): lets the handshake begin before ICE has found a
// path, by having binding requests and their success responses carry its datagrams. Keeps those of
// the current flight, says what the next message carries, and takes what messages have carried.
// Does not read or write STUN and knows no addresses: ICE does, and passes on only what was
// authenticated by MESSAGE-INTEGRITY. Does not shake hands: Transport does.
// io thread only. Owned by Peer, who knows whether both descriptions agree on it (a=ice-options).
//
// State:
//     kOff --Offer--> kOffered --Agree, or attributes came--> kAgreed
//     kOff --Agree--> kAgreed --keys agreed on--> kPending --> kComplete
//
// A peer whose answer is still on its way may already speak. kPending ends when the peer has no
// datagram for us any more, and all of ours.
//
// Invariants:
//   1. Nothing is carried but in kAgreed and kPending, and nothing is taken in kOff and kComplete.
//   2. At most kMaxDtlsInStunBytes of datagrams are carried in a handshake, over all messages.
//
// Nothing allocates but BeginFlight and AddToFlight, and kComplete frees it.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "firmware/base/limits.h"
#include "firmware/base/ring.h"
#include "firmware/rtc/dtls/transport.h"
#include "firmware/rtc/stun/dtls_in_stun.h"

namespace ocellus::dtls {

class StunPiggyback {
 public:
  enum class State : uint8_t { kOff, kOffered, kAgreed, kPending, kComplete };

  // Datagrams of the handshake, so far.
  struct Stats {
    uint32_t carried = 0;   // By our messages, repetitions included.
    uint32_t received = 0;  // In the peer's, each counted once.
  };

  State state() const { return state_; }
  bool is_active() const { return state_ == State::kAgreed || state_ == State::kPending; }
  const Stats& stats() const { return stats_; }

  // Our description offers it, both do, or the answer does not.
  void Offer();
  void Agree();
  void Decline() { state_ = State::kOff; }

  // --- Our flights ------------------------------------------------------------------------------

  // The handshake has another flight to send, or the same one again: what is left of the one before
  // is void.
  void BeginFlight();
  // The next datagram of it. What goes beyond kMaxFlightDatagrams is dropped, as by a network, and
  // the handshake's timer repeats it.
  void AddToFlight(Bytes datagram);

  // The next datagram of the flight that has neither been acknowledged nor returned before, written
  // to the front of `out`: to be sent by itself, as soon as there is a path.
  std::optional<size_t> PollDirect(MutableBytes out);

  // Whether the peer has all of the flight.
  bool IsAcknowledged() const;

  // What the next request or success response carries: each datagram in turn. Borrowed until
  // anything else is called.
  stun::DtlsInStun Next();
  // A message left with `written` of what Next said.
  void NoteSent(const stun::DtlsInStun& written);

  // --- The peer's -------------------------------------------------------------------------------

  // What an authenticated request or success response carried, if anything. Returns the datagram in
  // it, as borrowed as `carried`, unless it is one that came before: DTLS would take it for a
  // replay.
  std::optional<Bytes> HandleMessage(const stun::DtlsInStun& carried);
  // A datagram of the handshake that came by itself is acknowledged as well.
  void HandleDirect(Bytes datagram);

  // --- The end ----------------------------------------------------------------------------------

  // The handshake is complete on our side.
  void HandleConnected(Role role);
  // Something came that only a peer can send whose handshake is complete too.
  void HandleSecured();

 private:
  struct Outgoing {
    size_t offset = 0;  // In flight_bytes_.
    size_t size = 0;
    uint32_t checksum = 0;
    bool acknowledged = false;
    bool sent_directly = false;
  };

  static uint32_t Checksum(Bytes datagram);
  Bytes BytesOf(const Outgoing& outgoing) const;
  // The first from `next_` on, going round, that is not acknowledged; nullptr: all are.
  const Outgoing* NextOutgoing();
  void HandleAcknowledgements(Bytes checksums);
  // False when it is among the latest ones already.
  bool Remember(Bytes datagram);
  void Complete();

  State state_ = State::kOff;
  std::vector<uint8_t> flight_bytes_;
  Ring<Outgoing, kMaxFlightDatagrams> flight_;
  size_t next_ = 0;
  size_t budget_ = kMaxDtlsInStunBytes;
  // Of the peer's datagrams, the latest. The draft recommends to name no more than four.
  Ring<uint32_t, 4> received_;                     // Full: the oldest makes room.
  std::array<uint8_t, 4 * 4> acknowledgements_{};  // Of received_, as they are written.
  Stats stats_;
};

const char* ToString(StunPiggyback::State state);

}  // namespace ocellus::dtls
