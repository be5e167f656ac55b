// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/ice/checklist.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/rtc/ice/agent_node.h"

namespace ocellus::ice {
namespace {

constexpr TransportProtocol kUdp = TransportProtocol::kUdp;
constexpr TransportProtocol kTcp = TransportProtocol::kTcp;

Candidate Remote(std::string_view address, uint32_t priority, std::string_view foundation = "1") {
  Candidate candidate = HostCandidate(address);
  candidate.priority = priority;
  candidate.foundation = Foundation(foundation);
  return candidate;
}

Base HostBase(std::string_view address, uint16_t preference) {
  Base base;
  base.address = Address(address);
  base.priority = CandidatePriority(CandidateType::kHost, preference);
  base.foundation = preference;
  return base;
}

void AddRemote(Checklist& checklist, const Candidate& candidate) {
  EXPECT_TRUE(checklist.AddRemote(candidate));
  checklist.FormPairsWithRemote(candidate.address);
}

// RFC 8445 section 6.1.2.3.
TEST(Checklist, OrdersPairsByTheFormulaOfTheRole) {
  Checklist checklist(Role::kControlling);
  checklist.AddLocal(HostBase("192.0.2.1:1", 65535));
  AddRemote(checklist, Remote("198.51.100.1:1", 100));
  const uint64_t local = CandidatePriority(CandidateType::kHost, 65535);
  EXPECT_EQ(checklist.begin()->priority, (uint64_t{100} << 32) + 2 * local + 1);
  checklist.SetRole(Role::kControlled);
  EXPECT_EQ(checklist.begin()->priority, (uint64_t{100} << 32) + 2 * local);
  AddRemote(checklist, Remote("198.51.100.2:1", 300, "2"));
  AddRemote(checklist, Remote("198.51.100.3:1", 200, "3"));
  std::vector<uint32_t> order;
  for (const Pair& pair : checklist) order.push_back(pair.remote_priority);
  EXPECT_EQ(order, (std::vector<uint32_t>{300, 200, 100}));
}

// RFC 8445 section 6.1.2.2.
TEST(Checklist, PairsOnlyWhatCanReachEachOther) {
  Checklist checklist(Role::kControlling);
  for (const char* local : {"192.0.2.1:1", "[2001:db8::1]:1", "[fe80::1]:1", "127.0.0.1:1"}) {
    checklist.AddLocal(HostBase(local, 1));
  }
  for (const char* remote :
       {"198.51.100.1:1", "[2001:db8::2]:1", "[fe80::2]:1", "127.0.0.1:2", "169.254.1.1:1"}) {
    AddRemote(checklist, Remote(remote, 7, std::to_string(checklist.size())));
  }
  const auto has = [&](const char* local, const char* remote) {
    return checklist.Find(Path{Address(local), Address(remote)}) != nullptr;
  };
  EXPECT_TRUE(has("192.0.2.1:1", "198.51.100.1:1"));
  EXPECT_TRUE(has("192.0.2.1:1", "169.254.1.1:1"));
  EXPECT_TRUE(has("[2001:db8::1]:1", "[2001:db8::2]:1"));
  EXPECT_TRUE(has("[fe80::1]:1", "[fe80::2]:1"));
  EXPECT_TRUE(has("127.0.0.1:1", "127.0.0.1:2"));
  EXPECT_EQ(checklist.size(), 5u);
}

// RFC 8445 section 6.1.2.6 and 7.2.5.3.3.
TEST(Checklist, FreezesAllButTheFirstOfAFoundationUntilItSucceeds) {
  Checklist checklist(Role::kControlling);
  checklist.AddLocal(HostBase("192.0.2.1:1", 1));
  AddRemote(checklist, Remote("198.51.100.1:1", 300, "x"));
  AddRemote(checklist, Remote("198.51.100.1:2", 200, "x"));
  AddRemote(checklist, Remote("198.51.100.1:3", 100, "y"));
  EXPECT_EQ(checklist.Count(PairState::kWaiting), 2u);
  EXPECT_EQ(checklist.Count(PairState::kFrozen), 1u);
  Pair* first = checklist.NextWaiting();
  EXPECT_EQ(first->remote_priority, 300u);
  first->state = PairState::kInProgress;
  Pair* second = checklist.NextWaiting();
  EXPECT_EQ(second->remote_priority, 100u) << "the other foundation comes before the frozen one";
  second->state = PairState::kInProgress;
  EXPECT_EQ(checklist.NextWaiting(), nullptr) << "its foundation is being checked";
  EXPECT_FALSE(checklist.HasUnchecked());

  first->state = PairState::kSucceeded;
  checklist.Unfreeze(first->foundation);
  EXPECT_EQ(checklist.NextWaiting()->remote_priority, 200u);
  // RFC 8838 section 12: one that trickles in after the success waits at once.
  AddRemote(checklist, Remote("198.51.100.1:4", 50, "x"));
  EXPECT_EQ(checklist.Count(PairState::kFrozen), 0u);
}

// RFC 8445 section 6.1.4.2.
TEST(Checklist, UnfreezesWhenNothingElseIsLeft) {
  Checklist checklist(Role::kControlling);
  checklist.AddLocal(HostBase("192.0.2.1:1", 1));
  AddRemote(checklist, Remote("198.51.100.1:1", 300, "x"));
  AddRemote(checklist, Remote("198.51.100.1:2", 200, "x"));
  checklist.NextWaiting()->state = PairState::kFailed;
  EXPECT_TRUE(checklist.HasUnchecked());
  EXPECT_EQ(checklist.NextWaiting()->remote_priority, 200u);
}

// RFC 8445 section 6.1.2.5.
TEST(Checklist, DropsThePairsOfLowestPriorityWhenItIsFull) {
  Checklist checklist(Role::kControlling);
  checklist.AddLocal(HostBase("192.0.2.1:1", 9));
  checklist.AddLocal(HostBase("192.0.2.2:1", 8));
  size_t left_out = 0;
  for (uint16_t i = 1; i <= kMaxRemoteCandidates; ++i) {
    const Candidate remote = Remote("198.51.100.1:" + std::to_string(i), i, std::to_string(i));
    EXPECT_TRUE(checklist.AddRemote(remote));
    left_out += checklist.FormPairsWithRemote(remote.address);
  }
  EXPECT_FALSE(checklist.AddRemote(Remote("203.0.113.1:1", 1)));
  EXPECT_EQ(checklist.size(), kMaxCandidatePairs);
  EXPECT_EQ(left_out, 2 * kMaxRemoteCandidates - kMaxCandidatePairs);
  for (const Pair& pair : checklist) EXPECT_GT(pair.remote_priority, 14u);
}

TEST(Checklist, MakesRoomForPairsThatWereHeardOf) {
  Checklist checklist(Role::kControlling);
  checklist.AddLocal(HostBase("192.0.2.1:1", 9));
  Time now(std::chrono::hours(1));
  const Path first = {Address("192.0.2.1:1"), Address("203.0.113.1:1")};
  checklist.LearnRemote(first, 1, std::nullopt);
  const PairId keep = checklist.Learn(first, std::nullopt).id;
  checklist.Find(keep)->last_heard = now;
  for (uint16_t i = 2; i <= 1000; ++i) {
    now += std::chrono::seconds(1);
    const SocketAddress remote = Address("203.0.113.1:" + std::to_string(i));
    const Path path = {Address("192.0.2.1:1"), remote};
    checklist.LearnRemote(path, i, keep);
    checklist.Learn(path, keep).last_heard = now;
    ASSERT_LE(checklist.remote_count(), kMaxRemoteCandidates);
    ASSERT_LE(checklist.size(), kMaxCandidatePairs);
  }
  EXPECT_NE(checklist.Find(keep), nullptr) << "the one in use stays";
  EXPECT_TRUE(checklist.HasRemote(Address("203.0.113.1:1000"), kUdp));
  EXPECT_FALSE(checklist.HasRemote(Address("203.0.113.1:2"), kUdp));
}

TEST(Checklist, SignalledCandidateReplacesThePeerReflexiveOne) {
  Checklist checklist(Role::kControlling);
  checklist.AddLocal(HostBase("192.0.2.1:1", 9));
  const SocketAddress address = Address("198.51.100.1:1");
  const Path path = {Address("192.0.2.1:1"), address};
  checklist.LearnRemote(path, 5, std::nullopt);
  const PairId id = checklist.Learn(path, std::nullopt).id;
  EXPECT_TRUE(checklist.AddRemote(Remote("198.51.100.1:1", 77)));
  checklist.FormPairsWithRemote(address);
  EXPECT_EQ(checklist.size(), 1u);
  EXPECT_EQ(checklist.Find(id)->remote_priority, 77u);
  // A second signalling changes nothing.
  EXPECT_TRUE(checklist.AddRemote(Remote("198.51.100.1:1", 99)));
  EXPECT_EQ(checklist.Find(id)->remote_priority, 77u);
}

TEST(Checklist, RemovesALocalAddressWithItsPairs) {
  Checklist checklist(Role::kControlling);
  checklist.AddLocal(HostBase("192.0.2.1:1", 9));
  checklist.AddLocal(HostBase("192.0.2.2:1", 8));
  AddRemote(checklist, Remote("198.51.100.1:1", 5));
  EXPECT_EQ(checklist.size(), 2u);
  checklist.RemoveLocal(Address("192.0.2.1:1"), kUdp);
  EXPECT_EQ(checklist.size(), 1u);
  EXPECT_FALSE(checklist.HasLocal(Address("192.0.2.1:1"), kUdp));
  checklist.Reset();
  EXPECT_TRUE(checklist.empty());
  EXPECT_TRUE(checklist.HasLocal(Address("192.0.2.2:1"), kUdp));
}

// RFC 6544 section 6.2: a passive candidate waits for the peer, whose check makes the pair.
TEST(Checklist, TcpMakesNoPairsButThoseThatAreLearned) {
  Checklist checklist(Role::kControlled);
  checklist.AddLocal(HostBase("192.0.2.1:1", 9));
  Base passive = HostBase("192.0.2.1:1", 9);
  passive.protocol = kTcp;
  passive.priority = CandidatePriority(CandidateType::kHost, 9, kTcp);
  checklist.AddLocal(passive);
  AddRemote(checklist, Remote("198.51.100.1:1", 5));
  EXPECT_EQ(checklist.size(), 1u);

  const Path tcp = {Address("192.0.2.1:1"), Address("198.51.100.1:1"), kTcp};
  checklist.LearnRemote(tcp, 7, std::nullopt);
  const PairId id = checklist.Learn(tcp, std::nullopt).id;
  EXPECT_EQ(checklist.Find(id)->path, tcp);
  EXPECT_EQ(checklist.Find(id)->remote_type, CandidateType::kPeerReflexive);
  // The same addresses over the other protocol are another pair, and the remote another candidate.
  checklist.LearnRemote({tcp.local, Address("198.51.100.2:1"), kTcp}, 7, std::nullopt);
  EXPECT_EQ(checklist.FormPairs(), 0u);
  EXPECT_EQ(checklist.size(), 2u);
  checklist.RemoveLocal(tcp.local, kTcp);
  EXPECT_EQ(checklist.size(), 1u);
  EXPECT_TRUE(checklist.HasLocal(tcp.local, kUdp));
}

TEST(Checklist, PairsRelayedBasesWithTheirFamilyAndBehindHosts) {
  Checklist checklist(Role::kControlled);
  Base relayed = HostBase("203.0.113.50:5000", 9);
  relayed.type = CandidateType::kRelayed;
  relayed.priority = CandidatePriority(CandidateType::kRelayed, 65535);
  checklist.AddLocal(relayed);
  checklist.AddLocal(HostBase("192.0.2.1:1", 1));
  AddRemote(checklist, Remote("198.51.100.1:1", 0x7e000000));
  AddRemote(checklist, Remote("[2001:db8::2]:1", 0x7f000000, "6"));
  ASSERT_EQ(checklist.size(), 2u);
  EXPECT_EQ(checklist.begin()->local_type, CandidateType::kHost);
  EXPECT_EQ((checklist.begin() + 1)->local_type, CandidateType::kRelayed);
  EXPECT_EQ((checklist.begin() + 1)->path.remote, Address("198.51.100.1:1"));
}

TEST(Checklist, FormsOnlyPairsAboveTheFloor) {
  Checklist checklist(Role::kControlled);
  checklist.AddLocal(HostBase("192.0.2.1:1", 9));
  AddRemote(checklist, Remote("198.51.100.1:1", 500));
  const uint64_t floor = checklist.begin()->priority;
  for (const uint32_t priority : {400u, 500u, 600u}) {
    const std::string address = "198.51.100.2:" + std::to_string(priority);
    EXPECT_TRUE(checklist.AddRemote(Remote(address, priority, address.substr(0, 8))));
    checklist.FormPairsWithRemote(Address(address), floor);
  }
  EXPECT_EQ(checklist.size(), 2u);
  EXPECT_EQ(checklist.begin()->remote_priority, 600u);
  EXPECT_EQ(checklist.FormPairs(), 0u);
  EXPECT_EQ(checklist.size(), 4u) << "and the others when there is none";
}

// RFC 8445 section 5.1.1.3 ties a foundation to an address.
TEST(Checklist, AFoundationOfSeveralAddressesFreezesNone) {
  Checklist checklist(Role::kControlled);
  checklist.AddLocal(HostBase("192.0.2.1:1", 9));
  AddRemote(checklist, Remote("198.51.100.1:1", 300, "1"));
  AddRemote(checklist, Remote("198.51.100.2:1", 200, "1"));
  EXPECT_EQ(checklist.Count(PairState::kWaiting), 2u);
}

TEST(Checklist, AnAddressThatIsAnnouncedLaterTakesItsPriority) {
  Checklist checklist(Role::kControlled);
  Base base = HostBase("192.0.2.1:1", 0);
  base.foundation = 0;
  EXPECT_TRUE(checklist.AddLocal(base));
  AddRemote(checklist, Remote("198.51.100.1:1", 0x7f000000));
  const PairId id = checklist.begin()->id;
  EXPECT_TRUE(checklist.AddLocal(HostBase("192.0.2.1:1", 77)));
  EXPECT_EQ(checklist.Find(id)->local_priority, CandidatePriority(CandidateType::kHost, 77));
  // Unless the peer sees it as somebody else.
  checklist.SetLocalCandidate(id, CandidateType::kPeerReflexive, 5);
  EXPECT_TRUE(checklist.AddLocal(HostBase("192.0.2.1:1", 99)));
  EXPECT_EQ(checklist.Find(id)->local_priority, 5u);
}

TEST(Checklist, TriesEachAddressOnceBeforeAnyTwice) {
  Checklist checklist(Role::kControlled);
  for (uint16_t i = 1; i <= 4; ++i) {
    checklist.AddLocal(
        HostBase("192.0.2." + std::to_string(i) + ":1", static_cast<uint16_t>(10 - i)));
  }
  for (uint32_t i = 1; i <= 4; ++i) {
    const std::string number = std::to_string(i);
    AddRemote(checklist, Remote("198.51.100." + number + ":1", 0x7e000000 - i, number));
  }
  ASSERT_EQ(checklist.size(), 16u);
  Time now(std::chrono::hours(1));
  std::set<std::string> locals, remotes;
  for (int i = 0; i < 4; ++i) {
    Pair& pair = *checklist.NextWaiting();
    EXPECT_TRUE(i > 0 || pair.id == checklist.begin()->id) << "the best first";
    pair.state = PairState::kInProgress;
    pair.sent = now;
    locals.insert(pair.path.local.ToString());
    remotes.insert(pair.path.remote.ToString());
  }
  EXPECT_EQ(locals.size(), 4u);
  EXPECT_EQ(remotes.size(), 4u);
  size_t rest = 0;
  while (Pair* pair = checklist.NextWaiting()) {
    pair->state = PairState::kInProgress;
    pair->sent = now;
    ++rest;
  }
  EXPECT_EQ(rest, 12u);
}

}  // namespace
}  // namespace ocellus::ice
