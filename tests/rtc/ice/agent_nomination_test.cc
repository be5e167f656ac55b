// SPDX-License-Identifier: Apache-2.0
// Which pair the media takes: section 8 of RFC 8445.
#include <gtest/gtest.h>

#include "tests/rtc/ice/scripted_peer.h"

namespace ocellus::ice {
namespace {

constexpr const char* kHigh = "198.51.100.1:40000";
constexpr const char* kLow = "198.51.100.2:40000";
constexpr ScriptedPeer::CheckOptions kNominate = {true, std::nullopt, 1};

const SentCheck* FindCheck(const std::vector<SentCheck>& checks, const char* remote) {
  for (const SentCheck& check : checks) {
    if (check.path.remote == Address(remote)) return &check;
  }
  return nullptr;
}

// Makes both pairs valid, the lower one first.
void MakeValid(ScriptedPeer& peer) {
  peer.Start({kHigh, kLow});
  peer.RunFor(kTa);
  const std::vector<SentCheck> checks = peer.TakeChecks();
  peer.Answer(*FindCheck(checks, kLow));
  peer.Answer(*FindCheck(checks, kHigh));
}

TEST(Nomination, ControllingNominatesTheBestValidPairAtOnce) {
  ScriptedPeer peer(Role::kControlling);
  peer.Start();
  peer.Poll();
  EXPECT_FALSE(peer.checks[0].use_candidate);
  peer.Answer(peer.checks[0]);
  ASSERT_EQ(peer.checks.size(), 2u);
  EXPECT_TRUE(peer.checks[1].use_candidate);
  EXPECT_EQ(peer.agent.state(), State::kChecking);
  EXPECT_TRUE(peer.agent.path()) << "media need not wait";
  peer.Answer(peer.checks[1]);
  EXPECT_EQ(peer.agent.state(), State::kConnected);
}

TEST(Nomination, ControllingWaitsABitForABetterPair) {
  ScriptedPeer peer(Role::kControlling);
  peer.Start({kHigh, kLow});
  peer.RunFor(kTa);
  const std::vector<SentCheck> checks = peer.TakeChecks();
  peer.Answer(*FindCheck(checks, kLow));
  EXPECT_EQ(peer.agent.path()->remote, Address(kLow));
  EXPECT_TRUE(peer.checks.empty());
  peer.RunFor(kNominationPatience / 2);
  peer.Answer(*FindCheck(checks, kHigh));
  ASSERT_EQ(peer.checks.size(), 1u);
  EXPECT_EQ(peer.checks[0].path.remote, Address(kHigh));
  EXPECT_TRUE(peer.checks[0].use_candidate);
}

TEST(Nomination, ControllingTakesWhatItHasWhenPatienceEnds) {
  ScriptedPeer peer(Role::kControlling);
  peer.Start({kHigh, kLow});
  peer.RunFor(kTa);
  peer.Answer(*FindCheck(peer.TakeChecks(), kLow));
  peer.RunFor(kNominationPatience);
  ASSERT_EQ(peer.checks.size(), 1u);
  EXPECT_EQ(peer.checks[0].path.remote, Address(kLow));
  EXPECT_TRUE(peer.checks[0].use_candidate);
}

// RFC 8445 section 8.1.1: one nomination at a time, another one when it fails.
TEST(Nomination, ControllingNominatesAnotherPairWhenTheFirstFails) {
  ScriptedPeer peer(Role::kControlling);
  MakeValid(peer);
  const std::vector<SentCheck> nominations = peer.TakeChecks();
  ASSERT_EQ(nominations.size(), 1u);
  EXPECT_EQ(nominations[0].path.remote, Address(kHigh));
  ScriptedPeer::AnswerOptions error;
  error.error = stun::ErrorCode::kServerError;
  peer.Answer(nominations[0], error);
  ASSERT_EQ(peer.checks.size(), 1u);
  EXPECT_EQ(peer.checks[0].path.remote, Address(kLow));
  EXPECT_TRUE(peer.checks[0].use_candidate);
  peer.Answer(peer.checks[0]);
  EXPECT_EQ(peer.agent.path()->remote, Address(kLow));
}

TEST(Nomination, ControllingNominatesAgainWhileThePathIsAlive) {
  ScriptedPeer peer(Role::kControlling);
  peer.Start();
  peer.Poll();
  peer.Answer(peer.TakeChecks()[0]);
  size_t nominations = 0;
  for (int i = 0; i < 100; ++i) {
    peer.RunFor(seconds(1));
    for (const SentCheck& check : peer.TakeChecks()) {
      nominations += check.use_candidate ? 1 : 0;
      if (!check.use_candidate) peer.Answer(check);  // Consent checks get through.
    }
    ASSERT_TRUE(peer.agent.path());
  }
  EXPECT_GT(nominations, kMaxTransmissions);
}

TEST(Nomination, ControllingDoesNotTakeAnOlderAnswerForTheNominationsOwn) {
  ScriptedPeer peer(Role::kControlling);
  peer.Start();
  peer.RunFor(milliseconds(60));
  peer.Check(kHigh);  // Our check is renewed.
  ASSERT_EQ(peer.checks.size(), 2u);
  peer.Answer(peer.checks[0]);
  ASSERT_EQ(peer.checks.size(), 3u);
  EXPECT_TRUE(peer.checks[2].use_candidate);
  peer.Answer(peer.checks[1]);
  EXPECT_EQ(peer.agent.state(), State::kChecking);
  peer.Answer(peer.checks[2]);
  EXPECT_EQ(peer.agent.state(), State::kConnected);
}

// RFC 8445 section 7.3.1.5.
TEST(Nomination, ControlledSelectsAValidPairWhenItIsNamed) {
  ScriptedPeer peer(Role::kControlled);
  MakeValid(peer);
  EXPECT_EQ(peer.agent.state(), State::kChecking);
  peer.Check(kLow, kNominate);
  EXPECT_EQ(peer.agent.state(), State::kConnected);
  EXPECT_EQ(peer.agent.path()->remote, Address(kLow));
}

// The same, in the other order: aggressive peers name the pair with their first check.
TEST(Nomination, ControlledRemembersANominationUntilThePairIsValid) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start({});
  peer.Check(kHigh, kNominate);
  EXPECT_EQ(peer.agent.state(), State::kChecking);
  ASSERT_EQ(peer.checks.size(), 1u);
  peer.Answer(peer.checks[0]);
  EXPECT_EQ(peer.agent.state(), State::kConnected);
}

TEST(Nomination, ControlledTakesTheHighestOfAnAggressivePeer) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start({kHigh, kLow});
  peer.RunFor(kTa);
  const std::vector<SentCheck> checks = peer.TakeChecks();
  peer.Check(kLow, kNominate);
  peer.Check(kHigh, kNominate);
  peer.Answer(*FindCheck(checks, kLow));
  EXPECT_EQ(peer.agent.path()->remote, Address(kLow));
  peer.Answer(*FindCheck(checks, kHigh));
  EXPECT_EQ(peer.agent.path()->remote, Address(kHigh));
  for (int i = 0; i < 20; ++i) {
    peer.RunFor(milliseconds(300));
    peer.Check(kLow, kNominate);
    EXPECT_EQ(peer.agent.path()->remote, Address(kHigh));
    peer.Check(kHigh, kNominate);
  }
  // The aggressive peer has lost the higher one.
  peer.Check(kLow, kNominate);
  peer.Check(kLow, kNominate);
  EXPECT_EQ(peer.agent.path()->remote, Address(kLow));
}

