// SPDX-License-Identifier: Apache-2.0
// Which addresses become candidates.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware/rtc/gathering/gatherer.h"
#include "tests/rtc/gathering/gatherer_network.h"

namespace ocellus::gathering {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using GathererCandidates = GathererNetwork;

TEST_F(GathererCandidates, HostsAreCandidatesInTheirOrder) {
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

TEST_F(GathererCandidates, WhatTheUserSaysOfPublicAddressesIsBelieved) {
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

TEST_F(GathererCandidates, LearnsAndKeepsWhatTheNatMakesOfIt) {
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

TEST_F(GathererCandidates, ReplacesAMappingThatChanged) {
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

TEST_F(GathererCandidates, AMappingThatIsTheBaseIsNoCandidate) {
  GathererNode camera(network_, With({"stun:192.0.2.1"}), {kPublic});
  network_.RunFor(milliseconds(45));
  EXPECT_THAT(Addresses(camera.gatherer), ElementsAre(kPublic));
  EXPECT_EQ(camera.gatherer.servers()[0].mapped, std::vector<SocketAddress>{kPublic});
}

TEST_F(GathererCandidates, OneMappingSeenByTwoServersIsOneCandidate) {
  GathererNode camera(network_, With({"stun:192.0.2.1", "stun:192.0.2.2"}), {kInside}, &nat_);
  network_.RunFor(milliseconds(150));
  EXPECT_EQ(camera.gatherer.candidates().size(), 2u);
}

TEST_F(GathererCandidates, ASymmetricNatGivesACandidateForEachServer) {
  sim::Nat symmetric(network_, sim::Symmetric(), At("203.0.113.6:0").ip, 4);
  GathererNode camera(network_, With({"stun:192.0.2.1", "stun:192.0.2.2"}), {kInside}, &symmetric);
  network_.RunFor(milliseconds(150));
  ASSERT_EQ(camera.gatherer.candidates().size(), 3u);
  EXPECT_EQ(camera.gatherer.candidates()[1].server, 1u);
  EXPECT_EQ(camera.gatherer.candidates()[2].server, 2u);
}

TEST_F(GathererCandidates, BoundsServersAndServerReflexiveCandidates) {
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

TEST_F(GathererCandidates, PolicyRelayTellsNothingButRelayedAddresses) {
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

TEST_F(GathererCandidates, ARelayedAddressThatIsOursIsNotUsed) {
  GathererNode camera(network_, With({"turn:192.0.2.1"}), {kInside}, &nat_);
  network_.RunFor(milliseconds(200));
  const SocketAddress relayed = camera.relayed().value();
  camera.gatherer.SetHosts(network_.now(), std::vector<SocketAddress>{kInside, relayed});
  EXPECT_FALSE(camera.gatherer.IsRelayed(relayed));
  EXPECT_FALSE(camera.relayed());
}

}  // namespace
}  // namespace ocellus::gathering
