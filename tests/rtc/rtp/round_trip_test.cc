// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtp/round_trip.h"

#include <gtest/gtest.h>

namespace ocellus::rtp {
namespace {

using std::chrono::milliseconds;

rtcp::ReportBlock Answer(NtpTime report, Duration held) {
  rtcp::ReportBlock block;
  block.last_sender_report = report.middle();
  block.delay_since_last = static_cast<uint32_t>(held.count() * 65536 / 1'000'000);
  return block;
}

const NtpTime kReport(0x1111'2222'3333'4444);

TEST(RoundTrip, IsTheTimeOutsideOfTheViewer) {
  RoundTrip round_trip;
  EXPECT_EQ(round_trip.estimate(), RoundTrip::kAssumed);
  round_trip.HandleReportSent(Time(milliseconds(1000)), kReport);
  round_trip.HandleReportBlock(Time(milliseconds(1730)), Answer(kReport, milliseconds(700)));
  ASSERT_TRUE(round_trip.measured());
  EXPECT_NEAR(ToSeconds(*round_trip.measured()), 0.030, 0.0001);
}

TEST(RoundTrip, IgnoresAnswersToReportsThatWereNotSent) {
  RoundTrip round_trip;
  round_trip.HandleReportSent(Time(milliseconds(1000)), kReport);
  round_trip.HandleReportBlock(Time(milliseconds(1100)), Answer(kReport + Duration(100), {}));
  round_trip.HandleReportBlock(Time(milliseconds(1100)), Answer(NtpTime(), {}));
  EXPECT_FALSE(round_trip.measured());
}

TEST(RoundTrip, IsNeverLessThanAMillisecond) {
  RoundTrip round_trip;
  round_trip.HandleReportSent(Time(milliseconds(1000)), kReport);
  round_trip.HandleReportBlock(Time(milliseconds(1100)), Answer(kReport, std::chrono::hours(18)));
  EXPECT_EQ(round_trip.estimate(), RoundTrip::kShortest);
}

TEST(RoundTrip, SmoothsAndForgetsOldReports) {
  RoundTrip round_trip;
  const Time start(milliseconds(1000));
  round_trip.HandleReportSent(start, kReport);
  round_trip.HandleReportBlock(start + milliseconds(80), Answer(kReport, {}));
  round_trip.HandleReportBlock(start + milliseconds(160), Answer(kReport, {}));
  EXPECT_EQ(round_trip.estimate(), milliseconds(90));
  for (int i = 1; i <= 8; ++i) {
    round_trip.HandleReportSent(start, kReport + std::chrono::seconds(i));
  }
  round_trip.HandleReportBlock(start + std::chrono::hours(1), Answer(kReport, {}));
  EXPECT_EQ(round_trip.estimate(), milliseconds(90));
}

}  // namespace
}  // namespace ocellus::rtp
