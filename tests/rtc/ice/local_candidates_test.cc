// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/ice/local_candidates.h"

#include <gtest/gtest.h>

#include "tests/rtc/ice/local_candidate_maker.h"

namespace ocellus::ice {
namespace {

constexpr TransportProtocol kUdp = TransportProtocol::kUdp;
constexpr TransportProtocol kTcp = TransportProtocol::kTcp;

std::vector<std::string> Lines(const LocalCandidates& candidates) {
  std::vector<std::string> lines;
  for (const Candidate& candidate : candidates.signalled()) lines.push_back(candidate.Write());
  return lines;
}

// RFC 8445 section 5.1.2, RFC 6544 sections 4.2 and 4.5, RFC 8839 section 5.1.
TEST(LocalCandidates, AreSignalledWithTheirPrioritiesAndRelatedAddresses) {
  LocalCandidates candidates;
  LocalCandidate hidden = Relayed("203.0.113.51:5001", 3);
  hidden.related.reset();
  EXPECT_EQ(candidates.Set(
                std::vector<LocalCandidate>{Host("192.0.2.1:8555"), Passive("192.0.2.1:8555"),
                                            Reflexive("203.0.113.7:61000", "192.0.2.1:8555", 1),
                                            Relayed("203.0.113.50:5000", 2), hidden}),
            0u);
  EXPECT_EQ(Lines(candidates),
            (std::vector<std::string>{
                "candidate:1 1 udp 2130706431 192.0.2.1 8555 typ host",
                // 90 << 24 | (4 << 13 | 8191 - 1) << 8 | 255
                "candidate:2 1 tcp 1520434943 192.0.2.1 8555 typ host tcptype passive",
                "candidate:3 1 udp 1694498303 203.0.113.7 61000 typ srflx raddr 192.0.2.1 rport "
                "8555",
                "candidate:4 1 udp 16776447 203.0.113.50 5000 typ relay raddr 203.0.113.7 rport "
                "61000",
                "candidate:5 1 udp 16776191 203.0.113.51 5001 typ relay raddr 0.0.0.0 rport 0"}));
}

TEST(LocalCandidates, HideRelatedAddressesOfTheirFamily) {
  LocalCandidates candidates;
  LocalCandidate hidden = Relayed("[2001:db8::50]:5000", 1);
  hidden.related.reset();
  candidates.Set({&hidden, 1});
  EXPECT_NE(Lines(candidates)[0].find("raddr :: rport 0"), std::string::npos);
}

// RFC 8445 section 6.1.2.4: server-reflexive candidates have the base of a host.
TEST(LocalCandidates, HaveEachBaseOnceWithTheBestPriority) {
  LocalCandidates candidates;
  candidates.Set(std::vector<LocalCandidate>{Reflexive("203.0.113.7:61000", "192.0.2.1:8555", 1),
                                             Host("192.0.2.1:8555"), Passive("192.0.2.1:8555"),
                                             Relayed("203.0.113.50:5000", 2)});
  ASSERT_EQ(candidates.bases().size(), 3u);
  EXPECT_EQ(candidates.bases()[0].address, Address("192.0.2.1:8555"));
  EXPECT_EQ(candidates.bases()[0].protocol, kUdp);
  EXPECT_EQ(candidates.bases()[0].priority >> 24, 126u);
  EXPECT_EQ(candidates.bases()[1].protocol, kTcp);
  EXPECT_EQ(candidates.bases()[2].address, Address("203.0.113.50:5000"));
  EXPECT_EQ(candidates.bases()[2].type, CandidateType::kRelayed);
}

// RFC 8445 section 5.1.1.3.
TEST(LocalCandidates, ShareAFoundationWhenTheyShareTypeBaseProtocolAndServer) {
  LocalCandidates candidates;
  candidates.Set(std::vector<LocalCandidate>{Host("192.0.2.1:8555"), Host("192.0.2.1:8556"),
                                             Host("192.0.2.2:8555"), Passive("192.0.2.1:8555"),
                                             Reflexive("203.0.113.7:1", "192.0.2.1:8555", 1),
                                             Reflexive("203.0.113.7:2", "192.0.2.1:8556", 1),
                                             Reflexive("203.0.113.7:3", "192.0.2.1:8555", 2)});
  std::vector<std::string> foundations;
  for (const Candidate& candidate : candidates.signalled()) {
    foundations.emplace_back(candidate.foundation.text());
  }
  EXPECT_EQ(foundations, (std::vector<std::string>{"1", "1", "2", "3", "4", "4", "5"}));
}

// RFC 8445 section 5.1.3.
TEST(LocalCandidates, LeaveOutRedundantOnesWhateverTheirOrder) {
  LocalCandidates candidates;
  EXPECT_EQ(candidates.Set(std::vector<LocalCandidate>{
                Reflexive("192.0.2.1:8555", "192.0.2.1:8555", 1), Host("192.0.2.1:8555"),
                Host("192.0.2.1:8555"), Reflexive("192.0.2.1:8555", "192.0.2.1:8555", 2)}),
            0u);
  ASSERT_EQ(candidates.signalled().size(), 1u);
  EXPECT_EQ(candidates.signalled()[0].type, CandidateType::kHost);
}

TEST(LocalCandidates, KeepWhatTheyHaveWhenOthersComeAndGo) {
  LocalCandidates candidates;
  candidates.Set(std::vector<LocalCandidate>{Host("192.0.2.1:8555"), Host("192.0.2.2:8555")});
  const std::vector<Candidate> before = candidates.signalled();
  candidates.Set(std::vector<LocalCandidate>{Host("192.0.2.3:8555"), Host("192.0.2.2:8555")});
  ASSERT_EQ(candidates.signalled().size(), 2u);
  EXPECT_EQ(candidates.signalled()[1], before[1]);
  EXPECT_LT(candidates.signalled()[0].priority, before[1].priority);
  EXPECT_EQ(candidates.signalled()[0].foundation.text(), "3");
}

TEST(LocalCandidates, AreBoundedAndSayHowManyWereLeftOut) {
  std::vector<LocalCandidate> many;
  for (unsigned i = 0; i < 200; ++i) {
    const std::string host = "10.0.0." + std::to_string(i) + ":1";
    many.push_back(Host(host));
    many.push_back(Passive(host));
    many.push_back(Relayed("203.0.113." + std::to_string(i) + ":2", i));
  }
  LocalCandidates candidates;
  EXPECT_EQ(candidates.Set(many), many.size() - kMaxLocalCandidates);
  EXPECT_EQ(candidates.signalled().size(), kMaxLocalCandidates);
  size_t hosts = 0;
  for (const Candidate& candidate : candidates.signalled()) {
    hosts += candidate.type == CandidateType::kHost ? 1 : 0;
  }
  EXPECT_EQ(hosts, 2 * kMaxLocalAddresses);
}

TEST(LocalCandidates, StayBelowThoseBeforeHoweverOftenTheNetworkChanges) {
  LocalCandidates candidates;
  uint32_t last = ~0u;
  for (unsigned i = 0; i < 70000; ++i) {
    const LocalCandidate next = Host(i % 2 ? "192.0.2.1:1" : "192.0.2.2:1");
    candidates.Set({&next, 1});
    ASSERT_LE(candidates.signalled()[0].priority, last);
    last = candidates.signalled()[0].priority;
  }
  EXPECT_EQ(last >> 24, 126u);
}

// Checklist 64.
TEST(LocalCandidates, RevealHostsUnlessOnlyRelayedOnesWereAnnounced) {
  LocalCandidates candidates;
  EXPECT_FALSE(candidates.reveals_hosts()) << "before anything is known";
  const LocalCandidate relayed = Relayed("203.0.113.50:5000", 1);
  candidates.Set({&relayed, 1});
  EXPECT_FALSE(candidates.reveals_hosts());
  candidates.Set({});
  EXPECT_FALSE(candidates.reveals_hosts()) << "the relay is gone, the policy is not";
  const LocalCandidate host = Host("192.0.2.1:8555");
  candidates.Set({&host, 1});
  EXPECT_TRUE(candidates.reveals_hosts());
  candidates.Set({});
  EXPECT_TRUE(candidates.reveals_hosts());
}

TEST(LocalCandidates, AreFoundByWhatThePeerSees) {
  LocalCandidates candidates;
  const LocalCandidate mapped = Reflexive("203.0.113.7:61000", "192.0.2.1:8555", 1);
  candidates.Set({&mapped, 1});
  ASSERT_NE(candidates.Find(Address("203.0.113.7:61000"), kUdp), nullptr);
  EXPECT_EQ(candidates.Find(Address("203.0.113.7:61000"), kTcp), nullptr);
  EXPECT_EQ(candidates.Find(Address("192.0.2.1:8555"), kUdp), nullptr);
}

}  // namespace
}  // namespace ocellus::ice
