// SPDX-License-Identifier: Apache-2.0
// The data channels of one viewer (RFC 8831), and the protocol that opens them (DCEP, RFC 8832), on
// top of one SCTP association. Packets go through DTLS, which is Peer's business.
// io thread only. Owned by Peer.
//
// A channel: Open or the peer's OPEN -> ChannelOpened -> messages both ways -> Close by either side
// -> ChannelClosed, after which its id can be used again. When the association is lost, one
// ChannelsFailed ends them all.
//
// Invariants:
//   1. For each channel: ChannelOpened, then its messages, then ChannelClosed; each at most once.
//      A channel of ours that never came to be has only ChannelClosed.
//   2. Exactly one ChannelsFailed, after which nothing follows; none after Shutdown().
//   3. Events wait inside bounded memory: while nobody polls, the peer's window closes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "firmware/base/bytes.h"
#include "firmware/base/random.h"
#include "firmware/base/status.h"
#include "firmware/base/time.h"
#include "firmware/rtc/sctp/config.h"
#include "firmware/rtc/sctp/types.h"

namespace ocellus::sctp {

// RFC 8832 section 4: a channel is a pair of streams with the same identifier, one each way.
using ChannelId = StreamId;

enum class MessageKind : uint8_t { kString, kBinary };

// RFC 8831 section 6.4: 128 below normal, 256 normal, 512 high, 1024 extra high; a weight.
constexpr uint16_t kNormalPriority = 256;

struct ChannelOptions {
  std::string label;     // At most kMaxChannelNameSize bytes, as is the protocol.
  std::string protocol;  // As in the IANA registry of WebSocket subprotocols, or empty.
  bool ordered = true;
  // Not reliable: a message is given up after so many retransmissions, or so long after Send (whole
  // milliseconds). At most one of the two (RFC 8832 section 5.1).
  std::optional<uint16_t> max_retransmits;
  std::optional<Duration> max_lifetime;
  uint16_t priority = kNormalPriority;
  // Both sides open this id by themselves, without DCEP.
  std::optional<ChannelId> negotiated;
};

// The channel can be used: ours once the peer has acknowledged it, a negotiated one as soon as the
// association is up.
struct ChannelOpened {
  ChannelId id;
  ChannelOptions options;
  bool by_peer = false;
};
struct ChannelMessage {
  ChannelId id;
  MessageKind kind = MessageKind::kBinary;
  std::vector<uint8_t> payload;
};
// The channel is gone in both directions, whoever closed it.
struct ChannelClosed {
  ChannelId id;
};
// buffered_amount has fallen to the threshold or below it, from above.
struct BufferedAmountLow {
  ChannelId id;
};
// The association is gone, and all channels with it. `why`: kTimeout (the peer does not answer),
// kUnavailable (it has aborted, restarted or shut down), kMalformed (it breaks the protocol).
struct ChannelsFailed {
  Status why;
};
using ChannelEvent =
    std::variant<ChannelOpened, ChannelMessage, ChannelClosed, BufferedAmountLow, ChannelsFailed>;

class Association;
struct AssociationClosed;
struct IncomingReset;
struct OutgoingReset;
struct ReceivedMessage;

struct ChannelStats {
  Duration round_trip{};  // Smoothed; 0 until measured.
  uint64_t packets_sent = 0;
  uint64_t packets_received = 0;
  uint64_t packets_dropped = 0;  // Malformed, or with a wrong port, checksum or verification tag.
  uint64_t bytes_sent = 0;       // Of user messages, first transmissions.
  uint64_t bytes_received = 0;
  uint64_t messages_sent = 0;
  uint64_t messages_received = 0;
  uint64_t messages_ignored = 0;  // Of an unknown PPID, on no channel, broken DCEP, too large.
  uint64_t chunks_retransmitted = 0;
  size_t channels = 0;        // That are open, opening or closing.
  size_t bytes_buffered = 0;  // Of all channels, not yet sent.
  // Both sides interleave messages (RFC 8260): a long one holds up no other channel.
  bool interleaving = false;
};

class DataChannels {
 public:
  // `random` must outlive this.
  DataChannels(Time now, const Config& config, Random& random);
  ~DataChannels();

  // DTLS is connected. Both sides do this, and their INITs usually cross. RFC 8832 section 6: the
  // DTLS client's channels have even ids, the server's odd ones.
  void Start(Time now, bool even_ids);

  // Opens a channel, from Start on; a negotiated one also before. Its id is the lowest free one.
  // Errors: kInvalidArgument (label or protocol too long, two limits, id 65,535), kAlreadyExists
  // (the negotiated id is in use), kResourceExhausted (kMaxChannels, or the peer's streams, are in
  // use), kFailedPrecondition (not started, or the association is gone).
  Result<ChannelId> Open(Time now, const ChannelOptions& options);

  // Sends a message, which may be empty; from Start on, and it waits until the association is up.
  // Errors: kInvalidArgument (larger than the peer accepts), kResourceExhausted (kMaxSctpSendBuffer
  // is full: wait for BufferedAmountLow), kNotFound (no such channel), kFailedPrecondition (it is
  // closing, or Start was not called). The channel lives in all cases.
  Status Send(Time now, ChannelId id, MessageKind kind, Bytes payload);

