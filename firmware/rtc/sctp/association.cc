// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/association.h"

#include <algorithm>
#include <array>
#include <string>

#include "firmware/base/byte_writer.h"
#include "firmware/base/log.h"

namespace ocellus::sctp {
namespace {

template <typename T>
constexpr bool kIs(const Chunk& chunk) {
  return std::holds_alternative<T>(chunk);
}

// What a peer writes into an ABORT is for people: without control characters, and short.
std::string Readable(Bytes info) {
  constexpr size_t kMaxReadable = 80;
  std::string text;
  for (const uint8_t byte : info.first(std::min(info.size(), kMaxReadable))) {
    if (byte < 0x20 || byte > 0x7e) return {};
    text.push_back(static_cast<char>(byte));
  }
  return text;
}

}  // namespace

Association::Association(const Config& config, Random& random)
    : config_(config),
      handshake_(config, kMaxSctpReceiveBuffer, random),
      sender_(handshake_.local_initial_tsn(), config.mtu),
      stream_reset_(handshake_.local_initial_tsn(), sender_) {}

void Association::Connect(Time now) {
  if (state_ != State::kIdle) return;
  state_ = State::kConnecting;
  handshake_.Start(now);
}

void Association::Shutdown(Time now) {
  if (state_ == State::kIdle || state_ == State::kConnecting) return Abort();
  if (state_ != State::kEstablished) return;
  state_ = State::kShuttingDown;
  silent_ = true;
  shutdown_.Begin(now);
  if (sender_.IsDrained()) shutdown_.HandleDelivered(now);
}

void Association::Abort() {
  if (state_ == State::kClosed) return;
  silent_ = true;
  AbortWith(CauseCode::kUserInitiatedAbort);
  Close(StatusCode::kUnavailable);
}

uint16_t Association::outbound_streams() const {
  return handshake_.peer() ? handshake_.peer()->outbound_streams : kStreams;
}

Status Association::Send(Time now, OutgoingMessage message) {
  if (state_ != State::kConnecting && state_ != State::kEstablished) {
    return {StatusCode::kFailedPrecondition, "the SCTP association is not open"};
  }
  return sender_.Enqueue(now, std::move(message));
}

void Association::HandlePacket(Time now, Bytes packet) {
  if (state_ == State::kIdle) return;
  ++stats_.packets_received;
  Result<PacketReader> reader = PacketReader::Parse(packet, ZeroChecksum::kAccepted);
  if (!reader.ok() || reader->header().source_port != config_.peer_port ||
      reader->header().destination_port != config_.local_port) {
    ++stats_.packets_dropped;
    return;
  }
  const CommonHeader header = reader->header();
  std::optional<Chunk> chunk = reader->Next();
  if (chunk && kIs<InitChunk>(*chunk)) {
    // RFC 9260 section 6.10: INIT has a packet of its own; section 8.5.1: and the tag 0.
    if (header.tag != VerificationTag() || reader->Next() || reader->malformed()) {
      ++stats_.packets_dropped;
      return;
    }
  }
  for (; chunk; chunk = reader->Next()) {
    if (!TagFits(header, *chunk)) {
      ++stats_.packets_dropped;
      break;
    }
    if (state_ == State::kClosed) return HandleLate(*chunk);
    if (const auto* echo = std::get_if<CookieEchoChunk>(&*chunk)) {
      HandleOutcome(now, handshake_.HandleCookieEcho(now, header.tag, echo->cookie));
    } else {
      std::visit([&](const auto& known) { Handle(now, known); }, *chunk);
    }
    if (state_ == State::kClosed) return;
  }
  if (reader->malformed()) ++stats_.packets_dropped;
  if (state_ != State::kClosed) FinishChunks(now);
}

// RFC 9260 section 8.4: who still talks to us has missed the end of it, and is told again.
void Association::HandleLate(const Chunk& chunk) {
  if (kIs<AbortChunk>(chunk) || kIs<ShutdownCompleteChunk>(chunk)) return;
  if (aborted_) abort_due_ = CauseCode::kUserInitiatedAbort;
  if (kIs<ShutdownAckChunk>(chunk)) shutdown_.HandleShutdownAck();
}

// RFC 9260 section 8.5.1.
bool Association::TagFits(const CommonHeader& header, const Chunk& chunk) const {
  if (kIs<InitChunk>(chunk)) return header.tag == VerificationTag();
  if (kIs<CookieEchoChunk>(chunk)) return true;  // Compared with the tag in the cookie.
  const auto* abort = std::get_if<AbortChunk>(&chunk);
  const auto* complete = std::get_if<ShutdownCompleteChunk>(&chunk);
  if ((abort && abort->tag_reflected) || (complete && complete->tag_reflected)) {
    return handshake_.peer() && header.tag == handshake_.peer()->tag;
  }
  return header.tag == handshake_.local_tag();
}

void Association::FinishChunks(Time now) {
  if (receiver_) {
    receiver_->EndPacket(now);
    while (receiver_->PollOversized()) {
      LogMessage(LogLevel::kDebug, "SCTP: a message above %zu bytes was dropped",
                 config_.max_message_size);
    }
    if (const auto violation = receiver_->violation()) {
      return Fail(StatusCode::kMalformed, *violation, "the peer breaks SCTP");
    }
  }
  if (!MayTransmit()) return;
  stream_reset_.Update();
  if (sender_.IsDrained()) shutdown_.HandleDelivered(now);
}

bool Association::CanReceiveData() const {
  // Section 6: "DATA chunks MUST only be received [...] in the ESTABLISHED, SHUTDOWN-PENDING, and
  // SHUTDOWN-SENT states".
  return receiver_ && shutdown_.state() <= ShutdownSequence::State::kSent;
}

void Association::Handle(Time now, const DataChunk& data) {
  if (!CanReceiveData()) return;
  if (data.stream.value() >= kStreams) {
    // Section 6.5: acknowledged, reported; and nobody will know the stream.
    std::array<uint8_t, 4> info{};
    ByteWriter(info).WriteU16(data.stream.value());
    Complain(CauseCode::kInvalidStreamIdentifier, info);
  }
  receiver_->HandleData(now, data);
  shutdown_.HandleData();
}

void Association::Handle(Time now, const SackChunk& sack) {
  if (!receiver_) return;
  peer_window_ = sack.window;
  sender_.HandleSack(now, sack);
}

void Association::Handle(Time now, const ForwardTsnChunk& forward) {
  if (CanReceiveData()) receiver_->HandleForwardTsn(now, forward);
}

void Association::Handle(Time now, const IForwardTsnChunk& forward) {
  if (CanReceiveData()) receiver_->HandleForwardTsn(now, forward);
}

void Association::Handle(Time now, const InitChunk& init) {
  HandleOutcome(now, handshake_.HandleInit(now, init));
}

void Association::Handle(Time now, const InitAckChunk& init_ack) {
  HandleOutcome(now, handshake_.HandleInitAck(now, init_ack));
}

void Association::Handle(Time now, const CookieAckChunk&) {
  HandleOutcome(now, handshake_.HandleCookieAck());
}

void Association::HandleOutcome(Time now, Handshake::Outcome outcome) {
  switch (outcome) {
    case Handshake::Outcome::kNothing:
      return;
    case Handshake::Outcome::kPeerFound:
      return StartSender(now);
    case Handshake::Outcome::kEstablished: {
      const PeerState& peer = *handshake_.peer();
      state_ = State::kEstablished;
      StartSender(now);
      receiver_.emplace(peer.initial_tsn,
                        ReceiverOptions{config_.max_message_size, kMaxSctpReceiveBuffer,
                                        peer.extensions.interleaving});
      stream_reset_.Start(peer.initial_tsn, peer.inbound_streams, peer.extensions.reconfig);
      peer_window_ = peer.window;
      return;
    }
    case Handshake::Outcome::kPeerRestarted:
      return Fail(StatusCode::kUnavailable, CauseCode::kUserInitiatedAbort,
                  "the peer has restarted its SCTP association");
    case Handshake::Outcome::kPeerInvalid:
      return Fail(StatusCode::kMalformed, CauseCode::kInvalidMandatoryParameter,
                  "the peer's INIT ACK has no tag, no streams or no window");
    case Handshake::Outcome::kStaleCookie:
      // Section 3.3.10.3: how many microseconds too late; 0 is nothing that anybody looks at.
      return Complain(CauseCode::kStaleCookie, std::array<uint8_t, 4>{});
  }
}

void Association::StartSender(Time now) {
  if (sender_started_) return;
  sender_started_ = true;
  const PeerState& peer = *handshake_.peer();
  sender_.Start(now, {peer.window, peer.extensions.interleaving, peer.extensions.forward_tsn,
                      peer.round_trip});
}

void Association::Handle(Time, const HeartbeatChunk& heartbeat) {
  heartbeat_.emplace(heartbeat.info.begin(), heartbeat.info.end());
}

// We send none.
void Association::Handle(Time, const HeartbeatAckChunk&) {}

void Association::Handle(Time now, const ReconfigChunk& reconfig) {
  if (receiver_) stream_reset_.HandleReconfig(now, reconfig);
}

void Association::Handle(Time, const AbortChunk& abort) {
  std::string why = "the peer has aborted the SCTP association";
  if (abort.cause) {
    why += std::string(": ") + ToString(abort.cause->code);
    const std::string text = Readable(abort.cause->info);
    if (!text.empty()) why += ": " + text;
  }
  Close(Status(StatusCode::kUnavailable, std::move(why)));
}

void Association::Handle(Time now, const ErrorChunk& error) {
  ++stats_.errors_received;
  if (error.cause.code == CauseCode::kStaleCookie) handshake_.HandleStaleCookie(now);
}

void Association::Handle(Time now, const ShutdownChunk& shutdown) {
  if (!receiver_) return;
  SackChunk sack;
  sack.cumulative_tsn = shutdown.cumulative_tsn;
  sack.window = peer_window_;
  sender_.HandleSack(now, sack);
  state_ = State::kShuttingDown;
  shutdown_.HandleShutdown(now);
}

void Association::Handle(Time, const ShutdownAckChunk&) {
  shutdown_.HandleShutdownAck();
  if (shutdown_.state() == ShutdownSequence::State::kDone) {
    Close(Status(StatusCode::kUnavailable, "the SCTP association was shut down"));
  }
}

void Association::Handle(Time, const ShutdownCompleteChunk&) {
  shutdown_.HandleShutdownComplete();
  if (shutdown_.state() == ShutdownSequence::State::kDone) {
    Close(Status(StatusCode::kUnavailable, "the peer has shut the SCTP association down"));
  }
}

void Association::Handle(Time, const UnknownChunk& unknown) {
  if (unknown.report) Complain(CauseCode::kUnrecognizedChunkType, unknown.chunk);
}

void Association::Complain(CauseCode code, Bytes info) {
  complaint_ = Complaint{code, {info.begin(), info.end()}};
}

void Association::Fail(StatusCode code, CauseCode cause, const char* why) {
  AbortWith(cause);
  Close(Status(code, why));
}

void Association::AbortWith(CauseCode cause) {
  abort_due_ = cause;
  aborted_ = true;
}

void Association::Close(Status why) {
  state_ = State::kClosed;
  if (!silent_) closed_ = std::move(why);
}

void Association::HandleTimeout(Time now) {
  if (state_ == State::kIdle || state_ == State::kClosed) return;
  const auto no_answer = [this] {
    Fail(StatusCode::kTimeout, CauseCode::kUserInitiatedAbort, "the SCTP peer does not answer");
  };
  if (!handshake_.HandleTimeout(now)) return no_answer();
  if (!MayTransmit()) return;
  if (now >= sender_.next_deadline()) sender_.HandleTimeout(now);
  if (sender_.failed() || !stream_reset_.HandleTimeout(now) || !shutdown_.HandleTimeout(now)) {
    return no_answer();
  }
  FinishChunks(now);
}

bool Association::MayTransmit() const {
  return handshake_.state() == Handshake::State::kEstablished && state_ != State::kClosed;
}

Time Association::next_deadline() const {
  if (state_ == State::kIdle || state_ == State::kClosed) return kNever;
  if (!MayTransmit()) return handshake_.next_deadline();
  return std::min({sender_.next_deadline(), receiver_->next_deadline(),
                   stream_reset_.next_deadline(), shutdown_.next_deadline()});
}

CommonHeader Association::HeaderToPeer() const {
  return {config_.local_port, config_.peer_port, handshake_.peer()->tag};
}

std::optional<size_t> Association::PollTransmit(Time now, MutableBytes out) {
  if (state_ == State::kIdle) return std::nullopt;
  out = out.first(std::min(out.size(), config_.mtu));
  if (state_ == State::kClosed) return WriteLastPacket(out);
  if (const auto size = handshake_.PollTransmit(out)) {
    ++stats_.packets_sent;
    return size;
  }
  // Section 5.1: until the COOKIE ACK has come, data may only go along with the COOKIE ECHO.
  const bool with_echo = handshake_.cookie_echo_due();
  if (!MayTransmit() && !with_echo) return std::nullopt;

  PacketWriter packet(out, HeaderToPeer());
  handshake_.WriteChunk(packet);
  if (with_echo && packet.empty()) return std::nullopt;  // The peer's cookie does not fit.
  if (!with_echo) WriteControlChunks(now, packet);
  sender_.WriteChunks(now, packet);
  if (packet.empty()) return std::nullopt;
  ++stats_.packets_sent;
  // RFC 9653 section 5.2: not with a COOKIE ECHO.
  const bool zero = handshake_.peer()->extensions.zero_checksum && !with_echo;
  return packet.Finish(zero ? Checksum::kZero : Checksum::kCrc32c);
}

// RFC 9260 section 6.10: control chunks stand before DATA.
void Association::WriteControlChunks(Time now, PacketWriter& packet) {
  if (complaint_) {
    // One that has no room is not worth a packet of its own.
    static_cast<void>(packet.Append(ErrorChunk{{complaint_->code, complaint_->info}}));
    complaint_.reset();
  }
  if (heartbeat_) {
    static_cast<void>(packet.Append(HeartbeatAckChunk{*heartbeat_}));
    heartbeat_.reset();
  }
  const bool data_follows = sender_.next_deadline() <= now;
  if (receiver_->SackDue(now) || (data_follows && receiver_->sack_pending())) {
    // Without room it goes with the next packet.
    static_cast<void>(receiver_->WriteSack(now, packet));
  }
  stream_reset_.WriteChunks(now, packet);
  shutdown_.WriteChunk(receiver_->cumulative_tsn(), packet);
}

std::optional<size_t> Association::WriteLastPacket(MutableBytes out) {
  if (!handshake_.peer() || (!abort_due_ && !shutdown_.complete_due())) return std::nullopt;
  PacketWriter packet(out, HeaderToPeer());
  if (abort_due_) {
    static_cast<void>(packet.Append(AbortChunk{false, ErrorCause{*abort_due_, {}}}));
    abort_due_.reset();
  }
  if (shutdown_.complete_due()) shutdown_.WriteComplete(packet);
  if (packet.empty()) return std::nullopt;
  ++stats_.packets_sent;
  return packet.Finish(Checksum::kCrc32c);
}

std::optional<AssociationEvent> Association::PollEvent() {
  if (const auto reset = PollIncomingReset()) return *reset;
  if (receiver_) {
    if (auto message = receiver_->PollMessage()) return std::move(*message);
    if (stream_reset_.IncomingDue(receiver_->cumulative_tsn())) {
      performed_ = stream_reset_.Perform();
      next_performed_ = 0;
      all_performed_ = performed_.empty();
      receiver_->ResetStreams(performed_);
      if (const auto reset = PollIncomingReset()) return *reset;
    }
  }
  if (const auto reset = stream_reset_.PollOutgoing()) return *reset;
  if (!closed_) return std::nullopt;
  AssociationClosed closed{std::move(*closed_)};
  closed_.reset();
  return closed;
}

std::optional<IncomingReset> Association::PollIncomingReset() {
  if (all_performed_) {
    all_performed_ = false;
    return IncomingReset{std::nullopt};
  }
  if (next_performed_ == performed_.size()) return std::nullopt;
  return IncomingReset{performed_[next_performed_++].stream};
}

ReceiverStats Association::receiver_stats() const {
  return receiver_ ? receiver_->stats() : ReceiverStats();
}

}  // namespace ocellus::sctp
