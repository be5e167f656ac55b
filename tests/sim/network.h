// SPDX-License-Identifier: Apache-2.0
// A network in virtual time. Nodes own IP addresses; a datagram goes over the Link of its address
// pair, or of the default conditions. Run advances time from event to event, so hours of silence
// cost nothing, and a run is a function of its seed. It carries UDP.
//
// Addresses live in realms (RFC 2663 section 2.1): the internet's, and one behind each Gateway. The
// same private address may stand in two realms. Who is behind a gateway reaches the realm in front
// of it, and so on through gateways behind gateways:
//
//     node -> gateway -> gateway -> link -> gateway -> node
//
// A gateway stands next to those behind it: only the link takes time, in the realm where both ends
// of the datagram's journey can be reached.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "firmware/base/datagram.h"
#include "tests/sim/link.h"

namespace ocellus::sim {

// Whoever sends and receives: an adapter around a sans-I/O object, with four of its five verbs.
class Node {
 public:
  virtual ~Node() = default;
  virtual void HandleDatagram(Time now, const Datagram& in) = 0;
  virtual void HandleTimeout(Time now) = 0;
  virtual std::optional<Transmit> PollTransmit(Time now, MutableBytes out) = 0;
  virtual Time next_deadline() const = 0;
};

// The way out of a realm, and back in: a NAT or a firewall.
class Gateway {
 public:
  virtual ~Gateway() = default;
  // A datagram from inside to an address that nobody inside has. It may be readdressed for the
  // realm in front. False: it goes no further.
  virtual bool HandleOutbound(Time now, SocketAddress& from, SocketAddress& to) = 0;
  // A datagram to an address that the gateway has in the realm in front.
  virtual bool HandleInbound(Time now, SocketAddress& from, SocketAddress& to) = 0;
};

// The realm behind a gateway; nullptr is the internet.
using Realm = Gateway*;

class Network {
 public:
  explicit Network(uint64_t seed, Time start = Time(std::chrono::hours(1)))
      : random_(seed), now_(start) {}

  Time now() const { return now_; }

  // `node` must outlive the network or be detached. It receives what is sent to `addresses`. Again
  // with further ones: a host with a foot in several realms.
  void Attach(Node& node, const std::vector<IpAddress>& addresses, Realm realm = nullptr);
  void Detach(Node& node);
  // `gateway` must outlive the network. In `front` of it, it has `addresses`.
  void Attach(Gateway& gateway, const std::vector<IpAddress>& addresses, Realm front = nullptr);
  // What is sent to `address` is lost from now on, and so is what is sent from it.
  void RemoveAddress(const IpAddress& address, Realm realm = nullptr);

  // Conditions of every path that has none of its own, also of those already in use.
  void SetDefaultConditions(const LinkConditions& conditions);
  // The link from one address to another, as the realm of both knows them: made on first use, kept
  // for good.
  Link& link(const IpAddress& from, const IpAddress& to, Realm realm = nullptr);

  // Sends as if from a node, for attackers and late packets.
  void Inject(const SocketAddress& from, const SocketAddress& to, Bytes payload);

  // Runs until `end` (inclusive), or until `done` says so after an event.
  void RunUntil(Time end);
  void RunFor(Duration duration) { RunUntil(now_ + duration); }
  template <typename Predicate>
  bool RunUntilTrue(Predicate done, Duration limit) {
    const Time end = now_ + limit;
    while (!done()) {
      if (!Step(end)) return done();
    }
    return true;
  }

  // Every datagram that a node sends, before gateways and links: for tests that look at the wire.
  struct Observation {
    Time at;
    SocketAddress from;
    SocketAddress to;
    Bytes payload;
  };
  using Observer = void (*)(void* context, const Observation&);
  void Observe(Observer observer, void* context) {
    observer_ = observer;
    observer_context_ = context;
  }

 private:
  // An address in its realm.
  struct Place {
    Realm realm = nullptr;
    IpAddress ip;

    friend bool operator==(const Place& a, const Place& b) {
      return a.realm == b.realm && a.ip == b.ip;
    }
  };
  struct HashPlace {
    size_t operator()(const Place& place) const;
  };
  struct HashPlaces {
    size_t operator()(const std::pair<Place, Place>& places) const;
  };
  // One of the two.
  struct Owner {
    Node* node = nullptr;
    Gateway* gateway = nullptr;
  };
  struct Host {
    Node* node = nullptr;
    std::vector<Place> places;
  };
  struct Flying {
    Realm realm = nullptr;
    SocketAddress from;
    SocketAddress to;
    std::vector<uint8_t> payload;
  };

  // Sends what is due, then handles the next event not later than `end`. False when there is none;
  // time is then `end`.
  bool Step(Time end);
  void SendPending();
  void Send(Flying datagram);
  void Deliver(Flying datagram);
  Link& FindLink(const Place& from, const Place& to);

  SeededRandom random_;
  Time now_;
  size_t events_at_now_ = 0;
  LinkConditions default_conditions_;
  std::vector<Host> hosts_;
  std::unordered_map<Gateway*, Realm> fronts_;
  std::unordered_map<Place, Owner, HashPlace> owners_;
  std::unordered_map<std::pair<Place, Place>, std::unique_ptr<Link>, HashPlaces> links_;
  std::set<Link*> links_of_their_own_;
  std::multimap<Time, Flying> flying_;
  Observer observer_ = nullptr;
  void* observer_context_ = nullptr;
};

}  // namespace ocellus::sim
