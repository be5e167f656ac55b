// SPDX-License-Identifier: Apache-2.0
// How an association comes up (RFC 9260 section 5): INIT, INIT ACK, COOKIE ECHO, COOKIE ACK. With
// data channels both sides begin at once, so INITs that cross are the normal case; whichever of the
// two handshakes is ready first makes the association. io thread only. Owned by Association.
//
// State: kIdle -Start-> kCookieWait -INIT ACK-> kCookieEchoed -COOKIE ACK-> kEstablished, which is
// final; a valid COOKIE ECHO leads there from both states between.
//
// A peer that restarts (section 5.2.4, action A) is told of to the owner and not followed: its data
// channels are lost either way, and the DTLS association that carries them has but one SCTP
// association in its life (RFC 8831 section 6.2).
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "firmware/base/random.h"
#include "firmware/base/time.h"
#include "firmware/rtc/sctp/config.h"
#include "firmware/rtc/sctp/packet.h"
#include "firmware/rtc/sctp/retry_timer.h"
#include "firmware/rtc/sctp/state_cookie.h"

namespace ocellus::sctp {

// RFC 8831 section 6.2: "The number of streams negotiated [...] SHOULD be 65535".
constexpr uint16_t kStreams = 65'535;

// What the handshake has found out about the peer.
struct PeerState {
  VerificationTag tag;
  Tsn initial_tsn;
  uint32_t window = 0;            // Bytes.
  uint16_t outbound_streams = 0;  // That we may send on.
  uint16_t inbound_streams = 0;   // That it may send on.
  Extensions extensions;          // That both sides support.
  std::optional<Duration> round_trip;
};

class Handshake {
 public:
  enum class State : uint8_t { kIdle, kCookieWait, kCookieEchoed, kEstablished };

  // What a chunk has led to.
  enum class Outcome : uint8_t {
    kNothing,
    kPeerFound,      // peer() is known: data may go along with the COOKIE ECHO.
    kEstablished,    // And peer() may be another one than before.
    kPeerRestarted,  // The association is lost.
    kPeerInvalid,    // Its INIT ACK cannot be: abort.
    kStaleCookie,    // The peer has taken more than a minute: tell it.
  };

  // `window`: bytes that we can receive.
  Handshake(const Config& config, uint32_t window, Random& random);

  void Start(Time now);

  Outcome HandleInit(Time now, const InitChunk& init);
  Outcome HandleInitAck(Time now, const InitAckChunk& init_ack);
  // `tag` is that of the packet, which must be the one in the cookie.
  Outcome HandleCookieEcho(Time now, VerificationTag tag, Bytes cookie);
  Outcome HandleCookieAck();
  // The peer says that our COOKIE ECHO was too old: begins again (section 5.2.6).
  void HandleStaleCookie(Time now);

  // False: the peer does not answer.
  [[nodiscard]] bool HandleTimeout(Time now);
  Time next_deadline() const { return timer_.expires_at(); }

  // INIT and INIT ACK have packets of their own: the size of the next one, written to `out`.
  std::optional<size_t> PollTransmit(MutableBytes out);
  // COOKIE ECHO and COOKIE ACK: the first chunk of the next packet. To be called while it is empty.
  void WriteChunk(PacketWriter& packet);
  bool cookie_echo_due() const { return cookie_echo_due_; }
  bool cookie_ack_due() const { return cookie_ack_due_; }

  State state() const { return state_; }
  VerificationTag local_tag() const { return local_tag_; }
  Tsn local_initial_tsn() const { return local_initial_tsn_; }
  // Present from kCookieEchoed on.
  const std::optional<PeerState>& peer() const { return peer_; }

 private:
  // An INIT that is to be answered.
  struct Answer {
    VerificationTag peer_tag;
    VerificationTag local_tag;
    Tsn initial_tsn;
    CookieJar::Cookie cookie;
    std::vector<uint8_t> parameters;  // Of the INIT.
  };

  InitChunk MakeInit() const;
  VerificationTag NewTag();
  Outcome Establish();
  std::optional<size_t> WriteInitAck(MutableBytes out);

  const Config& config_;
  const uint32_t window_;
  Random& random_;
  const CookieJar jar_;
  const VerificationTag local_tag_;
  const Tsn local_initial_tsn_;

  State state_ = State::kIdle;
  RetryTimer timer_;  // T1-init, then T1-cookie.
  Time init_sent_at_{};
  std::optional<PeerState> peer_;
  std::vector<uint8_t> cookie_;  // The peer's, while kCookieEchoed.
  std::unique_ptr<Answer> answer_;
  bool init_due_ = false;
  bool cookie_echo_due_ = false;
  bool cookie_ack_due_ = false;
};

}  // namespace ocellus::sctp
