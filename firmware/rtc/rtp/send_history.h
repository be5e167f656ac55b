// SPDX-License-Identifier: Apache-2.0
// What was sent lately, in 16 bytes a packet: enough to build the very same packet again from the
// FrameRing. It also decides which requests for retransmission are granted.
//
// io thread only. Owned by VideoSender. Allocates nothing.
#pragma once

#include <array>
#include <optional>

#include "firmware/base/limits.h"
#include "firmware/base/ring.h"
#include "firmware/base/serial_number.h"
#include "firmware/base/time.h"
#include "firmware/rtc/rtcp/transport_feedback.h"

namespace ocellus::rtp {

struct SentPacket {
  uint32_t frame = 0;                    // Lower half of the FrameId.
  uint16_t payload = 0;                  // Index in the frame.
  TransportSequenceNumber transport_cc;  // If negotiated.
  uint8_t extensions = 0;                // Which of a first packet's extensions it had.
};

class SendHistory {
 public:
  enum class Answer : uint8_t {
    kGranted,
    kUnknown,     // Never sent, or too long ago.
    kTooSoon,     // Granted less than a round trip ago: the last one may still arrive.
    kOverBudget,  // More than kMaxRetransmissionPercent, or kMaxQueuedRetransmissions wait.
  };

  explicit SendHistory(SequenceNumber first) : next_(first) {}

  // Takes note of a packet that is sent now. Returns its sequence number.
  SequenceNumber Add(const SentPacket& packet);

  // The receiver misses `number`.
  Answer Request(Time now, SequenceNumber number, Duration round_trip);
  // Sends `number` again unasked, behind all that wait: once, and once more after each Request that
  // was granted. Nothing happens beyond that and beyond the budget.
  void Repeat(SequenceNumber number);

  bool has_requests() const { return !requests_.empty(); }
  // The packet to send again next, with its number; nullopt when there is none.
  struct Retransmission {
    SequenceNumber number;
    SentPacket packet;
  };
  std::optional<Retransmission> PopRequest();

 private:
  // Derived so that it uses the padding: 16 bytes.
  struct Entry : SentPacket {
    bool granted = false;
    bool repeated = false;
    uint32_t granted_at = 0;  // Microseconds, modulo 2^32: entries do not live for an hour.
  };

  // Takes one from the budget. False when there is none left, or no room.
  bool Enqueue(SequenceNumber number);
  // nullptr when it was never sent, or too long ago.
  Entry* Find(SequenceNumber number);

  std::array<Entry, kSendHistoryPackets> entries_{};  // By sequence number. Full: oldest goes.
  SequenceNumber next_;
  size_t count_ = 0;
  Ring<SequenceNumber, kMaxQueuedRetransmissions> requests_;  // Full: kOverBudget.
  // Hundredths of a retransmission that may still be granted.
  size_t credit_ = kMaxQueuedRetransmissions * 100;
};

}  // namespace ocellus::rtp
