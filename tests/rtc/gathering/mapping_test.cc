// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/gathering/mapping.h"

#include <gtest/gtest.h>

#include "tests/rtc/gathering/scripted_stun_server.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::gathering {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const SocketAddress kBase = At("192.168.1.2:8555");
const SocketAddress kServer = At("192.0.2.1:3478");
const SocketAddress kMapped = At("203.0.113.5:40000");

class MappingTest : public testing::Test {
 protected:
  std::vector<Packet> RunFor(Duration duration) {
    return RunUntil(mapping_, now_, now_ + duration);
  }
  bool Handle(Packet packet) {
    Datagram in = packet.AsDatagram();
    const auto message = stun::Message::Parse(in.payload);
    return message.ok() && mapping_.HandleAnswer(now_, in, *message);
  }
  // Answers the next request, however long it takes.
  void Answer(const SocketAddress& mapped) {
    const auto sent = RunFor(std::max(Duration(0), mapping_.next_deadline() - now_));
    ASSERT_FALSE(sent.empty());
    ASSERT_TRUE(Handle(AnswerTo(sent.back(), {mapped, {}, {}, {}, {}})));
  }

  sim::SeededRandom random_{1};
  Time now_{std::chrono::hours(1)};
  Mapping mapping_{now_, kBase, kServer, random_};
};

TEST_F(MappingTest, LearnsWhatTheServerSees) {
  EXPECT_FALSE(mapping_.mapped());
  const auto sent = RunFor(Duration(0));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].from, kBase);
  EXPECT_EQ(sent[0].to, kServer);
  now_ += milliseconds(25);
  EXPECT_TRUE(Handle(AnswerTo(sent[0], {kMapped, {}, {}, {}, {}})));
  EXPECT_EQ(mapping_.mapped(), kMapped);
  EXPECT_EQ(mapping_.rtt(), Duration(milliseconds(25)));
  EXPECT_TRUE(mapping_.error().ok());
}

// Checklist 4.
TEST_F(MappingTest, BelievesOnlyTheServerThatItAsked) {
  const auto sent = RunFor(Duration(0));
  Packet forged = AnswerTo(sent[0], {kMapped, {}, {}, {}, {}});
  forged.from = At("192.0.2.66:3478");
  EXPECT_FALSE(Handle(forged));
  forged.from = At("192.0.2.1:3479");
  EXPECT_FALSE(Handle(forged));
  EXPECT_FALSE(mapping_.mapped());
}

// Checklist 4.
TEST_F(MappingTest, BelievesAnAnswerOnce) {
  const auto sent = RunFor(Duration(0));
  const Packet answer = AnswerTo(sent[0], {kMapped, {}, {}, {}, {}});
  EXPECT_TRUE(Handle(answer));
  EXPECT_FALSE(Handle(answer));
}

// RFC 8445 section 11: not more often than every 15 s.
TEST_F(MappingTest, KeepsTheMappingAliveEvery15To18Seconds) {
  Answer(kMapped);
  Time before = now_;
  std::set<Duration> waits;
  for (int i = 0; i < 20; ++i) {
    Answer(kMapped);
    EXPECT_GE(now_ - before, seconds(15));
    EXPECT_LT(now_ - before, seconds(18));
    waits.insert(now_ - before);
    before = now_;
  }
  EXPECT_GT(waits.size(), 10u);
}

TEST_F(MappingTest, NoticesAnotherMapping) {
  Answer(kMapped);
  Answer(At("203.0.113.5:50000"));
  EXPECT_EQ(mapping_.mapped(), At("203.0.113.5:50000"));
}

TEST_F(MappingTest, SaysThatAnAnswerTakesLong) {
  RunFor(milliseconds(1400));
  EXPECT_TRUE(mapping_.error().ok());
  RunFor(milliseconds(200));
  EXPECT_EQ(mapping_.error().message(), "no answer yet");
  EXPECT_FALSE(mapping_.TakeFailed());
}

TEST_F(MappingTest, BacksOffFromAServerThatDoesNotAnswer) {
  RunFor(milliseconds(39499));
  EXPECT_FALSE(mapping_.TakeFailed());
  RunFor(milliseconds(1));
  EXPECT_TRUE(mapping_.TakeFailed());
  EXPECT_FALSE(mapping_.TakeFailed());
  EXPECT_EQ(mapping_.error().message(), "no answer to 7 requests");
  // From the third minute on, four datagrams a minute or so.
  RunFor(std::chrono::minutes(10));
  EXPECT_LE(RunFor(std::chrono::hours(1)).size(), 4u * 60u);
  EXPECT_GE(RunFor(std::chrono::hours(1)).size(), 4u * 50u);
}

TEST_F(MappingTest, KeepsTheLastMappingForAMinute) {
  Answer(kMapped);
  RunFor(seconds(59));
  EXPECT_EQ(mapping_.mapped(), kMapped);
  RunFor(seconds(1));
  EXPECT_FALSE(mapping_.mapped());
  EXPECT_FALSE(mapping_.error().ok());
  // And finds it again when the server is back.
  Answer(kMapped);
  EXPECT_EQ(mapping_.mapped(), kMapped);
  EXPECT_TRUE(mapping_.error().ok());
}

TEST_F(MappingTest, OneLostRefreshIsRepeatedAtOnce) {
  Answer(kMapped);
  RunFor(mapping_.next_deadline() - now_);
  Answer(kMapped);
  EXPECT_TRUE(mapping_.error().ok());
  EXPECT_FALSE(mapping_.TakeFailed());
}

TEST_F(MappingTest, ARefusalIsAFailure) {
  const auto sent = RunFor(Duration(0));
  EXPECT_TRUE(Handle(AnswerTo(sent[0], {{}, {}, stun::ErrorCode::kServerError, {}, {}})));
  EXPECT_TRUE(mapping_.TakeFailed());
  EXPECT_EQ(mapping_.error().message(), "refused: 500 Server Error");
  EXPECT_TRUE(RunFor(milliseconds(700)).empty());
  EXPECT_FALSE(RunFor(milliseconds(300)).empty());
}

TEST_F(MappingTest, AsksAgainWhenTheNetworkHasChanged) {
  Answer(kMapped);
  RunFor(seconds(1));
  mapping_.AskAgain(now_);
  EXPECT_EQ(mapping_.mapped(), kMapped);
  Answer(At("198.51.100.7:40000"));
  EXPECT_EQ(mapping_.mapped(), At("198.51.100.7:40000"));
}

}  // namespace
}  // namespace ocellus::gathering
