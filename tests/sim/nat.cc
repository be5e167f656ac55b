// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/nat.h"

#include <algorithm>
#include <tuple>

namespace ocellus::sim {
namespace {

using Behavior = NatOptions::Behavior;

// RFC 4787 section 4.2.2: ports up to 1023 are not for those who did not ask for them.
constexpr uint16_t kFirstPort = 1024;

NatOptions Kind(Behavior mapping, Behavior filtering) {
  NatOptions options;
  options.mapping = mapping;
  options.filtering = filtering;
  return options;
}

std::tuple<uint64_t, uint16_t> Order(const SocketAddress& address) {
  uint64_t ip = 0;
  for (const uint8_t byte : address.ip.bytes()) ip = ip << 8 | byte;
  return {ip, address.port};
}

}  // namespace

NatOptions FullCone() {
  return Kind(Behavior::kEndpointIndependent, Behavior::kEndpointIndependent);
}
NatOptions AddressRestrictedCone() {
  return Kind(Behavior::kEndpointIndependent, Behavior::kAddressDependent);
}
NatOptions PortRestrictedCone() {
  return Kind(Behavior::kEndpointIndependent, Behavior::kAddressAndPortDependent);
}
NatOptions Symmetric() {
  return Kind(Behavior::kAddressAndPortDependent, Behavior::kAddressAndPortDependent);
}

bool Nat::Key::operator<(const Key& other) const {
  return std::make_pair(Order(inside), Order(destination)) <
         std::make_pair(Order(other.inside), Order(other.destination));
}

Nat::Nat(Network& network, const NatOptions& options, const IpAddress& outside, uint64_t seed,
         Realm front)
    : network_(network), options_(options), outside_(outside), front_(front), random_(seed) {
  CHECK(outside.is_v4(), "a NAT with the address %s", outside.ToString().c_str());
  network.Attach(*this, {outside}, front);
}

bool Nat::HandleOutbound(Time now, SocketAddress& from, SocketAddress& to) {
  if (options_.udp_blocked || !to.ip.is_v4() || !from.ip.is_v4()) return false;
  ++stats_.outbound;
  from = {outside_, Map(now, from, to)};
  return true;
}

bool Nat::HandleInbound(Time now, SocketAddress& from, SocketAddress& to) {
  if (options_.udp_blocked) return false;
  if (from.ip == outside_) {
    if (options_.hairpinning == NatOptions::Hairpinning::kOff) return false;
    ++stats_.hairpinned;
  }
  const auto found = mappings_.find(to.port);
  if (found == mappings_.end() || found->second.expires <= now) {
    ++stats_.unmapped;
    return false;
  }
  Mapping& mapping = found->second;
  if (!LetsIn(now, mapping, from)) {
    ++stats_.filtered;
    return false;
  }
  if (options_.refresh == NatOptions::Refresh::kOutboundAndInbound) Refresh(now, mapping, from);
  ++stats_.inbound;
  to = mapping.key.inside;
  return true;
}

// The part of a remote address that a behavior tells apart.
SocketAddress Nat::Relevant(Behavior behavior, const SocketAddress& remote) const {
  switch (behavior) {
    case Behavior::kEndpointIndependent:
      return {};
    case Behavior::kAddressDependent:
      return {remote.ip, 0};
    case Behavior::kAddressAndPortDependent:
      return remote;
  }
  return remote;
}

uint16_t Nat::Map(Time now, const SocketAddress& from, const SocketAddress& to) {
  const Key key{from, Relevant(options_.mapping, to)};
  auto known = ports_.find(key);
  if (known == ports_.end() || mappings_[known->second].expires <= now) {
    if (known != ports_.end()) {
      mappings_.erase(known->second);
      ports_.erase(known);
    }
    const uint16_t port = FreePort(now, from.port);
    const auto stale = mappings_.find(port);
    if (stale != mappings_.end()) ports_.erase(stale->second.key);
    mappings_[port] = {key, {}, now};
    known = ports_.emplace(key, port).first;
  }
  Refresh(now, mappings_[known->second], to);
  return known->second;
}

bool Nat::IsFree(Time now, uint16_t port) const {
  const auto taken = mappings_.find(port);
  return taken == mappings_.end() || taken->second.expires <= now;
}

uint16_t Nat::FreePort(Time now, uint16_t inside_port) {
  if (options_.ports == NatOptions::Ports::kPreserving && IsFree(now, inside_port)) {
    return inside_port;
  }
  CHECK(mappings_.size() < 60'000, "%zu mappings", mappings_.size());
  while (true) {
    const auto port = static_cast<uint16_t>(kFirstPort + random_.Below(0x10000 - kFirstPort));
    if (IsFree(now, port)) return port;
  }
}

void Nat::Refresh(Time now, Mapping& mapping, const SocketAddress& remote) {
  mapping.expires = now + options_.timeout;
  auto& sessions = mapping.sessions;
  const auto known = std::find_if(sessions.begin(), sessions.end(),
                                  [&](const Session& session) { return session.remote == remote; });
  if (known != sessions.end()) {
    known->expires = mapping.expires;
  } else {
    sessions.push_back({remote, mapping.expires});
  }
}

bool Nat::LetsIn(Time now, const Mapping& mapping, const SocketAddress& from) const {
  const SocketAddress sender = Relevant(options_.filtering, from);
  return std::any_of(mapping.sessions.begin(), mapping.sessions.end(), [&](const Session& session) {
    return session.expires > now && Relevant(options_.filtering, session.remote) == sender;
  });
}

void Nat::Reboot() {
  mappings_.clear();
  ports_.clear();
}

void Nat::ChangeAddress(const IpAddress& outside) {
  network_.RemoveAddress(outside_, front_);
  outside_ = outside;
  network_.Attach(*this, {outside}, front_);
  Reboot();
}

size_t Nat::mappings(Time now) const {
  return static_cast<size_t>(
      std::count_if(mappings_.begin(), mappings_.end(),
                    [now](const auto& entry) { return entry.second.expires > now; }));
}

}  // namespace ocellus::sim
