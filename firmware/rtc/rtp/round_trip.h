// SPDX-License-Identifier: Apache-2.0
// The round-trip time of one viewer, from its answers to our sender reports (RFC 3550 section
// 6.4.1: A - LSR - DLSR). When a report was sent is remembered on the monotonic clock, so a
// stepped wall clock does no harm, and an answer to a report that we never sent counts for nothing.
#pragma once

#include <cstdint>
#include <optional>

#include "firmware/base/ring.h"
#include "firmware/base/time.h"
#include "firmware/rtc/rtcp/report.h"

namespace ocellus::rtp {

class RoundTrip {
 public:
  // Until the first answer: what browsers assume.
  static constexpr Duration kAssumed = std::chrono::milliseconds(100);
  // A peer's arithmetic may make it zero.
  static constexpr Duration kShortest = std::chrono::milliseconds(1);

  void HandleReportSent(Time now, NtpTime ntp);
  void HandleReportBlock(Time now, const rtcp::ReportBlock& block);

  // Smoothed; nullopt until the first answer.
  std::optional<Duration> measured() const { return smoothed_; }
  Duration estimate() const { return smoothed_.value_or(kAssumed); }

 private:
  struct SentReport {
    Time at;
    uint32_t ntp_middle = 0;
  };

  Ring<SentReport, 8> sent_;  // Full: the oldest goes; an answer to it comes too late.
  std::optional<Duration> smoothed_;
};

}  // namespace ocellus::rtp
