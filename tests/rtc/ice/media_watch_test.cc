// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/ice/media_watch.h"

#include <gtest/gtest.h>

#include "tests/rtc/ice/agent_node.h"

namespace ocellus::ice {
namespace {

constexpr Time kStart{std::chrono::hours(1)};

TEST(MediaWatch, WaitsForThoseWhoNeverSend) { EXPECT_EQ(MediaWatch().next_question(), kNever); }

TEST(MediaWatch, AsksAfterEachSecondOfSilence) {
  MediaWatch watch;
  watch.HandleMedia(kStart);
  watch.HandleMedia(kStart + milliseconds(100));
  EXPECT_EQ(watch.next_question(), kStart + milliseconds(1100));
  watch.Ask(kStart + milliseconds(1100));
  EXPECT_EQ(watch.next_question(), kStart + milliseconds(2100));
  // A question that comes late, as after a machine was suspended, is asked once.
  watch.Ask(kStart + seconds(20));
  EXPECT_EQ(watch.next_question(), kStart + seconds(21));
  watch.HandleMedia(kStart + milliseconds(20'200));
  EXPECT_EQ(watch.next_question(), kStart + milliseconds(21'200));
}

TEST(MediaWatch, DoubtsThePathOnceWhenNobodyAnswers) {
  MediaWatch watch;
  watch.HandleMedia(kStart);
  for (const bool doubt : {false, true, false, false, false}) {
    EXPECT_NE(watch.next_question(), kNever);
    watch.Ask(watch.next_question());
    EXPECT_EQ(watch.is_first_doubt(), doubt);
  }
}

TEST(MediaWatch, LeavesAPeerInPeaceThatAnswersAndHasNothingToSend) {
  MediaWatch watch;
  watch.HandleMedia(kStart);
  for (int i = 0; i < 3; ++i) {
    EXPECT_NE(watch.next_question(), kNever);
    watch.Ask(watch.next_question());
    watch.HandleAnswer();
    EXPECT_FALSE(watch.is_first_doubt());
  }
  EXPECT_EQ(watch.next_question(), kNever);
  watch.HandleMedia(kStart + seconds(60));
  EXPECT_EQ(watch.next_question(), kStart + seconds(61));
}

// How many requests an agent sends in ten seconds after its peer's media has stopped.
uint32_t ChecksInSilence(AgentPair& pair) {
  EXPECT_TRUE(pair.RunUntilConnected(seconds(5)));
  pair.network.RunFor(seconds(1));
  const Path path = *pair.b.agent.path();
  for (int i = 0; i < 10; ++i) {
    pair.b.agent.HandleMedia(pair.network.now(), path);
    pair.network.RunFor(milliseconds(100));
  }
  const uint32_t before = pair.b.agent.stats().checks_sent;
  pair.network.RunFor(seconds(10));
  return pair.b.agent.stats().checks_sent - before;
}

TEST(MediaWatch, AnAgentAsksThreeTimesAndReturnsToTheRhythmOfConsent) {
  AgentPair pair;
  pair.SignalBoth();
  const uint32_t checks = ChecksInSilence(pair);
  EXPECT_GE(checks, 4u);
  EXPECT_LE(checks, 5u);
  EXPECT_EQ(pair.b.agent.state(), State::kConnected);
}

TEST(MediaWatch, AnAgentDoesNotMissMediaOfAPathThatIsNotInUse) {
  AgentPair pair;
  pair.SignalBoth();
  ASSERT_TRUE(pair.RunUntilConnected(seconds(5)));
  pair.b.agent.HandleMedia(pair.network.now(), {Address("192.0.2.99:1"), Address("192.0.2.98:1")});
  const uint32_t before = pair.b.agent.stats().checks_sent;
  pair.network.RunFor(seconds(10));
  EXPECT_LE(pair.b.agent.stats().checks_sent - before, 3u);
}

}  // namespace
}  // namespace ocellus::ice
