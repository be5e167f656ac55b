// SPDX-License-Identifier: Apache-2.0
// Where one TURN server is tested through its life: the simulator's server, a NAT and a viewer.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/rtc/gathering/gatherer_network.h"

namespace ocellus::gathering {

class TurnNetwork : public testing::Test {
 protected:
  TurnNetwork() {
    conditions_.delay = milliseconds(20);
    network_.SetDefaultConditions(conditions_);
  }

  static sim::TurnServerOptions ServerOptions() {
    sim::TurnServerOptions options;
    options.addresses = {At("192.0.2.1:0").ip, At("[2001:db8::1]:0").ip};
    return options;
  }

  // Says something every 100 ms, as video does.
  void Stream(GathererNode& camera, Duration duration) {
    const Time end = network_.now() + duration;
    while (network_.now() < end) {
      if (const auto relayed = camera.relayed()) camera.Say(*relayed, viewer_.address(), "video");
      network_.RunFor(milliseconds(100));
    }
  }
  // For how long nobody is heard through a relay while something is streamed.
  Duration Gap(GathererNode& camera, Duration limit) {
    const Time begin = network_.now();
    Time last = begin;
    Duration gap{};
    size_t heard = camera.heard.size();
    while (network_.now() - begin < limit) {
      Stream(camera, milliseconds(100));
      if (camera.heard.size() == heard) continue;
      heard = camera.heard.size();
      gap = std::max(gap, network_.now() - last);
      last = network_.now();
    }
    return std::max(gap, network_.now() - last);
  }
  void SetDown(bool down) {
    conditions_.down = down;
    network_.SetDefaultConditions(conditions_);
  }

  sim::Network network_{1};
  sim::LinkConditions conditions_;
  sim::TurnServer server_{network_, ServerOptions(), 1};
  sim::Nat nat_{network_, sim::PortRestrictedCone(), kOutside, 3};
  EchoPeer viewer_{network_, At("198.51.100.77:50000")};
};

}  // namespace ocellus::gathering
