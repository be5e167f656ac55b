// SPDX-License-Identifier: Apache-2.0
// Which packets of a stream a receiver misses, and when to ask for each (again). Fixed memory.
#pragma once

#include <array>

#include "firmware/base/limits.h"
#include "firmware/base/serial_number.h"
#include "firmware/base/time.h"
#include "firmware/rtc/rtcp/feedback.h"

namespace ocellus::rtp {

class MissingPackets {
 public:
  enum class Arrival : uint8_t { kNew, kRecovered, kDuplicate };
  // As many as all of them need in the worst case.
  using NackItems = rtcp::RecordBuffer<rtcp::NackItem, kMaxMissingPackets>;

  // Takes note of a packet that came, first or by retransmission.
  Arrival HandlePacket(Time now, SequenceNumber number);

  // Adds what is to be asked for now; the same again after `round_trip`, some times.
  void Poll(Time now, Duration round_trip, NackItems& items);
  // When Poll will have something; kNever when nothing is missing.
  Time next_deadline() const;

  // True once when packets were given up.
  bool TakeGivenUp();

 private:
  struct Missing {
    SequenceNumber number;
    uint8_t requests = 0;
    Time ask_at;
  };

  // Keeps the order.
  template <typename Predicate>
  void RemoveIf(Predicate&& predicate);

  bool started_ = false;
  bool given_up_ = false;
  SequenceNumber highest_;
  std::array<Missing, kMaxMissingPackets> missing_{};  // In order. Full: all are given up.
  size_t count_ = 0;
};

}  // namespace ocellus::rtp
