// SPDX-License-Identifier: Apache-2.0
// What the agent checks, one message at a time: candidates of every kind on both sides, and what
// happens when ours change.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rtc/ice/scripted_peer.h"

namespace ocellus::ice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr const char* kHost = "192.0.2.1:8555";
constexpr const char* kOtherHost = "192.0.2.2:8555";
constexpr const char* kRelay = "203.0.113.50:5000";
constexpr const char* kOtherRelay = "203.0.113.60:6000";
constexpr const char* kRemote = "198.51.100.1:40000";
constexpr const char* kName = "43253f72-4e6c-43d9-8e2b-f580bd9e26b6.local";
constexpr TransportProtocol kTcp = TransportProtocol::kTcp;
constexpr ScriptedPeer::CheckOptions kNominate = {true, std::nullopt, 1};

void SetLocals(ScriptedPeer& peer, const std::vector<LocalCandidate>& candidates) {
  peer.agent.SetLocalCandidates(peer.now, candidates);
  peer.Poll();
}

// "local>remote" of each check.
std::vector<std::string> Paths(const std::vector<SentCheck>& checks) {
  std::vector<std::string> paths;
  for (const SentCheck& check : checks) {
    paths.push_back(check.path.local.ToString() + ">" + check.path.remote.ToString());
  }
  return paths;
}

std::string Between(const char* local, const char* remote) {
  return std::string(local) + ">" + remote;
}

// "local>remote: why" of each pair that the agent tells of.
std::vector<std::string> Pairs(const Agent& agent) {
  std::vector<std::string> lines;
  for (const PairStatus& pair : agent.pairs()) {
    lines.push_back(
        Between(pair.path.local.ToString().c_str(), pair.path.remote.ToString().c_str()) + ": " +
        Describe(pair));
  }
  return lines;
}

Candidate Named(std::string_view name) {
  Candidate candidate = HostCandidate(kRemote);
  candidate.host_name = name;
  return candidate;
}

// A controlled agent whose pair with kRemote is selected.
void Connect(ScriptedPeer& peer) {
  peer.Start();
  peer.Poll();
  peer.Answer(peer.TakeChecks()[0]);
  peer.Check(kRemote, kNominate);
  ASSERT_EQ(peer.agent.state(), State::kConnected);
  peer.TakeChecks();
}

// --- Ours ----------------------------------------------------------------------------------------

// RFC 8445 section 6.1.2.4 and RFC 6544 section 6.2.
TEST(AgentCandidates, HostsAndRelaysArePairedAndTheRestOnlySignalled) {
  ScriptedPeer peer(Role::kControlled);
  SetLocals(peer, {Host(kHost), Passive(kHost), Reflexive("203.0.113.7:61000", kHost, 1),
                   Relayed(kRelay, 2)});
  EXPECT_EQ(peer.agent.local_candidates().size(), 4u);
  peer.Start();
  peer.RunFor(milliseconds(400));
  EXPECT_THAT(Paths(peer.checks), ElementsAre(Between(kHost, kRemote), Between(kRelay, kRemote)));
  EXPECT_EQ(peer.checks[1].at - peer.checks[0].at, kTa);
}

TEST(AgentCandidates, APathBehindANatShowsTheCandidateThatThePeerSees) {
  ScriptedPeer peer(Role::kControlled);
  SetLocals(peer, {Host(kHost), Reflexive("203.0.113.7:61000", kHost, 1)});
  peer.Start();
  peer.Poll();
  ScriptedPeer::AnswerOptions behind_nat;
  behind_nat.mapped = Address("203.0.113.7:61000");
  peer.Answer(peer.checks[0], behind_nat);
  ASSERT_EQ(peer.agent.pairs().size(), 1u);
  EXPECT_EQ(peer.agent.pairs()[0].local_type, CandidateType::kServerReflexive);
  EXPECT_EQ(peer.agent.pairs()[0].remote_type, CandidateType::kHost);
  EXPECT_TRUE(peer.agent.pairs()[0].selected);
}

