// SPDX-License-Identifier: Apache-2.0
#include "tests/rtc/sctp/sender_world.h"

#include <algorithm>
#include <array>

namespace ocellus::sctp {
namespace {

constexpr size_t kVideoPacket = 1200;
constexpr Duration kPictureInterval = Duration(33'333);
constexpr Time kStart = Time(std::chrono::seconds(1000));

// Messages that a test may look at one by one; beyond, they are counted only.
constexpr size_t kKeptMessages = 100'000;
constexpr size_t kKeptSize = 64 * 1024;

Duration Serialization(const sim::LinkConditions& conditions, size_t size) {
  if (!(DataRate() < conditions.rate)) return {};
  return Duration(static_cast<int64_t>(size + 28) * 8 * 1'000'000 /
                  conditions.rate.bits_per_second());
}

}  // namespace

WorldOptions Symmetric(Duration round_trip, DataRate rate, double loss) {
  WorldOptions options;
  options.there.delay = round_trip / 2;
  options.there.rate = rate;
  options.there.loss = loss;
  options.back = options.there;
  return options;
}

SenderWorld::SenderWorld(const WorldOptions& options)
    : options_(options),
      sender_(options.initial_tsn, kMaxPacket),
      receiver_(options.initial_tsn,
                ReceiverOptions{256 * 1024, options.receive_buffer, options.interleaving}),
      there_(options.there, options.seed),
      back_(options.back, options.seed + 1000),
      there_without_us_(options.there, 0),
      now_(kStart) {
  PeerTraits peer;
  peer.receive_window = static_cast<uint32_t>(options.receive_buffer);
  peer.interleaving = options.interleaving;
  peer.forward_tsn = options.forward_tsn;
  peer.round_trip = options.there.delay + options.back.delay;
  sender_.Start(now_, peer);
  if (DataRate() < options.video) next_picture_ = now_;
  there_without_us_.conditions().loss = 0;
}

Status SenderWorld::Send(StreamId stream, size_t size, const SendOptions& options) {
  std::vector<uint8_t> payload(size);
  for (size_t i = 0; i < size; ++i) payload[i] = static_cast<uint8_t>(i * 7 + stream.value());
  return sender_.Enqueue(now_, {stream, kPpidBinary, std::move(payload), options});
}

void SenderWorld::KeepFull(StreamId stream, size_t message_size, size_t bytes) {
  feeds_.push_back({stream, message_size, bytes});
}

void SenderWorld::Fill() {
  for (const Feed& feed : feeds_) {
    while (sender_.buffered_amount(feed.stream) < feed.bytes &&
           sender_.room() >= feed.message_size) {
      std::vector<uint8_t> payload(feed.message_size);
      CHECK(sender_.Enqueue(now_, {feed.stream, kPpidBinary, std::move(payload), {}}).ok(),
            "no room for %zu bytes", feed.message_size);
    }
  }
}

Time SenderWorld::NextEvent() const {
  Time next = std::min({sender_.next_deadline(), receiver_.next_deadline(), next_picture_});
  if (!arrivals_.empty()) next = std::min(next, arrivals_.top().at);
  return next;
}

void SenderWorld::Run(Duration duration) {
  const Time end = now_ + duration;
  Step();
  while (NextEvent() <= end) {
    now_ = std::max(now_, NextEvent());
    Step();
    CHECK(sender_.next_deadline() > now_, "the sender's deadline stays due at %lld",
          static_cast<long long>(now_.time_since_epoch().count()));
  }
  now_ = end;
}

bool SenderWorld::RunUntilDrained(Duration most) {
  const Time end = now_ + most;
  Step();
  while (!sender_.IsDrained() && NextEvent() <= end) {
    now_ = std::max(now_, NextEvent());
    Step();
  }
  return sender_.IsDrained();
}

void SenderWorld::Step() {
  while (!arrivals_.empty() && arrivals_.top().at <= now_) {
    const Arrival arrival = arrivals_.top();
    arrivals_.pop();
    Deliver(arrival);
  }
  if (next_picture_ <= now_) SendPicture();
  if (sender_.next_deadline() <= now_) sender_.HandleTimeout(now_);
  Fill();
  SendPackets();
  if (receiver_.SackDue(now_)) SendSack();
}

void SenderWorld::SendPackets() {
  std::array<uint8_t, kMaxPacket> buffer;
  while (true) {
    PacketWriter packet(buffer, {});
    if (!sender_.WriteChunks(now_, packet)) return;
    ++packets_sent_;
    Carry(there_, true, Bytes(buffer).first(packet.Finish(Checksum::kZero)));
    Fill();
  }
}

void SenderWorld::SendSack() {
  std::array<uint8_t, kMaxPacket> buffer;
  PacketWriter packet(buffer, {});
  CHECK(receiver_.WriteSack(now_, packet), "a SACK does not fit into %zu bytes", buffer.size());
  ++sacks_sent_;
  Carry(back_, false, Bytes(buffer).first(packet.Finish(Checksum::kZero)));
}

void SenderWorld::Carry(sim::Link& link, bool to_receiver, Bytes packet) {
  const auto arrivals = link.Carry(now_, packet.size());
  for (const Time at : arrivals) {
    arrivals_.push({at, arrivals_made_++, to_receiver, {packet.begin(), packet.end()}});
  }
  if (to_receiver && !arrivals.empty()) {
    queueing_.push_back(arrivals[0] - now_ - link.conditions().delay -
                        Serialization(link.conditions(), packet.size()));
  }
}

void SenderWorld::SendPicture() {
  const auto picture = static_cast<size_t>((options_.video * kPictureInterval).bytes());
  for (size_t sent = 0; sent < picture; sent += kVideoPacket) {
    const size_t size = std::min(kVideoPacket, picture - sent);
    const auto arrivals = there_.Carry(now_, size);
    if (arrivals.empty()) continue;
    added_to_video_.push_back(arrivals[0] - there_without_us_.Carry(now_, size)[0]);
  }
  next_picture_ += kPictureInterval;
}

void SenderWorld::Deliver(const Arrival& arrival) {
  auto reader = PacketReader::Parse(arrival.packet, ZeroChecksum::kAccepted);
  CHECK(reader.ok(), "we wrote a packet that does not parse: %s",
        reader.status().ToString().c_str());
  while (auto chunk = reader->Next()) {
    if (const auto* data = std::get_if<DataChunk>(&*chunk)) {
      receiver_.HandleData(now_, *data);
    } else if (const auto* forward = std::get_if<ForwardTsnChunk>(&*chunk)) {
      receiver_.HandleForwardTsn(now_, *forward);
    } else if (const auto* i_forward = std::get_if<IForwardTsnChunk>(&*chunk)) {
      receiver_.HandleForwardTsn(now_, *i_forward);
    } else if (const auto* sack = std::get_if<SackChunk>(&*chunk)) {
      sender_.HandleSack(now_, *sack);
    }
  }
  CHECK(!reader->malformed(), "we wrote a malformed chunk");
  if (arrival.to_receiver) {
    receiver_.EndPacket(now_);
    Read();
  }
}

void SenderWorld::Read() {
  if (!reading_) return;
  while (auto message = receiver_.PollMessage()) {
    received_bytes_ += message->payload.size();
    by_stream_[message->stream.value()] += message->payload.size();
    if (received_.size() < kKeptMessages && message->payload.size() <= kKeptSize) {
      received_.push_back(std::move(*message));
    }
  }
}

void SenderWorld::ResetCounters() {
  received_.clear();
  received_bytes_ = 0;
  by_stream_.clear();
  queueing_.clear();
  added_to_video_.clear();
}

Duration Percentile(std::vector<Duration> values, int percent) {
  CHECK(!values.empty(), "%d %% of nothing", percent);
  std::sort(values.begin(), values.end());
  return values[(values.size() - 1) * static_cast<size_t>(percent) / 100];
}

}  // namespace ocellus::sctp
