// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtp/reception_statistics.h"

#include <algorithm>

namespace ocellus::rtp {
namespace {

// RFC 3550 appendix A.1.
constexpr int kMaxDropout = 3000;
constexpr int kMaxMisorder = 100;

}  // namespace

bool ReceptionStatistics::HandlePacket(Time now, const Packet& packet) {
  const SequenceNumber number = packet.sequence_number;
  if (!started_) Restart(number);
  const int ahead = number.DistanceFrom(highest_);
  if (ahead >= kMaxDropout || ahead <= -kMaxMisorder) {
    if (suspect_ != number) {
      suspect_ = number + 1;
      return false;
    }
    Restart(number);
  } else if (ahead > 0) {
    if (number.value() < highest_.value()) cycles_ += 1 << 16;
    highest_ = number;
  }
  suspect_.reset();
  ++received_;
  UpdateJitter(now, packet.timestamp);
  return true;
}

void ReceptionStatistics::HandleSenderReport(Time now, const rtcp::SenderReport& report) {
  if (report.sender == source_) last_report_ = {now, report.ntp.middle()};
}

std::optional<rtcp::ReportBlock> ReceptionStatistics::TakeReportBlock(Time now) {
  if (!started_) return std::nullopt;
  // Appendix A.3.
  const uint32_t expected = extended_highest() - first_ + 1;
  const auto lost = static_cast<int64_t>(expected) - static_cast<int64_t>(received_);
  const uint32_t expected_interval = expected - expected_before_;
  const auto lost_interval =
      static_cast<int64_t>(expected_interval) - static_cast<int64_t>(received_ - received_before_);
  expected_before_ = expected;
  received_before_ = received_;

  rtcp::ReportBlock block;
  block.source = source_;
  if (expected_interval > 0 && lost_interval > 0) {
    block.fraction_lost =
        static_cast<uint8_t>(std::min<int64_t>(255, (lost_interval << 8) / expected_interval));
  }
  block.cumulative_lost =
      static_cast<int32_t>(std::clamp<int64_t>(lost, -(1 << 23), (1 << 23) - 1));
  block.highest_sequence = extended_highest();
  block.jitter = jitter_ >> 4;
  if (last_report_) {
    block.last_sender_report = last_report_->ntp_middle;
    block.delay_since_last =
        static_cast<uint32_t>((now - last_report_->at).count() * (1 << 16) / 1'000'000);
  }
  return block;
}

void ReceptionStatistics::Restart(SequenceNumber number) {
  started_ = true;
  highest_ = number;
  first_ = number.value();
  cycles_ = 0;
  received_ = 0;
  expected_before_ = 0;
  received_before_ = 0;
  transit_.reset();
}

void ReceptionStatistics::UpdateJitter(Time now, RtpTimestamp timestamp) {
  // Appendix A.8. The arrival's clock and the timestamp's differ by an unknown constant, so only
  // differences of their difference mean something.
  const int64_t micros = now.time_since_epoch().count();
  const auto arrival = static_cast<uint32_t>(micros / 1'000'000 * clock_rate_ +
                                             micros % 1'000'000 * clock_rate_ / 1'000'000);
  const uint32_t transit = arrival - timestamp.value();
  if (transit_) {
    const auto difference = static_cast<int32_t>(transit - *transit_);
    const uint32_t distance =
        difference < 0 ? 0u - static_cast<uint32_t>(difference) : static_cast<uint32_t>(difference);
    jitter_ += distance - ((jitter_ + 8) >> 4);
  }
  transit_ = transit;
}

}  // namespace ocellus::rtp