TEST(AgentCandidates, TcpPairsComeWithThePeersChecks) {
  ScriptedPeer peer(Role::kControlled);
  SetLocals(peer, {Host(kHost), Passive(kHost)});
  peer.agent.SetRemoteCredentials(peer.now, peer.credentials);
  peer.protocol = kTcp;
  peer.Check(kRemote, kNominate);
  ASSERT_EQ(peer.answers.size(), 1u);
  ASSERT_EQ(peer.checks.size(), 1u);
  const Path path = {Address(kHost), Address(kRemote), kTcp};
  EXPECT_EQ(peer.checks[0].path, path);
  EXPECT_TRUE(peer.agent.IsAuthenticated(path));
  EXPECT_FALSE(peer.agent.IsAuthenticated({path.local, path.remote}));
  peer.Answer(peer.checks[0]);
  EXPECT_EQ(peer.agent.path(), path);
  EXPECT_EQ(peer.agent.state(), State::kConnected);
  // The peer's address over UDP was not told, and is not tried.
  peer.TakeChecks();
  peer.RunFor(seconds(3));
  EXPECT_THAT(peer.checks, IsEmpty());
}

// RFC 8489 section 6.2.2.
TEST(AgentCandidates, ChecksOverTcpAreSentOnce) {
  ScriptedPeer peer(Role::kControlled);
  SetLocals(peer, {Passive(kHost)});
  peer.agent.SetRemoteCredentials(peer.now, peer.credentials);
  peer.protocol = kTcp;
  peer.Check(kRemote);
  peer.RunFor(kTcpTimeout - milliseconds(1));
  EXPECT_EQ(peer.checks.size(), 1u);
  EXPECT_EQ(peer.agent.pairs()[0].failure, PairFailure::kNone);
  peer.RunFor(milliseconds(1));
  EXPECT_EQ(peer.agent.pairs()[0].failure, PairFailure::kNoAnswer);
}

TEST(AgentCandidates, ChecksOverTcpClaimLessThanOverUdp) {
  ScriptedPeer peer(Role::kControlled);
  SetLocals(peer, {Passive(kHost)});
  peer.agent.SetRemoteCredentials(peer.now, peer.credentials);
  peer.protocol = kTcp;
  peer.Check(kRemote);
  const auto check = stun::Message::Parse(peer.checks[0].bytes);
  EXPECT_EQ(*check->FindU32(stun::AttributeType::kPriority) >> 24, 80u);
}

// Checklist 64: nobody learns the address of a camera that is to be reached by its relay only.
TEST(AgentCandidates, HiddenAddressesAreNeitherConfirmedNorAnswered) {
  ScriptedPeer peer(Role::kControlled);
  SetLocals(peer, {Relayed(kRelay, 1)});
  SetLocals(peer, {});  // The relay may be down.
  peer.agent.SetRemoteCredentials(peer.now, peer.credentials);
  ForgedCheck stranger;
  stranger.recipient = {"none", "nonenonenonenonenonenone"};
  std::vector<uint8_t> bytes = stranger.Write();
  for (const char* local : {kHost, "127.0.0.1:8555"}) {
    peer.local = Address(local);
    peer.Check(kRemote, kNominate);
    peer.agent.HandleDatagram(peer.now, {peer.local, Address(kRemote), bytes});
    peer.RunFor(seconds(2));
    EXPECT_THAT(peer.answers, IsEmpty());
    EXPECT_THAT(peer.checks, IsEmpty());
    EXPECT_FALSE(peer.agent.IsAuthenticated({peer.local, Address(kRemote)}));
  }
  EXPECT_EQ(peer.agent.stats().dropped(Drop::kHiddenAddress), 4u);

  SetLocals(peer, {Relayed(kRelay, 1)});
  peer.local = Address(kRelay);
  peer.Check(kRemote, kNominate);
  EXPECT_EQ(peer.answers.size(), 1u);
}

// --- The peer's ----------------------------------------------------------------------------------

// Checklist 9. RFC 6544 section 4.5.
TEST(AgentCandidates, ActiveTcpOnesAreKnown) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start({});
  for (const char* line : {"candidate:1 1 tcp 1518285567 198.51.100.9 9 typ host tcptype active",
                           "candidate:1 1 tcp 1518285567 a-b-c.local 9 typ host tcptype active"}) {
    peer.agent.AddRemoteCandidate(peer.now, Candidate::Parse(line).value());
  }
  peer.RunFor(seconds(1));
  EXPECT_THAT(peer.checks, IsEmpty());
  EXPECT_EQ(peer.agent.stats().dropped(Drop::kCandidateKind), 0u);
  EXPECT_EQ(peer.agent.PollNameToResolve(), std::nullopt);
}

