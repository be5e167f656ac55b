// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/gathering/gatherer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rtc/gathering/gatherer_node.h"
#include "tests/sim/nat.h"
#include "tests/sim/turn_server.h"

namespace ocellus::gathering {
namespace {

using ice::CandidateType;
using ice::LocalCandidate;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const SocketAddress kInside = At("192.168.1.2:8555");
const SocketAddress kPublic = At("198.51.100.9:8555");
const IpAddress kOutside = At("203.0.113.5:0").ip;

sim::TurnServerOptions ServerAt(const char* ip) {
  sim::TurnServerOptions options;
  options.addresses = {*IpAddress::Parse(ip)};
  return options;
}

Options With(std::initializer_list<const char*> urls) {
  Options options;
  for (const char* url : urls) options.servers.push_back(*ServerUrl::Parse(url));
  options.credentials = StaticCredentials{"camera", "a password"};
  return options;
}

// A network with two servers of round trip 40 ms, and a viewer.
class GathererTest : public testing::Test {
 protected:
  GathererTest() {
    sim::LinkConditions conditions;
    conditions.delay = milliseconds(20);
    network_.SetDefaultConditions(conditions);
  }

  static std::vector<SocketAddress> Addresses(const Gatherer& gatherer) {
    std::vector<SocketAddress> addresses;
    for (const LocalCandidate& candidate : gatherer.candidates()) {
      addresses.push_back(candidate.address);
    }
    return addresses;
  }

  sim::Network network_{1};
  sim::TurnServer server1_{network_, ServerAt("192.0.2.1"), 1};
  sim::TurnServer server2_{network_, ServerAt("192.0.2.2"), 2};
  sim::Nat nat_{network_, sim::PortRestrictedCone(), kOutside, 3};
  EchoPeer viewer_{network_, At("198.51.100.77:50000")};
};

TEST_F(GathererTest, HostsAreCandidatesInTheirOrder) {
  Options options;
  options.tcp = true;
  const std::vector<SocketAddress> hosts = {kInside, At("[2001:db8::2]:8555")};
  GathererNode camera(network_, options, hosts, &nat_);
  EXPECT_TRUE(camera.gatherer.TakeChanged());
  EXPECT_FALSE(camera.gatherer.TakeChanged());
  const auto host = [](TransportProtocol protocol, const SocketAddress& address) {
    return LocalCandidate{CandidateType::kHost, protocol, address, address, std::nullopt, 0};
  };
  EXPECT_THAT(camera.gatherer.candidates(), ElementsAre(host(TransportProtocol::kUdp, hosts[0]),
                                                        host(TransportProtocol::kUdp, hosts[1]),
                                                        host(TransportProtocol::kTcp, hosts[0]),
                                                        host(TransportProtocol::kTcp, hosts[1])));
  camera.SetHosts(hosts);
  EXPECT_FALSE(camera.gatherer.TakeChanged());
}

TEST_F(GathererTest, WhatTheUserSaysOfPublicAddressesIsBelieved) {
  Options options;
  options.tcp = true;
  options.public_addresses = {kOutside, *IpAddress::Parse("2001:db8::9"), kInside.ip};
  GathererNode camera(network_, options, {kInside, At("10.0.0.2:8555")}, &nat_);
  const SocketAddress reflexive{kOutside, 8555};
  std::vector<LocalCandidate> found;
  for (const LocalCandidate& candidate : camera.gatherer.candidates()) {
    if (candidate.type == CandidateType::kServerReflexive) found.push_back(candidate);
  }
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].protocol, TransportProtocol::kUdp);
  EXPECT_EQ(found[1].protocol, TransportProtocol::kTcp);
  for (const LocalCandidate& candidate : found) {
    EXPECT_EQ(candidate.address, reflexive);
    EXPECT_EQ(candidate.base, kInside);
    EXPECT_EQ(candidate.related, kInside);
  }
}

TEST_F(GathererTest, LearnsAndKeepsWhatTheNatMakesOfIt) {
  GathererNode camera(network_, With({"stun:192.0.2.1"}), {kInside}, &nat_);
  camera.gatherer.TakeChanged();
  network_.RunFor(milliseconds(45));
  EXPECT_TRUE(camera.gatherer.TakeChanged());
  const auto candidate = camera.Find(CandidateType::kServerReflexive);
  ASSERT_TRUE(candidate);
  EXPECT_EQ(candidate->address.ip, kOutside);
  EXPECT_EQ(candidate->base, kInside);
  EXPECT_EQ(candidate->related, kInside);
  EXPECT_EQ(candidate->server, 1u);
  // The NAT would forget it after two minutes.
  network_.RunFor(std::chrono::hours(1));
  EXPECT_FALSE(camera.gatherer.TakeChanged());
  EXPECT_EQ(camera.mapped(), candidate->address);
}

