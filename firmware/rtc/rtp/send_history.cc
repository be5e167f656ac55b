// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtp/send_history.h"

#include <algorithm>

namespace ocellus::rtp {
namespace {

constexpr size_t kFullCredit = kMaxQueuedRetransmissions * 100;
constexpr size_t kCreditPerRetransmission = 100;

static_assert((kSendHistoryPackets & (kSendHistoryPackets - 1)) == 0,
              "the slots must follow one another where sequence numbers wrap");
static_assert(kSendHistoryPackets < 1 << 15, "sequence numbers could not be told apart");

uint32_t Micros(Time time) { return static_cast<uint32_t>(time.time_since_epoch().count()); }

}  // namespace

SequenceNumber SendHistory::Add(const SentPacket& packet) {
  const SequenceNumber number = next_;
  ++next_;
  entries_[number.value() % kSendHistoryPackets] = {packet};
  count_ = std::min(count_ + 1, kSendHistoryPackets);
  credit_ = std::min(credit_ + kMaxRetransmissionPercent, kFullCredit);
  return number;
}

SendHistory::Answer SendHistory::Request(Time now, SequenceNumber number, Duration round_trip) {
  Entry* entry = Find(number);
  if (entry == nullptr) return Answer::kUnknown;
  const uint32_t since_granted = Micros(now) - entry->granted_at;
  if (entry->granted && since_granted < round_trip.count()) return Answer::kTooSoon;
  if (!Enqueue(number)) return Answer::kOverBudget;
  entry->granted = true;
  entry->repeated = false;
  entry->granted_at = Micros(now);
  return Answer::kGranted;
}

void SendHistory::Repeat(SequenceNumber number) {
  Entry* entry = Find(number);
  if (entry == nullptr || entry->repeated) return;
  entry->repeated = Enqueue(number);
}

bool SendHistory::Enqueue(SequenceNumber number) {
  if (credit_ < kCreditPerRetransmission || !requests_.Push(number)) return false;
  credit_ -= kCreditPerRetransmission;
  return true;
}

std::optional<SendHistory::Retransmission> SendHistory::PopRequest() {
  while (!requests_.empty()) {
    const SequenceNumber number = requests_.Pop();
    if (const Entry* entry = Find(number)) return Retransmission{number, *entry};
  }
  return std::nullopt;
}

SendHistory::Entry* SendHistory::Find(SequenceNumber number) {
  const int age = next_.DistanceFrom(number);  // 1: the newest.
  if (age < 1 || static_cast<size_t>(age) > count_) return nullptr;
  return &entries_[number.value() % kSendHistoryPackets];
}

}  // namespace ocellus::rtp