TEST(AgentCandidates, NamesAreAskedForOnceAndPairedWhenTheyAreKnown) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start({});
  peer.agent.AddRemoteCandidate(peer.now, Named(kName));
  peer.agent.AddRemoteCandidate(peer.now, Named(kName));
  EXPECT_EQ(peer.agent.PollNameToResolve(), kName);
  EXPECT_EQ(peer.agent.PollNameToResolve(), std::nullopt);
  peer.RunFor(seconds(1));
  EXPECT_THAT(peer.checks, IsEmpty());
  const IpAddress ip = Address(kRemote).ip;
  peer.agent.HandleResolvedName(peer.now, kName, {&ip, 1});
  peer.RunFor(milliseconds(1));
  EXPECT_THAT(Paths(peer.checks), ElementsAre(Between(kHost, kRemote)));
}

TEST(AgentCandidates, NamesThatNobodyAnswersToAreDroppedAndCounted) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start({});
  peer.agent.AddRemoteCandidate(peer.now, Named(kName));
  peer.agent.PollNameToResolve();
  peer.agent.HandleResolvedName(peer.now, kName, {});
  EXPECT_EQ(peer.agent.stats().dropped(Drop::kUnresolvedName), 1u);
  EXPECT_THAT(peer.agent.pairs(), IsEmpty());
}

// A name may stand for anything, as far as the network can say.
TEST(AgentCandidates, NamesOfWhatIsNoHostOrIsOursAreNotChecked) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start({});
  Candidate ours = Named(kName);
  ours.address.port = Address(kHost).port;
  peer.agent.AddRemoteCandidate(peer.now, ours);
  peer.agent.PollNameToResolve();
  const std::vector<IpAddress> addresses = {Address(kHost).ip, Address("0.0.0.0:1").ip,
                                            Address("224.0.0.251:1").ip};
  peer.agent.HandleResolvedName(peer.now, kName, addresses);
  EXPECT_THAT(peer.agent.pairs(), IsEmpty());
  EXPECT_EQ(peer.agent.stats().dropped(Drop::kCandidateKind), 3u);
}

// Checklist 9: the DNS learns nothing from us.
TEST(AgentCandidates, OtherNamesAreSkippedAndCounted) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start({});
  for (const char* name : {"example.com", "a.b.local", "local"}) {
    peer.agent.AddRemoteCandidate(peer.now, Named(name));
  }
  for (size_t i = 0; i < 3 * kMaxRemoteNames; ++i) {
    peer.agent.AddRemoteCandidate(peer.now, Named("n" + std::to_string(i) + ".local"));
  }
  size_t asked = 0;
  while (peer.agent.PollNameToResolve()) ++asked;
  EXPECT_EQ(asked, kMaxRemoteNames);
  EXPECT_EQ(peer.agent.stats().dropped(Drop::kCandidateKind), 3u);
  EXPECT_EQ(peer.agent.stats().dropped(Drop::kCandidateLimit), 2 * kMaxRemoteNames);
}

TEST(AgentCandidates, LateOnesAreCheckedWhenTheyCouldBeBetter) {
  ScriptedPeer peer(Role::kControlled);
  Connect(peer);
  peer.agent.AddRemoteCandidate(peer.now, HostCandidate("198.51.100.2:1", 65000));
  peer.agent.AddRemoteCandidate(peer.now, HostCandidate("198.51.100.3:1", 5));
  peer.RunFor(milliseconds(400));
  EXPECT_THAT(Paths(peer.checks), ElementsAre(Between(kHost, "198.51.100.2:1")));
  EXPECT_EQ(peer.agent.path()->remote, Address(kRemote)) << "the peer chooses";
}

// --- The network changes -------------------------------------------------------------------------

TEST(AgentCandidates, ANewAddressChecksWhereThePeerWasAtOnceAndThenEverythingElse) {
  ScriptedPeer peer(Role::kControlled);
  const char* dead[] = {"203.0.113.1:1", "203.0.113.2:1"};
  peer.Start({dead[0], dead[1], kRemote});
  peer.RunFor(2 * kTa);
  ScriptedPeer::AnswerOptions error;
  error.error = stun::ErrorCode::kServerError;
  peer.Answer(peer.checks[0], error);
  peer.Answer(peer.checks[1], error);
  peer.Answer(peer.checks[2]);
  peer.Check(kRemote, kNominate);
  ASSERT_EQ(peer.agent.state(), State::kConnected);
  peer.TakeChecks();

  SetLocals(peer, {Host(kOtherHost)});
  EXPECT_EQ(peer.agent.state(), State::kChecking);
  EXPECT_FALSE(peer.agent.has_consent());
  ASSERT_THAT(Paths(peer.checks), ElementsAre(Between(kOtherHost, kRemote)));
  const SentCheck check = peer.checks[0];
  EXPECT_EQ(check.at, peer.now);
  peer.RunFor(2 * kTa);
  EXPECT_THAT(Paths(peer.TakeChecks()),
              ElementsAre(Between(kOtherHost, kRemote), Between(kOtherHost, dead[0]),
                          Between(kOtherHost, dead[1])));
  peer.Answer(check);
  EXPECT_TRUE(peer.agent.has_consent()) << "media flows";
  EXPECT_EQ(peer.agent.path(), (Path{Address(kOtherHost), Address(kRemote)}));
  peer.Check(kRemote, kNominate);
  EXPECT_EQ(peer.agent.state(), State::kChecking) << "that went to the old address";
  peer.local = Address(kOtherHost);
  peer.Check(kRemote, kNominate);
  EXPECT_EQ(peer.agent.state(), State::kConnected);
}