TEST_F(GathererTest, ReplacesAMappingThatChanged) {
  GathererNode camera(network_, With({"stun:192.0.2.1"}), {kInside}, &nat_);
  network_.RunFor(milliseconds(45));
  const auto before = camera.mapped();
  camera.gatherer.TakeChanged();
  nat_.Reboot();
  network_.RunFor(seconds(19));
  EXPECT_TRUE(camera.gatherer.TakeChanged());
  EXPECT_NE(camera.mapped(), before);
  EXPECT_EQ(camera.gatherer.candidates().size(), 2u);
}

// RFC 8445 section 5.1.3.
TEST_F(GathererTest, AMappingThatIsTheBaseIsNoCandidate) {
  GathererNode camera(network_, With({"stun:192.0.2.1"}), {kPublic});
  network_.RunFor(milliseconds(45));
  EXPECT_THAT(Addresses(camera.gatherer), ElementsAre(kPublic));
  EXPECT_EQ(camera.gatherer.servers()[0].mapped, std::vector<SocketAddress>{kPublic});
}

// RFC 8445 section 5.1.3.
TEST_F(GathererTest, OneMappingSeenByTwoServersIsOneCandidate) {
  GathererNode camera(network_, With({"stun:192.0.2.1", "stun:192.0.2.2"}), {kInside}, &nat_);
  network_.RunFor(milliseconds(150));
  EXPECT_EQ(camera.gatherer.candidates().size(), 2u);
}

TEST_F(GathererTest, ASymmetricNatGivesACandidateForEachServer) {
  sim::Nat symmetric(network_, sim::Symmetric(), At("203.0.113.6:0").ip, 4);
  GathererNode camera(network_, With({"stun:192.0.2.1", "stun:192.0.2.2"}), {kInside}, &symmetric);
  network_.RunFor(milliseconds(150));
  ASSERT_EQ(camera.gatherer.candidates().size(), 3u);
  EXPECT_EQ(camera.gatherer.candidates()[1].server, 1u);
  EXPECT_EQ(camera.gatherer.candidates()[2].server, 2u);
}

TEST_F(GathererTest, BoundsServersAndServerReflexiveCandidates) {
  Options options;
  for (unsigned i = 0; i < 3 * kMaxIceServers; ++i) {
    options.servers.push_back(*ServerUrl::Parse("turn:192.0.2.1:" + std::to_string(4000 + i)));
    options.servers.push_back(*ServerUrl::Parse("stun:192.0.2.1"));
    options.servers.push_back(*ServerUrl::Parse("stun:192.0.2.1:" + std::to_string(5000 + i)));
  }
  options.public_addresses.assign(100, kOutside);
  GathererNode camera(network_, options, {kInside}, &nat_);
  const std::vector<ServerStatus> servers = camera.gatherer.servers();
  EXPECT_EQ(servers.size(), kMaxIceServers);
  EXPECT_EQ(std::count_if(servers.begin(), servers.end(),
                          [](const auto& status) { return status.url[0] == 't'; }),
            static_cast<std::ptrdiff_t>(kMaxTurnServers));
  std::vector<SocketAddress> hosts;
  for (unsigned i = 1; i < 40; ++i) {
    hosts.push_back(At(("10.0.0." + std::to_string(i) + ":8555").c_str()));
  }
  camera.SetHosts(hosts);
  network_.RunFor(seconds(5));
  EXPECT_LE(camera.gatherer.candidates().size(),
            kMaxLocalAddresses + kMaxPublicAddresses + kMaxServerReflexiveCandidates);
}

TEST_F(GathererTest, RelaysInBothDirections) {
  GathererNode camera(network_, With({"turn:192.0.2.1"}), {kInside}, &nat_);
  network_.RunFor(milliseconds(100));
  const auto candidate = camera.Find(CandidateType::kRelayed);
  ASSERT_TRUE(candidate);
  EXPECT_EQ(candidate->address.ip, server1_.address().ip);
  EXPECT_EQ(candidate->base, candidate->address);
  EXPECT_EQ(candidate->server, 1u);
  // The allocation tells the mapping too.
  EXPECT_EQ(camera.mapped()->ip, kOutside);
  EXPECT_EQ(candidate->related, camera.mapped());
  EXPECT_TRUE(camera.gatherer.IsRelayed(candidate->address));
  EXPECT_FALSE(camera.gatherer.IsRelayed(kInside));

  for (const char* text : {"one", "two", "three"}) {
    ASSERT_TRUE(camera.Say(candidate->address, viewer_.address(), text));
    network_.RunFor(milliseconds(200));
  }
  const std::string from = "198.51.100.77:50000 to " + candidate->address.ToString() + ": re: ";
  EXPECT_THAT(camera.heard, ElementsAre(from + "one", from + "two", from + "three"));
  EXPECT_FALSE(camera.Say(At("192.0.2.66:1"), viewer_.address(), "nowhere"));
}

