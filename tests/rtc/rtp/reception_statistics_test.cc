// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtp/reception_statistics.h"

#include <gtest/gtest.h>

namespace ocellus::rtp {
namespace {

using std::chrono::milliseconds;

class ReceptionStatisticsTest : public testing::Test {
 protected:
  // `transit` is what the packet needed on its way.
  bool Receive(uint16_t number, Duration transit = {}) {
    Packet packet;
    packet.sequence_number = SequenceNumber(number);
    sent_at_ += milliseconds(10);
    packet.timestamp =
        RtpTimestamp(static_cast<uint32_t>(sent_at_.time_since_epoch().count() * 9 / 100));
    return statistics_.HandlePacket(sent_at_ + transit, packet);
  }
  rtcp::ReportBlock Report() { return *statistics_.TakeReportBlock(sent_at_); }

  Time sent_at_{};
  ReceptionStatistics statistics_{Ssrc(7), 90'000};
};

TEST_F(ReceptionStatisticsTest, HasNothingToReportBeforeTheFirstPacket) {
  EXPECT_FALSE(statistics_.TakeReportBlock(sent_at_));
}

// RFC 3550 appendix A.3. Checklist 28: the count of wraps.
TEST_F(ReceptionStatisticsTest, CountsLossAcrossTheWrap) {
  for (const int number : {65533, 65534, 65535, 0, 1, 4}) {
    EXPECT_TRUE(Receive(static_cast<uint16_t>(number)));
  }
  const auto block = Report();
  EXPECT_EQ(block.source, Ssrc(7));
  EXPECT_EQ(block.highest_sequence, 0x10004u);
  EXPECT_EQ(block.cumulative_lost, 2);
  EXPECT_EQ(block.fraction_lost, 2 * 256 / 8);
}

TEST_F(ReceptionStatisticsTest, CountsTheFractionFromReportToReport) {
  Receive(0);
  Receive(3);
  Report();
  for (uint16_t i = 4; i < 8; ++i) Receive(i);
  auto block = Report();
  EXPECT_EQ(block.fraction_lost, 0);
  EXPECT_EQ(block.cumulative_lost, 2);
  block = Report();
  EXPECT_EQ(block.fraction_lost, 0);
}

TEST_F(ReceptionStatisticsTest, ReportsDuplicatesAsNegativeLoss) {
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(Receive(9));
  EXPECT_EQ(Report().cumulative_lost, -4);
}

// RFC 3550 appendix A.1.
TEST_F(ReceptionStatisticsTest, BeginsAnewOnlyAfterTwoPacketsBehindAJump) {
  Receive(100);
  EXPECT_FALSE(Receive(30000));
  EXPECT_TRUE(Receive(101));
  EXPECT_FALSE(Receive(30000));
  EXPECT_FALSE(Receive(40000));
  EXPECT_TRUE(Receive(40001));
  const auto block = Report();
  EXPECT_EQ(block.highest_sequence, 40001u);
  EXPECT_EQ(block.cumulative_lost, 0);
}

// RFC 3550 appendix A.8.
TEST_F(ReceptionStatisticsTest, MeasuresJitter) {
  for (uint16_t i = 0; i < 10; ++i) Receive(i, milliseconds(20));
  EXPECT_EQ(Report().jitter, 0u);
  for (uint16_t i = 10; i < 400; ++i) Receive(i, milliseconds(i % 2 == 0 ? 20 : 24));
  EXPECT_NEAR(Report().jitter, 4 * 90, 10);  // Every difference is 4 ms.
}

TEST_F(ReceptionStatisticsTest, SaysWhenTheLastSenderReportCame) {
  Receive(1);
  EXPECT_EQ(Report().last_sender_report, 0u);
  rtcp::SenderReport report;
  report.sender = Ssrc(8);
  report.ntp = NtpTime(0x1111222233334444);
  statistics_.HandleSenderReport(sent_at_, report);
  EXPECT_EQ(Report().last_sender_report, 0u);
  report.sender = Ssrc(7);
  statistics_.HandleSenderReport(sent_at_, report);
  sent_at_ += milliseconds(1500);
  const auto block = Report();
  EXPECT_EQ(block.last_sender_report, 0x22223333u);
  EXPECT_EQ(block.delay_since_last, 0x18000u);
}

}  // namespace
}  // namespace ocellus::rtp
