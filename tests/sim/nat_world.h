// SPDX-License-Identifier: Apache-2.0
// A camera and a viewer, each behind some kind of NAT or none, on an internet with one STUN and
// TURN server: what the scenarios about NATs begin with.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/sim/nat.h"
#include "tests/sim/reach_node.h"
#include "tests/sim/turn_server.h"

namespace ocellus::sim {

// What stands between a host and the internet.
enum class Behind : uint8_t {
  kNothing,
  kFullCone,
  kAddressRestricted,
  kPortRestricted,
  kSymmetric,
  kCarrier,           // A port-restricted home router behind a port-restricted carrier's NAT,
  kSymmetricCarrier,  // or behind a symmetric one (RFC 6598).
  kUdpBlocked,        // A firewall that lets no UDP through.
};

// Which servers a host knows.
enum class Servers : uint8_t { kNone, kStun, kStunAndTurn };

class NatWorld {
 public:
  // Two homes with a router each.
  NatWorld(uint64_t seed, const LinkConditions& conditions, Behind camera, Behind viewer,
           const TurnServerOptions& server = {});

  struct Shared {
    enum class Kind : uint8_t {
      kHome,          // One router, one local network.
      kIsolatedHome,  // The same, but its radio lets no two hosts talk to each other.
      kCarrier,       // A router each, one carrier's NAT before both.
    };
    Kind kind = Kind::kHome;
    NatOptions nat;
  };
  // Both behind one NAT.
  NatWorld(uint64_t seed, const LinkConditions& conditions, const Shared& shared);

  using Home = std::vector<ReachOptions::Interface>;
  // Where each lives, with one interface at first. The camera listens on 8555.
  Home& camera_home() { return camera_home_; }
  Home& viewer_home() { return viewer_home_; }
  // How to join the network from there.
  ReachOptions Camera(Servers servers) const;
  ReachOptions Viewer(Servers servers) const;

  Network& network() { return network_; }
  TurnServer& server() { return server_; }
  // The outermost NAT of each side; nullptr where it has none.
  Nat* camera_nat() { return camera_nat_; }
  Nat* viewer_nat() { return viewer_nat_; }
  uint64_t seed() const { return seed_; }

 private:
  NatWorld(uint64_t seed, const LinkConditions& conditions, const TurnServerOptions& server);
  Nat& AddNat(const NatOptions& options, const std::string& outside, Realm front = nullptr);
  // The realm behind it, and the outermost NAT. `number` tells the two sides apart.
  Realm Build(Behind behind, int number, Nat*& outermost);
  ReachOptions Options(const Home& home, Servers servers) const;

  const uint64_t seed_;
  const TurnServerOptions server_options_;
  Network network_;
  TurnServer server_;
  std::vector<std::unique_ptr<Nat>> nats_;
  Home camera_home_;
  Home viewer_home_;
  Nat* camera_nat_ = nullptr;
  Nat* viewer_nat_ = nullptr;
};

}  // namespace ocellus::sim
