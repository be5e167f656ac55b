// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/loss_detector.h"

#include <gtest/gtest.h>

namespace ocellus::sctp {
namespace {

using std::chrono::milliseconds;

constexpr Tsn kFirst{100};
constexpr Duration kRoundTrip = milliseconds(40);

class LossDetectorTest : public testing::Test {
 protected:
  void Send(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      ASSERT_TRUE(
          queue_.Enqueue(now_, {StreamId(1), kPpidBinary, std::vector<uint8_t>(100), {}}).ok());
      data_.PushSent(now_, queue_.Take(*queue_.Next(), 100, data_.next_tsn()));
    }
  }
  // The chunk arrived, and nothing else that is news. Returns how many are found lost.
  size_t Arrived(uint32_t number) {
    SackChunk sack;
    sack.cumulative_tsn = kFirst - 1;
    RecordBuffer<GapBlock, 1> gap;
    const auto offset = static_cast<uint16_t>(number + 1);
    EXPECT_TRUE(gap.Add({offset, offset}));
    sack.gaps = gap.list();
    const auto acknowledged = data_.HandleSack(sack);
    EXPECT_TRUE(acknowledged.has_value());
    losses_.HandleAcknowledged(now_, *acknowledged, kRoundTrip);
    return losses_.Detect(now_, kRoundTrip, data_);
  }

  Time now_ = Time(std::chrono::seconds(9));
  SendQueue queue_;
  OutstandingData data_{kFirst, queue_};
  LossDetector losses_;
};

TEST_F(LossDetectorTest, WaitsForReorderedChunks) {
  Send(2);
  now_ += kRoundTrip;
  EXPECT_EQ(Arrived(1), 0u);
  EXPECT_EQ(losses_.next_deadline(), now_ + kRoundTrip / 4);
  now_ = losses_.next_deadline();
  EXPECT_EQ(losses_.Detect(now_, kRoundTrip, data_), 1u);
  EXPECT_EQ(data_.first_lost(), kFirst);
  EXPECT_EQ(losses_.next_deadline(), kNever);
}

TEST_F(LossDetectorTest, FindsWhatWasSentLongBeforeAtOnce) {
  Send(3);
  now_ += milliseconds(15);
  Send(1);
  now_ += kRoundTrip;
  EXPECT_EQ(Arrived(3), 3u);
}

TEST_F(LossDetectorTest, SaysNothingOfWhatWasSentLater) {
  Send(1);
  now_ += milliseconds(15);
  Send(2);
  now_ += kRoundTrip;
  EXPECT_EQ(Arrived(0), 0u);
  EXPECT_EQ(losses_.next_deadline(), kNever);
}

TEST_F(LossDetectorTest, FindsALostRetransmission) {
  Send(2);
  now_ += milliseconds(20);
  data_.MarkLost(kFirst);
  data_.MarkResent(now_, kFirst);
  now_ += milliseconds(15);
  Send(1);
  now_ += kRoundTrip;
  EXPECT_EQ(Arrived(2), 2u);  // Chunk 1, and chunk 0 again.
}

TEST_F(LossDetectorTest, BelievesNoAnswerThatIsTooQuick) {
  Send(2);
  now_ += milliseconds(30);
  data_.MarkLost(kFirst + 1);
  data_.MarkResent(now_, kFirst + 1);
  now_ += milliseconds(1);
  EXPECT_EQ(Arrived(1), 0u);  // The original was only late: chunk 0 may be as well.
  EXPECT_EQ(losses_.next_deadline(), kNever);
}

TEST_F(LossDetectorTest, BecomesMorePatientOnPathsThatReorder) {
  for (int i = 0; i < 2; ++i) losses_.HandleSpuriousRetransmission();
  Send(2);
  now_ += kRoundTrip;
  EXPECT_EQ(Arrived(1), 0u);
  EXPECT_EQ(losses_.next_deadline(), now_ + 3 * kRoundTrip / 4);
  for (int i = 0; i < 100; ++i) losses_.HandleSpuriousRetransmission();
  losses_.Detect(now_, kRoundTrip, data_);
  EXPECT_EQ(losses_.next_deadline(), now_ + kRoundTrip);  // At most a round trip.
}

}  // namespace
}  // namespace ocellus::sctp
