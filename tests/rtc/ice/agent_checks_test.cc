// SPDX-License-Identifier: Apache-2.0
// The agent's checks, one message at a time: section 7 of RFC 8445.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/rtc/ice/scripted_peer.h"

namespace ocellus::ice {
namespace {

constexpr const char* kRemote = "198.51.100.1:40000";

TEST(AgentChecks, CarryWhatTheRfcAsksFor) {
  for (const Role role : {Role::kControlling, Role::kControlled}) {
    ScriptedPeer peer(role);
    peer.Start();
    peer.Poll();
    ASSERT_EQ(peer.checks.size(), 1u);
    const auto message = stun::Message::Parse(peer.checks[0].bytes);
    EXPECT_EQ(AsText(message->Find(stun::AttributeType::kUsername).value()),
              peer.credentials.ufrag + ":" + peer.agent.local_credentials().ufrag);
    // RFC 8445 section 7.1.1: as a peer-reflexive candidate would have it.
    EXPECT_EQ(message->FindU32(stun::AttributeType::kPriority),
              CandidatePriority(CandidateType::kPeerReflexive, 65535));
    EXPECT_EQ(peer.checks[0].role, role);
    EXPECT_FALSE(peer.checks[0].use_candidate);
  }
}

// RFC 8445 section 14.2.
TEST(AgentChecks, OrdinaryOnesArePacedByTa) {
  ScriptedPeer peer(Role::kControlling);
  peer.Start({"198.51.100.1:1", "198.51.100.2:1", "198.51.100.3:1", "198.51.100.4:1"});
  peer.RunFor(milliseconds(400));
  ASSERT_EQ(peer.checks.size(), 4u);
  for (size_t i = 1; i < 4; ++i) {
    EXPECT_EQ(peer.checks[i].at - peer.checks[i - 1].at, kTa);
    EXPECT_EQ(peer.checks[i].path.remote.ip.bytes()[3], i + 1) << "by falling priority";
  }
}

// RFC 8489 section 6.2.1: at 0, 500, 1500, 3500, 7500, 15500, 31500 ms, failed at 39500 ms.
TEST(AgentChecks, AreRepeatedWithGrowingIntervalsAndTheSameBytes) {
  ScriptedPeer peer(Role::kControlling);
  const Time start = peer.now;
  peer.Start();
  peer.RunFor(seconds(60));
  std::vector<int64_t> at;
  for (const SentCheck& check : peer.checks) {
    at.push_back(ToMilliseconds(check.at - start));
    EXPECT_EQ(check.bytes, peer.checks[0].bytes);
  }
  EXPECT_THAT(at, testing::ElementsAre(0, 500, 1500, 3500, 7500, 15500, 31500));
  EXPECT_EQ(peer.agent.stats().retransmissions, 6u);
}

// RFC 8445 section 7.3.1.4, and not at the next Ta.
TEST(AgentChecks, TriggeredOneLeavesAtOnceWithTheAnswer) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start({"203.0.113.1:1", "203.0.113.2:1"});
  peer.Poll();
  ASSERT_EQ(peer.TakeChecks().size(), 1u);
  peer.now += milliseconds(1);
  peer.Check(kRemote);
  EXPECT_EQ(peer.answers.size(), 1u);
  ASSERT_EQ(peer.checks.size(), 1u);
  EXPECT_EQ(peer.checks[0].path.remote, Address(kRemote));
  EXPECT_EQ(peer.checks[0].at, peer.now);
}

// The same: each check of the peer replaces ours, which so need not wait for its retransmission.
TEST(AgentChecks, AreRenewedByThePeersWithoutWaitingForTheTimeout) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start();
  peer.Poll();
  peer.RunFor(milliseconds(60));
  peer.Check(kRemote);
  ASSERT_EQ(peer.checks.size(), 2u);
  EXPECT_NE(peer.checks[0].id, peer.checks[1].id);
  // Not more often than kTriggerInterval, however often the peer asks.
  for (int i = 0; i < 100; ++i) {
    peer.RunFor(milliseconds(1));
    peer.Check(kRemote);
  }
  EXPECT_EQ(peer.checks.size(), 4u);
  // The answer to the first one is as good as any, and ends them all.
  peer.Answer(peer.checks[0]);
  EXPECT_TRUE(peer.agent.path());
  EXPECT_EQ(peer.agent.stats().responses_received, 1u);
  peer.TakeChecks();
  peer.RunFor(seconds(2));
  EXPECT_TRUE(peer.checks.empty());
}

