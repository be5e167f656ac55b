// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/network_status.h"

#include <gtest/gtest.h>

namespace ocellus::app {
namespace {

const SocketAddress kRelayed = *SocketAddress::Parse("203.0.113.9:50000");
const SocketAddress kViewer = *SocketAddress::Parse("198.51.100.7:40000");

TEST(NetworkStatus, APathIsToldInTheWordsOfCandidateLines) {
  ice::PairStatus pair;
  pair.path = {kRelayed, kViewer};
  pair.local_type = ice::CandidateType::kRelayed;
  pair.remote_type = ice::CandidateType::kPeerReflexive;
  pair.selected = true;
  pair.rtt = std::chrono::milliseconds(40);
  const signaling::PathStatus status = ToPathStatus(pair);
  EXPECT_EQ(status.local_type, "relay");
  EXPECT_EQ(status.remote_type, "prflx");
  EXPECT_EQ(status.local_address, "203.0.113.9:50000");
  EXPECT_EQ(status.remote_address, "198.51.100.7:40000");
  EXPECT_EQ(status.protocol, "udp");
  EXPECT_EQ(status.state, "selected");
  EXPECT_EQ(status.reason, "");
  EXPECT_EQ(status.round_trip_time, std::chrono::milliseconds(40));
}

TEST(NetworkStatus, AFailedPairSaysWhy) {
  ice::PairStatus pair;
  pair.path = {*SocketAddress::Parse("192.0.2.1:8555"), kViewer, TransportProtocol::kTcp};
  pair.state = ice::PairState::kFailed;
  pair.failure = ice::PairFailure::kNoAnswer;
  const signaling::PathStatus status = ToPathStatus(pair);
  EXPECT_EQ(status.protocol, "tcp");
  EXPECT_EQ(status.state, "failed");
  EXPECT_EQ(status.reason, "no answer");
}

TEST(NetworkStatus, ServersAndCandidatesAreToldAsTheyStand) {
  gathering::ServerStatus server;
  server.url = "turn:turn.example.net";
  server.state = gathering::ServerState::kFailed;
  server.error = "401 Unauthorized";
  ice::LocalCandidate candidate;
  candidate.type = ice::CandidateType::kRelayed;
  candidate.address = kRelayed;
  const signaling::NetworkStatus status =
      ToNetworkStatus(gathering::Policy::kRelay, std::vector<ice::LocalCandidate>{candidate},
                      std::vector<gathering::ServerStatus>{server});
  EXPECT_EQ(status.ice_policy, "relay");
  EXPECT_TRUE(status.hide_addresses);
  ASSERT_EQ(status.candidates.size(), 1u);
  EXPECT_EQ(status.candidates[0].type, "relay");
  EXPECT_EQ(status.candidates[0].address, "203.0.113.9:50000");
  ASSERT_EQ(status.servers.size(), 1u);
  EXPECT_EQ(status.servers[0].state, "failed");
  EXPECT_EQ(status.servers[0].reason, "401 Unauthorized");
}

TEST(NetworkStatus, ARelayedPathSaysHowItsRelayIsReached) {
  gathering::ServerStatus server;
  server.relayed = {kRelayed};
  server.transport = gathering::ServerTransport::kTls;
  signaling::ViewerStatus viewer;
  viewer.path = signaling::PathStatus();
  viewer.path->local_type = "relay";
  viewer.path->local_address = kRelayed.ToString();
  viewer.pairs.emplace_back();
  viewer.pairs[0].local_type = "host";
  std::vector<signaling::ViewerStatus> viewers = {viewer};
  AddRelayProtocols(std::vector<gathering::ServerStatus>{server}, viewers);
  EXPECT_EQ(viewers[0].path->relay_protocol, "tls");
  EXPECT_EQ(viewers[0].pairs[0].relay_protocol, "");
}

}  // namespace
}  // namespace ocellus::app