  // Closes a channel once what is buffered has been delivered or given up; never blocks. Unknown
  // channels and those that are closing are left alone.
  void Close(Time now, ChannelId id);

  // Bytes of user data that have not been sent for the first time; 0 for an unknown channel.
  size_t buffered_amount(ChannelId id) const;
  // Bytes of payload that Send takes now, over all channels.
  size_t room() const;
  // 0 at the start. No event for an amount that is there already.
  void SetBufferedAmountLowThreshold(ChannelId id, size_t bytes);

  // One SCTP packet out of DTLS; borrowed. Nothing in it can do more than end the association.
  void HandlePacket(Time now, Bytes packet);
  void HandleTimeout(Time now);
  // The size of the next packet, written to the front of `out`, which must have room for the MTU.
  std::optional<size_t> PollTransmit(Time now, MutableBytes out);
  // To be called until nullopt after each of the others. Messages are taken from the receive buffer
  // here, so PollTransmit (which tells the peer) comes afterwards.
  std::optional<ChannelEvent> PollEvent();
  Time next_deadline() const;

  // Ends the association once what is buffered has arrived (RFC 9260 section 9.2). For one that
  // must end now, destroy it: DTLS's close_notify tells the peer. No event follows.
  void Shutdown(Time now);

  // The association is up.
  bool is_connected() const;
  ChannelStats stats() const;
  // Bytes of the largest message that the peer accepts; 0: any size.
  size_t peer_max_message_size() const { return config_.peer_max_message_size; }

 private:
  enum class State : uint8_t {
    kOpening,  // Of ours: the OPEN is not acknowledged. Negotiated: the association is not up.
    kOpen,
    kClosing,  // Until both directions are reset.
    kClosed,   // Until ChannelClosed has been polled.
  };
  enum class ResetState : uint8_t { kNone, kRequested, kDone };

  // Parts of a message with the deprecated PPIDs. All of them together are at most as large as one
  // message may be.
  struct PartialMessage {
    std::vector<uint8_t> payload;
    bool too_large = false;
  };
  struct Channel {
    ChannelId id;
    State state = State::kOpening;
    ResetState outgoing_reset = ResetState::kNone;
    bool incoming_reset = false;
    bool opened_due = false;  // ChannelOpened is to be polled.
    bool by_peer = false;
    bool ordered = true;
    // RFC 8832 section 6: until the peer has shown that it knows the channel, what is sent on it
    // must not overtake the OPEN.
    bool known_to_peer = false;
    bool refused = false;    // A message, for want of room.
    bool low_armed = false;  // buffered_amount was above the threshold.
    std::optional<uint16_t> max_retransmits;
    std::optional<Duration> max_lifetime;
    size_t low_threshold = 0;
    std::unique_ptr<ChannelOptions> options;  // Until ChannelOpened has been polled.
    std::unique_ptr<PartialMessage> partial;
  };

  Channel* Find(ChannelId id);
  const Channel* Find(ChannelId id) const;
  Channel& Add(ChannelId id, const ChannelOptions& options);
  Result<ChannelId> ChooseId(const ChannelOptions& options) const;
  void MarkOpen(Channel& channel);
  void ForgetStream(StreamId stream);

  // To be called when anything may have arrived.
  void Update();
  void CloseBeyondStreams();
  void HandleConnected();

  void BeginClosing(Channel& channel);
  // Resets our stream as soon as what is buffered has left.
  void ContinueClosing(Channel& channel);
  void FinishIfReset(Channel& channel);

  std::optional<ChannelEvent> PollChannelEvent();
  // What the association tells; the event that follows from it, if any does.
  std::optional<ChannelEvent> Handle(ReceivedMessage message);
  std::optional<ChannelEvent> Handle(IncomingReset reset);
  std::optional<ChannelEvent> Handle(OutgoingReset reset);
  std::optional<ChannelEvent> Handle(AssociationClosed closed);
  std::optional<ChannelEvent> HandleDcep(StreamId stream, Bytes message);
  std::optional<ChannelEvent> HandleOpen(StreamId stream, Bytes message);
  // False: the OPEN does not lead to a channel.
  bool Accept(StreamId stream, Bytes message);
  // False: there is no whole message yet, or it is too large. True: it is in `message`.
  bool AddPart(Channel& channel, ReceivedMessage& message);
  size_t partial_bytes() const;

  const Config config_;
  std::unique_ptr<Association> association_;
  bool started_ = false;
  bool even_ids_ = false;
  bool connected_ = false;  // HandleConnected has been called.
  Time now_;                // The latest that was heard: PollEvent answers OPENs.

  std::vector<Channel> channels_;       // In the order of their ids; at most kMaxChannels.
  bool check_channels_ = false;         // A channel may have an event.
  size_t draining_ = 0;                 // Channels that are closing, their reset not yet asked for.
  std::optional<ChannelMessage> held_;  // Comes behind its ChannelOpened.
  uint64_t messages_sent_ = 0;
  uint64_t messages_received_ = 0;
  uint64_t messages_ignored_ = 0;
};

}  // namespace ocellus::sctp