TEST(AgentChecks, StopWhenThePairHasSucceeded) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start();
  peer.Poll();
  peer.Answer(peer.TakeChecks()[0]);
  for (int i = 0; i < 10; ++i) {
    peer.RunFor(milliseconds(100));
    peer.Check(kRemote);
  }
  EXPECT_TRUE(peer.checks.empty());
  EXPECT_EQ(peer.answers.size(), 10u);
}

// Checklist 2 and 3: whoever does not know the password or the ufrag changes nothing.
TEST(AgentChecks, RequestsThatAreNotAuthenticatedChangeNothing) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start({});
  ForgedCheck wrong_password;
  wrong_password.recipient = peer.agent.local_credentials();
  wrong_password.recipient.pwd.back() ^= 1;
  ForgedCheck wrong_ufrag;
  wrong_ufrag.recipient = peer.agent.local_credentials();
  wrong_ufrag.recipient.ufrag.back() ^= 1;
  for (ForgedCheck* forged : {&wrong_password, &wrong_ufrag}) {
    forged->role = Role::kControlled;  // A conflict that it would win.
    forged->tie_breaker = 0;
    forged->use_candidate = true;
    std::vector<uint8_t> bytes = forged->Write();
    peer.agent.HandleDatagram(peer.now, {peer.local, Address(kRemote), bytes});
    peer.RunFor(seconds(1));
    EXPECT_EQ(peer.agent.role(), Role::kControlled);
    EXPECT_EQ(peer.agent.path(), std::nullopt);
    EXPECT_FALSE(peer.agent.IsAuthenticated({peer.local, Address(kRemote)}));
    EXPECT_TRUE(peer.checks.empty());
    EXPECT_FALSE(peer.agent.PollEvent());
  }
}

// Checklist 13: 0x0111 and whatever else comes uninvited.
TEST(AgentChecks, DropWhatIsNoRequestAndNoAnswer) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start();
  peer.TakeChecks();
  for (const unsigned type : {0x0111u, 0x0101u, 0x0011u, 0x0003u, 0x0013u}) {
    std::vector<uint8_t> bytes(28);
    stun::MessageWriter writer(bytes, {});
    writer.AddFingerprint();
    bytes[0] = static_cast<uint8_t>(type >> 8);
    bytes[1] = static_cast<uint8_t>(type);
    peer.agent.HandleDatagram(peer.now, {peer.local, Address(kRemote), bytes});
    peer.Poll();
  }
  std::vector<uint8_t> garbage(100, 0x01);
  peer.agent.HandleDatagram(peer.now, {peer.local, Address(kRemote), garbage});
  EXPECT_TRUE(peer.answers.empty());
  EXPECT_EQ(peer.agent.path(), std::nullopt);
  EXPECT_EQ(peer.agent.stats().dropped(Drop::kUnknownTransaction), 2u);
  EXPECT_EQ(peer.agent.stats().dropped(Drop::kMalformed), 3u);
}

// Checklist 8. RFC 8445 section 7.3.1.1.
TEST(AgentChecks, RoleConflictIsWonByTheLargerTieBreaker) {
  constexpr uint64_t kLargest = ~uint64_t{0};
  struct Case {
    Role role;
    uint64_t theirs;
    std::optional<stun::ErrorCode> answer;
    Role then;
  };
  for (const Case& c :
       {Case{Role::kControlling, 0, stun::ErrorCode::kRoleConflict, Role::kControlling},
        Case{Role::kControlling, kLargest, std::nullopt, Role::kControlled},
        Case{Role::kControlled, 0, std::nullopt, Role::kControlling},
        Case{Role::kControlled, kLargest, stun::ErrorCode::kRoleConflict, Role::kControlled}}) {
    ScriptedPeer peer(c.role);
    peer.Start();
    peer.Poll();
    peer.TakeChecks();
    ScriptedPeer::CheckOptions options;
    options.role = c.role;
    options.tie_breaker = c.theirs;
    peer.RunFor(milliseconds(60));
    peer.Check(kRemote, options);
    EXPECT_THAT(peer.answers, testing::ElementsAre(c.answer));
    EXPECT_EQ(peer.agent.role(), c.then);
    const bool believed = !c.answer;
    EXPECT_EQ(peer.agent.IsAuthenticated({peer.local, Address(kRemote)}), believed);
    ASSERT_EQ(peer.checks.size(), believed ? 1u : 0u);
    for (const SentCheck& check : peer.checks) EXPECT_EQ(check.role, c.then);
  }
}

