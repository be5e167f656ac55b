// SPDX-License-Identifier: Apache-2.0
// Transport-wide feedback: when each packet of a transport came, or that it did not
// (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1). Parsing only.
#pragma once

#include <optional>

#include "firmware/base/serial_number.h"
#include "firmware/base/time.h"
#include "firmware/rtc/rtcp/header.h"

namespace ocellus {

// The number in the transport-wide-cc header extension: one more for each packet of a transport.
using TransportSequenceNumber = SerialNumber<struct TransportSequenceNumberTag, uint16_t>;

}  // namespace ocellus

namespace ocellus::rtcp {

class TransportFeedback {
 public:
  static constexpr uint8_t kFormat = 15;  // Of RTPFB.

  struct PacketStatus {
    TransportSequenceNumber sequence_number;
    // On the receiver's clock, whose zero is arbitrary; nullopt: not received.
    std::optional<Duration> arrival;
  };

  // Gives the status of base, base + 1, ...; reads as it goes, without memory.
  class Cursor {
   public:
    std::optional<PacketStatus> Next();

   private:
    friend class TransportFeedback;
    Cursor(const TransportFeedback& feedback);

    ByteReader chunks_;
    ByteReader deltas_;
    unsigned remaining_;
    TransportSequenceNumber next_;
    Duration arrival_;
    // The chunk that is being read: `run_` more symbols, all equal to symbols_ of a run, else the
    // upper bits of symbols_ first.
    unsigned run_ = 0;
    unsigned symbol_bits_ = 0;  // 0: a run of one symbol.
    uint16_t symbols_ = 0;
  };

  // `body` of a RawPacket is borrowed. Work is bounded by the packet status count, at most 65,535.
  // Errors: kTruncated (chunks or deltas end too early), kMalformed (no packets, reserved symbol).
  static Result<TransportFeedback> Parse(Bytes body);

  Cursor Packets() const { return Cursor(*this); }

  Ssrc sender;
  Ssrc source;
  TransportSequenceNumber base;
  uint16_t packet_status_count = 0;
  Duration reference_time{};   // 64 ms steps, 24 bits signed.
  uint8_t feedback_count = 0;  // One more for each feedback; wraps.

 private:
  Bytes chunks_;
  Bytes deltas_;
};

}  // namespace ocellus::rtcp
