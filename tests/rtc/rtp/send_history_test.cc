// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtp/send_history.h"

#include <gtest/gtest.h>

namespace ocellus::rtp {
namespace {

using std::chrono::milliseconds;
using Answer = SendHistory::Answer;

constexpr Duration kRoundTrip = milliseconds(50);

SentPacket PacketOfFrame(uint32_t frame) {
  SentPacket packet;
  packet.frame = frame;
  return packet;
}

TEST(SendHistory, GivesBackWhatWasSentAcrossTheWrap) {
  SendHistory history(SequenceNumber(65534));
  for (uint32_t i = 0; i < 4; ++i) history.Add(PacketOfFrame(i));
  EXPECT_EQ(history.Request(Time{}, SequenceNumber(1), kRoundTrip), Answer::kGranted);
  EXPECT_EQ(history.Request(Time{}, SequenceNumber(65535), kRoundTrip), Answer::kGranted);
  EXPECT_TRUE(history.has_requests());
  auto again = history.PopRequest();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->number, SequenceNumber(1));
  EXPECT_EQ(again->packet.frame, 3u);
  again = history.PopRequest();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->packet.frame, 1u);
  EXPECT_FALSE(history.PopRequest());
}

TEST(SendHistory, KnowsNothingOfTheFutureAndTheFarPast) {
  SendHistory history(SequenceNumber(0));
  EXPECT_EQ(history.Request(Time{}, SequenceNumber(65535), kRoundTrip), Answer::kUnknown);
  for (uint32_t i = 0; i < kSendHistoryPackets + 1; ++i) history.Add({});
  const auto request = [&](size_t number) {
    return history.Request(Time{}, SequenceNumber(static_cast<uint16_t>(number)), kRoundTrip);
  };
  EXPECT_EQ(request(0), Answer::kUnknown);
  EXPECT_EQ(request(1), Answer::kGranted);
  EXPECT_EQ(request(kSendHistoryPackets), Answer::kGranted);
  EXPECT_EQ(request(kSendHistoryPackets + 1), Answer::kUnknown);
  EXPECT_EQ(request(65535), Answer::kUnknown);
}

// Checklist 34: once per RTT per packet.
TEST(SendHistory, GrantsAPacketOncePerRoundTrip) {
  SendHistory history(SequenceNumber(0));
  history.Add({});
  const Time now(std::chrono::hours(2));
  EXPECT_EQ(history.Request(now, SequenceNumber(0), kRoundTrip), Answer::kGranted);
  EXPECT_EQ(history.Request(now, SequenceNumber(0), kRoundTrip), Answer::kTooSoon);
  EXPECT_EQ(history.Request(now + milliseconds(49), SequenceNumber(0), kRoundTrip),
            Answer::kTooSoon);
  EXPECT_EQ(history.Request(now + milliseconds(50), SequenceNumber(0), kRoundTrip),
            Answer::kGranted);
}

// Checklist 34: capped by the budget.
TEST(SendHistory, KeepsToItsBudget) {
  SendHistory history(SequenceNumber(0));
  Time now{};
  size_t granted = 0;
  size_t sent = 0;
  uint16_t number = 0;
  for (int i = 0; i < 100'000; ++i) {
    now += kRoundTrip;
    if (i % 10 == 0) {
      number = history.Add({}).value();
      ++sent;
    }
    if (history.Request(now, SequenceNumber(number), kRoundTrip) == Answer::kGranted) ++granted;
    history.PopRequest();
  }
  EXPECT_GT(granted, sent * kMaxRetransmissionPercent / 100);
  EXPECT_LE(granted, sent * kMaxRetransmissionPercent / 100 + kMaxQueuedRetransmissions);
}

TEST(SendHistory, QueuesNoMoreThanItsLimit) {
  SendHistory history(SequenceNumber(0));
  for (size_t i = 0; i < kSendHistoryPackets; ++i) history.Add({});
  size_t granted = 0;
  for (uint16_t i = 0; i < kSendHistoryPackets; ++i) {
    if (history.Request(Time{}, SequenceNumber(i), kRoundTrip) == Answer::kGranted) ++granted;
  }
  EXPECT_EQ(granted, kMaxQueuedRetransmissions);
}

TEST(SendHistory, ForgetsRequestsForPacketsThatItForgot) {
  SendHistory history(SequenceNumber(0));
  history.Add(PacketOfFrame(7));
  EXPECT_EQ(history.Request(Time{}, SequenceNumber(0), kRoundTrip), Answer::kGranted);
  for (size_t i = 0; i < kSendHistoryPackets; ++i) history.Add(PacketOfFrame(8));
  EXPECT_FALSE(history.PopRequest());
}

TEST(SendHistory, TakesAFewBytesAPacket) {
  EXPECT_LE(sizeof(SendHistory), kSendHistoryPackets * 16 + 512);
}

TEST(SendHistory, RepeatsAPacketOnceForEachGrant) {
  SendHistory history(SequenceNumber(0));
  for (uint32_t i = 0; i < 3; ++i) history.Add(PacketOfFrame(i));
  const auto pop = [&] {
    const auto again = history.PopRequest();
    return again ? int{again->number.value()} : -1;
  };
  history.Repeat(SequenceNumber(0));
  history.Repeat(SequenceNumber(0));
  history.Repeat(SequenceNumber(7));  // Never sent.
  EXPECT_EQ(pop(), 0);
  EXPECT_EQ(pop(), -1);

  EXPECT_EQ(history.Request(Time{}, SequenceNumber(0), kRoundTrip), Answer::kGranted);
  EXPECT_EQ(history.Request(Time{}, SequenceNumber(1), kRoundTrip), Answer::kGranted);
  EXPECT_EQ(pop(), 0);
  history.Repeat(SequenceNumber(0));
  EXPECT_EQ(pop(), 1);
  EXPECT_EQ(pop(), 0);
  history.Repeat(SequenceNumber(0));
  EXPECT_EQ(pop(), -1);
}

TEST(SendHistory, RepetitionsCountAgainstTheBudget) {
  SendHistory history(SequenceNumber(0));
  history.Add({});
  Time now(std::chrono::hours(1));
  size_t sent = 0;
  for (int i = 0; i < 1000; ++i) {
    now += kRoundTrip;
    static_cast<void>(history.Request(now, SequenceNumber(0), kRoundTrip));
    history.Repeat(SequenceNumber(0));
    while (history.PopRequest()) ++sent;
  }
  EXPECT_EQ(sent, kMaxQueuedRetransmissions);
}

}  // namespace
}  // namespace ocellus::rtp
