// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/network_status.h"

namespace ocellus::app {
namespace {

const char* ToString(TransportProtocol protocol) {
  return protocol == TransportProtocol::kTcp ? "tcp" : "udp";
}

const char* ToString(gathering::ServerTransport transport) {
  switch (transport) {
    case gathering::ServerTransport::kUdp:
      return "udp";
    case gathering::ServerTransport::kTcp:
      return "tcp";
    case gathering::ServerTransport::kTls:
      return "tls";
  }
  return "unknown";
}

const char* StateOf(const ice::PairStatus& pair) {
  if (pair.selected) return "selected";
  if (pair.failure != ice::PairFailure::kNone) return "failed";
  if (pair.works) return "works";
  switch (pair.state) {
    case ice::PairState::kFrozen:
    case ice::PairState::kWaiting:
      return "waiting";
    case ice::PairState::kInProgress:
      return "checking";
    case ice::PairState::kSucceeded:
      return "works";
    case ice::PairState::kFailed:
      return "failed";
  }
  return "unknown";
}

const char* StateOf(gathering::ServerState state) {
  switch (state) {
    case gathering::ServerState::kUnused:
      return "unused";
    case gathering::ServerState::kResolving:
      return "resolving";
    case gathering::ServerState::kConnecting:
      return "connecting";
    case gathering::ServerState::kReady:
      return "ready";
    case gathering::ServerState::kFailed:
      return "failed";
  }
  return "unknown";
}

std::vector<std::string> ToText(const std::vector<SocketAddress>& addresses) {
  std::vector<std::string> texts;
  for (const SocketAddress& address : addresses) texts.push_back(address.ToString());
  return texts;
}

}  // namespace

signaling::PathStatus ToPathStatus(const ice::PairStatus& pair) {
  signaling::PathStatus status;
  status.local_type = ice::ToString(pair.local_type);
  status.remote_type = ice::ToString(pair.remote_type);
  status.local_address = pair.path.local.ToString();
  status.remote_address = pair.path.remote.ToString();
  status.protocol = ToString(pair.path.protocol);
  status.state = StateOf(pair);
  if (pair.failure != ice::PairFailure::kNone) status.reason = ice::Describe(pair);
  status.round_trip_time = pair.rtt;
  return status;
}

signaling::NetworkStatus ToNetworkStatus(gathering::Policy policy,
                                         Span<const ice::LocalCandidate> candidates,
                                         Span<const gathering::ServerStatus> servers) {
  signaling::NetworkStatus status;
  const bool relay_only = policy == gathering::Policy::kRelay;
  status.ice_policy = relay_only ? "relay" : "all";
  status.hide_addresses = relay_only;
  for (const ice::LocalCandidate& candidate : candidates) {
    status.candidates.push_back({ice::ToString(candidate.type), ToString(candidate.protocol),
                                 candidate.address.ToString()});
  }
  for (const gathering::ServerStatus& server : servers) {
    signaling::ServerStatus shown;
    shown.url = server.url;
    shown.state = StateOf(server.state);
    shown.reason = server.error;
    if (server.address) shown.address = server.address->ToString();
    shown.mapped = ToText(server.mapped);
    shown.relayed = ToText(server.relayed);
    shown.round_trip_time = server.rtt;
    status.servers.push_back(std::move(shown));
  }
  return status;
}

void AddRelayProtocols(Span<const gathering::ServerStatus> servers,
                       std::vector<signaling::ViewerStatus>& viewers) {
  const auto add = [&](signaling::PathStatus& path) {
    if (path.local_type != ice::ToString(ice::CandidateType::kRelayed)) return;
    for (const gathering::ServerStatus& server : servers) {
      for (const SocketAddress& relayed : server.relayed) {
        if (relayed.ToString() == path.local_address) {
          path.relay_protocol = ToString(server.transport);
        }
      }
    }
  };
  for (signaling::ViewerStatus& viewer : viewers) {
    if (viewer.path) add(*viewer.path);
    for (signaling::PathStatus& pair : viewer.pairs) add(pair);
  }
}

}  // namespace ocellus::app
