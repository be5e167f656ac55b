// SPDX-License-Identifier: Apache-2.0
// What `ocellus --check-network` prints: the addresses, what the servers say and what the NAT does,
// and a verdict in words. From plain values; any thread.
#pragma once

#include <string>
#include <vector>

#include "firmware/base/socket_address.h"
#include "firmware/rtc/gathering/behavior_discovery.h"
#include "firmware/rtc/gathering/gatherer.h"
#include "firmware/rtc/gathering/server_status.h"

namespace ocellus::gathering {

struct NetworkFindings {
  std::vector<SocketAddress> hosts;  // As given to the gatherer.
  bool tcp = false;                  // The same ports are open for TCP too.
  Policy policy = Policy::kAll;
  std::vector<IpAddress> public_addresses;
  std::vector<ServerStatus> servers;      // Gatherer::servers() after some seconds.
  std::vector<BehaviorReport> behaviors;  // Of one address of each family, where there is one.
};

// How viewers on other networks can reach this camera.
enum class Reach : uint8_t {
  kDirect,        // From anywhere: a public address and nothing that filters, or so the user says.
  kMostlyDirect,  // By hole punching; with a relay behind the worst NATs.
  kDirectOnly,    // By hole punching only: some viewers cannot.
  kRelayOnly,     // Through TURN only.
  kNone,          // Not at all; on the local network perhaps.
};

Reach Judge(const NetworkFindings& findings);

// Some lines of at most 100 characters, each ended with a newline; no credentials in it.
std::string WriteNetworkReport(const NetworkFindings& findings);

}  // namespace ocellus::gathering
