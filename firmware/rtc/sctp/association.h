// SPDX-License-Identifier: Apache-2.0
// One SCTP association as WebRTC uses it (RFC 9260, RFC 8831): it puts the handshake, the two
// halves of data transfer, stream resets and the end together, and is what reads and makes packets.
// Its packets go through DTLS, which keeps strangers away and gives one path: there are no
// addresses here, and no HEARTBEATs of its own, for ICE's consent checks notice a dead path (RFC
// 7675); those of the peer are answered. io thread only. Owned by DataChannels.
//
// State: kIdle -Connect-> kConnecting -> kEstablished -Shutdown or the peer's SHUTDOWN->
// kShuttingDown -> kClosed. Failures and ABORTs lead to kClosed, which is final.
//
// Invariants:
//   1. Nothing but the packets that end it leaves after kClosed.
//   2. Exactly one AssociationClosed, and none when the end was asked for here.
#pragma once

#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "firmware/base/random.h"
#include "firmware/base/status.h"
#include "firmware/base/time.h"
#include "firmware/rtc/sctp/config.h"
#include "firmware/rtc/sctp/handshake.h"
#include "firmware/rtc/sctp/packet.h"
#include "firmware/rtc/sctp/receiver.h"
#include "firmware/rtc/sctp/sender.h"
#include "firmware/rtc/sctp/shutdown.h"
#include "firmware/rtc/sctp/stream_reset.h"

namespace ocellus::sctp {

// The peer's stream has begun again: it has closed its half of a channel.
struct IncomingReset {
  std::optional<StreamId> stream;  // nullopt: all of its streams.
};
struct AssociationClosed {
  Status why;
};
// AssociationClosed is the last one.
using AssociationEvent =
    std::variant<ReceivedMessage, IncomingReset, OutgoingReset, AssociationClosed>;

struct AssociationStats {
  uint64_t packets_sent = 0;
  uint64_t packets_received = 0;
  uint64_t packets_dropped = 0;  // Malformed, or with a wrong port, checksum or verification tag.
  uint64_t errors_received = 0;  // ERROR chunks.
};

class Association {
 public:
  enum class State : uint8_t { kIdle, kConnecting, kEstablished, kShuttingDown, kClosed };

  // `config` and `random` must outlive this.
  Association(const Config& config, Random& random);

  void Connect(Time now);
  // Delivers what is queued, then ends. Before the association is up: ends at once.
  void Shutdown(Time now);
  // Ends at once.
  void Abort();

  State state() const { return state_; }
  bool is_established() const { return state_ == State::kEstablished; }
  // Streams that we may send on: 0 to this, excluded. All until the peer is known.
  uint16_t outbound_streams() const;

  // Queues a message, also while connecting. Errors: kResourceExhausted (see Sender::Enqueue),
  // kFailedPrecondition (closed, or shutting down).
  Status Send(Time now, OutgoingMessage message);
  Sender& sender() { return sender_; }
  const Sender& sender() const { return sender_; }
  // The stream begins again, once its messages have arrived: OutgoingReset tells. False: too many
  // wait already.
  bool ResetStream(StreamId stream) { return stream_reset_.Request(stream); }
  bool IsResetting(StreamId stream) const { return stream_reset_.IsPending(stream); }

  void HandlePacket(Time now, Bytes packet);
  void HandleTimeout(Time now);
  std::optional<size_t> PollTransmit(Time now, MutableBytes out);
  // Messages stay in the receive buffer until they are polled, and a reset of the peer's streams
  // waits for that.
  std::optional<AssociationEvent> PollEvent();
  Time next_deadline() const;

  const AssociationStats& stats() const { return stats_; }
  // All zero until the peer is known.
  ReceiverStats receiver_stats() const;

 private:
  // An ERROR to be sent. One at a time: it is only for people who look at packets.
  struct Complaint {
    CauseCode code;
    std::vector<uint8_t> info;
  };

  // Whether the packet's tag is right for what it holds (RFC 9260 section 8.5).
  bool TagFits(const CommonHeader& header, const Chunk& chunk) const;
  void Handle(Time now, const DataChunk& data);
  void Handle(Time now, const SackChunk& sack);
  void Handle(Time now, const ForwardTsnChunk& forward);
  void Handle(Time now, const IForwardTsnChunk& forward);
  void Handle(Time now, const InitChunk& init);
  void Handle(Time now, const InitAckChunk& init_ack);
  void Handle(Time, const CookieEchoChunk&) {}  // HandlePacket does it: it needs the packet's tag.
  void Handle(Time now, const CookieAckChunk& cookie_ack);
  void Handle(Time now, const HeartbeatChunk& heartbeat);
  void Handle(Time now, const HeartbeatAckChunk& heartbeat_ack);
  void Handle(Time now, const ReconfigChunk& reconfig);
  void Handle(Time now, const AbortChunk& abort);
  void Handle(Time now, const ErrorChunk& error);
  void Handle(Time now, const ShutdownChunk& shutdown);
  void Handle(Time now, const ShutdownAckChunk& shutdown_ack);
  void Handle(Time now, const ShutdownCompleteChunk& shutdown_complete);
  void Handle(Time now, const UnknownChunk& unknown);
  void HandleOutcome(Time now, Handshake::Outcome outcome);

  void StartSender(Time now);
  void FinishChunks(Time now);
  void Complain(CauseCode code, Bytes info);
  // Ends it, with an ABORT.
  void Fail(StatusCode code, CauseCode cause, const char* why);
  void AbortWith(CauseCode cause);
  void Close(Status why);
  // A chunk that comes after the end.
  void HandleLate(const Chunk& chunk);
  bool CanReceiveData() const;
  // Whether packets other than those of the handshake may leave.
  bool MayTransmit() const;

  std::optional<IncomingReset> PollIncomingReset();
  CommonHeader HeaderToPeer() const;
  std::optional<size_t> WriteLastPacket(MutableBytes out);
  void WriteControlChunks(Time now, PacketWriter& packet);

  const Config& config_;
  State state_ = State::kIdle;
  bool silent_ = false;  // The end was asked for here.
  Handshake handshake_;
  Sender sender_;
  bool sender_started_ = false;
  std::optional<Receiver> receiver_;  // Once the peer is known.
  StreamReset stream_reset_;
  ShutdownSequence shutdown_;

  uint32_t peer_window_ = 0;            // Of its last SACK.
  RecordList<StreamNumber> performed_;  // The peer's reset that is being told of.
  size_t next_performed_ = 0;
  bool all_performed_ = false;
  std::optional<Status> closed_;  // To be polled.
  std::optional<CauseCode> abort_due_;
  bool aborted_ = false;                           // By us.
  std::optional<std::vector<uint8_t>> heartbeat_;  // To be answered; a newer one replaces it.
  std::optional<Complaint> complaint_;
  AssociationStats stats_;
};

}  // namespace ocellus::sctp