// Checklist 8: a peer that changes its mind all the time, or says 487 to everything, gets no more
// than it sends.
TEST(AgentChecks, RoleConflictsWithoutEndDoNotMultiplyPackets) {
  constexpr uint64_t kLargest = ~uint64_t{0};
  ScriptedPeer peer(Role::kControlled);
  peer.agent.SetRemoteCredentials(peer.now, peer.credentials);
  for (uint16_t i = 1; i <= 60; ++i) {
    peer.agent.AddRemoteCandidate(peer.now, HostCandidate("203.0.113.1:" + std::to_string(i), i));
  }
  peer.RunFor(seconds(4));
  peer.TakeChecks();
  for (int i = 0; i < 100; ++i) {
    ScriptedPeer::CheckOptions options;
    options.role = i % 2 ? Role::kControlling : Role::kControlled;
    options.tie_breaker = i % 2 ? kLargest : 0;
    peer.Check(kRemote, options);
    peer.RunFor(milliseconds(10));
  }
  EXPECT_EQ(peer.agent.stats().role_switches, 100u);
  EXPECT_LE(peer.TakeChecks().size(), seconds(1) / kTa + 2 * 20u);
}

TEST(AgentChecks, NeverGoToOurselves) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start({});
  peer.agent.AddRemoteCandidate(peer.now, HostCandidate(peer.local.ToString()));
  peer.Check(peer.local.ToString().c_str());
  peer.RunFor(seconds(2));
  EXPECT_TRUE(peer.checks.empty());
  EXPECT_EQ(peer.agent.path(), std::nullopt);
}

// Checklist 14.
TEST(AgentChecks, WorkWithPlusAndSlashInCredentials) {
  ScriptedPeer peer(Role::kControlled);
  peer.credentials = {"+/+/", std::string(24, '/')};
  peer.Start();
  peer.Poll();
  peer.Answer(peer.checks[0]);
  EXPECT_TRUE(peer.agent.path());
}

TEST(AgentChecks, WorkWithTheLongestCredentials) {
  ScriptedPeer peer(Role::kControlled);
  peer.credentials = {std::string(256, 'u'), std::string(256, 'p')};
  peer.Start();
  peer.Poll();
  ASSERT_EQ(peer.checks.size(), 1u);
  peer.Answer(peer.checks[0]);
  EXPECT_TRUE(peer.agent.path());
}

// RFC 8445 section 14.3: 500 ms, or Ta for each check under way when that is more. With this Ta and
// a full checklist, it is just as much.
TEST(AgentChecks, TimeoutHasRoomForTheWholeChecklist) {
  ScriptedPeer peer(Role::kControlling);
  peer.agent.SetRemoteCredentials(peer.now, peer.credentials);
  for (uint16_t i = 1; i <= 40; ++i) {
    peer.agent.AddRemoteCandidate(peer.now, HostCandidate("203.0.113.1:" + std::to_string(i), i));
  }
  const Time start = peer.now;
  peer.RunFor(seconds(3));
  const auto repeated =
      std::find_if(peer.checks.begin() + 1, peer.checks.end(),
                   [&](const SentCheck& check) { return check.id == peer.checks[0].id; });
  ASSERT_NE(repeated, peer.checks.end());
  EXPECT_EQ(repeated->at - start, kMinRto);
  EXPECT_GE(kMinRto, kTa * static_cast<int>(kMaxCandidatePairs));
}

// Answers leave from the address that was asked, announced or not.
TEST(AgentChecks, WorkOnAnAddressThatWasNotAnnounced) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start({});
  peer.local = Address("127.0.0.1:8555");
  peer.Check("127.0.0.1:40000", {});
  ASSERT_EQ(peer.checks.size(), 1u);
  EXPECT_EQ(peer.checks[0].path.local, peer.local);
  peer.Answer(peer.checks[0]);
  EXPECT_EQ(peer.agent.path()->local, peer.local);
  // It stays although the list of interfaces never had it.
  const std::vector<SocketAddress> others = {Address("192.0.2.7:8555")};
  peer.agent.SetLocalCandidates(peer.now, HostCandidates(others));
  EXPECT_EQ(peer.agent.path()->local, peer.local);
}

}  // namespace
}  // namespace ocellus::ice