// Chromium leaves its selected pair so, for instance from Wi-Fi to the mobile network.
TEST(Nomination, ControlledFollowsAPeerThatNamesALowerPairLater) {
  ScriptedPeer peer(Role::kControlled);
  MakeValid(peer);
  peer.Check(kHigh, kNominate);
  peer.Check(kLow);
  EXPECT_EQ(peer.agent.path()->remote, Address(kHigh));
  peer.Check(kLow, kNominate);
  EXPECT_EQ(peer.agent.path()->remote, Address(kLow));
}

// It went by a relay, and the one for the better pair, which was sent later, took the short way.
TEST(Nomination, ControlledStaysWhenAnOlderNominationArrivesLate) {
  ScriptedPeer peer(Role::kControlled);
  MakeValid(peer);
  peer.Check(kLow);
  peer.RunFor(milliseconds(100));
  peer.Check(kHigh, kNominate);
  peer.RunFor(milliseconds(20));
  peer.Check(kLow, kNominate);
  EXPECT_EQ(peer.agent.path()->remote, Address(kHigh));
  // Named once more, it is meant.
  peer.Check(kLow, kNominate);
  EXPECT_EQ(peer.agent.path()->remote, Address(kLow));
}

TEST(Nomination, ControlledChecksAgainBeforeMovingToAPairThatWasSilentForLong) {
  ScriptedPeer peer(Role::kControlled);
  MakeValid(peer);
  peer.Check(kHigh, kNominate);
  for (int i = 0; i < 40; ++i) {
    peer.RunFor(seconds(1));
    for (const SentCheck& check : peer.TakeChecks()) peer.Answer(check);
  }
  peer.Check(kLow);
  peer.RunFor(kTa);
  ASSERT_EQ(peer.checks.size(), 1u);
  peer.Check(kLow, kNominate);
  EXPECT_EQ(peer.agent.path()->remote, Address(kHigh));
  peer.Answer(*FindCheck(peer.checks, kLow));
  EXPECT_EQ(peer.agent.path()->remote, Address(kLow));
}

