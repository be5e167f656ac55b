// SPDX-License-Identifier: Apache-2.0
// A NAT in the virtual network, in the words of RFC 4787: how it maps what goes out, what it lets
// in, whether it hairpins, which ports it takes and when it forgets. It translates IPv4 and UDP.
//
// A mapping belongs to one address and port inside (and to a destination, if the NAT maps by
// destinations) and has one port outside. Its sessions are the destinations that it was used for:
// they are what the filter knows.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "tests/sim/network.h"

namespace ocellus::sim {

struct NatOptions {
  // RFC 4787 sections 4.1 and 5: what a mapping is for, and from whom it lets datagrams in.
  enum class Behavior : uint8_t {
    kEndpointIndependent,
    kAddressDependent,
    kAddressAndPortDependent,
  };
  // RFC 4787 section 4.2.1. Preserving: the port that the host has inside, if it is free. Random:
  // any, from the seed.
  enum class Ports : uint8_t { kPreserving, kRandom };
  // RFC 4787 section 6: both are allowed; refreshing by outbound is a MUST.
  enum class Hairpinning : uint8_t { kOff, kOn };
  // RFC 4787 section 4.3: what keeps a session, besides what goes out.
  enum class Refresh : uint8_t { kOutbound, kOutboundAndInbound };

  Behavior mapping = Behavior::kEndpointIndependent;
  Behavior filtering = Behavior::kEndpointIndependent;
  Hairpinning hairpinning = Hairpinning::kOff;
  Ports ports = Ports::kRandom;
  Refresh refresh = Refresh::kOutbound;
  // RFC 4787 section 4.3: "MUST NOT expire in less than two minutes". Some are below; Linux'
  // conntrack has 30 s for what was answered by nobody, and 120 s else.
  Duration timeout = std::chrono::minutes(2);
  bool udp_blocked = false;  // A firewall that lets no UDP through.
};

// By their old names (RFC 3489 section 5).
NatOptions FullCone();
NatOptions AddressRestrictedCone();
NatOptions PortRestrictedCone();
NatOptions Symmetric();

class Nat : public Gateway {
 public:
  struct Stats {
    uint64_t outbound = 0;    // Datagrams translated on their way out,
    uint64_t inbound = 0;     // and on their way in.
    uint64_t filtered = 0;    // Refused: a mapping, but not for this sender.
    uint64_t unmapped = 0;    // Refused: no mapping, or none any more.
    uint64_t hairpinned = 0;  // From inside to inside; counted in the others as well.
  };

  // `outside` is its IPv4 address in the realm in `front`. The network must outlive it.
  Nat(Network& network, const NatOptions& options, const IpAddress& outside, uint64_t seed,
      Realm front = nullptr);

  bool HandleOutbound(Time now, SocketAddress& from, SocketAddress& to) override;
  bool HandleInbound(Time now, SocketAddress& from, SocketAddress& to) override;

  // Forgets all mappings. With random ports, new ones have other ports.
  void Reboot();
  // The provider gave it another address; mappings to the old one are of no use.
  void ChangeAddress(const IpAddress& outside);
  // From now on. Mappings stay.
  void BlockUdp(bool blocked) { options_.udp_blocked = blocked; }

  const IpAddress& outside() const { return outside_; }
  const Stats& stats() const { return stats_; }
  // Live ones.
  size_t mappings(Time now) const;

 private:
  // Who is inside, and for which destination: unspecified and 0 where the NAT does not care.
  struct Key {
    SocketAddress inside;
    SocketAddress destination;

    bool operator<(const Key& other) const;
  };
  struct Session {
    SocketAddress remote;
    Time expires;
  };
  struct Mapping {
    Key key;
    std::vector<Session> sessions;
    Time expires;
  };

  SocketAddress Relevant(NatOptions::Behavior behavior, const SocketAddress& remote) const;
  // The port outside.
  uint16_t Map(Time now, const SocketAddress& from, const SocketAddress& to);
  uint16_t FreePort(Time now, uint16_t inside_port);
  bool IsFree(Time now, uint16_t port) const;
  void Refresh(Time now, Mapping& mapping, const SocketAddress& remote);
  bool LetsIn(Time now, const Mapping& mapping, const SocketAddress& from) const;

  Network& network_;
  NatOptions options_;
  IpAddress outside_;
  Realm front_;
  SeededRandom random_;
  std::map<uint16_t, Mapping> mappings_;  // By port outside. Expired ones stay until overwritten.
  std::map<Key, uint16_t> ports_;
  Stats stats_;
};

}  // namespace ocellus::sim
