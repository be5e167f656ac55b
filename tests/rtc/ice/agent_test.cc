// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/ice/agent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rtc/ice/agent_node.h"

namespace ocellus::ice {
namespace {

constexpr Duration kDelay = milliseconds(25);

sim::LinkConditions Delay(Duration one_way) {
  sim::LinkConditions conditions;
  conditions.delay = one_way;
  return conditions;
}

TEST(Agent, ConnectsInEveryCombinationOfRoles) {
  for (const Role role_a : {Role::kControlling, Role::kControlled}) {
    for (const Role role_b : {Role::kControlling, Role::kControlled}) {
      for (uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        AgentPair pair({Delay(kDelay), seed, role_a, role_b});
        pair.SignalBoth();
        ASSERT_TRUE(pair.RunUntilConnected(seconds(2)));
        EXPECT_TRUE(pair.paths_meet());
        EXPECT_NE(pair.a.agent.role(), pair.b.agent.role());
        // Checklist 8: one switch in a conflict, none otherwise.
        EXPECT_EQ(pair.a.agent.stats().role_switches + pair.b.agent.stats().role_switches,
                  role_a == role_b ? 1u : 0u);
      }
    }
  }
}

// The fastest there is: A's check, which B answers and mirrors, is half a round trip; the answers
// are another one.
TEST(Agent, IsReachableAfterHalfARoundTripAndValidAfterOne) {
  AgentPair pair({Delay(kDelay)});
  const Time start = pair.network.now();
  pair.SignalBoth();
  ASSERT_TRUE(pair.RunUntilConnected(seconds(2)));
  EXPECT_EQ(pair.b.reachable_at - start, kDelay);
  EXPECT_EQ(pair.a.reachable_at - start, kDelay);
  EXPECT_EQ(pair.b.selected_at - start, 3 * kDelay);  // A's nomination leaves at one round trip.
  EXPECT_EQ(pair.a.selected_at - start, 4 * kDelay);
  EXPECT_EQ(pair.a.agent.stats().rtt, 2 * kDelay);
}

TEST(Agent, SendsOnTheFirstAuthenticatedPathBeforeNomination) {
  AgentPair pair({Delay(kDelay)});
  EXPECT_EQ(pair.b.agent.path(), std::nullopt);
  pair.SignalBoth();
  pair.network.RunFor(kDelay);
  ASSERT_TRUE(pair.b.reachable);
  EXPECT_EQ(pair.b.agent.state(), State::kChecking);
  EXPECT_EQ(pair.b.agent.path(), pair.b.reachable);
  EXPECT_TRUE(pair.b.agent.IsAuthenticated(*pair.b.reachable));
}

TEST(Agent, ConnectsOverIpv6) {
  AgentPair pair({Delay(kDelay),
                  1,
                  Role::kControlling,
                  Role::kControlled,
                  {"[2001:db8::1]:8555", "192.0.2.1:8555"},
                  {"[2001:db8::2]:8555"}});
  pair.SignalBoth();
  ASSERT_TRUE(pair.RunUntilConnected(seconds(2)));
  EXPECT_EQ(pair.a.agent.path()->remote, Address("[2001:db8::2]:8555"));
  EXPECT_TRUE(pair.paths_meet());
}

// Loss of 30 % each way: every run connects, and most do without waiting for a retransmission.
TEST(Agent, ConnectsThroughHeavyLossAndReordering) {
  std::vector<Duration> times;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    sim::LinkConditions conditions = Delay(kDelay);
    conditions.loss = 0.3;
    conditions.jitter = milliseconds(20);
    conditions.reorder = 0.2;
    conditions.duplicate = 0.1;
    AgentPair pair({conditions, seed, seed % 2 ? Role::kControlling : Role::kControlled,
                    seed % 2 ? Role::kControlled : Role::kControlling});
    const Time start = pair.network.now();
    pair.SignalBoth();
    ASSERT_TRUE(pair.RunUntilConnected(seconds(30)));
    EXPECT_TRUE(pair.paths_meet());
    times.push_back(std::max(pair.a.reachable_at, pair.b.reachable_at) - start);
  }
  std::sort(times.begin(), times.end());
  EXPECT_LT(times[times.size() / 2], milliseconds(200));
  EXPECT_LT(times[times.size() * 95 / 100], milliseconds(1600));
}

// The brief moment in which the answerer knows everything and the offerer nothing.
TEST(Agent, RemembersChecksThatComeBeforeTheRemoteCredentials) {
  AgentPair pair({Delay(kDelay)});
  AgentPair::Signal(pair.a, pair.b, pair.network.now());
  pair.network.RunFor(milliseconds(300));
  EXPECT_EQ(pair.a.agent.state(), State::kNew);
  EXPECT_EQ(pair.a.agent.stats().checks_sent, 0u);
  EXPECT_TRUE(pair.a.reachable) << "the check was answered and believed";
  EXPECT_EQ(pair.b.agent.stats().responses_received, 1u);

  AgentPair::Signal(pair.b, pair.a, pair.network.now());
  ASSERT_TRUE(pair.RunUntilConnected(milliseconds(120)));
}

TEST(Agent, FindsAPeerThatSignalsNoCandidates) {
  for (const Role role_a : {Role::kControlling, Role::kControlled}) {
    const Role role_b = role_a == Role::kControlling ? Role::kControlled : Role::kControlling;
    AgentPair pair({Delay(kDelay), 1, role_a, role_b});
    pair.a.agent.SetRemoteCredentials(pair.network.now(), pair.b.agent.local_credentials());
    AgentPair::Signal(pair.a, pair.b, pair.network.now());
    ASSERT_TRUE(pair.RunUntilConnected(seconds(1)));
    EXPECT_TRUE(pair.paths_meet());
  }
}

TEST(Agent, TakesCandidatesThatTrickleInLate) {
  AgentPair pair({Delay(kDelay)});
  const Time now = pair.network.now();
  pair.a.agent.SetRemoteCredentials(now, pair.b.agent.local_credentials());
  pair.b.agent.SetRemoteCredentials(now, pair.a.agent.local_credentials());
  pair.network.RunFor(seconds(20));
  EXPECT_EQ(pair.a.agent.stats().checks_sent, 0u);
  const Time late = pair.network.now();
  pair.a.agent.AddRemoteCandidate(late, pair.b.agent.local_candidates()[0]);
  ASSERT_TRUE(pair.RunUntilConnected(4 * kDelay));
}

// A dead candidate of higher priority delays the good one by Ta at most.
TEST(Agent, DeadCandidateAheadCostsNoTimeout) {
  AgentPair pair({Delay(kDelay)});
  const Time now = pair.network.now();
  for (const char* dead : {"203.0.113.1:1000", "203.0.113.2:1000", "203.0.113.3:1000"}) {
    Candidate candidate = HostCandidate(dead);
    candidate.priority = 0x7FFFFFFF;
    pair.a.agent.AddRemoteCandidate(now, candidate);
    pair.b.agent.AddRemoteCandidate(now, candidate);
  }
  pair.SignalBoth();
  ASSERT_TRUE(pair.network.RunUntilTrue([&] { return pair.a.agent.path() && pair.b.agent.path(); },
                                        3 * kTa + 2 * kDelay));
  // Patience for the better ones, then a round trip of nomination.
  ASSERT_TRUE(pair.RunUntilConnected(kNominationPatience + 4 * kDelay));
}

// Checklist 9.
TEST(Agent, BoundsAndSkipsCandidates) {
  AgentPair pair;
  const Time now = pair.network.now();
  Agent& agent = pair.a.agent;
  const char* lines[] = {
      "candidate:1 1 tcp 1518285567 198.51.100.9 5000 typ host tcptype passive",
      "candidate:1 1 tcp 1518285567 198.51.100.9 5000 typ host tcptype so",
      "candidate:0 1 UDP 2122187007 camera.example.com 34658 typ host",
      "candidate:0 1 UDP 2122187007 a.b.local 34658 typ host",
      "candidate:0 2 UDP 2122187007 43253f72-4e6c-43d9-8e2b-f580bd9e26b6.local 34658 typ host",
      "candidate:1 2 udp 2122252542 198.51.100.9 37164 typ host",
      "candidate:1 1 udp 2122252542 0.0.0.0 37164 typ host",
      "candidate:1 1 udp 2122252542 224.0.0.251 5353 typ host",
      "candidate:1 1 udp 2122252542 198.51.100.9 0 typ host",
  };
  for (const char* line : lines) {
    const auto candidate = Candidate::Parse(line);
    ASSERT_TRUE(candidate.ok()) << line;
    agent.AddRemoteCandidate(now, *candidate);
  }
  EXPECT_EQ(agent.stats().dropped(Drop::kCandidateKind), std::size(lines));
  for (unsigned i = 0; i < 200; ++i) {
    const std::string address = "203.0.113." + std::to_string(i) + ":4000";
    agent.AddRemoteCandidate(now, HostCandidate(address, static_cast<uint16_t>(i)));
  }
  EXPECT_EQ(agent.stats().dropped(Drop::kCandidateLimit), 200 - kMaxRemoteCandidates);
  // The one that works was beyond the limit, and is found by its own checks.
  pair.SignalBoth();
  ASSERT_TRUE(pair.RunUntilConnected(seconds(1)));
  EXPECT_TRUE(pair.paths_meet());
}

TEST(Agent, ConnectsWithAsManyAddressesAsFit) {
  sim::Network network(1);
  AgentNode a(network, Role::kControlling, 1, {});
  AgentNode b(network, Role::kControlled, 2, {"198.51.100.1:8555"});
  std::vector<SocketAddress> addresses;
  for (int i = 0; i < 40; ++i)
    addresses.push_back(Address("10.0.0." + std::to_string(i) + ":8555"));
  a.agent.SetLocalCandidates(network.now(), HostCandidates(addresses));
  EXPECT_EQ(a.agent.local_candidates().size(), kMaxLocalAddresses);
  for (int i = 0; i < 60; ++i) {
    a.agent.AddRemoteCandidate(network.now(),
                               HostCandidate("203.0.113." + std::to_string(i) + ":1"));
  }
  network.Attach(a, {addresses[3].ip});  // The only one that carries anything.
  AgentPair::Signal(a, b, network.now());
  AgentPair::Signal(b, a, network.now());
  ASSERT_TRUE(network.RunUntilTrue([&] { return !a.selected.empty() && !b.selected.empty(); },
                                   seconds(10)));
  EXPECT_EQ(a.selected.back().local, addresses[3]);
}

// Checklist 7, RFC 7675 section 5.1.
TEST(Agent, ConsentLostStopsSendingWithin30Seconds) {
  AgentPair pair({Delay(kDelay)});
  pair.SignalBoth();
  ASSERT_TRUE(pair.RunUntilConnected(seconds(1)));
  pair.network.RunFor(std::chrono::hours(1));
  EXPECT_TRUE(pair.connected());
  sim::LinkConditions down;
  down.down = true;
  pair.network.SetDefaultConditions(down);
  const Time lost = pair.network.now();
  pair.network.RunFor(seconds(31));
  EXPECT_EQ(pair.a.failure, FailureReason::kConsentExpired);
  EXPECT_LE(pair.a.failed_at - lost, seconds(30));
  EXPECT_GE(pair.a.failed_at - lost, seconds(23));
  EXPECT_EQ(pair.a.agent.path(), std::nullopt);
  EXPECT_EQ(pair.a.agent.next_deadline(), kNever);
  const uint32_t sent = pair.a.agent.stats().checks_sent;
  pair.network.RunFor(seconds(60));
  EXPECT_EQ(pair.a.agent.stats().checks_sent, sent);
}

TEST(Agent, KeepsPairWhenConsentChecksAreLost) {
  sim::LinkConditions conditions = Delay(kDelay);
  AgentPair pair({conditions, 7});
  pair.SignalBoth();
  ASSERT_TRUE(pair.RunUntilConnected(seconds(1)));
  conditions.loss = 0.1;
  pair.network.SetDefaultConditions(conditions);
  pair.network.RunFor(std::chrono::minutes(30));
  EXPECT_TRUE(pair.connected());
}

TEST(Agent, FailsWhenNothingWorksButNotBeforePatienceEnds) {
  AgentPair pair;
  sim::LinkConditions down;
  down.down = true;
  pair.network.SetDefaultConditions(down);
  const Time start = pair.network.now();
  pair.SignalBoth();
  pair.network.RunFor(seconds(60));
  EXPECT_EQ(pair.a.failure, FailureReason::kNoPairWorks);
  EXPECT_GE(pair.a.failed_at - start, kPatience);
  EXPECT_LT(pair.a.failed_at - start, kPatience + seconds(2));
  EXPECT_EQ(pair.a.agent.state(), State::kFailed);
}

// RFC 8863: a peer that signals no usable candidate may still come, until patience ends.
TEST(Agent, WaitsForThePeersOwnChecks) {
  AgentPair pair;
  pair.a.agent.SetRemoteCredentials(pair.network.now(), pair.b.agent.local_credentials());
  pair.a.agent.EndOfRemoteCandidates(pair.network.now());
  pair.network.RunFor(seconds(35));
  EXPECT_EQ(pair.a.agent.state(), State::kChecking);
  AgentPair::Signal(pair.a, pair.b, pair.network.now());
  ASSERT_TRUE(pair.RunUntilConnected(seconds(1)));
}

// Checklist 12.
TEST(Agent, RestartKeepsMediaFlowing) {
  AgentPair pair({Delay(kDelay)});
  pair.SignalBoth();
  ASSERT_TRUE(pair.RunUntilConnected(seconds(1)));
  const Time start = pair.network.now();
  pair.a.StartMedia(start, milliseconds(10));
  pair.network.RunFor(seconds(1));
  const Credentials old = pair.b.agent.local_credentials();
  const Path old_path = *pair.a.agent.path();

  pair.a.agent.Restart(pair.network.now());
  EXPECT_NE(pair.a.agent.local_credentials(), old);
  EXPECT_EQ(pair.a.agent.path(), old_path);
  EXPECT_TRUE(pair.a.agent.IsAuthenticated(old_path));
  pair.network.RunFor(
      seconds(12));  // Signalling is slow; consent goes on with the old credentials.
  EXPECT_EQ(pair.a.agent.path(), old_path);
  pair.b.agent.Restart(pair.network.now());
  EXPECT_NE(pair.b.agent.local_credentials(), old);
  pair.SignalBoth();
  ASSERT_TRUE(pair.RunUntilConnected(seconds(1)));
  pair.network.RunFor(seconds(40));
  EXPECT_TRUE(pair.connected());
  EXPECT_LT(pair.b.LongestGap(start + seconds(1), pair.network.now()), milliseconds(50));

  // The old credentials are refused after the switch.
  uint8_t out[256];
  stun::MessageWriter writer(out, {});
  writer.AddJoinedText(stun::AttributeType::kUsername, old.ufrag, ':', "abcd");
  writer.AddU32(stun::AttributeType::kPriority, 1);
  writer.AddU64(stun::AttributeType::kIceControlling, 1);
  writer.AddIntegrity(AsBytes(old.pwd));
  writer.AddFingerprint();
  const uint32_t before = pair.b.agent.stats().requests_received;
  pair.network.Inject(Address("203.0.113.9:9"), Address("198.51.100.1:8555"),
                      Bytes(out).first(writer.Finish().value()));
  pair.network.RunFor(milliseconds(1));
  EXPECT_EQ(pair.b.agent.stats().requests_received, before);
  EXPECT_EQ(pair.b.agent.stats().dropped(Drop::kUsername), 1u);
}

// A peer that never answers our restart keeps the slot for as long as it consents, and no longer.
TEST(Agent, RestartThatIsNotAnsweredLastsAsLongAsTheOldPath) {
  AgentPair pair({Delay(kDelay)});
  pair.SignalBoth();
  ASSERT_TRUE(pair.RunUntilConnected(seconds(1)));
  const Path old_path = *pair.a.agent.path();
  pair.a.agent.Restart(pair.network.now());
  pair.network.RunFor(std::chrono::minutes(5));
  EXPECT_EQ(pair.a.agent.path(), old_path);
  EXPECT_TRUE(pair.a.agent.has_consent());
  sim::LinkConditions down;
  down.down = true;
  pair.network.SetDefaultConditions(down);
  pair.network.RunFor(seconds(31));
  EXPECT_EQ(pair.a.agent.path(), std::nullopt);
  pair.network.RunFor(kPatience);
  EXPECT_EQ(pair.a.failure, FailureReason::kConsentExpired);
}

// The new credentials work nowhere: the old path carries on while it is alive.
TEST(Agent, RestartThatFailsDoesNotEndThePathThatWorks) {
  AgentPair pair({Delay(kDelay)});
  pair.SignalBoth();
  ASSERT_TRUE(pair.RunUntilConnected(seconds(1)));
  pair.a.agent.Restart(pair.network.now());
  pair.a.agent.SetRemoteCredentials(pair.network.now(), {"nobody", "nobodynobodynobodynobody"});
  pair.a.agent.AddRemoteCandidate(pair.network.now(), HostCandidate("198.51.100.1:8555"));
  pair.a.agent.EndOfRemoteCandidates(pair.network.now());
  pair.network.RunFor(std::chrono::minutes(5));
  EXPECT_EQ(pair.a.agent.state(), State::kChecking);
  EXPECT_TRUE(pair.a.agent.has_consent());
  EXPECT_FALSE(pair.a.failure);
}

// Both at once: each has the other's new credentials when the signalling is through.
TEST(Agent, RestartOfBothSidesAtOnceIsOneRestart) {
  AgentPair pair({Delay(kDelay)});
  pair.SignalBoth();
  ASSERT_TRUE(pair.RunUntilConnected(seconds(1)));
  const Time start = pair.network.now();
  pair.a.StartMedia(start, milliseconds(10));
  pair.a.agent.Restart(start);
  pair.b.agent.Restart(start);
  pair.network.RunFor(milliseconds(300));
  pair.SignalBoth();
  ASSERT_TRUE(pair.RunUntilConnected(seconds(1)));
  pair.network.RunFor(seconds(10));
  EXPECT_LT(pair.b.LongestGap(start + seconds(1), pair.network.now()), milliseconds(50));
}

TEST(Agent, RestartRevivesAFailedAgent) {
  AgentPair pair;
  sim::LinkConditions conditions;
  conditions.down = true;
  pair.network.SetDefaultConditions(conditions);
  pair.SignalBoth();
  pair.network.RunFor(seconds(60));
  ASSERT_EQ(pair.a.agent.state(), State::kFailed);
  conditions.down = false;
  pair.network.SetDefaultConditions(conditions);
  pair.a.agent.Restart(pair.network.now());
  pair.b.agent.Restart(pair.network.now());
  pair.SignalBoth();
  ASSERT_TRUE(pair.RunUntilConnected(seconds(1)));
}

TEST(Agent, ControllingMovesToANewAddressAndThePeerFollowsAtOnce) {
  AgentPair pair({Delay(kDelay)});
  pair.SignalBoth();
  ASSERT_TRUE(pair.RunUntilConnected(seconds(1)));
  pair.network.RunFor(std::chrono::minutes(1));
  pair.a.SetAddresses({"203.0.113.77:8555"});
  EXPECT_EQ(pair.a.agent.path(), std::nullopt);
  EXPECT_EQ(pair.a.agent.state(), State::kChecking);
  ASSERT_EQ(pair.a.agent.local_candidates().size(), 1u);
  ASSERT_TRUE(pair.network.RunUntilTrue([&] { return pair.paths_meet(); }, milliseconds(300)));
  EXPECT_EQ(pair.a.agent.path()->local, Address("203.0.113.77:8555"));
  ASSERT_TRUE(pair.RunUntilConnected(seconds(1)));
  pair.network.RunFor(std::chrono::minutes(1));
  EXPECT_TRUE(pair.connected());
}

TEST(Agent, ControllingMovesRightAfterConnecting) {
  AgentPair pair({Delay(kDelay)});
  pair.SignalBoth();
  ASSERT_TRUE(pair.RunUntilConnected(seconds(1)));
  pair.a.SetAddresses({"203.0.113.77:8555"});
  // The consent check names the new pair a second time.
  ASSERT_TRUE(pair.network.RunUntilTrue([&] { return pair.paths_meet(); }, seconds(7)));
}

TEST(Agent, ControlledMovesAndThePeerFollowsWhenTheOldPathIsSilent) {
  AgentPair pair({Delay(kDelay)});
  pair.SignalBoth();
  ASSERT_TRUE(pair.RunUntilConnected(seconds(1)));
  pair.network.RunFor(std::chrono::minutes(1));
  pair.b.SetAddresses({"203.0.113.77:8555"});
  pair.network.RunFor(milliseconds(200));
  EXPECT_EQ(pair.b.agent.path()->local, Address("203.0.113.77:8555")) << "sends at once";
  ASSERT_TRUE(pair.network.RunUntilTrue([&] { return pair.paths_meet(); }, seconds(14)));
  ASSERT_TRUE(pair.RunUntilConnected(seconds(1)));
}

TEST(Agent, NewAddressBesideTheOldOneDoesNotDisturb) {
  AgentPair pair;
  pair.SignalBoth();
  ASSERT_TRUE(pair.RunUntilConnected(seconds(1)));
  const auto path = pair.a.agent.path();
  pair.a.SetAddresses({"203.0.113.77:8555", "192.0.2.1:8555"});
  pair.network.RunFor(seconds(1));
  EXPECT_EQ(pair.a.agent.path(), path);
  EXPECT_TRUE(pair.connected());
  EXPECT_TRUE(pair.a.agent.IsAuthenticated({Address("203.0.113.77:8555"), path->remote}));
}

// Checklist 5, as far as the agent can show: nobody else's path is authenticated.
TEST(Agent, AuthenticatesOnlyPathsThatWereChecked) {
  AgentPair pair;
  const Path path = {Address("192.0.2.1:8555"), Address("198.51.100.1:8555")};
  pair.a.agent.AddRemoteCandidate(pair.network.now(), HostCandidate("198.51.100.1:8555"));
  EXPECT_FALSE(pair.a.agent.IsAuthenticated(path)) << "signalled is not proven";
  pair.SignalBoth();
  ASSERT_TRUE(pair.RunUntilConnected(seconds(1)));
  EXPECT_TRUE(pair.a.agent.IsAuthenticated(path));
  EXPECT_FALSE(pair.a.agent.IsAuthenticated({path.local, Address("198.51.100.1:8556")}));
  EXPECT_FALSE(pair.a.agent.IsAuthenticated({path.local, Address("203.0.113.5:8555")}));
}

// Checklist 6: only checks move the path. The agent never hears of media.
TEST(Agent, PathStaysWhenOthersAskWithoutNominating) {
  AgentPair pair;
  pair.SignalBoth();
  ASSERT_TRUE(pair.RunUntilConnected(seconds(1)));
  const auto path = pair.b.agent.path();
  uint8_t out[256];
  stun::MessageWriter writer(out, {});
  writer.AddJoinedText(stun::AttributeType::kUsername, pair.b.agent.local_credentials().ufrag, ':',
                       pair.a.agent.local_credentials().ufrag);
  writer.AddU32(stun::AttributeType::kPriority, 0x7FFFFFFF);
  writer.AddU64(stun::AttributeType::kIceControlling, 1);
  writer.AddIntegrity(AsBytes(pair.b.agent.local_credentials().pwd));
  writer.AddFingerprint();
  pair.network.Inject(Address("203.0.113.9:9"), Address("198.51.100.1:8555"),
                      Bytes(out).first(writer.Finish().value()));
  pair.network.RunFor(seconds(1));
  EXPECT_EQ(pair.b.agent.path(), path);
}

TEST(Agent, NeverSendsBeforeTheRemoteCredentialsAreKnown) {
  AgentPair pair;
  pair.a.agent.AddRemoteCandidate(pair.network.now(), HostCandidate("198.51.100.1:8555"));
  EXPECT_EQ(pair.a.agent.next_deadline(), kNever);
  pair.a.agent.SetRemoteCredentials(pair.network.now(), {"a b", "short"});
  EXPECT_EQ(pair.a.agent.next_deadline(), kNever);
  EXPECT_EQ(pair.a.agent.stats().dropped(Drop::kMalformed), 1u);
}

TEST(Agent, StaysSmall) {
  // The whole viewer has 24 KB on a microcontroller; a pair of a checklist comes on top.
  EXPECT_LE(sizeof(Agent), 4096u);
  EXPECT_LE(sizeof(Pair), 192u);
}

}  // namespace
}  // namespace ocellus::ice
