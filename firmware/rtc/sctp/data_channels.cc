// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/data_channels.h"

#include <algorithm>

#include "firmware/base/limits.h"
#include "firmware/rtc/sctp/association.h"
#include "firmware/rtc/sctp/dcep.h"

namespace ocellus::sctp {
namespace {

// RFC 8831 section 6.6: "If an empty message has to be sent, [...] a one-byte message (0x00)",
// whose PPID says so.
OutgoingMessage MakeUserMessage(StreamId stream, MessageKind kind, Bytes payload) {
  OutgoingMessage message;
  message.stream = stream;
  const bool string = kind == MessageKind::kString;
  if (payload.empty()) {
    message.ppid = string ? kPpidStringEmpty : kPpidBinaryEmpty;
    message.payload = {0};
  } else {
    message.ppid = string ? kPpidString : kPpidBinary;
    message.payload.assign(payload.begin(), payload.end());
  }
  return message;
}

bool IsPartial(Ppid ppid) { return ppid == kPpidStringPartial || ppid == kPpidBinaryPartial; }
bool IsEmpty(Ppid ppid) { return ppid == kPpidStringEmpty || ppid == kPpidBinaryEmpty; }

// nullopt: not the PPID of a user message.
std::optional<MessageKind> KindOf(Ppid ppid) {
  if (ppid == kPpidString || ppid == kPpidStringEmpty || ppid == kPpidStringPartial) {
    return MessageKind::kString;
  }
  if (ppid == kPpidBinary || ppid == kPpidBinaryEmpty || ppid == kPpidBinaryPartial) {
    return MessageKind::kBinary;
  }
  return std::nullopt;
}

Status CheckOptions(const ChannelOptions& options) {
  if (options.label.size() > kMaxChannelNameSize || options.protocol.size() > kMaxChannelNameSize) {
    return {StatusCode::kInvalidArgument,
            Format("a data channel's label and protocol have at most %zu bytes, not %zu and %zu",
                   kMaxChannelNameSize, options.label.size(), options.protocol.size())};
  }
  if (options.max_retransmits && options.max_lifetime) {
    return {StatusCode::kInvalidArgument,
            "a data channel limits either its retransmissions or its messages' lifetime"};
  }
  if (options.negotiated && options.negotiated->value() >= kStreams) {
    return {StatusCode::kInvalidArgument, "65,535 is no data channel's id"};
  }
  return {};
}

}  // namespace

DataChannels::DataChannels(Time now, const Config& config, Random& random)
    : config_(config), association_(std::make_unique<Association>(config_, random)), now_(now) {}

DataChannels::~DataChannels() = default;

void DataChannels::Start(Time now, bool even_ids) {
  now_ = now;
  started_ = true;
  even_ids_ = even_ids;
  association_->Connect(now);
}

// Opening and using channels.

Result<ChannelId> DataChannels::Open(Time now, const ChannelOptions& options) {
  now_ = now;
  RETURN_IF_ERROR(CheckOptions(options));
  if (association_->state() > Association::State::kEstablished ||
      (!started_ && !options.negotiated)) {
    return Status(StatusCode::kFailedPrecondition, "the data channels are not connected");
  }
  if (channels_.size() == kMaxChannels) {
    return Status(StatusCode::kResourceExhausted,
                  Format("%zu data channels are in use", kMaxChannels));
  }
  const Result<ChannelId> id = ChooseId(options);
  if (!id.ok()) return id;

  if (options.negotiated) {
    Channel& channel = Add(*id, options);
    channel.known_to_peer = true;
    if (connected_) MarkOpen(channel);
    return *id;
  }
  DcepOpen open;
  open.ordered = options.ordered;
  open.max_retransmits = options.max_retransmits;
  open.max_lifetime = options.max_lifetime;
  open.priority = options.priority;
  open.label = options.label;
  open.protocol = options.protocol;
  RETURN_IF_ERROR(association_->Send(now, {*id, kPpidDcep, open.Write(), {}}));
  Add(*id, options);
  return *id;
}

Result<ChannelId> DataChannels::ChooseId(const ChannelOptions& options) const {
  if (options.negotiated) {
    if (Find(*options.negotiated)) {
      return Status(StatusCode::kAlreadyExists,
                    Format("data channel %u is in use", unsigned{options.negotiated->value()}));
    }
    if (options.negotiated->value() < association_->outbound_streams()) return *options.negotiated;
  } else {
    for (unsigned id = even_ids_ ? 0 : 1; id < association_->outbound_streams(); id += 2) {
      const ChannelId candidate(static_cast<uint16_t>(id));
      if (!Find(candidate) && !association_->IsResetting(candidate)) return candidate;
    }
  }
  return Status(StatusCode::kResourceExhausted,
                Format("the peer has %u streams", unsigned{association_->outbound_streams()}));
}

DataChannels::Channel& DataChannels::Add(ChannelId id, const ChannelOptions& options) {
  const auto place =
      std::lower_bound(channels_.begin(), channels_.end(), id,
                       [](const Channel& channel, ChannelId other) { return channel.id < other; });
  Channel& channel = *channels_.emplace(place);
  channel.id = id;
  channel.ordered = options.ordered;
  channel.max_retransmits = options.max_retransmits;
  channel.max_lifetime = options.max_lifetime;
  channel.options = std::make_unique<ChannelOptions>(options);
  association_->sender().SetPriority(id, std::max<uint16_t>(options.priority, 1));
  return channel;
}

Status DataChannels::Send(Time now, ChannelId id, MessageKind kind, Bytes payload) {
  now_ = now;
  Channel* channel = Find(id);
  if (!channel) {
    return {StatusCode::kNotFound, Format("there is no data channel %u", unsigned{id.value()})};
  }
  if (channel->state >= State::kClosing) {
    return {StatusCode::kFailedPrecondition,
            Format("data channel %u is closing", unsigned{id.value()})};
  }
  if (config_.peer_max_message_size > 0 && payload.size() > config_.peer_max_message_size) {
    return {StatusCode::kInvalidArgument, Format("the peer takes messages of %zu bytes, not of %zu",
                                                 config_.peer_max_message_size, payload.size())};
  }
  OutgoingMessage message = MakeUserMessage(id, kind, payload);
  message.options.ordered = channel->ordered || !channel->known_to_peer;
  message.options.max_retransmits = channel->max_retransmits;
  message.options.max_lifetime = channel->max_lifetime;
  const Status sent = association_->Send(now, std::move(message));
  if (!sent.ok()) {
    channel->refused = channel->refused || sent.code() == StatusCode::kResourceExhausted;
    check_channels_ = check_channels_ || channel->refused;
    return sent;
  }
  ++messages_sent_;
  if (buffered_amount(id) > channel->low_threshold) {
    channel->low_armed = true;
    check_channels_ = true;
  }
  return {};
}

size_t DataChannels::room() const { return association_->sender().room(); }

size_t DataChannels::buffered_amount(ChannelId id) const {
  return Find(id) ? association_->sender().buffered_amount(id) : 0;
}

void DataChannels::SetBufferedAmountLowThreshold(ChannelId id, size_t bytes) {
  Channel* channel = Find(id);
  if (!channel) return;
  channel->low_threshold = bytes;
  channel->low_armed = buffered_amount(id) > bytes;
  check_channels_ = true;
}

// Closing. RFC 8831 section 6.7: each side resets its outgoing stream; the channel is gone once
// both have.

void DataChannels::Close(Time now, ChannelId id) {
  now_ = now;
  if (Channel* channel = Find(id)) BeginClosing(*channel);
}

void DataChannels::BeginClosing(Channel& channel) {
  if (channel.state >= State::kClosing) return;
  channel.state = State::kClosing;
  channel.partial.reset();
  ++draining_;
  ContinueClosing(channel);
}

void DataChannels::ContinueClosing(Channel& channel) {
  if (channel.state != State::kClosing || channel.outgoing_reset != ResetState::kNone) return;
  if (association_->sender().buffered_amount(channel.id) > 0) return;
  if (!association_->ResetStream(channel.id)) return;  // Too many wait: later.
  channel.outgoing_reset = ResetState::kRequested;
  --draining_;
}

void DataChannels::FinishIfReset(Channel& channel) {
  if (channel.outgoing_reset != ResetState::kDone || !channel.incoming_reset) return;
  channel.state = State::kClosed;
  check_channels_ = true;
}

void DataChannels::Shutdown(Time now) {
  now_ = now;
  association_->Shutdown(now);
}

// The five verbs.

void DataChannels::HandlePacket(Time now, Bytes packet) {
  now_ = now;
  association_->HandlePacket(now, packet);
  Update();
}

void DataChannels::HandleTimeout(Time now) {
  now_ = now;
  association_->HandleTimeout(now);
  Update();
}

std::optional<size_t> DataChannels::PollTransmit(Time now, MutableBytes out) {
  now_ = now;
  return association_->PollTransmit(now, out);
}

Time DataChannels::next_deadline() const { return association_->next_deadline(); }

void DataChannels::Update() {
  if (!connected_) {
    CloseBeyondStreams();
    if (association_->is_established()) HandleConnected();
  }
  if (draining_ == 0) return;
  for (Channel& channel : channels_) ContinueClosing(channel);
}

// The peer may have fewer streams than were offered to it.
void DataChannels::CloseBeyondStreams() {
  for (Channel& channel : channels_) {
    if (channel.id.value() < association_->outbound_streams()) continue;
    if (channel.state == State::kClosing && channel.outgoing_reset == ResetState::kNone) {
      --draining_;
    }
    association_->sender().Pause(channel.id);
    association_->sender().DiscardQueued(channel.id);
    channel.state = State::kClosed;
    check_channels_ = true;
  }
}

void DataChannels::HandleConnected() {
  connected_ = true;
  for (Channel& channel : channels_) {
    if (channel.state == State::kOpening && channel.known_to_peer) MarkOpen(channel);
  }
}

void DataChannels::MarkOpen(Channel& channel) {
  channel.state = State::kOpen;
  channel.known_to_peer = true;
  channel.opened_due = true;
  check_channels_ = true;
}

std::optional<ChannelEvent> DataChannels::PollEvent() {
  while (true) {
    if (auto event = PollChannelEvent()) return event;
    if (held_) {
      ChannelMessage message = std::move(*held_);
      held_.reset();
      return message;
    }
    auto told = association_->PollEvent();
    if (!told) return std::nullopt;
    auto event = std::visit([this](auto&& what) { return Handle(std::move(what)); }, *told);
    if (event) return event;
  }
}

std::optional<ChannelEvent> DataChannels::PollChannelEvent() {
  if (!check_channels_) return std::nullopt;
  bool any_armed = false;
  for (auto channel = channels_.begin(); channel != channels_.end(); ++channel) {
    const ChannelId id = channel->id;
    if (channel->opened_due) {
      channel->opened_due = false;
      ChannelOpened opened{id, std::move(*channel->options), channel->by_peer};
      channel->options.reset();
      return opened;
    }
    if (channel->state == State::kClosed) {
      channels_.erase(channel);
      ForgetStream(id);
      return ChannelClosed{id};
    }
    const bool has_room = !channel->refused || room() >= kMaxSctpSendBuffer / 2;
    if ((channel->low_armed || channel->refused) && has_room &&
        buffered_amount(id) <= channel->low_threshold) {
      channel->low_armed = false;
      channel->refused = false;
      return BufferedAmountLow{id};
    }
    any_armed = any_armed || channel->low_armed || channel->refused;
  }
  check_channels_ = any_armed;
  return std::nullopt;
}

void DataChannels::ForgetStream(StreamId stream) {
  // Paused, and to be forgotten when that one is done: what is sent earlier would overtake it.
  if (association_->IsResetting(stream)) return;
  Sender& sender = association_->sender();
  sender.Pause(stream);
  if (sender.IsDrained(stream)) sender.Forget(stream);
}

// What the association tells.

std::optional<ChannelEvent> DataChannels::Handle(ReceivedMessage message) {
  if (message.ppid == kPpidDcep) return HandleDcep(message.stream, message.payload);
  const std::optional<MessageKind> kind = KindOf(message.ppid);
  Channel* channel = Find(message.stream);
  // After Close, nobody wants them.
  if (!kind || !channel || channel->state >= State::kClosing) {
    ++messages_ignored_;
    return std::nullopt;
  }
  const bool is_opening = channel->state == State::kOpening;
  // A message shows that the peer knows the channel, as its ACK would, which is late.
  if (is_opening) MarkOpen(*channel);
  if (IsPartial(message.ppid) || channel->partial) {
    if (!AddPart(*channel, message)) return std::nullopt;
  }
  if (IsEmpty(message.ppid)) message.payload.clear();
  ++messages_received_;
  ChannelMessage event{channel->id, *kind, std::move(message.payload)};
  if (!is_opening) return event;
  held_ = std::move(event);  // ChannelOpened comes first.
  return std::nullopt;
}

bool DataChannels::AddPart(Channel& channel, ReceivedMessage& message) {
  if (!channel.partial) channel.partial = std::make_unique<PartialMessage>();
  PartialMessage& partial = *channel.partial;
  partial.too_large =
      partial.too_large || partial_bytes() + message.payload.size() > config_.max_message_size;
  if (partial.too_large) {
    partial.payload = {};
  } else {
    partial.payload.insert(partial.payload.end(), message.payload.begin(), message.payload.end());
  }
  if (IsPartial(message.ppid)) return false;
  const std::unique_ptr<PartialMessage> whole = std::move(channel.partial);
  if (whole->too_large) ++messages_ignored_;
  message.payload = std::move(whole->payload);
  return !whole->too_large;
}

size_t DataChannels::partial_bytes() const {
  size_t bytes = 0;
  for (const Channel& channel : channels_) {
    if (channel.partial) bytes += channel.partial->payload.size();
  }
  return bytes;
}

std::optional<ChannelEvent> DataChannels::HandleDcep(StreamId stream, Bytes message) {
  const std::optional<DcepType> type = TypeOfDcepMessage(message);
  if (type == DcepType::kOpen) return HandleOpen(stream, message);
  Channel* channel = Find(stream);
  if (type == DcepType::kAck && channel && channel->state == State::kOpening) {
    MarkOpen(*channel);
  } else if (type != DcepType::kAck || !channel) {
    ++messages_ignored_;
  }
  return std::nullopt;
}

// RFC 8832 section 6: "If a DATA_CHANNEL_OPEN message is received on an unused stream, the stream
// identifier corresponds to the role of the peer, and all parameters [...] are valid, then a
// corresponding DATA_CHANNEL_ACK message is sent"; else the channel is closed, by resetting our
// half of it.
std::optional<ChannelEvent> DataChannels::HandleOpen(StreamId stream, Bytes message) {
  std::optional<ChannelEvent> event;
  if (Channel* channel = Find(stream)) {
    if (!channel->incoming_reset || channel->outgoing_reset != ResetState::kRequested) {
      ++messages_ignored_;
      BeginClosing(*channel);
      return std::nullopt;
    }
    // The peer has seen both resets, and uses the stream again, before its answer to ours has come.
    channels_.erase(channels_.begin() + (channel - channels_.data()));
    event = ChannelClosed{stream};
  }
  if (!Accept(stream, message)) {
    ++messages_ignored_;
    // One that is beyond what we may send on cannot be reset; and of too many, some are not.
    if (stream.value() < association_->outbound_streams()) association_->ResetStream(stream);
  }
  return event;
}

bool DataChannels::Accept(StreamId stream, Bytes message) {
  const bool is_peers = (stream.value() % 2 == 0) != even_ids_;
  if (!is_peers || stream.value() >= association_->outbound_streams()) return false;
  const Result<DcepOpen> open = DcepOpen::Parse(message);
  if (!open.ok() || channels_.size() == kMaxChannels) return false;
  ChannelOptions options;
  options.label = open->label;
  options.protocol = open->protocol;
  options.ordered = open->ordered;
  options.max_retransmits = open->max_retransmits;
  options.max_lifetime = open->max_lifetime;
  options.priority = open->priority;
  if (!CheckOptions(options).ok()) return false;
  if (!association_->Send(now_, {stream, kPpidDcep, WriteDcepAck(), {}}).ok()) return false;
  Channel& channel = Add(stream, options);
  channel.by_peer = true;
  MarkOpen(channel);
  return true;
}

std::optional<ChannelEvent> DataChannels::Handle(IncomingReset reset) {
  for (Channel& channel : channels_) {
    if (reset.stream && channel.id != *reset.stream) continue;
    channel.incoming_reset = true;
    // What waits would find nobody.
    association_->sender().DiscardQueued(channel.id);
    BeginClosing(channel);
    FinishIfReset(channel);
  }
  return std::nullopt;
}

std::optional<ChannelEvent> DataChannels::Handle(OutgoingReset reset) {
  Channel* channel = Find(reset.stream);
  if (!channel) {
    ForgetStream(reset.stream);  // Of an OPEN that was refused.
  } else if (channel->outgoing_reset == ResetState::kRequested) {
    channel->outgoing_reset = ResetState::kDone;
    // A peer that does not reset streams will not reset its own either.
    if (!reset.performed) channel->incoming_reset = true;
    FinishIfReset(*channel);
  }
  return std::nullopt;
}

std::optional<ChannelEvent> DataChannels::Handle(AssociationClosed closed) {
  channels_.clear();
  draining_ = 0;
  return ChannelsFailed{std::move(closed.why)};
}

DataChannels::Channel* DataChannels::Find(ChannelId id) {
  return const_cast<Channel*>(static_cast<const DataChannels*>(this)->Find(id));
}

const DataChannels::Channel* DataChannels::Find(ChannelId id) const {
  const auto place =
      std::lower_bound(channels_.begin(), channels_.end(), id,
                       [](const Channel& channel, ChannelId other) { return channel.id < other; });
  return place != channels_.end() && place->id == id ? &*place : nullptr;
}

bool DataChannels::is_connected() const { return association_->is_established(); }

ChannelStats DataChannels::stats() const {
  const AssociationStats& association = association_->stats();
  const SenderStats sender = association_->sender().stats();
  const ReceiverStats receiver = association_->receiver_stats();
  ChannelStats stats;
  stats.round_trip = sender.smoothed_round_trip;
  stats.packets_sent = association.packets_sent;
  stats.packets_received = association.packets_received;
  stats.packets_dropped = association.packets_dropped;
  stats.bytes_sent = sender.payload_bytes_sent;
  stats.bytes_received = receiver.message_bytes;
  stats.messages_sent = messages_sent_;
  stats.messages_received = messages_received_;
  stats.messages_ignored = messages_ignored_ + receiver.oversized_messages;
  stats.chunks_retransmitted = sender.retransmissions;
  stats.channels = channels_.size();
  stats.bytes_buffered = sender.buffered_bytes;
  stats.interleaving = sender.interleaving;
  return stats;
}

}  // namespace ocellus::sctp
