// SPDX-License-Identifier: Apache-2.0
// Which of the addresses that are known become candidates.
#include <algorithm>

#include "firmware/base/limits.h"
#include "firmware/rtc/gathering/gatherer.h"

namespace ocellus::gathering {
namespace {

using ice::CandidateType;
using ice::LocalCandidate;

// Foundations differ by the server that a candidate is from (RFC 8445 section 5.1.1.3): these are
// the user's own, the servers' are their places in the list from 1 on.
constexpr uint32_t kUser = kMaxIceServers + 1;

// RFC 8445 section 5.1.3: of several candidates with one address the first, which has the highest
// priority, is enough.
void AddUnlessThere(const LocalCandidate& candidate, std::vector<LocalCandidate>& found) {
  const bool there = std::any_of(found.begin(), found.end(), [&](const LocalCandidate& other) {
    return other.address == candidate.address && other.protocol == candidate.protocol;
  });
  if (!there) found.push_back(candidate);
}

}  // namespace

void Gatherer::Update() {
  std::vector<LocalCandidate> found;
  if (options_.policy == Policy::kAll) {
    AddHosts(found);
    AddPublicAddresses(TransportProtocol::kUdp, found);
    AddMapped(found);
    if (options_.tcp) AddPublicAddresses(TransportProtocol::kTcp, found);
  }
  AddRelayed(found);
  if (found != candidates_) {
    candidates_ = std::move(found);
    changed_ = true;
  }

  watched_.clear();
  for (const Server& server : servers_) {
    if (server.turn && server.turn->udp_server()) watched_.push_back(*server.turn->udp_server());
    if (!server.stun) continue;
    for (const auto& mapping : server.stun->mappings()) {
      const SocketAddress& address = mapping->server();
      if (std::find(watched_.begin(), watched_.end(), address) == watched_.end()) {
        watched_.push_back(address);
      }
    }
  }
}

void Gatherer::AddHosts(std::vector<LocalCandidate>& found) const {
  for (const TransportProtocol protocol : {TransportProtocol::kUdp, TransportProtocol::kTcp}) {
    if (protocol == TransportProtocol::kTcp && !options_.tcp) continue;
    for (const SocketAddress& host : hosts_) {
      AddUnlessThere({CandidateType::kHost, protocol, host, host, std::nullopt, 0}, found);
    }
  }
}

void Gatherer::AddPublicAddresses(TransportProtocol protocol,
                                  std::vector<LocalCandidate>& found) const {
  for (const IpAddress& address : options_.public_addresses) {
    const auto base = std::find_if(hosts_.begin(), hosts_.end(), [&](const SocketAddress& host) {
      return host.ip.family() == address.family() && !host.ip.is_loopback() &&
             !host.ip.is_link_local();
    });
    if (base == hosts_.end()) continue;
    AddUnlessThere(
        {CandidateType::kServerReflexive, protocol, {address, base->port}, *base, *base, kUser},
        found);
  }
}

void Gatherer::AddMapped(std::vector<LocalCandidate>& found) const {
  size_t room = found.size() + kMaxServerReflexiveCandidates;
  const auto add = [&](const SocketAddress& base, const SocketAddress& mapped, size_t server) {
    if (found.size() == room) return;
    AddUnlessThere({CandidateType::kServerReflexive, TransportProtocol::kUdp, mapped, base, base,
                    static_cast<uint32_t>(server)},
                   found);
  };
  for (size_t i = 0; i < servers_.size(); ++i) {
    if (servers_[i].turn) {
      const TurnServer& server = *servers_[i].turn;
      if (server.uses_udp() && server.mapped()) add(server.base(), *server.mapped(), i + 1);
      continue;
    }
    for (const auto& mapping : servers_[i].stun->mappings()) {
      if (mapping->mapped()) add(mapping->base(), *mapping->mapped(), i + 1);
    }
  }
}

bool Gatherer::IsHost(const SocketAddress& address) const {
  return std::find(hosts_.begin(), hosts_.end(), address) != hosts_.end();
}

void Gatherer::AddRelayed(std::vector<LocalCandidate>& found) {
  routes_.clear();
  for (size_t i = 0; i < servers_.size(); ++i) {
    if (!servers_[i].turn) continue;
    TurnServer& server = *servers_[i].turn;
    for (const SocketAddress& relayed : server.relayed()) {
      // Invariant 1: what a server says must not take over another route.
      if (!IsUsable(relayed) || IsHost(relayed) || IsRelayed(relayed)) continue;
      routes_.push_back({relayed, &server});
      const auto related = options_.policy == Policy::kAll ? server.mapped() : std::nullopt;
      AddUnlessThere({CandidateType::kRelayed, TransportProtocol::kUdp, relayed, relayed, related,
                      static_cast<uint32_t>(i + 1)},
                     found);
    }
  }
}

}  // namespace ocellus::gathering
