// SPDX-License-Identifier: Apache-2.0
// What the answers to our checks mean: section 7.2.5 of RFC 8445.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/rtc/ice/scripted_peer.h"

namespace ocellus::ice {
namespace {

constexpr const char* kRemote = "198.51.100.1:40000";

// Checklist 4.
TEST(AgentAnswers, ToOtherTransactionsAreIgnored) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start();
  peer.Poll();
  SentCheck forged = peer.checks[0];
  forged.id[11] = static_cast<uint8_t>(forged.id[11] ^ 1);
  peer.Answer(forged);
  EXPECT_EQ(peer.agent.stats().dropped(Drop::kUnknownTransaction), 1u);
  EXPECT_EQ(peer.agent.path(), std::nullopt);
}

// Checklist 4.
TEST(AgentAnswers, FromOtherSourcesAreIgnored) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start();
  peer.Poll();
  ScriptedPeer::AnswerOptions options;
  options.from = Address("198.51.100.1:40001");
  peer.Answer(peer.checks[0], options);
  EXPECT_EQ(peer.agent.stats().dropped(Drop::kWrongSource), 1u);
  EXPECT_EQ(peer.agent.path(), std::nullopt);
  EXPECT_FALSE(peer.agent.IsAuthenticated({peer.local, *options.from}));
  peer.Answer(peer.checks[0]);
  EXPECT_TRUE(peer.agent.path()) << "the right one still counts";
}

// Checklist 2, of responses: RFC 8489 section 9.1.4.
TEST(AgentAnswers, ThatAreNotAuthenticatedAreIgnored) {
  for (const auto error : {std::optional<stun::ErrorCode>(), {stun::ErrorCode::kRoleConflict}}) {
    ScriptedPeer peer(Role::kControlled);
    peer.Start();
    peer.Poll();
    ScriptedPeer::AnswerOptions options;
    options.error = error;
    options.pwd = "something else entirely";
    peer.Answer(peer.checks[0], options);
    EXPECT_EQ(peer.agent.stats().dropped(Drop::kIntegrity), 1u);
    EXPECT_EQ(peer.agent.role(), Role::kControlled);
    EXPECT_EQ(peer.agent.path(), std::nullopt);
  }
}

TEST(AgentAnswers, WithoutTheMappedAddressAreIgnored) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start();
  peer.Poll();
  ScriptedPeer::AnswerOptions options;
  options.has_mapped = false;
  peer.Answer(peer.checks[0], options);
  EXPECT_EQ(peer.agent.stats().dropped(Drop::kAttribute), 1u);
  EXPECT_EQ(peer.agent.path(), std::nullopt);
}

// RFC 8445 section 7.2.5.3.1: behind a NAT the pair is valid, and packets leave from the base.
TEST(AgentAnswers, ShowThePeerReflexiveLocalCandidate) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start();
  peer.Poll();
  ScriptedPeer::AnswerOptions options;
  options.mapped = Address("203.0.113.200:61000");
  peer.Answer(peer.checks[0], options);
  EXPECT_EQ(peer.agent.path(), (Path{peer.local, Address(kRemote)}));
  EXPECT_EQ(peer.agent.local_candidates().size(), 1u);
}

TEST(AgentAnswers, MeasureTheRoundTrip) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start();
  peer.Poll();
  peer.now += milliseconds(83);
  peer.Answer(peer.checks[0]);
  EXPECT_EQ(peer.agent.stats().rtt, milliseconds(83));
}

// Karn: an answer to a repeated request measures nothing.
TEST(AgentAnswers, ToRepeatedChecksDoNotMeasureTheRoundTrip) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start();
  peer.RunFor(milliseconds(510));
  ASSERT_EQ(peer.checks.size(), 2u);
  peer.Answer(peer.checks[0]);
  EXPECT_TRUE(peer.agent.path());
  EXPECT_EQ(peer.agent.stats().rtt, Duration());
}

// RFC 8445 section 7.2.5.2.4.
TEST(AgentAnswers, WithAnErrorFailThePairAtOnce) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start();
  peer.Poll();
  ScriptedPeer::AnswerOptions options;
  options.error = stun::ErrorCode::kBadRequest;
  peer.Answer(peer.TakeChecks()[0], options);
  peer.RunFor(seconds(5));
  EXPECT_TRUE(peer.checks.empty());
  peer.Check(kRemote);
  EXPECT_EQ(peer.checks.size(), 1u) << "a check of the peer gives the pair another chance";
}

// Checklist 8. RFC 8445 section 7.2.5.1.
TEST(AgentAnswers, Of487SwitchTheRoleOnceAndCheckAgain) {
  ScriptedPeer peer(Role::kControlling);
  peer.Start({kRemote, "198.51.100.2:40000"});
  peer.RunFor(milliseconds(60));
  const std::vector<SentCheck> first = peer.TakeChecks();
  ASSERT_EQ(first.size(), 2u);
  ScriptedPeer::AnswerOptions conflict;
  conflict.error = stun::ErrorCode::kRoleConflict;
  peer.Answer(first[0], conflict);
  EXPECT_EQ(peer.agent.role(), Role::kControlled);
  // The second check was sent in the old role: its 487 is old news.
  peer.Answer(first[1], conflict);
  EXPECT_EQ(peer.agent.role(), Role::kControlled);
  EXPECT_EQ(peer.agent.stats().role_switches, 1u);
  peer.RunFor(milliseconds(60));
  const std::vector<SentCheck> second = peer.TakeChecks();
  std::set<uint8_t> hosts;
  for (const SentCheck& check : second) {
    EXPECT_EQ(check.role, Role::kControlled);
    EXPECT_NE(check.tie_breaker, first[0].tie_breaker) << "MUST change the tie-breaker";
    hosts.insert(check.path.remote.ip.bytes()[3]);
  }
  EXPECT_EQ(hosts, (std::set<uint8_t>{1, 2}));
}

TEST(AgentAnswers, Of487WithoutEndAreFollowedAtThePaceOfChecks) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start();
  ScriptedPeer::AnswerOptions conflict;
  conflict.error = stun::ErrorCode::kRoleConflict;
  size_t checks = 0;
  for (int i = 0; i < 1000; ++i) {
    for (const SentCheck& check : peer.TakeChecks()) {
      ++checks;
      peer.Answer(check, conflict);
    }
    peer.RunFor(milliseconds(1));
  }
  EXPECT_LE(checks, 21u);
}

// A host that a forged check comes from has asked for nothing.
TEST(AgentAnswers, AloneGiveConsent) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start();
  const char* victim = "203.0.113.99:9999";
  peer.Check(victim);
  EXPECT_EQ(peer.agent.path(), (Path{peer.local, Address(victim)})) << "a handshake may begin";
  EXPECT_FALSE(peer.agent.has_consent());
  peer.Check(kRemote);
  const std::vector<SentCheck> checks = peer.TakeChecks();
  peer.Answer(checks.back());
  EXPECT_TRUE(peer.agent.has_consent());
  EXPECT_EQ(peer.agent.path(), (Path{peer.local, Address(kRemote)}));
  // Nobody has nominated, and the pair that worked stops answering.
  peer.RunFor(seconds(31));
  EXPECT_FALSE(peer.agent.has_consent());
}

}  // namespace
}  // namespace ocellus::ice
