// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/ice/pacer.h"

#include <gtest/gtest.h>

#include "tests/rtc/ice/scripted_peer.h"

namespace ocellus::ice {
namespace {

TEST(Pacer, GivesEachItsTurn) {
  const Time now(std::chrono::hours(1));
  Pacer pacer;
  EXPECT_EQ(pacer.Reserve(now), now);
  EXPECT_EQ(pacer.Reserve(now), now + kCommonPace);
  EXPECT_EQ(pacer.Reserve(now), now + 2 * kCommonPace);
  EXPECT_EQ(pacer.Reserve(now + std::chrono::seconds(1)), now + std::chrono::seconds(1));
}

// Checklist 9. RFC 8445 section 14.2. The last to come has its turn after one check of each of the
// others.
TEST(Pacer, ACrowdOfAgentsSendsOneCheckInFiveMillisecondsAndNoneIsForgotten) {
  constexpr size_t kAgents = 20;
  sim::SeededRandom random(1);
  Pacer pacer;
  Time now(std::chrono::hours(1));
  const Time start = now;
  std::vector<std::unique_ptr<Agent>> agents;
  for (size_t i = 0; i < kAgents; ++i) {
    agents.push_back(std::make_unique<Agent>(Role::kControlled, random, &pacer));
    const LocalCandidate host = Host("192.0.2.1:8555");
    agents[i]->SetLocalCandidates(now, {&host, 1});
    agents[i]->SetRemoteCredentials(now, {"peer", "passwordpasswordpassword"});
    for (int k = 0; k < 60; ++k) {
      agents[i]->AddRemoteCandidate(now, HostCandidate("203.0.113." + std::to_string(k) + ":1"));
    }
  }
  std::vector<Time> sent;
  std::vector<std::optional<Time>> first(kAgents);
  uint8_t out[kMaxDatagramSize];
  while (now < start + milliseconds(450)) {  // Before anything is repeated.
    for (size_t i = 0; i < kAgents; ++i) {
      if (now >= agents[i]->next_deadline()) agents[i]->HandleTimeout(now);
      while (agents[i]->PollTransmit(now, out)) {
        sent.push_back(now);
        if (!first[i]) first[i] = now;
      }
    }
    now += milliseconds(1);
  }
  for (size_t i = 1; i < sent.size(); ++i) EXPECT_GE(sent[i] - sent[i - 1], kCommonPace);
  EXPECT_EQ(sent.size(), 90u);
  for (size_t i = 0; i < kAgents; ++i) EXPECT_LE(*first[i] - start, kAgents * kCommonPace);
}

}  // namespace
}  // namespace ocellus::ice
