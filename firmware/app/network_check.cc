// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/network_check.h"

#include <algorithm>

namespace ocellus::app {

using gathering::ServerState;
using gathering::ServerStatus;

NetworkCheck::NetworkCheck(Time now, uint16_t media_port, gathering::Options options,
                           const Parts& parts)
    : parts_(parts),
      media_port_(media_port),
      options_(options),
      started_at_(now),
      hosts_(parts.network.Addresses()),
      transport_({parts.media, parts.tcp_transport, parts.trust, parts.random},
                 std::move(options)) {
  transport_.SetWallClock(now, parts.clock.Wall());
  transport_.SetHosts(now, hosts_);
}

void NetworkCheck::Pump(Time now) {
  last_pump_ = now;
  transport_.HandleTimeout(now);
  PumpNames(now);
  // Nobody watches yet, so that nothing that comes is for anybody.
  while (!transport_.ReceiveUdp(now).empty()) continue;
  while (transport_.ReceiveTcp(now)) continue;
  StartDiscoveries(now);
  PumpDiscoveries(now);
  transport_.Flush(now);
  done_ = done_ || HasSettled(now) || now >= started_at_ + kNetworkCheckLimit;
}

Time NetworkCheck::next_deadline() const {
  Time next = std::min(transport_.next_deadline(), started_at_ + kNetworkCheckLimit);
  const Time all_asked = started_at_ + kServerNamesLimit;
  if (last_pump_ < all_asked) next = std::min(next, all_asked);
  for (const auto& discovery : discoveries_) next = std::min(next, discovery.next_deadline());
  return next;
}

void NetworkCheck::PumpNames(Time now) {
  while (const auto name = transport_.PollNameToResolve()) parts_.name_resolver.Resolve(*name);
  while (const auto resolved = parts_.name_resolver.Poll()) {
    transport_.HandleResolvedName(now, resolved->name, resolved->addresses);
  }
}

// Once the servers' addresses are known, or have taken too long.
void NetworkCheck::StartDiscoveries(Time now) {
  if (discovering_) return;
  const std::vector<ServerStatus> servers = transport_.servers();
  std::vector<SocketAddress> addresses;
  bool names_missing = false;
  for (const ServerStatus& server : servers) {
    if (server.transport != gathering::ServerTransport::kUdp) continue;
    names_missing = names_missing || server.state == ServerState::kResolving;
    if (server.address) addresses.push_back(*server.address);
  }
  if (names_missing && now < started_at_ + kServerNamesLimit) return;
  discovering_ = true;
  for (const auto family : {IpAddress::Family::kV4, IpAddress::Family::kV6}) {
    const auto of_family = [family](const IpAddress& ip) {
      return ip.family() == family && !ip.is_loopback();
    };
    const auto host = std::find_if(hosts_.begin(), hosts_.end(), of_family);
    const bool has_server = std::any_of(addresses.begin(), addresses.end(),
                                        [&](const auto& server) { return of_family(server.ip); });
    if (host == hosts_.end() || !has_server) continue;
    discoveries_.emplace_back(now,
                              gathering::BehaviorDiscovery::Ports{{*host, parts_.mapping.port()},
                                                                  {*host, parts_.filtering.port()}},
                              addresses, parts_.random);
  }
}

void NetworkCheck::PumpDiscoveries(Time now) {
  Receive(now, parts_.mapping);
  Receive(now, parts_.filtering);
  for (auto& discovery : discoveries_) {
    if (now >= discovery.next_deadline()) discovery.HandleTimeout(now);
    while (true) {
      uint8_t packet[kMaxDatagramSize];
      const auto transmit = discovery.PollTransmit(now, packet);
      if (!transmit) break;
      hal::UdpSocket& socket =
          transmit->local.port == parts_.mapping.port() ? parts_.mapping : parts_.filtering;
      std::copy_n(packet, transmit->size, socket.SendBuffer().begin());
      socket.Send(*transmit);
    }
  }
  parts_.mapping.Flush();
  parts_.filtering.Flush();
}

void NetworkCheck::Receive(Time now, hal::UdpSocket& socket) {
  while (true) {
    const Span<Datagram> batch = socket.Receive();
    if (batch.empty()) return;
    for (const Datagram& datagram : batch) {
      for (auto& discovery : discoveries_) discovery.HandleDatagram(now, datagram);
    }
  }
}

bool NetworkCheck::HasSettled(Time now) const {
  // One that is not used may only not have been asked yet.
  const bool all_asked = now >= started_at_ + kServerNamesLimit;
  const auto has_settled = [all_asked](const ServerStatus& server) {
    return server.state == ServerState::kReady || server.state == ServerState::kFailed ||
           (server.state == ServerState::kUnused && all_asked);
  };
  const std::vector<ServerStatus> servers = transport_.servers();
  return discovering_ && std::all_of(servers.begin(), servers.end(), has_settled) &&
         std::all_of(discoveries_.begin(), discoveries_.end(),
                     [](const auto& discovery) { return discovery.done(); });
}

std::string NetworkCheck::Report() const {
  gathering::NetworkFindings findings;
  for (const IpAddress& ip : hosts_) findings.hosts.push_back({ip, media_port_});
  findings.tcp = options_.tcp;
  findings.policy = options_.policy;
  findings.public_addresses = options_.public_addresses;
  findings.servers = transport_.servers();
  for (const auto& discovery : discoveries_) findings.behaviors.push_back(discovery.report());
  return gathering::WriteNetworkReport(findings);
}

}  // namespace ocellus::app
