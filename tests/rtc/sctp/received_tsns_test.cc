// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/received_tsns.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace ocellus::sctp {
namespace {

using Arrival = ReceivedTsns::Arrival;

// "2-3 5-5": what a SACK would say.
std::string Gaps(const ReceivedTsns& tsns, size_t most = kMaxSctpGapBlocks) {
  ReceivedTsns::GapBuffer buffer;
  tsns.ListGaps(most, buffer);
  std::string text;
  for (size_t i = 0; i < buffer.size(); ++i) {
    const GapBlock block = buffer.list()[i];
    if (i > 0) text += " ";
    text += std::to_string(block.first) + "-" + std::to_string(block.last);
  }
  return text;
}

TEST(ReceivedTsns, FollowsWhatComesInOrderOverTheWrap) {
  ReceivedTsns tsns(Tsn(0xFFFFFFFD));
  for (uint32_t i = 0; i < 5; ++i) {
    const Tsn tsn = Tsn(0xFFFFFFFE) + i;
    EXPECT_EQ(tsns.Classify(tsn), Arrival::kNew);
    tsns.Add(tsn);
    EXPECT_EQ(tsns.Classify(tsn), Arrival::kDuplicate);
    EXPECT_EQ(tsns.cumulative(), tsn);
    EXPECT_FALSE(tsns.has_gaps());
  }
  EXPECT_EQ(tsns.cumulative(), Tsn(2));
  EXPECT_EQ(Gaps(tsns), "");
}

TEST(ReceivedTsns, ListsGapsAndClosesThemOverTheWrap) {
  ReceivedTsns tsns(Tsn(0xFFFFFFFD));
  for (const uint32_t tsn : {0xFFFFFFFFu, 0u, 3u, 5u}) tsns.Add(Tsn(tsn));
  EXPECT_TRUE(tsns.has_gaps());
  EXPECT_EQ(tsns.cumulative(), Tsn(0xFFFFFFFD));
  EXPECT_EQ(Gaps(tsns), "2-3 6-6 8-8");
  EXPECT_EQ(Gaps(tsns, 2), "2-3 6-6");
  EXPECT_EQ(Gaps(tsns, 0), "");
  EXPECT_EQ(tsns.Classify(Tsn(0)), Arrival::kDuplicate);
  EXPECT_EQ(tsns.Classify(Tsn(1)), Arrival::kNew);
  tsns.Add(Tsn(0xFFFFFFFE));
  EXPECT_EQ(tsns.cumulative(), Tsn(0));
  EXPECT_EQ(Gaps(tsns), "3-3 5-5");
  tsns.Add(Tsn(2));
  tsns.Add(Tsn(1));
  tsns.Add(Tsn(4));
  EXPECT_EQ(tsns.cumulative(), Tsn(5));
  EXPECT_FALSE(tsns.has_gaps());
}

TEST(ReceivedTsns, KeepsTrackUpToItsLimit) {
  ReceivedTsns tsns(Tsn(100));
  const Tsn last = Tsn(100) + kMaxSctpTsnsAhead;
  EXPECT_EQ(tsns.Classify(last + 1), Arrival::kTooFar);
  EXPECT_EQ(tsns.Classify(Tsn(100) + 0x7FFFFFFF), Arrival::kTooFar);
  EXPECT_EQ(tsns.Classify(Tsn(100) + 0x80000000), Arrival::kDuplicate);  // Long ago.
  EXPECT_EQ(tsns.Classify(last), Arrival::kNew);
  tsns.Add(last);
  EXPECT_EQ(Gaps(tsns), "8192-8192");
  EXPECT_EQ(tsns.Classify(Tsn(101)), Arrival::kNew);
  for (Tsn tsn(101); tsn != last; ++tsn) tsns.Add(tsn);
  EXPECT_EQ(tsns.cumulative(), last);
  EXPECT_FALSE(tsns.has_gaps());
  EXPECT_EQ(tsns.Classify(last + 1), Arrival::kNew);
}

TEST(ReceivedTsns, AdvancesOverWhatIsGivenUp) {
  ReceivedTsns tsns(Tsn(10));
  for (const uint32_t tsn : {12u, 15u, 16u, 18u}) tsns.Add(Tsn(tsn));
  tsns.AdvanceTo(Tsn(14));  // And 15 and 16, which have come.
  EXPECT_EQ(tsns.cumulative(), Tsn(16));
  EXPECT_EQ(Gaps(tsns), "2-2");
  tsns.AdvanceTo(Tsn(17));
  EXPECT_EQ(tsns.cumulative(), Tsn(18));
  EXPECT_FALSE(tsns.has_gaps());
}

TEST(ReceivedTsns, ForgetsEverythingAfterALongJump) {
  ReceivedTsns tsns(Tsn(10));
  for (const uint32_t tsn : {12u, 15u, 8000u}) tsns.Add(Tsn(tsn));
  tsns.AdvanceTo(Tsn(10) + 0x7FFFFFFF);
  EXPECT_EQ(tsns.cumulative(), Tsn(10) + 0x7FFFFFFF);
  EXPECT_FALSE(tsns.has_gaps());
  tsns.Add(tsns.cumulative() + kMaxSctpTsnsAhead);
  EXPECT_EQ(Gaps(tsns), "8192-8192");
}

TEST(ReceivedTsns, AgreesWithASetInAnyOrder) {
  constexpr uint32_t kSeed = 7;
  std::mt19937 random(kSeed);
  for (int round = 0; round < 20; ++round) {
    const Tsn start(static_cast<uint32_t>(random()));
    ReceivedTsns tsns(start);
    std::set<uint32_t> received;  // Distances from start.
    std::vector<uint32_t> order(1500);
    for (uint32_t i = 0; i < order.size(); ++i) order[i] = i + 1;
    std::shuffle(order.begin(), order.end(), random);
    for (const uint32_t distance : order) {
      ASSERT_EQ(tsns.Classify(start + distance), Arrival::kNew);
      tsns.Add(start + distance);
      received.insert(distance);
      ASSERT_EQ(tsns.Classify(start + distance), Arrival::kDuplicate);
    }
    EXPECT_EQ(tsns.cumulative(), start + 1500);
    // Half of the next ones, and the gaps that they make.
    std::string expected;
    for (uint32_t i = 2; i < 400; i += 2) {
      tsns.Add(start + 1500 + i);
      expected += (expected.empty() ? "" : " ") + std::to_string(i) + "-" + std::to_string(i);
    }
    EXPECT_EQ(Gaps(tsns), expected);
  }
}

}  // namespace
}  // namespace ocellus::sctp
