// SPDX-License-Identifier: Apache-2.0
// A network in virtual time. Nodes own IP addresses; a datagram goes over the Link of its address
// pair, or of the default conditions. Run advances time from event to event, so hours of silence
// cost nothing, and a run is a function of its seed.
#pragma once

#include <map>
#include <memory>
#include <set>
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

class Network {
 public:
  explicit Network(uint64_t seed, Time start = Time(std::chrono::hours(1)))
      : random_(seed), now_(start) {}

  Time now() const { return now_; }

  // `node` must outlive the network or be detached. It receives what is sent to `addresses`.
  void Attach(Node& node, const std::vector<IpAddress>& addresses);
  void Detach(Node& node);
  // What is sent to `address` is lost from now on, and so is what is sent from it.
  void RemoveAddress(const IpAddress& address);

  // Conditions of every path that has none of its own, also of those already in use.
  void SetDefaultConditions(const LinkConditions& conditions);
  // The link from one address to another: made on first use, kept for good.
  Link& link(const IpAddress& from, const IpAddress& to);

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

  // Every datagram that a node sends, before the link: for tests that look at the wire.
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
  struct Flying {
    SocketAddress from;
    SocketAddress to;
    std::vector<uint8_t> payload;
  };

  // Sends what is due, then handles the next event not later than `end`. False when there is none;
  // time is then `end`.
  bool Step(Time end);
  void SendPending();
  void Send(const SocketAddress& from, const SocketAddress& to, Bytes payload);

  SeededRandom random_;
  Time now_;
  size_t events_at_now_ = 0;
  LinkConditions default_conditions_;
  std::vector<Node*> nodes_;
  std::map<std::vector<uint8_t>, Node*> owners_;
  std::map<std::pair<std::vector<uint8_t>, std::vector<uint8_t>>, std::unique_ptr<Link>> links_;
  std::set<Link*> links_of_their_own_;
  std::multimap<Time, Flying> flying_;
  Observer observer_ = nullptr;
  void* observer_context_ = nullptr;
};

}  // namespace ocellus::sim
