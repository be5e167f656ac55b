// SPDX-License-Identifier: Apache-2.0
#include "tools/benchmarks/sctp_pair.h"

#include <algorithm>
#include <utility>

#include "firmware/base/check.h"

namespace ocellus::benchmarks {
namespace {

constexpr Duration kConnectingLimit = std::chrono::minutes(1);
constexpr Duration kTransferLimit = std::chrono::hours(4);

}  // namespace

void PacketQueue::Carry(Time now, Bytes packet) {
  ++packets_;
  if (loss_ > 0 && chance_.Fraction() < loss_) return;
  CHECK(packet.size() <= kSctpMtu, "a packet of %zu bytes", packet.size());
  if (spare_.empty()) spare_.push_back(std::make_unique<Packet>());
  std::unique_ptr<Packet> copy = std::move(spare_.back());
  spare_.pop_back();
  copy->arrives = now + delay_;
  copy->size = packet.size();
  std::copy(packet.begin(), packet.end(), copy->bytes.begin());
  on_the_way_.push_back(std::move(copy));
}

Bytes PacketQueue::Take() {
  if (taken_) spare_.push_back(std::move(taken_));
  taken_ = std::move(on_the_way_.front());
  on_the_way_.pop_front();
  return Bytes(taken_->bytes).first(taken_->size);
}

SctpPair::SctpPair(const MakeEnd& make_end, Duration round_trip, double loss, uint64_t seed,
                   Time now)
    : there_(round_trip / 2, loss, seed * 2),
      back_(round_trip / 2, loss, seed * 2 + 1),
      sender_(make_end(there_, true)),
      receiver_(make_end(back_, false)),
      now_(now) {}

void SctpPair::Connect() {
  for (SctpEnd* end : {sender_.get(), receiver_.get()}) {
    end->Start(now_);
    end->Flush(now_);
  }
  const Time limit = now_ + kConnectingLimit;
  while (!sender_->connected() || !receiver_->connected()) {
    CHECK(Step(limit), "the ends do not connect");
  }
}

Duration SctpPair::Transfer(uint64_t bytes, size_t message_size) {
  const std::vector<uint8_t> message(message_size, 0x5a);
  const Time begin = now_;
  const uint64_t messages = bytes / message_size;
  const uint64_t wanted = receiver_->bytes_received() + messages * message_size;
  uint64_t left = messages;
  while (receiver_->bytes_received() < wanted) {
    while (left > 0 && sender_->Send(now_, message)) --left;
    sender_->Flush(now_);
    CHECK(Step(begin + kTransferLimit), "%llu bytes are missing",
          static_cast<unsigned long long>(wanted - receiver_->bytes_received()));
  }
  return now_ - begin;
}

void SctpPair::RunFor(Duration duration) {
  const Time end = now_ + duration;
  while (Step(end)) continue;
}

bool SctpPair::Step(Time end) {
  const std::array<std::pair<PacketQueue*, SctpEnd*>, 2> ways = {
      {{&there_, receiver_.get()}, {&back_, sender_.get()}}};
  Time next = end;
  for (const auto& [queue, to] : ways) {
    next = std::min({next, queue->next_arrival(), to->next_deadline()});
  }
  now_ = std::max(now_, next);
  if (now_ >= end) return false;
  for (const auto& [queue, to] : ways) {
    if (queue->next_arrival() <= now_) {
      to->HandlePacket(now_, queue->Take());
      to->Flush(now_);
    }
    if (to->next_deadline() <= now_) {
      to->HandleTimeout(now_);
      to->Flush(now_);
    }
  }
  return true;
}

}  // namespace ocellus::benchmarks
