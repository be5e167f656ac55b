// SPDX-License-Identifier: Apache-2.0
// What /status says of the network, from what ICE and gathering know. io thread only.
#pragma once

#include <vector>

#include "firmware/base/bytes.h"
#include "firmware/rtc/gathering/gatherer.h"
#include "firmware/rtc/ice/pair_status.h"
#include "firmware/signaling/status_report.h"

namespace ocellus::app {

signaling::PathStatus ToPathStatus(const ice::PairStatus& pair);

signaling::NetworkStatus ToNetworkStatus(gathering::Policy policy,
                                         Span<const ice::LocalCandidate> candidates,
                                         Span<const gathering::ServerStatus> servers);

// Says of each relayed path how we reach the relay.
void AddRelayProtocols(Span<const gathering::ServerStatus> servers,
                       std::vector<signaling::ViewerStatus>& viewers);

}  // namespace ocellus::app
