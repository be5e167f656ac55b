// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/handshake.h"

#include <algorithm>

namespace ocellus::sctp {
namespace {

// RFC 9260 section 3.3.2: "MUST NOT be smaller than 1500".
constexpr uint32_t kMinWindow = 1500;

bool IsUsable(const InitChunk& init) {
  return init.tag != VerificationTag() && init.outbound_streams > 0 && init.inbound_streams > 0 &&
         init.window >= kMinWindow;
}

// We support them all, so both sides support what the peer does.
PeerState PeerStateOf(const InitChunk& init) {
  return {init.tag,
          init.initial_tsn,
          init.window,
          std::min(init.inbound_streams, kStreams),
          std::min(init.outbound_streams, kStreams),
          init.extensions,
          std::nullopt};
}

PeerState PeerStateOf(const StateCookie& cookie) {
  return {cookie.peer_tag,
          cookie.peer_initial_tsn,
          cookie.peer_window,
          std::min(cookie.peer_inbound_streams, kStreams),
          std::min(cookie.peer_outbound_streams, kStreams),
          cookie.peer_extensions,
          std::nullopt};
}

// 0 is INIT's alone.
VerificationTag RandomTag(Random& random) {
  VerificationTag tag;
  while (tag == VerificationTag()) tag = VerificationTag(random.NextU32());
  return tag;
}

}  // namespace

Handshake::Handshake(const Config& config, uint32_t window, Random& random)
    : config_(config),
      window_(window),
      random_(random),
      jar_(random),
      local_tag_(RandomTag(random)),
      local_initial_tsn_(random.NextU32()) {}

void Handshake::Start(Time now) {
  if (state_ != State::kIdle) return;
  state_ = State::kCookieWait;
  init_due_ = true;
  init_sent_at_ = now;
  timer_.Start(now);
}

Handshake::Outcome Handshake::HandleInit(Time now, const InitChunk& init) {
  // An association that comes to be by our own INIT needs no answer to a broken one.
  if (state_ == State::kIdle || !IsUsable(init)) return Outcome::kNothing;

  StateCookie cookie;
  cookie.created_at = now;
  cookie.local_tag = local_tag_;
  cookie.peer_tag = init.tag;
  cookie.peer_initial_tsn = init.initial_tsn;
  cookie.peer_window = init.window;
  cookie.peer_outbound_streams = init.outbound_streams;
  cookie.peer_inbound_streams = init.inbound_streams;
  cookie.peer_extensions = init.extensions;

  // Section 5.2.1: before the association is up, INITs cross, and the answer has what our own INIT
  // has. Section 5.2.2: afterwards, it must not be mistaken for the association that is there.
  answer_ = std::make_unique<Answer>();
  answer_->initial_tsn = local_initial_tsn_;
  if (state_ == State::kEstablished) {
    cookie.local_tag = NewTag();
    cookie.local_tie_tag = local_tag_;
    cookie.peer_tie_tag = peer_->tag;
    answer_->initial_tsn = Tsn(random_.NextU32());
  }
  answer_->peer_tag = init.tag;
  answer_->local_tag = cookie.local_tag;
  answer_->cookie = jar_.Seal(cookie);
  answer_->parameters.assign(init.parameters.begin(), init.parameters.end());
  return Outcome::kNothing;
}

Handshake::Outcome Handshake::HandleInitAck(Time now, const InitAckChunk& init_ack) {
  // Section 5.2.3: "If an INIT ACK chunk is received by an endpoint in any state other than the
  // COOKIE-WAIT or CLOSED state, the endpoint SHOULD discard the INIT ACK chunk".
  if (state_ != State::kCookieWait) return Outcome::kNothing;
  if (!IsUsable(init_ack.init)) return Outcome::kPeerInvalid;
  peer_ = PeerStateOf(init_ack.init);
  if (timer_.tries() == 1) peer_->round_trip = now - init_sent_at_;
  cookie_.assign(init_ack.cookie.begin(), init_ack.cookie.end());
  state_ = State::kCookieEchoed;
  init_due_ = false;
  cookie_echo_due_ = true;
  timer_.Start(now);
  return Outcome::kPeerFound;
}

// RFC 9260 section 5.2.4, table 12 ("M": the tag is the association's, "X": it is not):
//
//   cookie's local tag | its peer tag | tie tags | action
//           X          |      X       |    M     | A: the peer has restarted
//           M          |      X       |          | B: INITs have crossed
//           X          |      M       |    0     | C: too late; discard
//           M          |      M       |          | D: ours and the peer's handshake agree
Handshake::Outcome Handshake::HandleCookieEcho(Time now, VerificationTag tag, Bytes sealed) {
  if (state_ == State::kIdle) return Outcome::kNothing;
  const Result<StateCookie> cookie = jar_.Open(sealed);
  if (!cookie.ok() || cookie->local_tag != tag) return Outcome::kNothing;

  const bool same_local = cookie->local_tag == local_tag_;
  const bool same_peer = peer_ && cookie->peer_tag == peer_->tag;
  if (same_local && same_peer) {  // D, at whatever age.
    cookie_ack_due_ = true;
    return state_ == State::kEstablished ? Outcome::kNothing : Establish();
  }
  if (now - cookie->created_at > CookieJar::kLife) return Outcome::kStaleCookie;
  if (same_local) {  // B
    if (state_ == State::kEstablished) return Outcome::kPeerRestarted;
    const std::optional<Duration> round_trip = peer_ ? peer_->round_trip : std::nullopt;
    peer_ = PeerStateOf(*cookie);
    peer_->round_trip = round_trip;
    cookie_ack_due_ = true;
    return Establish();
  }
  const bool same_ties = state_ == State::kEstablished && cookie->local_tie_tag == local_tag_ &&
                         cookie->peer_tie_tag == peer_->tag;
  return same_ties && !same_peer ? Outcome::kPeerRestarted : Outcome::kNothing;  // A, or C.
}

Handshake::Outcome Handshake::HandleCookieAck() {
  // Section 5.2.5.
  if (state_ != State::kCookieEchoed) return Outcome::kNothing;
  return Establish();
}

void Handshake::HandleStaleCookie(Time now) {
  if (state_ != State::kCookieEchoed) return;
  state_ = State::kCookieWait;
  cookie_echo_due_ = false;
  init_due_ = timer_.Retry(now);
}

Handshake::Outcome Handshake::Establish() {
  state_ = State::kEstablished;
  timer_.Stop();
  init_due_ = false;
  cookie_echo_due_ = false;
  cookie_ = {};
  return Outcome::kEstablished;
}

bool Handshake::HandleTimeout(Time now) {
  if (!timer_.Expired(now)) return true;
  if (!timer_.Retry(now)) return false;
  (state_ == State::kCookieEchoed ? cookie_echo_due_ : init_due_) = true;
  return true;
}

std::optional<size_t> Handshake::PollTransmit(MutableBytes out) {
  if (answer_) return WriteInitAck(out);
  if (!init_due_) return std::nullopt;
  init_due_ = false;
  // Section 8.5.1: "packet containing an INIT chunk MUST have a zero Verification Tag".
  PacketWriter packet(out, {config_.local_port, config_.peer_port, VerificationTag()});
  if (!packet.Append(MakeInit())) return std::nullopt;
  return packet.Finish(Checksum::kCrc32c);
}

std::optional<size_t> Handshake::WriteInitAck(MutableBytes out) {
  const std::unique_ptr<Answer> answer = std::move(answer_);
  PacketWriter packet(out, {config_.local_port, config_.peer_port, answer->peer_tag});
  InitAckChunk init_ack;
  init_ack.init = MakeInit();
  init_ack.init.tag = answer->local_tag;
  init_ack.init.initial_tsn = answer->initial_tsn;
  init_ack.cookie = answer->cookie;
  init_ack.parameters_of_init = answer->parameters;
  if (!packet.Append(init_ack)) {
    // The report of unknown parameters has no room, and must not be what keeps us apart.
    init_ack.parameters_of_init = {};
    if (!packet.Append(init_ack)) return std::nullopt;
  }
  return packet.Finish(Checksum::kCrc32c);
}

void Handshake::WriteChunk(PacketWriter& packet) {
  if (cookie_echo_due_ && packet.Append(CookieEchoChunk{cookie_})) cookie_echo_due_ = false;
  if (cookie_ack_due_ && packet.Append(CookieAckChunk{})) cookie_ack_due_ = false;
}

InitChunk Handshake::MakeInit() const {
  InitChunk init;
  init.tag = local_tag_;
  init.window = window_;
  init.outbound_streams = kStreams;
  init.inbound_streams = kStreams;
  init.initial_tsn = local_initial_tsn_;
  init.extensions = {true, true, true, true};
  return init;
}

VerificationTag Handshake::NewTag() {
  VerificationTag tag = local_tag_;
  while (tag == local_tag_) tag = RandomTag(random_);
  return tag;
}

}  // namespace ocellus::sctp