TEST(AgentCandidates, WhatRemainsTakesOverWithoutAPause) {
  ScriptedPeer peer(Role::kControlled);
  SetLocals(peer, {Host(kHost), Relayed(kRelay, 1)});
  peer.Start();
  peer.RunFor(kTa);
  for (const SentCheck& check : peer.TakeChecks()) peer.Answer(check);
  peer.Check(kRemote, kNominate);
  ASSERT_EQ(peer.agent.path()->local, Address(kHost));
  SetLocals(peer, {Relayed(kRelay, 1)});
  EXPECT_EQ(peer.agent.path()->local, Address(kRelay));
  EXPECT_TRUE(peer.agent.has_consent()) << "given in the last 30 s";
  EXPECT_THAT(Paths(peer.TakeChecks()), ElementsAre(Between(kRelay, kRemote)));
}

// Consent from before may be to a path that is gone with the address: what answers now counts more.
TEST(AgentCandidates, APairThatAnswersTakesOverFromOneThatAnsweredBeforeTheChange) {
  ScriptedPeer peer(Role::kControlled);
  SetLocals(peer, {Host(kHost), Relayed(kRelay, 1), Relayed(kOtherRelay, 2)});
  peer.Start();
  peer.RunFor(2 * kTa);
  for (const SentCheck& check : peer.TakeChecks()) peer.Answer(check);
  peer.Check(kRemote, kNominate);
  peer.RunFor(seconds(1));
  SetLocals(peer, {Relayed(kRelay, 1), Relayed(kOtherRelay, 2)});
  peer.RunFor(kTa);
  EXPECT_EQ(peer.agent.path()->local, Address(kRelay));
  ASSERT_EQ(peer.checks.size(), 2u);
  peer.Answer(peer.checks[1]);
  EXPECT_EQ(peer.agent.path()->local, Address(kOtherRelay));
  peer.Answer(peer.checks[0]);
  EXPECT_EQ(peer.agent.path()->local, Address(kRelay)) << "the better of two that work";
}

TEST(AgentCandidates, ACableThatComesBackInTimeResumesAtOnce) {
  ScriptedPeer peer(Role::kControlled);
  Connect(peer);
  SetLocals(peer, {});
  EXPECT_EQ(peer.agent.path(), std::nullopt);
  EXPECT_THAT(Pairs(peer.agent), ElementsAre(Between(kHost, kRemote) + ": address gone"));
  peer.RunFor(seconds(29));
  EXPECT_THAT(peer.checks, IsEmpty());
  EXPECT_EQ(peer.agent.state(), State::kChecking);
  SetLocals(peer, {Host(kHost)});
  ASSERT_THAT(Paths(peer.checks), ElementsAre(Between(kHost, kRemote)));
  peer.Answer(peer.checks[0]);
  EXPECT_TRUE(peer.agent.has_consent());
  EXPECT_THAT(Pairs(peer.agent), ElementsAre(Between(kHost, kRemote) + ": selected"));
}

// Checklist 7: consent that was given to an address that is gone ends like any other.
TEST(AgentCandidates, ACableThatStaysOutEndsWithTheConsent) {
  ScriptedPeer peer(Role::kControlled);
  Connect(peer);
  const Time answered = peer.now;
  peer.RunFor(seconds(2));
  SetLocals(peer, {});
  EXPECT_EQ(peer.agent.next_deadline(), answered + kConsentLifetime);
  peer.RunFor(seconds(28));
  EXPECT_EQ(peer.agent.state(), State::kFailed);
  std::optional<FailureReason> reason;
  while (const auto event = peer.agent.PollEvent()) {
    if (const auto* failed = std::get_if<Failed>(&*event)) reason = failed->reason;
  }
  EXPECT_EQ(reason, FailureReason::kConsentExpired);
  EXPECT_EQ(peer.agent.next_deadline(), kNever);
}