// Checklist 64.
TEST_F(GathererTest, PolicyRelayTellsNothingButRelayedAddresses) {
  Options options = With({"stun:192.0.2.2", "turn:192.0.2.1"});
  options.policy = Policy::kRelay;
  options.tcp = true;
  options.public_addresses = {kOutside};
  GathererNode camera(network_, options, {kInside}, &nat_);
  EXPECT_THAT(camera.gatherer.candidates(), IsEmpty());
  network_.RunFor(seconds(1));
  ASSERT_EQ(camera.gatherer.candidates().size(), 1u);
  EXPECT_EQ(camera.gatherer.candidates()[0].type, CandidateType::kRelayed);
  EXPECT_FALSE(camera.gatherer.candidates()[0].related);
  EXPECT_EQ(server2_.stats().bindings, 0u);
  EXPECT_EQ(camera.gatherer.servers()[0].state, ServerState::kUnused);
}

TEST_F(GathererTest, OneAddressMayBeStunAndTurnServer) {
  GathererNode camera(network_, With({"stun:192.0.2.1", "turn:192.0.2.1"}), {kInside}, &nat_);
  network_.RunFor(milliseconds(200));
  EXPECT_EQ(camera.gatherer.servers()[0].state, ServerState::kReady);
  EXPECT_EQ(camera.gatherer.servers()[1].state, ServerState::kReady);
  EXPECT_EQ(camera.gatherer.candidates().size(), 3u);
}

TEST_F(GathererTest, AllocatesOnEachTurnServer) {
  GathererNode camera(network_, With({"turn:192.0.2.1", "turn:192.0.2.2"}), {kInside}, &nat_);
  network_.RunFor(milliseconds(200));
  const auto& candidates = camera.gatherer.candidates();
  ASSERT_EQ(candidates.size(), 4u);
  EXPECT_EQ(candidates[2].address.ip, server1_.address().ip);
  EXPECT_EQ(candidates[3].address.ip, server2_.address().ip);
}

// A second allocation on one 5-tuple would be refused (RFC 8656 section 7.2).
TEST_F(GathererTest, TwoNamesOfOneServerAreOneAllocation) {
  GathererNode camera(network_, With({"turn:192.0.2.1", "turn:other.example"}), {kInside}, &nat_,
                      {{"other.example", {server1_.address().ip}}});
  network_.RunFor(seconds(10));
  EXPECT_EQ(server1_.allocations(), 1u);
  EXPECT_EQ(server1_.stats().allocations, 1u);
  EXPECT_EQ(camera.gatherer.servers()[1].error, "another entry has the same address");
}

TEST_F(GathererTest, AsksForEachNameOnce) {
  Options options = With({"stun:example.org", "turn:example.org", "turn:other.example"});
  GathererNode camera(network_, options, {kInside}, &nat_,
                      {{"example.org", {server1_.address().ip}}});
  network_.RunFor(milliseconds(300));
  EXPECT_THAT(camera.asked, ElementsAre("example.org", "other.example"));
  EXPECT_EQ(camera.gatherer.servers()[2].error, "its name is not found: no such host");
  network_.RunFor(seconds(2));
  camera.names["other.example"] = {server2_.address().ip};
  network_.RunFor(seconds(9));
  EXPECT_EQ(camera.gatherer.servers()[0].state, ServerState::kReady);
  EXPECT_EQ(camera.gatherer.servers()[1].state, ServerState::kReady);
  EXPECT_EQ(camera.gatherer.servers()[2].state, ServerState::kReady);
}

TEST_F(GathererTest, SaysWhyAServerRefuses) {
  Options options = With({"turn:192.0.2.1"});
  options.credentials = StaticCredentials{"camera", "a wrong password"};
  GathererNode camera(network_, options, {kInside}, &nat_);
  network_.RunFor(seconds(5));
  EXPECT_EQ(camera.gatherer.servers()[0].state, ServerState::kFailed);
  EXPECT_THAT(camera.gatherer.servers()[0].error, HasSubstr("401"));
  EXPECT_FALSE(camera.relayed());
  for (const ServerStatus& status : camera.gatherer.servers()) {
    EXPECT_EQ(status.ToString().find("a wrong password"), std::string::npos);
  }
}

// Checklist 11.
TEST_F(GathererTest, ComesBackWhenTheQuotaAllowsIt) {
  server1_.Refuse(stun::Method::kAllocate, 486);
  GathererNode camera(network_, With({"turn:192.0.2.1"}), {kInside}, &nat_);
  network_.RunFor(seconds(5));
  EXPECT_THAT(camera.gatherer.servers()[0].error, HasSubstr("486"));
  server1_.StopRefusing();
  network_.RunFor(seconds(8));
  EXPECT_TRUE(camera.relayed());
  EXPECT_EQ(camera.gatherer.servers()[0].error, "");
}