TEST(Nomination, ControllingIgnoresThePeersUseCandidate) {
  ScriptedPeer peer(Role::kControlling);
  MakeValid(peer);
  peer.Check(kLow, kNominate);
  EXPECT_EQ(peer.agent.state(), State::kChecking);
  EXPECT_EQ(peer.agent.path()->remote, Address(kHigh));
}

// RFC 8445 section 8.1.2.
TEST(Nomination, EndsTheChecksOfOtherPairs) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start({kHigh, kLow, "198.51.100.3:1", "198.51.100.4:1"});
  peer.Poll();
  peer.Answer(peer.TakeChecks()[0]);
  peer.Check(kHigh, kNominate);
  ASSERT_EQ(peer.agent.state(), State::kConnected);
  peer.TakeChecks();
  peer.RunFor(milliseconds(3900));
  EXPECT_TRUE(peer.checks.empty());
  // A candidate that comes now is kept for later.
  peer.agent.AddRemoteCandidate(peer.now, HostCandidate("198.51.100.5:1"));
  peer.RunFor(milliseconds(90));
  EXPECT_TRUE(peer.checks.empty());
}

// Consent checks of the controlling agent name the pair again.
TEST(Nomination, IsRepeatedWithConsentChecks) {
  ScriptedPeer peer(Role::kControlling);
  peer.Start();
  peer.Poll();
  peer.Answer(peer.checks[0]);
  peer.Answer(peer.checks[1]);
  ASSERT_EQ(peer.agent.state(), State::kConnected);
  peer.TakeChecks();
  peer.RunFor(seconds(6));
  ASSERT_GE(peer.checks.size(), 1u);
  EXPECT_TRUE(peer.checks[0].use_candidate);
}

// --- Better paths that come late -----------------------------------------------------------------

constexpr const char* kHost = "192.0.2.1:8555";
constexpr const char* kRelay = "203.0.113.50:5000";

const SentCheck* FindCheckFrom(const std::vector<SentCheck>& checks, const char* local) {
  for (const SentCheck& check : checks) {
    if (check.path.local == Address(local)) return &check;
  }
  return nullptr;
}

// Controlling, with the relayed pair selected and the direct one still without an answer.
void SelectTheRelay(ScriptedPeer& peer) {
  peer.agent.SetLocalCandidates(peer.now,
                                std::vector<LocalCandidate>{Host(kHost), Relayed(kRelay, 1)});
  peer.Start({kHigh});
  peer.RunFor(kTa);
  peer.Answer(*FindCheckFrom(peer.TakeChecks(), kRelay));
  peer.RunFor(kNominationPatience);
  peer.Answer(peer.TakeChecks().back());
  ASSERT_EQ(peer.agent.state(), State::kConnected);
  ASSERT_EQ(peer.agent.path()->local, Address(kRelay));
}

