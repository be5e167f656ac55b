// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/send_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ocellus::sctp {
namespace {

using std::chrono::milliseconds;

constexpr StreamId kA{1};
constexpr StreamId kB{2};

OutgoingMessage MakeMessage(StreamId stream, size_t size, const SendOptions& options = {}) {
  return {stream, kPpidBinary, std::vector<uint8_t>(size, uint8_t{7}), options};
}

// Takes fragments of up to `size`; which streams they are of.
std::vector<uint16_t> TakeAll(SendQueue& queue, size_t size) {
  std::vector<uint16_t> streams;
  Tsn tsn;
  while (const auto next = queue.Next()) {
    streams.push_back(queue.message(*next).stream.value());
    queue.Take(*next, std::min(size, queue.remaining(*next)), tsn);
    ++tsn;
  }
  return streams;
}

TEST(SendQueue, TakesTurnsByMessage) {
  SendQueue queue;
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(queue.Enqueue(Time(), MakeMessage(kA, 250)).ok());
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(queue.Enqueue(Time(), MakeMessage(kB, 250)).ok());
  EXPECT_THAT(TakeAll(queue, 100), testing::ElementsAre(1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2));
}

TEST(SendQueue, TakesTurnsByFragmentWithInterleaving) {
  SendQueue queue;
  queue.AllowInterleaving();
  ASSERT_TRUE(queue.Enqueue(Time(), MakeMessage(kA, 400)).ok());
  ASSERT_TRUE(queue.Enqueue(Time(), MakeMessage(kB, 200)).ok());
  EXPECT_THAT(TakeAll(queue, 100), testing::ElementsAre(1, 2, 1, 2, 1, 1));
}

TEST(SendQueue, GivesAStreamThatWasIdleNoCreditForThat) {
  SendQueue queue;
  queue.AllowInterleaving();
  ASSERT_TRUE(queue.Enqueue(Time(), MakeMessage(kA, 10'000)).ok());
  for (int i = 0; i < 50; ++i) queue.Take(*queue.Next(), 100, Tsn(1));
  ASSERT_TRUE(queue.Enqueue(Time(), MakeMessage(kB, 10'000)).ok());
  int of_b = 0;
  for (int i = 0; i < 20; ++i) {
    const MessageIndex next = *queue.Next();
    of_b += queue.message(next).stream == kB;
    queue.Take(next, 100, Tsn(1));
  }
  EXPECT_NEAR(of_b, 10, 1);
}

TEST(SendQueue, NumbersOrderedAndUnorderedMessagesApart) {
  SendQueue queue;
  SendOptions unordered;
  unordered.ordered = false;
  ASSERT_TRUE(queue.Enqueue(Time(), MakeMessage(kA, 10)).ok());
  ASSERT_TRUE(queue.Enqueue(Time(), MakeMessage(kA, 10, unordered)).ok());
  ASSERT_TRUE(queue.Enqueue(Time(), MakeMessage(kA, 10)).ok());
  std::vector<std::pair<uint32_t, uint16_t>> numbers;
  while (const auto next = queue.Next()) {
    queue.Take(*next, 10, Tsn(1));
    numbers.emplace_back(queue.message(*next).id.value(), queue.message(*next).sequence.value());
  }
  EXPECT_EQ(numbers[0], std::pair(0u, uint16_t{0}));
  EXPECT_EQ(numbers[1].first, 0u);
  EXPECT_EQ(numbers[2], std::pair(1u, uint16_t{1}));
}

TEST(SendQueue, FreesAMessageWithItsLastChunk) {
  SendQueue queue;
  ASSERT_TRUE(queue.Enqueue(Time(), MakeMessage(kA, 30)).ok());
  const size_t buffered = queue.buffered_bytes();
  const MessageIndex message = *queue.Next();
  queue.Take(message, 10, Tsn(1));
  queue.ReleaseChunk(message);  // Acknowledged before the rest is sent.
  queue.Take(message, 20, Tsn(2));
  EXPECT_EQ(queue.buffered_bytes(), buffered);
  EXPECT_FALSE(queue.IsDrained(kA));
  queue.ReleaseChunk(message);
  EXPECT_EQ(queue.buffered_bytes(), 0u);
  EXPECT_TRUE(queue.IsDrained(kA));
}

TEST(SendQueue, AbandoningLeavesAChunkForTheRest) {
  SendQueue queue;
  ASSERT_TRUE(queue.Enqueue(Time(), MakeMessage(kA, 30)).ok());
  ASSERT_TRUE(queue.Enqueue(Time(), MakeMessage(kA, 5)).ok());
  const MessageIndex message = *queue.Next();
  queue.Take(message, 10, Tsn(1));
  const auto rest = queue.Abandon(message, Tsn(2));
  ASSERT_TRUE(rest.has_value());
  EXPECT_EQ(queue.message(message).last_tsn, Tsn(2));
  EXPECT_EQ(queue.buffered_amount(kA), 5u);
  EXPECT_NE(*queue.Next(), message);
  queue.ReleaseChunk(message);
  queue.ReleaseChunk(message);
  EXPECT_TRUE(queue.message(message).payload.empty());
}

TEST(SendQueue, TellsWhenTheNextMessageExpires) {
  SendQueue queue;
  SendOptions brief;
  brief.max_lifetime = milliseconds(10);
  SendOptions briefer;
  briefer.max_lifetime = milliseconds(5);
  ASSERT_TRUE(queue.Enqueue(Time(), MakeMessage(kA, 10, brief)).ok());
  ASSERT_TRUE(queue.Enqueue(Time(), MakeMessage(kA, 10, briefer)).ok());
  ASSERT_TRUE(queue.Enqueue(Time(), MakeMessage(kB, 10)).ok());
  EXPECT_EQ(queue.next_expiry(), Time(milliseconds(10)) + Duration(1));
  EXPECT_FALSE(queue.DropExpired(Time(milliseconds(11))).has_value());
  EXPECT_EQ(queue.messages_dropped(), 2u);
  EXPECT_EQ(queue.buffered_amount(kA), 0u);
  EXPECT_EQ(queue.buffered_amount(kB), 10u);
  EXPECT_EQ(queue.next_expiry(), kNever);
}

TEST(SendQueue, KeepsEverythingWhenDeliveryIsRequired) {
  SendQueue queue;
  SendOptions brief;
  brief.max_lifetime = milliseconds(10);
  ASSERT_TRUE(queue.Enqueue(Time(), MakeMessage(kA, 10, brief)).ok());
  queue.RequireDelivery();
  EXPECT_EQ(queue.next_expiry(), kNever);
  EXPECT_FALSE(queue.DropExpired(Time(milliseconds(100))).has_value());
  EXPECT_EQ(queue.buffered_amount(kA), 10u);
}

TEST(SendQueue, ForgetsStreamsAndReusesTheirPlace) {
  SendQueue queue;
  for (uint16_t id = 0; id < 1000; ++id) {
    ASSERT_TRUE(queue.Enqueue(Time(), MakeMessage(StreamId(id), 10)).ok());
    const MessageIndex message = *queue.Next();
    queue.Take(message, 10, Tsn(id));
    EXPECT_EQ(queue.message(message).sequence, StreamSequence(0));
    queue.ReleaseChunk(message);
    queue.SetPaused(StreamId(id), true);
    queue.Forget(StreamId(id));
  }
  EXPECT_EQ(queue.buffered_bytes(), 0u);
}

}  // namespace
}  // namespace ocellus::sctp