TEST_F(GathererTest, TriesAFailingServerLessAndLessOften) {
  server1_.Refuse(stun::Method::kAllocate, 486);
  GathererNode camera(network_, With({"turn:192.0.2.1"}), {kInside}, &nat_);
  network_.RunFor(seconds(8));
  EXPECT_GE(server1_.stats().refused, 3u);
  network_.RunFor(minutes(5));
  const uint64_t before = server1_.stats().refused;
  network_.RunFor(std::chrono::hours(1));
  EXPECT_LE(server1_.stats().refused - before, 80u);
  EXPECT_GE(server1_.stats().refused - before, 60u);
}

TEST_F(GathererTest, DatagramsOfOthersAreNotOurs) {
  GathererNode camera(network_, With({"stun:192.0.2.2", "turn:192.0.2.1"}), {kInside}, &nat_);
  network_.RunFor(milliseconds(200));
  const auto verdict = [&](const SocketAddress& from, std::vector<uint8_t> bytes,
                           TransportProtocol protocol = TransportProtocol::kUdp) {
    Datagram in{kInside, from, bytes, protocol};
    return camera.gatherer.HandleDatagram(network_.now(), in);
  };
  const std::vector<uint8_t> media(200, 0x80);
  using Verdict = Gatherer::Verdict;
  EXPECT_EQ(verdict(viewer_.address(), media), Verdict::kNotOurs);
  EXPECT_EQ(verdict(server2_.address(), media), Verdict::kNotOurs);
  EXPECT_EQ(verdict(server2_.address(), {}), Verdict::kNotOurs);
  EXPECT_EQ(verdict(server1_.address(), media), Verdict::kConsumed);
  EXPECT_EQ(verdict(server1_.address(), media, TransportProtocol::kTcp), Verdict::kNotOurs);
  // A connectivity check from a host that is also a STUN server is for ICE.
  uint8_t bytes[100];
  stun::MessageWriter writer(bytes, {});
  writer.AddFingerprint();
  const size_t size = *writer.Finish();
  EXPECT_EQ(verdict(server2_.address(), {bytes, bytes + size}), Verdict::kNotOurs);
}

// Checklist 4.
TEST_F(GathererTest, BelievesOnlyAnswersToWhatItAsked) {
  GathererNode camera(network_, With({"stun:192.0.2.1"}), {kInside}, &nat_);
  network_.RunFor(milliseconds(45));
  const auto before = camera.mapped();
  Packet request{server1_.address(), server1_.address(), {}};
  uint8_t bytes[100];
  stun::MessageWriter writer(bytes, {});
  request.bytes.assign(bytes, bytes + *writer.Finish());
  Packet forged = AnswerTo(request, {At("203.0.113.66:6666"), {}, {}, {}, {}});
  Datagram in{kInside, server1_.address(), forged.bytes};
  EXPECT_EQ(camera.gatherer.HandleDatagram(network_.now(), in), Gatherer::Verdict::kNotOurs);
  EXPECT_EQ(camera.mapped(), before);
}

TEST_F(GathererTest, ARelayedAddressThatIsOursIsNotUsed) {
  GathererNode camera(network_, With({"turn:192.0.2.1"}), {kInside}, &nat_);
  network_.RunFor(milliseconds(200));
  const SocketAddress relayed = camera.relayed().value();
  camera.gatherer.SetHosts(network_.now(), std::vector<SocketAddress>{kInside, relayed});
  EXPECT_FALSE(camera.gatherer.IsRelayed(relayed));
  EXPECT_FALSE(camera.relayed());
}

// Checklist 11.
TEST_F(GathererTest, CloseGivesTheAllocationsBack) {
  GathererNode camera(network_, With({"turn:192.0.2.1", "stun:192.0.2.2"}), {kInside}, &nat_);
  network_.RunFor(milliseconds(200));
  EXPECT_EQ(server1_.allocations(), 1u);
  camera.gatherer.Close(network_.now());
  EXPECT_FALSE(camera.relayed());
  network_.RunFor(seconds(10));
  EXPECT_EQ(server1_.allocations(), 0u);
  EXPECT_EQ(server1_.stats().deletions, 1u);
  EXPECT_EQ(camera.gatherer.next_deadline(), kNever);
}

TEST_F(GathererTest, StaysSilentWithoutServers) {
  GathererNode camera(network_, Options(), {kInside}, &nat_);
  EXPECT_EQ(camera.gatherer.next_deadline(), kNever);
  EXPECT_THAT(camera.gatherer.servers(), IsEmpty());
}

}  // namespace
}  // namespace ocellus::gathering