TEST(Nomination, ControllingMovesFromTheRelayToADirectPathThatAnswersLate) {
  ScriptedPeer peer(Role::kControlling);
  SelectTheRelay(peer);
  peer.RunFor(milliseconds(500));  // The direct check is repeated.
  const std::vector<SentCheck> repeated = peer.TakeChecks();
  ASSERT_EQ(repeated.size(), 1u);
  peer.Answer(repeated[0]);
  ASSERT_EQ(peer.checks.size(), 1u);
  EXPECT_TRUE(peer.checks[0].use_candidate);
  EXPECT_EQ(peer.agent.path()->local, Address(kRelay)) << "until it has answered twice";
  peer.Answer(peer.TakeChecks()[0]);
  EXPECT_EQ(peer.agent.path()->local, Address(kHost));
  peer.RunFor(seconds(3));
  EXPECT_TRUE(peer.checks.empty());
}

TEST(Nomination, ControllingStaysWhenTheBetterPathDoesNotAnswerItsNomination) {
  ScriptedPeer peer(Role::kControlling);
  SelectTheRelay(peer);
  peer.RunFor(milliseconds(500));
  peer.Answer(peer.TakeChecks()[0]);
  for (int i = 0; i < 120; ++i) {
    peer.RunFor(seconds(1));
    for (const SentCheck& check : peer.TakeChecks()) {
      if (check.path.local == Address(kRelay)) peer.Answer(check);
    }
    ASSERT_EQ(peer.agent.path()->local, Address(kRelay));
  }
}

// Two relays, or two addresses of one host, are of one kind: whichever is selected stays.
TEST(Nomination, ControllingDoesNotMoveForAMereDifferenceOfPriority) {
  ScriptedPeer peer(Role::kControlling);
  peer.Start({kHigh, kLow});
  peer.RunFor(kTa);
  const std::vector<SentCheck> checks = peer.TakeChecks();
  peer.Answer(*FindCheck(checks, kLow));
  peer.RunFor(kNominationPatience);
  peer.Answer(peer.TakeChecks().back());
  ASSERT_EQ(peer.agent.path()->remote, Address(kLow));
  peer.Answer(*FindCheck(checks, kHigh));
  peer.RunFor(seconds(3));
  EXPECT_TRUE(peer.checks.empty());
  EXPECT_EQ(peer.agent.path()->remote, Address(kLow));
}

TEST(Nomination, ControllingPrefersUdpToTcp) {
  ScriptedPeer peer(Role::kControlling);
  peer.agent.SetLocalCandidates(peer.now, std::vector<LocalCandidate>{Host(kHost), Passive(kHost)});
  peer.Start({kHigh});
  peer.Poll();
  const SentCheck udp = peer.TakeChecks()[0];
  peer.protocol = TransportProtocol::kTcp;
  peer.Check(kLow);
  peer.Answer(peer.TakeChecks()[0]);
  peer.RunFor(kNominationPatience);
  peer.Answer(peer.TakeChecks().back());
  ASSERT_EQ(peer.agent.path()->protocol, TransportProtocol::kTcp);
  peer.Answer(udp);
  ASSERT_EQ(peer.checks.size(), 1u);
  peer.Answer(peer.checks[0]);
  EXPECT_EQ(peer.agent.path()->protocol, TransportProtocol::kUdp);
}

// A direct path that comes and goes is left once, and tried again after kReturnDelay.
TEST(Nomination, ControllingDoesNotFlapToAPathThatComesAndGoes) {
  ScriptedPeer peer(Role::kControlling);
  SelectTheRelay(peer);
  peer.RunFor(milliseconds(500));
  peer.Answer(peer.TakeChecks()[0]);
  peer.Answer(peer.TakeChecks()[0]);
  ASSERT_EQ(peer.agent.path()->local, Address(kHost));
  size_t moves = 0;
  SocketAddress last = Address(kHost);
  for (int second = 0; second < 300; ++second) {
    const bool direct_works = second % 20 >= 15;  // For 5 s in 20.
    peer.RunFor(seconds(1));
    peer.local = Address(kRelay);
    peer.Check(kHigh);
    if (direct_works) {
      peer.local = Address(kHost);
      peer.Check(kHigh);
    }
    peer.RunFor(milliseconds(100));
    for (const SentCheck& check : peer.TakeChecks()) {
      if (direct_works || check.path.local == Address(kRelay)) peer.Answer(check);
    }
    ASSERT_TRUE(peer.agent.path());
    if (peer.agent.path()->local != last) ++moves;
    last = peer.agent.path()->local;
  }
  EXPECT_GE(moves, 1u);
  EXPECT_LE(moves, 2 * (300 / ToSeconds(kReturnDelay) + 1));
}

