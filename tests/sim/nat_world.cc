// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/nat_world.h"

namespace ocellus::sim {
namespace {

IpAddress Ip(const std::string& text) { return *IpAddress::Parse(text); }

constexpr uint16_t kCameraPort = 8555;
constexpr uint16_t kViewerPort = 40000;
// The same private address behind both routers: what most homes have.
const char* const kInside = "192.168.1.2";

NatOptions Firewall() {
  NatOptions options = Symmetric();
  options.udp_blocked = true;
  return options;
}

NatOptions OptionsOf(Behind behind) {
  switch (behind) {
    case Behind::kNothing:
    case Behind::kFullCone:
      return FullCone();
    case Behind::kAddressRestricted:
      return AddressRestrictedCone();
    case Behind::kPortRestricted:
    case Behind::kCarrier:
      return PortRestrictedCone();
    case Behind::kSymmetric:
    case Behind::kSymmetricCarrier:
      return Symmetric();
    case Behind::kUdpBlocked:
      return Firewall();
  }
  return FullCone();
}

}  // namespace

NatWorld::NatWorld(uint64_t seed, const LinkConditions& conditions, const TurnServerOptions& server)
    : seed_(seed), server_options_(server), network_(seed), server_(network_, server, seed + 1) {
  network_.SetDefaultConditions(conditions);
}

NatWorld::NatWorld(uint64_t seed, const LinkConditions& conditions, Behind camera, Behind viewer,
                   const TurnServerOptions& server)
    : NatWorld(seed, conditions, server) {
  const Realm camera_realm = Build(camera, 1, camera_nat_);
  const Realm viewer_realm = Build(viewer, 2, viewer_nat_);
  const char* const camera_ip = camera_nat_ == nullptr ? "198.51.100.1" : kInside;
  const char* const viewer_ip = viewer_nat_ == nullptr ? "198.51.100.2" : kInside;
  camera_home_ = {{{Ip(camera_ip), kCameraPort}, camera_realm}};
  viewer_home_ = {{{Ip(viewer_ip), kViewerPort}, viewer_realm}};
}

NatWorld::NatWorld(uint64_t seed, const LinkConditions& conditions, const Shared& shared)
    : NatWorld(seed, conditions, TurnServerOptions()) {
  Nat& nat = AddNat(shared.nat, "203.0.113.1");
  camera_nat_ = &nat;
  viewer_nat_ = &nat;
  Realm camera_realm = &nat;
  Realm viewer_realm = &nat;
  const IpAddress camera = Ip(kInside);
  IpAddress viewer = Ip("192.168.1.3");
  if (shared.kind == Shared::Kind::kCarrier) {
    camera_realm = &AddNat(PortRestrictedCone(), "100.64.0.1", &nat);
    viewer_realm = &AddNat(PortRestrictedCone(), "100.64.0.2", &nat);
    viewer = camera;
  } else if (shared.kind == Shared::Kind::kIsolatedHome) {
    network_.link(camera, viewer, &nat).conditions().down = true;
    network_.link(viewer, camera, &nat).conditions().down = true;
  }
  camera_home_ = {{{camera, kCameraPort}, camera_realm}};
  viewer_home_ = {{{viewer, kViewerPort}, viewer_realm}};
}

Nat& NatWorld::AddNat(const NatOptions& options, const std::string& outside, Realm front) {
  const uint64_t seed = seed_ * 16 + nats_.size() + 2;
  nats_.push_back(std::make_unique<Nat>(network_, options, Ip(outside), seed, front));
  return *nats_.back();
}

Realm NatWorld::Build(Behind behind, int number, Nat*& outermost) {
  if (behind == Behind::kNothing) return nullptr;
  Nat& nat = AddNat(OptionsOf(behind), "203.0.113." + std::to_string(number));
  outermost = &nat;
  if (behind != Behind::kCarrier && behind != Behind::kSymmetricCarrier) return &nat;
  return &AddNat(PortRestrictedCone(), "100.64.0.1", &nat);
}

ReachOptions NatWorld::Options(const Home& home, Servers servers) const {
  ReachOptions options;
  options.interfaces = home;
  options.seed = seed_ * 4 + home.front().address.port;
  // By a name: a server with addresses of both families has one.
  options.names["server.example"] = server_options_.addresses;
  const auto add = [&options](const char* url) {
    options.gathering.servers.push_back(*gathering::ServerUrl::Parse(url));
  };
  if (servers != Servers::kNone) add("stun:server.example");
  if (servers == Servers::kStunAndTurn) {
    add("turn:server.example");
    options.gathering.credentials =
        gathering::StaticCredentials{server_options_.username, server_options_.password};
  }
  return options;
}

ReachOptions NatWorld::Camera(Servers servers) const { return Options(camera_home_, servers); }
ReachOptions NatWorld::Viewer(Servers servers) const { return Options(viewer_home_, servers); }

}  // namespace ocellus::sim
