// SPDX-License-Identifier: Apache-2.0
// What `ocellus --check-network` prints: our addresses, what the servers say, what the NAT does,
// and a verdict in words. From plain values; any thread.
#pragma once

#include <string>
#include <vector>

#include "firmware/base/socket_address.h"
#include "firmware/rtc/gathering/behavior_discovery.h"
#include "firmware/rtc/gathering/policy.h"
#include "firmware/rtc/gathering/server_status.h"

namespace ocellus::gathering {

struct NetworkFindings {
  std::vector<SocketAddress> hosts;  // As given to the gatherer.
  bool tcp = false;                  // The same ports are open for TCP too.
  Policy policy = Policy::kAll;
  std::vector<IpAddress> public_addresses;  // As the user says.
  std::vector<ServerStatus> servers;        // Gatherer::servers(), after some seconds.
  std::vector<BehaviorReport> behaviors;    // Of one address of each family that was tested.
};

// How viewers on other networks reach this camera, the best first.
enum class Reach : uint8_t {
  kDirect,       // From anywhere, without help.
  kPunched,      // Directly once both sides have sent (ICE), and else through TURN.
  kPunchedOnly,  // The same without TURN: viewers behind a symmetric NAT are left out.
  kRelayed,      // Through TURN.
  kHardly,       // Behind a symmetric NAT without TURN: only viewers whose own NAT is open.
  kUnknown,      // Nothing has told us about the way out.
  kNone,         // UDP is blocked, and there is no TURN.
};

Reach Judge(const NetworkFindings& findings);

// Lines of at most 100 characters where they are ours, each ended with a newline. No credentials.
std::string WriteNetworkReport(const NetworkFindings& findings);

}  // namespace ocellus::gathering