TEST(Nomination, ControlledGoesOnCheckingWhatCouldBeBetter) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start({kHigh, kLow});
  peer.RunFor(kTa);
  peer.Answer(*FindCheck(peer.TakeChecks(), kLow));
  peer.Check(kLow, kNominate);
  ASSERT_EQ(peer.agent.path()->remote, Address(kLow));
  peer.RunFor(milliseconds(500));
  ASSERT_EQ(peer.checks.size(), 1u);
  EXPECT_EQ(peer.checks[0].path.remote, Address(kHigh));
  // And follows when the peer names it.
  peer.Check(kHigh);
  peer.Answer(peer.checks.back());
  peer.Check(kHigh, kNominate);
  EXPECT_EQ(peer.agent.path()->remote, Address(kHigh));
}

// A peer whose address has changed is followed after a second of silence at the old one.
TEST(Nomination, ControllingFollowsAPeerThatChecksFromElsewhere) {
  ScriptedPeer peer(Role::kControlling);
  peer.Start({kHigh});
  peer.Poll();
  peer.Answer(peer.TakeChecks()[0]);
  peer.Answer(peer.TakeChecks()[0]);
  ASSERT_EQ(peer.agent.state(), State::kConnected);
  peer.RunFor(seconds(1));
  peer.TakeChecks();
  peer.Check(kLow);
  const std::vector<SentCheck> checks = peer.TakeChecks();
  ASSERT_EQ(checks.size(), 2u);
  ASSERT_NE(FindCheck(checks, kHigh), nullptr) << "is it still there?";
  peer.Answer(*FindCheck(checks, kLow));
  EXPECT_EQ(peer.agent.path()->remote, Address(kHigh));
  peer.RunFor(kDoubt);
  EXPECT_EQ(peer.checks.size(), 3u) << "twice more, and the nomination";
  const SentCheck* nomination = FindCheck(peer.checks, kLow);
  ASSERT_NE(nomination, nullptr);
  EXPECT_TRUE(nomination->use_candidate);
  peer.Answer(SentCheck(*nomination));
  EXPECT_EQ(peer.agent.path()->remote, Address(kLow));
}

// A second interface of the peer is no reason to leave the first.
TEST(Nomination, ControllingStaysWithAPeerThatChecksFromElsewhereToo) {
  ScriptedPeer peer(Role::kControlling);
  peer.Start({kHigh});
  peer.Poll();
  peer.Answer(peer.TakeChecks()[0]);
  peer.Answer(peer.TakeChecks()[0]);
  for (int i = 0; i < 1000; ++i) {
    if (i % 80 == 0) peer.Check(kLow);
    peer.RunFor(milliseconds(200));
    for (const SentCheck& check : peer.TakeChecks()) peer.Answer(check);
    ASSERT_EQ(peer.agent.path()->remote, Address(kHigh));
  }
}

// The peer has moved on before our nomination reached it.
TEST(Nomination, ThatIsNotAnsweredGivesWayToAPairThatIs) {
  ScriptedPeer peer(Role::kControlling);
  MakeValid(peer);
  ASSERT_EQ(peer.TakeChecks().back().path.remote, Address(kHigh));
  for (int i = 0; i < 30; ++i) {
    peer.RunFor(milliseconds(100));
    peer.Check(kLow);
    for (const SentCheck& check : peer.TakeChecks()) {
      if (check.path.remote == Address(kLow)) peer.Answer(check);
    }
  }
  EXPECT_EQ(peer.agent.path()->remote, Address(kLow));
  EXPECT_EQ(peer.agent.state(), State::kConnected);
}

}  // namespace
}  // namespace ocellus::ice
