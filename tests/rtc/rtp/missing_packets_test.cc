// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtp/missing_packets.h"

#include <gmock/gmock.h>

namespace ocellus::rtp {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using Arrival = MissingPackets::Arrival;

constexpr Duration kRoundTrip = milliseconds(50);

class MissingPacketsTest : public testing::Test {
 protected:
  Arrival Receive(int number) {
    return missing_.HandlePacket(now_, SequenceNumber(static_cast<uint16_t>(number)));
  }
  std::vector<uint16_t> Poll() {
    MissingPackets::NackItems items;
    missing_.Poll(now_, kRoundTrip, items);
    items_ = items.list().size();
    std::vector<uint16_t> lost;
    rtcp::Nack{Ssrc(), Ssrc(), items.list()}.ForEachLost(
        [&](SequenceNumber number) { lost.push_back(number.value()); });
    return lost;
  }

  Time now_{};
  size_t items_ = 0;
  MissingPackets missing_;
};

TEST_F(MissingPacketsTest, AsksForAGapAtOnceAndAgainAfterARoundTrip) {
  EXPECT_EQ(Receive(65534), Arrival::kNew);
  EXPECT_EQ(missing_.next_deadline(), kNever);
  EXPECT_EQ(Receive(1), Arrival::kNew);
  EXPECT_EQ(missing_.next_deadline(), now_);
  EXPECT_THAT(Poll(), ElementsAre(65535, 0));
  EXPECT_EQ(items_, 1u);
  EXPECT_THAT(Poll(), IsEmpty());
  EXPECT_EQ(Receive(65535), Arrival::kRecovered);
  now_ += kRoundTrip;
  EXPECT_EQ(missing_.next_deadline(), now_);
  EXPECT_THAT(Poll(), ElementsAre(0));
}

TEST_F(MissingPacketsTest, TellsDuplicates) {
  Receive(5);
  EXPECT_EQ(Receive(5), Arrival::kDuplicate);
  EXPECT_EQ(Receive(4), Arrival::kDuplicate);
  Receive(7);
  EXPECT_EQ(Receive(6), Arrival::kRecovered);
  EXPECT_EQ(Receive(6), Arrival::kDuplicate);
}

TEST_F(MissingPacketsTest, PacksSeventeenPacketsIntoAnItem) {
  Receive(0);
  Receive(18);
  EXPECT_EQ(Poll().size(), 17u);
  EXPECT_EQ(items_, 1u);
  Receive(40);
  Receive(42);
  EXPECT_EQ(Poll().size(), 22u);
  EXPECT_EQ(items_, 2u);
}

TEST_F(MissingPacketsTest, GivesUpAfterTenRequests) {
  Receive(0);
  Receive(2);
  size_t requests = 0;
  for (int i = 0; i < 20; ++i) {
    requests += Poll().size();
    now_ += kRoundTrip;
  }
  EXPECT_EQ(requests, 10u);
  EXPECT_TRUE(missing_.TakeGivenUp());
  EXPECT_FALSE(missing_.TakeGivenUp());
  EXPECT_EQ(missing_.next_deadline(), kNever);
}

TEST_F(MissingPacketsTest, GivesUpAGapThatIsTooLarge) {
  Receive(0);
  Receive(3);
  Receive(1000);
  EXPECT_TRUE(missing_.TakeGivenUp());
  EXPECT_THAT(Poll(), IsEmpty());
  Receive(1002);
  EXPECT_THAT(Poll(), ElementsAre(1001));
}

TEST_F(MissingPacketsTest, AsksForTheWorstPatternInOnePoll) {
  Receive(0);
  // Every 18th is there, so no item covers two gaps.
  for (int i = 18; i <= 18 * 15; i += 18) Receive(i);
  EXPECT_EQ(Poll().size(), 255u);
  EXPECT_EQ(items_, 15u);
}

}  // namespace
}  // namespace ocellus::rtp
