// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/sender.h"

#include <algorithm>
#include <array>
#include <utility>

namespace ocellus::sctp {
namespace {

// A message is not cut for what remains of a packet when that is less than a part of this.
constexpr size_t kLeastFragmentDivisor = 4;

// Packets further apart than this are acknowledged one by one: a peer that waits for a second one
// (up to 200 ms, RFC 9260 section 6.2) would have its wait taken for a queue.
constexpr Duration kSlowPackets = std::chrono::milliseconds(3);

// RFC 8985 has one probe before the timeout. At 5 % loss, one in ten is lost or its answer; at 200
// ms and a small window for each timeout, a second one pays.
constexpr int kMaxProbes = 2;

// Messages of which one FORWARD-TSN skips the ordered ones; more take another.
constexpr size_t kMaxSkipped = 64;

// The last message of a stream that is skipped.
struct Skip {
  StreamId stream;
  bool unordered = false;
  StreamSequence sequence;
  MessageId id;
};

}  // namespace

Sender::Sender(Tsn initial_tsn, size_t max_packet)
    : max_packet_(max_packet),
      data_(initial_tsn, queue_),
      window_(max_packet),
      advanced_(initial_tsn - 1) {
  CHECK(max_packet >= 64, "packets of %zu bytes", max_packet);
}

void Sender::Start(Time now, const PeerTraits& peer) {
  started_ = true;
  peer_window_ = peer.receive_window;
  interleaving_ = peer.interleaving;
  forward_tsn_ = peer.forward_tsn;
  if (interleaving_) queue_.AllowInterleaving();
  if (!forward_tsn_) queue_.RequireDelivery();
  if (peer.round_trip) {
    timeout_.HandleSample(*peer.round_trip);
    window_.Start(*peer.round_trip);
  }
  idle_since_ = now;
}

Status Sender::Enqueue(Time now, OutgoingMessage message) {
  return queue_.Enqueue(now, std::move(message));
}

// ---- What comes in

void Sender::HandleSack(Time now, const SackChunk& sack) {
  if (!started_) return;
  const size_t in_flight_before = data_.bytes_in_flight();
  const Tsn cumulative_before = data_.cumulative_ack();
  const std::optional<Acknowledged> acknowledged = data_.HandleSack(sack);
  if (!acknowledged) {
    ++counters_.bad_sacks;
    return;
  }
  silent_timeouts_ = 0;
  if (cumulative_before.IsNewerThan(sack.cumulative_tsn)) return;  // Older than another one.

  // The one chunk that was sent into a closed window was dropped there: it goes again as it opens.
  const bool opened = peer_window_ < max_packet_ && sack.window >= max_packet_;
  peer_window_ = sack.window;
  HandleDuplicates(sack.duplicates.size());
  if (acknowledged->chunks > 0) HandleAcknowledged(now, *acknowledged, in_flight_before);
  if (acknowledged->chunks > 0 || data_.cumulative_ack() != cumulative_before) {
    timeout_.EndBackOff();
    probes_ = 0;
    probe_due_ = false;
    RestartTimer(now);
  }
  DetectLosses(now);
  if (opened && acknowledged->chunks == 0 && data_.chunks_in_flight() == 1) data_.MarkAllLost();
  AdvanceAckPoint();
  // RFC 3758 section 3.5 C3: the peer may not have got the FORWARD-TSN.
  if (advanced_.IsNewerThan(data_.cumulative_ack()) &&
      now - forward_sent_at_ >= timeout_.smoothed()) {
    forward_due_ = true;
  }
  if (!data_.in_flight() && idle_since_ == kNever) idle_since_ = now;
}

void Sender::HandleDuplicates(size_t reported) {
  for (; reported > 0 && counters_.spurious_retransmissions < counters_.retransmissions;
       --reported) {
    ++counters_.spurious_retransmissions;
    losses_.HandleSpuriousRetransmission();
  }
}

void Sender::HandleAcknowledged(Time now, const Acknowledged& acknowledged,
                                size_t in_flight_before) {
  PathSample sample;
  sample.bytes = acknowledged.bytes;
  sample.chunks = acknowledged.chunks;
  sample.in_flight_before = in_flight_before;
  sample.latest_sent_at = acknowledged.latest->sent_at;
  // What was sent again may be what this answers; then the others have come long before, and their
  // SACKs were lost.
  if (acknowledged.latest_original && !acknowledged.latest_was_retransmitted) {
    sample.round_trip = now - *acknowledged.latest_original;
    timeout_.HandleSample(*sample.round_trip);
  }
  window_.HandleAcknowledged(now, sample);
  losses_.HandleAcknowledged(now, acknowledged, window_.base_round_trip());
}

void Sender::DetectLosses(Time now) {
  const size_t lost = losses_.Detect(now, timeout_.smoothed(), data_);
  counters_.chunks_lost += lost;
  if (lost > 0) window_.HandleLost(lost);
}

// ---- Timers

Time Sender::next_deadline() const {
  if (!started_ || failed()) return kNever;
  Time next = std::min({timer_, losses_.next_deadline(), queue_.next_expiry()});
  if (WantsToSend()) next = std::min(next, pacer_.next());
  return next;
}

void Sender::HandleTimeout(Time now) {
  if (!started_ || failed()) return;
  if (now >= losses_.next_deadline()) DetectLosses(now);
  if (now >= queue_.next_expiry()) DropExpired(now);
  if (now >= timer_) HandleRecoveryTimer(now);
}

void Sender::RestartTimer(Time now) {
  const bool waits = data_.in_flight() || advanced_.IsNewerThan(data_.cumulative_ack());
  if (!waits) {
    timer_ = kNever;
  } else {
    const bool may_probe = probes_ < kMaxProbes;
    timer_ = now + (may_probe ? timeout_.probe_timeout() : timeout_.timeout());
  }
}

void Sender::HandleRecoveryTimer(Time now) {
  if (probes_ < kMaxProbes && timeout_.has_sample() && data_.in_flight()) {
    ++probes_;
    probe_due_ = true;
    RestartTimer(now);
    return;
  }
  ++counters_.timeouts;
  ++silent_timeouts_;
  timeout_.BackOff();
  probes_ = kMaxProbes;
  probe_due_ = false;
  // A closed window says nothing about the path.
  if (data_.in_flight() && peer_window_ >= max_packet_) window_.HandleTimeout(now);
  data_.MarkAllLost();
  if (advanced_.IsNewerThan(data_.cumulative_ack())) forward_due_ = true;
  RestartTimer(now);
}

// ---- What goes out

bool Sender::PeerHasRoomFor(size_t bytes) const {
  // RFC 9260 section 6.1 A: "regardless of the value of rwnd [...] the data sender can always have
  // one DATA chunk in flight".
  if (!data_.in_flight() && data_.lost() == 0) return true;
  return data_.bytes_in_flight() + bytes <= peer_window_;
}

bool Sender::WantsToSend() const {
  if (forward_due_ || probe_due_) return true;
  if (!WindowIsOpen()) return false;
  if (data_.first_lost()) return true;
  if (data_.full()) return false;
  const std::optional<MessageIndex> next = queue_.Next();
  return next && PeerHasRoomFor(
                     std::min(queue_.remaining(*next) + DataChunk::kIDataHeaderSize, max_packet_));
}

bool Sender::WriteChunks(Time now, PacketWriter& packet) {
  if (!started_ || failed()) return false;
  const bool had_nothing_in_flight = !data_.in_flight();
  // RFC 9260 section 6.10: control chunks stand before DATA (usrsctp aborts otherwise).
  AbandonGivenUp(now);
  const bool forwarded = forward_due_ && WriteForwardTsn(now, packet);
  Written written;
  written.probe = probe_due_;
  if (probe_due_ || pacer_.Allows(now)) {
    WriteRetransmissions(now, packet, written);
    WriteNewData(now, packet, written);
    if (probe_due_) WriteTailProbe(now, packet, written);
  }
  if (written.bytes > 0) {
    if (had_nothing_in_flight && idle_since_ != kNever) {
      window_.HandleIdle(now - idle_since_, timeout_.timeout());
    }
    idle_since_ = kNever;
    pacer_.Spend(now, written.bytes, window_.window(), window_.SendingTime(timeout_.smoothed()),
                 window_.growing());
    RestartTimer(now);
  }
  return forwarded || written.bytes > 0;
}

DataChunk Sender::MakeChunk(Tsn tsn, const Fragment& fragment) const {
  const Message& message = queue_.message(fragment.message);
  DataChunk chunk;
  chunk.interleaved = interleaving_;
  chunk.unordered = !message.ordered;
  chunk.beginning = fragment.offset == 0;
  chunk.end = fragment.offset + fragment.size == message.payload.size();
  chunk.tsn = tsn;
  chunk.stream = message.stream;
  chunk.sequence = message.sequence;
  chunk.message_id = message.id;
  chunk.fragment = fragment.number;
  chunk.ppid = message.ppid;
  chunk.payload = queue_.payload(fragment);
  return chunk;
}

void Sender::WriteRetransmissions(Time now, PacketWriter& packet, Written& written) {
  while (const std::optional<Tsn> tsn = data_.first_lost()) {
    if (!WindowIsOpen() || !Retransmit(now, *tsn, packet, written)) return;
    AbandonGivenUp(now);
  }
}

bool Sender::Retransmit(Time now, Tsn tsn, PacketWriter& packet, Written& written) {
  DataChunk chunk = MakeChunk(tsn, data_[tsn].fragment);
  chunk.immediate = true;  // It fills a gap, or tells us about the tail.
  if (!packet.Append(chunk)) return false;
  data_.MarkResent(now, tsn);
  written.bytes += OutstandingData::SizeOf(data_[tsn]);
  ++counters_.chunks_sent;
  ++counters_.retransmissions;
  return true;
}

void Sender::WriteNewData(Time now, PacketWriter& packet, Written& written) {
  const size_t header = interleaving_ ? DataChunk::kIDataHeaderSize : DataChunk::kDataHeaderSize;
  const size_t least_fragment = max_packet_ / kLeastFragmentDivisor;
  const bool slow = timeout_.smoothed() * static_cast<int64_t>(max_packet_) >
                    kSlowPackets * static_cast<int64_t>(window_.window());
  while (true) {
    if (now >= queue_.next_expiry()) DropExpired(now);
    if (data_.first_lost() || data_.full() || packet.room() <= header) return;
    const std::optional<MessageIndex> next = queue_.Next();
    if (!next) return;
    if (!WindowIsOpen() && !(written.probe && written.bytes == 0)) return;
    const size_t remaining = queue_.remaining(*next);
    const size_t size = std::min(remaining, packet.room() - header);
    if (size < remaining && size < least_fragment) return;
    if (!PeerHasRoomFor(size + DataChunk::kIDataHeaderSize)) return;

    const Tsn tsn = data_.next_tsn();
    const bool first = !data_.in_flight();
    const Fragment fragment = queue_.Take(*next, size, tsn);
    data_.PushSent(now, fragment);
    DataChunk chunk = MakeChunk(tsn, fragment);
    // Where nothing follows soon that makes the peer acknowledge (RFC 7053); and the first one
    // alone shows how long the path is.
    chunk.immediate =
        written.probe || first || slow || !queue_.Next() || !PeerHasRoomFor(max_packet_);
    CHECK(packet.Append(chunk), "a chunk of %zu bytes does not fit into %zu", size, packet.room());
    written.bytes += size + header;
    counters_.payload_bytes_sent += size;
    ++counters_.chunks_sent;
    if (written.probe) probe_due_ = false;
  }
}

// RFC 8985 section 7.3: new data where there is some (WriteNewData), or the newest chunk again.
void Sender::WriteTailProbe(Time now, PacketWriter& packet, Written& written) {
  if (written.bytes == 0 && data_.in_flight()) {
    if (!Retransmit(now, *data_.newest_in_flight(), packet, written)) return;
  }
  probe_due_ = false;
}

// ---- Partial reliability

bool Sender::IsGivenUp(Time now, const OutstandingChunk& chunk) const {
  if (!forward_tsn_) return false;
  const Message& message = queue_.message(chunk.fragment.message);
  return now >= message.expires_at ||
         (message.max_retransmits && chunk.transmissions > *message.max_retransmits);
}

void Sender::Abandon(Time now, MessageIndex message) {
  const std::optional<Fragment> rest = queue_.Abandon(message, data_.next_tsn());
  if (rest) data_.PushAbandoned(*rest);
  data_.MarkAbandoned(message);
  if (!data_.in_flight() && idle_since_ == kNever) idle_since_ = now;
  AdvanceAckPoint();
  RestartTimer(now);
}

// What would be retransmitted next, and is not worth it.
void Sender::AbandonGivenUp(Time now) {
  while (const std::optional<Tsn> tsn = data_.first_lost()) {
    const OutstandingChunk& chunk = data_[*tsn];
    if (!IsGivenUp(now, chunk)) return;
    Abandon(now, chunk.fragment.message);
  }
}

void Sender::DropExpired(Time now) {
  while (const std::optional<MessageIndex> begun = queue_.DropExpired(now)) Abandon(now, *begun);
}

void Sender::AdvanceAckPoint() {
  if (data_.cumulative_ack().IsNewerThan(advanced_)) advanced_ = data_.cumulative_ack();
  for (Tsn tsn = advanced_ + 1; data_.Contains(tsn); ++tsn) {
    const ChunkState state = data_[tsn].state;
    if (state == ChunkState::kAbandoned) {
      advanced_ = tsn;
      forward_due_ = true;
    } else if (state != ChunkState::kAcknowledged) {
      return;
    }
  }
}

// Skips as many streams as the packet has room for; the peer's answer to it brings the rest.
bool Sender::WriteForwardTsn(Time now, PacketWriter& packet) {
  const size_t record = interleaving_ ? SkippedMessage::kSize : SkippedSequence::kSize;
  if (packet.room() < ForwardTsnChunk::kFixedSize + record) return false;
  const size_t most = std::min(kMaxSkipped, (packet.room() - ForwardTsnChunk::kFixedSize) / record);
  std::array<Skip, kMaxSkipped> skips;
  size_t count = 0;
  Tsn reached = data_.cumulative_ack();
  for (; advanced_.IsNewerThan(reached); ++reached) {
    const OutstandingChunk& chunk = data_[reached + 1];
    if (chunk.state != ChunkState::kAbandoned) continue;
    const Message& message = queue_.message(chunk.fragment.message);
    if (!message.ordered && !interleaving_) continue;  // RFC 3758 section 3.2: ordered ones only.
    Skip* const end = skips.data() + count;
    Skip* skip = std::find_if(skips.data(), end, [&message](const Skip& other) {
      return other.stream == message.stream && other.unordered == !message.ordered;
    });
    if (skip == end) {
      if (count == most) break;
      ++count;
    }
    *skip = {message.stream, !message.ordered, message.sequence, message.id};
  }
  forward_due_ = false;
  if (reached == data_.cumulative_ack()) return false;
  forward_sent_at_ = now;
  if (timer_ == kNever) RestartTimer(now);

  if (interleaving_) {
    RecordBuffer<SkippedMessage, kMaxSkipped> records;
    for (size_t i = 0; i < count; ++i) {
      CHECK(records.Add({skips[i].stream, skips[i].unordered, skips[i].id}), "%zu records", count);
    }
    return packet.Append(IForwardTsnChunk{reached, records.list()});
  }
  RecordBuffer<SkippedSequence, kMaxSkipped> records;
  for (size_t i = 0; i < count; ++i) {
    CHECK(records.Add({skips[i].stream, skips[i].sequence}), "%zu records", count);
  }
  return packet.Append(ForwardTsnChunk{reached, records.list()});
}

SenderStats Sender::stats() const {
  SenderStats stats = counters_;
  stats.smoothed_round_trip = timeout_.smoothed();
  stats.base_round_trip = window_.base_round_trip();
  stats.queueing_delay = window_.queueing_delay();
  stats.congestion_window = window_.window();
  stats.bytes_in_flight = data_.bytes_in_flight();
  stats.buffered_bytes = queue_.buffered_bytes();
  stats.messages_abandoned = queue_.messages_dropped();
  stats.interleaving = interleaving_;
  return stats;
}

}  // namespace ocellus::sctp