TEST(AgentCandidates, ANewAddressBesideTheSelectedOneIsMadeKnownToThePeer) {
  ScriptedPeer peer(Role::kControlled);
  Connect(peer);
  SetLocals(peer, {Host(kHost), Host(kOtherHost), Relayed(kRelay, 1)});
  peer.RunFor(2 * kTa);
  EXPECT_THAT(Paths(peer.checks),
              ElementsAre(Between(kOtherHost, kRemote), Between(kRelay, kRemote)));
  EXPECT_EQ(peer.agent.path()->local, Address(kHost));
  EXPECT_EQ(peer.agent.state(), State::kConnected);
}

TEST(AgentCandidates, ARelayThatDiesIsReplacedByTheNext) {
  ScriptedPeer peer(Role::kControlled);
  SetLocals(peer, {Relayed(kRelay, 1)});
  peer.local = Address(kRelay);
  Connect(peer);
  SetLocals(peer, {});
  peer.RunFor(seconds(4));
  SetLocals(peer, {Relayed(kOtherRelay, 2)});
  ASSERT_THAT(Paths(peer.checks), ElementsAre(Between(kOtherRelay, kRemote)));
  peer.Answer(peer.checks[0]);
  EXPECT_EQ(peer.agent.path()->local, Address(kOtherRelay));
  EXPECT_TRUE(peer.agent.has_consent());
}

TEST(AgentCandidates, ThatDidNotChangeChangeNothing) {
  ScriptedPeer peer(Role::kControlled);
  Connect(peer);
  const Time deadline = peer.agent.next_deadline();
  for (int i = 0; i < 10; ++i) SetLocals(peer, {Host(kHost)});
  EXPECT_EQ(peer.agent.next_deadline(), deadline);
  EXPECT_THAT(peer.checks, IsEmpty());
}

// --- For people ----------------------------------------------------------------------------------

TEST(AgentCandidates, PairsTellWhyTheyAreNotUsed) {
  ScriptedPeer peer(Role::kControlled);
  const char* silent = "203.0.113.1:1";
  const char* refusing = "203.0.113.2:1";
  const char* late = "203.0.113.3:1";
  peer.Start({silent, refusing, kRemote});
  peer.RunFor(2 * kTa);
  const std::vector<SentCheck> checks = peer.TakeChecks();
  ScriptedPeer::AnswerOptions refusal;
  refusal.error = stun::ErrorCode::kForbidden;
  peer.Answer(checks[1], refusal);
  EXPECT_THAT(Pairs(peer.agent), UnorderedElementsAre(Between(kHost, silent) + ": being checked",
                                                      Between(kHost, refusing) + ": refused (403)",
                                                      Between(kHost, kRemote) + ": being checked"));
  peer.RunFor(kPatience - kTa);
  peer.agent.AddRemoteCandidate(peer.now, HostCandidate(late, 1));
  peer.Poll();
  peer.agent.AddRemoteCandidate(peer.now, HostCandidate("203.0.113.4:1", 1));
  peer.Answer(checks[2]);
  peer.Check(kRemote, kNominate);
  peer.Poll();
  peer.Answer(peer.checks.back());
  ASSERT_EQ(peer.agent.state(), State::kConnected);
  EXPECT_THAT(Pairs(peer.agent),
              UnorderedElementsAre(Between(kHost, kRemote) + ": selected",
                                   Between(kHost, silent) + ": no answer",
                                   Between(kHost, refusing) + ": refused (403)",
                                   Between(kHost, late) + ": another was quicker",
                                   Between(kHost, "203.0.113.4:1") + ": not tried"));
}

TEST(AgentCandidates, PairsAreStillToldOfWhenAllHaveFailed) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start();
  peer.agent.EndOfRemoteCandidates(peer.now);
  peer.RunFor(seconds(60));
  ASSERT_EQ(peer.agent.state(), State::kFailed);
  EXPECT_THAT(Pairs(peer.agent), ElementsAre(Between(kHost, kRemote) + ": no answer"));
}

TEST(AgentCandidates, PairsThatAreGoneAreRememberedUpToALimit) {
  ScriptedPeer peer(Role::kControlled);
  Connect(peer);
  for (int i = 0; i < 100; ++i) {
    const std::string host = "192.0.2." + std::to_string(10 + i) + ":8555";
    SetLocals(peer, {Host(kHost), Host(host)});
  }
  EXPECT_EQ(peer.agent.pairs().size(), 2 + kMaxDroppedPairs);
}

}  // namespace
}  // namespace ocellus::ice
