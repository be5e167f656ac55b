// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/outstanding_data.h"

#include <gtest/gtest.h>

namespace ocellus::sctp {
namespace {

using std::chrono::milliseconds;

constexpr Tsn kFirst{0xffff'fff0};

class OutstandingDataTest : public testing::Test {
 protected:
  // Chunks of 100 bytes, a message each, a millisecond apart.
  void Send(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      ASSERT_TRUE(
          queue_.Enqueue(now_, {StreamId(1), kPpidBinary, std::vector<uint8_t>(100), {}}).ok());
      data_.PushSent(now_, queue_.Take(*queue_.Next(), 100, data_.next_tsn()));
      now_ += milliseconds(1);
    }
  }
  std::optional<Acknowledged> Sack(uint32_t cumulative,
                                   std::initializer_list<std::pair<int, int>> gaps = {}) {
    SackChunk sack;
    sack.cumulative_tsn = kFirst + cumulative - 1;
    RecordBuffer<GapBlock, 300> blocks;
    for (const auto& [first, last] : gaps) {
      EXPECT_TRUE(blocks.Add({static_cast<uint16_t>(first + 1 - static_cast<int>(cumulative)),
                              static_cast<uint16_t>(last + 1 - static_cast<int>(cumulative))}));
    }
    sack.gaps = blocks.list();
    return data_.HandleSack(sack);
  }
  ChunkState StateOf(uint32_t number) { return data_[kFirst + number].state; }

  Time now_{};
  SendQueue queue_;
  OutstandingData data_{kFirst, queue_};
};

TEST_F(OutstandingDataTest, CountsWhatIsNewlyAcknowledged) {
  Send(40);  // The TSN wraps, and the ring grows.
  EXPECT_EQ(data_.bytes_in_flight(), 40u * 120);
  auto acknowledged = Sack(10, {{12, 15}, {20, 29}});
  ASSERT_TRUE(acknowledged.has_value());
  EXPECT_EQ(acknowledged->chunks, 24u);
  EXPECT_EQ(acknowledged->bytes, 24u * 120);
  EXPECT_EQ(acknowledged->latest->tsn, kFirst + 29);
  EXPECT_EQ(acknowledged->latest_original, Time(milliseconds(29)));
  EXPECT_EQ(data_.bytes_in_flight(), 16u * 120);

  acknowledged = Sack(11, {{12, 16}, {19, 30}});
  EXPECT_EQ(acknowledged->chunks, 4u);
  acknowledged = Sack(11, {{12, 16}, {19, 30}});
  EXPECT_EQ(acknowledged->chunks, 0u);
  EXPECT_FALSE(acknowledged->latest.has_value());
  acknowledged = Sack(40);
  EXPECT_EQ(acknowledged->chunks, 12u);
  EXPECT_TRUE(data_.empty());
  EXPECT_FALSE(data_.in_flight());
  EXPECT_EQ(queue_.buffered_bytes(), 0u);
}

TEST_F(OutstandingDataTest, RefusesWhatWasNeverSentAndChangesNothing) {
  Send(10);
  EXPECT_FALSE(Sack(11).has_value());
  EXPECT_FALSE(Sack(2, {{4, 10}}).has_value());
  EXPECT_FALSE(Sack(2, {{6, 4}}).has_value());
  EXPECT_EQ(data_.cumulative_ack(), kFirst - 1);
  EXPECT_EQ(data_.bytes_in_flight(), 10u * 120);
  ASSERT_TRUE(Sack(5).has_value());
  const auto old = Sack(3, {{6, 7}});
  ASSERT_TRUE(old.has_value());
  EXPECT_EQ(old->chunks, 0u);
  EXPECT_EQ(data_.cumulative_ack(), kFirst + 4);
}

TEST_F(OutstandingDataTest, KeepsTheOrderOfTransmission) {
  Send(5);
  data_.MarkLost(kFirst + 1);
  EXPECT_EQ(data_.bytes_in_flight(), 4u * 120);
  data_.MarkLost(kFirst);
  EXPECT_EQ(data_.lost(), 2u);
  EXPECT_EQ(data_.first_lost(), kFirst + 1);
  EXPECT_EQ(data_.oldest_in_flight(), kFirst + 2);
  data_.MarkResent(now_, kFirst + 1);
  EXPECT_EQ(data_.newest_in_flight(), kFirst + 1);
  EXPECT_EQ(data_[kFirst + 1].transmissions, 2);
  const auto acknowledged = Sack(2);
  EXPECT_EQ(acknowledged->chunks, 2u);
  EXPECT_TRUE(acknowledged->latest_was_retransmitted);
  EXPECT_EQ(acknowledged->latest_original, Time());  // Chunk 0 was lost by our count only.
  EXPECT_EQ(data_.lost(), 0u);
}

TEST_F(OutstandingDataTest, LosesEverythingInTheOrderOfTsns) {
  Send(6);
  data_.MarkLost(kFirst + 3);
  data_.MarkResent(now_, kFirst + 3);
  data_.MarkLost(kFirst + 4);
  ASSERT_TRUE(Sack(0, {{2, 2}}).has_value());
  data_.MarkAllLost();
  EXPECT_EQ(data_.bytes_in_flight(), 0u);
  for (const uint32_t number : {0u, 1u, 3u, 4u, 5u}) {
    EXPECT_EQ(data_.first_lost(), kFirst + number);
    data_.MarkResent(now_, kFirst + number);
  }
  EXPECT_FALSE(data_.first_lost().has_value());
  EXPECT_EQ(StateOf(2), ChunkState::kAcknowledged);
}

TEST_F(OutstandingDataTest, SendsAgainWhatThePeerReneged) {
  Send(8);
  ASSERT_TRUE(Sack(0, {{1, 2}, {5, 6}}).has_value());
  ASSERT_TRUE(Sack(1, {{5, 5}}).has_value());  // It has dropped 1, 2 and 6.
  EXPECT_EQ(StateOf(1), ChunkState::kLost);
  EXPECT_EQ(StateOf(2), ChunkState::kLost);
  EXPECT_EQ(StateOf(3), ChunkState::kInFlight);
  EXPECT_EQ(StateOf(5), ChunkState::kAcknowledged);
  EXPECT_EQ(StateOf(6), ChunkState::kLost);
}

TEST_F(OutstandingDataTest, AbandonsTheChunksOfOneMessage) {
  queue_.AllowInterleaving();
  for (const uint16_t stream : {1, 2}) {
    ASSERT_TRUE(
        queue_.Enqueue(now_, {StreamId(stream), kPpidBinary, std::vector<uint8_t>(300), {}}).ok());
  }
  for (int i = 0; i < 6; ++i) {
    data_.PushSent(now_, queue_.Take(*queue_.Next(), 100, data_.next_tsn()));
  }
  const MessageIndex message = data_[kFirst].fragment.message;
  ASSERT_TRUE(Sack(0, {{2, 2}}).has_value());
  EXPECT_FALSE(queue_.Abandon(message, data_.next_tsn()).has_value());
  data_.MarkAbandoned(message);
  EXPECT_EQ(StateOf(0), ChunkState::kAbandoned);
  EXPECT_EQ(StateOf(1), ChunkState::kInFlight);
  EXPECT_EQ(StateOf(2), ChunkState::kAcknowledged);
  EXPECT_EQ(StateOf(4), ChunkState::kAbandoned);
  EXPECT_EQ(data_.bytes_in_flight(), 3u * 120);
}

TEST_F(OutstandingDataTest, GivesItsMemoryBackWhenEmpty) {
  Send(5000);
  ASSERT_TRUE(Sack(5000).has_value());
  EXPECT_TRUE(data_.empty());
  Send(3);
  EXPECT_EQ(data_.size(), 3u);
  EXPECT_EQ(data_.bytes_in_flight(), 3u * 120);
}

}  // namespace
}  // namespace ocellus::sctp
