// SPDX-License-Identifier: Apache-2.0
// What a receiver reports about one source: loss and jitter, by the algorithms of RFC 3550
// appendices A.1, A.3 and A.8. Without A.1's probation: SRTP has authenticated the first packet.
#pragma once

#include <optional>

#include "firmware/base/time.h"
#include "firmware/rtc/rtcp/report.h"
#include "firmware/rtc/rtp/packet.h"

namespace ocellus::rtp {

class ReceptionStatistics {
 public:
  // `clock_rate` is the media's, in Hz.
  ReceptionStatistics(Ssrc source, uint32_t clock_rate)
      : source_(source), clock_rate_(clock_rate) {}

  // False when the number is too far from the others to belong to the stream; a second one that
  // follows it makes the stream begin anew.
  bool HandlePacket(Time now, const Packet& packet);
  void HandleSenderReport(Time now, const rtcp::SenderReport& report);

  // The block for the next report; nullopt before the first packet. The fraction of loss counts
  // from one call to the next.
  std::optional<rtcp::ReportBlock> TakeReportBlock(Time now);

 private:
  struct LastReport {
    Time at;
    uint32_t ntp_middle = 0;
  };

  void Restart(SequenceNumber number);
  void UpdateJitter(Time now, RtpTimestamp timestamp);
  uint32_t extended_highest() const { return cycles_ + highest_.value(); }

  const Ssrc source_;
  const uint32_t clock_rate_;

  bool started_ = false;
  SequenceNumber highest_;
  uint32_t cycles_ = 0;  // Wraps so far, times 2^16.
  uint32_t first_ = 0;
  uint32_t received_ = 0;
  uint32_t expected_before_ = 0;  // At the last report.
  uint32_t received_before_ = 0;
  std::optional<SequenceNumber> suspect_;  // Behind a jump: what would confirm it.

  std::optional<uint32_t> transit_;
  uint32_t jitter_ = 0;  // 16ths of a timestamp unit.
  std::optional<LastReport> last_report_;
};

}  // namespace ocellus::rtp
