// SPDX-License-Identifier: Apache-2.0
// Where gatherers are tested: two servers, a NAT and a viewer.
#pragma once

#include <gtest/gtest.h>

#include "tests/rtc/gathering/gatherer_node.h"
#include "tests/sim/nat.h"
#include "tests/sim/turn_server.h"

namespace ocellus::gathering {

using ice::CandidateType;
using ice::LocalCandidate;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

inline const SocketAddress kInside = At("192.168.1.2:8555");
inline const SocketAddress kPublic = At("198.51.100.9:8555");
inline const IpAddress kOutside = At("203.0.113.5:0").ip;

inline sim::TurnServerOptions ServerAt(const char* ip) {
  sim::TurnServerOptions options;
  options.addresses = {*IpAddress::Parse(ip)};
  return options;
}

inline Options With(std::initializer_list<const char*> urls) {
  Options options;
  for (const char* url : urls) options.servers.push_back(*ServerUrl::Parse(url));
  options.credentials = StaticCredentials{"camera", "a password"};
  return options;
}

// A network with two servers of round trip 40 ms, and a viewer.
class GathererNetwork : public testing::Test {
 protected:
  GathererNetwork() {
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

}  // namespace ocellus::gathering
