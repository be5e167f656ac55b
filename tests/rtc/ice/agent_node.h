// SPDX-License-Identifier: Apache-2.0
// An ICE agent in the simulated network, and two of them that talk to each other.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "firmware/rtc/ice/agent.h"
#include "firmware/rtc/stun/message_writer.h"
#include "tests/rtc/ice/local_candidate_maker.h"
#include "tests/sim/network.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::ice {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A host candidate as a peer would signal it.
inline Candidate HostCandidate(std::string_view address, uint16_t preference = 1000) {
  Candidate candidate;
  candidate.foundation = Foundation(std::to_string(preference));
  candidate.priority = CandidatePriority(CandidateType::kHost, preference);
  candidate.address = Address(address);
  return candidate;
}

class AgentNode : public sim::Node {
 public:
  AgentNode(sim::Network& network, Role role, uint64_t seed,
            const std::vector<const char*>& addresses)
      : random_(seed), agent(role, random_), network_(network) {
    network.Attach(*this, {});
    SetAddresses(addresses);
  }

  void SetAddresses(const std::vector<const char*>& texts) {
    std::vector<SocketAddress> addresses;
    std::vector<IpAddress> ips;
    for (const char* text : texts) {
      addresses.push_back(Address(text));
      ips.push_back(addresses.back().ip);
    }
    network_.Detach(*this);
    network_.Attach(*this, ips);
    agent.SetLocalCandidates(network_.now(), HostCandidates(addresses));
  }

  void HandleDatagram(Time now, const Datagram& in) override {
    if (!stun::Message::LooksLikeStun(in.payload)) {
      if (agent.IsAuthenticated({in.local, in.remote})) media_received.push_back(now);
      return;
    }
    agent.HandleDatagram(now, in);
    DrainEvents(now);
  }
  void HandleTimeout(Time now) override {
    if (now >= agent.next_deadline()) agent.HandleTimeout(now);
    if (now >= next_media_) {
      media_due_ = true;
      next_media_ = now + media_interval_;
    }
    DrainEvents(now);
  }
  std::optional<Transmit> PollTransmit(Time now, MutableBytes out) override {
    const auto transmit = agent.PollTransmit(now, out);
    DrainEvents(now);
    if (transmit) return transmit;
    if (!media_due_) return std::nullopt;
    media_due_ = false;
    const auto path = agent.path();
    if (!path) return std::nullopt;
    out[0] = 0x80;  // RTP, as RFC 7983 tells it apart.
    return Transmit{path->local, path->remote, 100};
  }
  Time next_deadline() const override { return std::min(agent.next_deadline(), next_media_); }

  // Sends a packet of media each `interval` to wherever path() says.
  void StartMedia(Time now, Duration interval) {
    media_interval_ = interval;
    next_media_ = now;
  }

  // The longest time without media since `from`.
  Duration LongestGap(Time from, Time until) const {
    Duration longest{};
    Time last = from;
    for (const Time at : media_received) {
      if (at < from || at > until) continue;
      longest = std::max(longest, at - last);
      last = at;
    }
    return std::max(longest, until - last);
  }

 private:
  sim::SeededRandom random_;

 public:
  Agent agent;
  std::optional<Path> reachable;
  Time reachable_at = kNever;
  std::vector<Path> selected;
  Time selected_at = kNever;
  std::optional<FailureReason> failure;
  Time failed_at = kNever;
  std::vector<Time> media_received;

 private:
  void DrainEvents(Time now) {
    while (const auto event = agent.PollEvent()) {
      if (const auto* reached = std::get_if<Reachable>(&*event)) {
        reachable = reached->path;
        reachable_at = now;
      } else if (const auto* chosen = std::get_if<Selected>(&*event)) {
        selected.push_back(chosen->path);
        selected_at = now;
      } else {
        failure = std::get<Failed>(*event).reason;
        failed_at = now;
      }
    }
  }

  sim::Network& network_;
  Duration media_interval_{};
  Time next_media_ = kNever;
  bool media_due_ = false;
};

// Two agents, A at 192.0.2.1 and B at 198.51.100.1 unless told otherwise, port 8555.
class AgentPair {
 public:
  struct Options {
    sim::LinkConditions conditions = {};
    uint64_t seed = 1;
    Role role_a = Role::kControlling;
    Role role_b = Role::kControlled;
    std::vector<const char*> addresses_a = {"192.0.2.1:8555"};
    std::vector<const char*> addresses_b = {"198.51.100.1:8555"};
  };

  explicit AgentPair(const Options& options)
      : network(options.seed),
        a(network, options.role_a, options.seed * 2 + 1, options.addresses_a),
        b(network, options.role_b, options.seed * 2 + 2, options.addresses_b) {
    network.SetDefaultConditions(options.conditions);
  }
  AgentPair() : AgentPair(Options()) {}

  static void Signal(const AgentNode& from, AgentNode& to, Time now) {
    to.agent.SetRemoteCredentials(now, from.agent.local_credentials());
    for (const Candidate& candidate : from.agent.local_candidates()) {
      to.agent.AddRemoteCandidate(now, Candidate::Parse(candidate.Write()).value());
    }
    to.agent.EndOfRemoteCandidates(now);
  }
  void SignalBoth() {
    Signal(a, b, network.now());
    Signal(b, a, network.now());
  }

  bool connected() const {
    return a.agent.state() == State::kConnected && b.agent.state() == State::kConnected;
  }
  bool RunUntilConnected(Duration limit) {
    return network.RunUntilTrue([this] { return connected(); }, limit);
  }
  // Whether both send to each other.
  bool paths_meet() const {
    const auto path_a = a.agent.path();
    const auto path_b = b.agent.path();
    return path_a && path_b && path_a->local == path_b->remote && path_a->remote == path_b->local;
  }

  sim::Network network;
  AgentNode a;
  AgentNode b;
};

}  // namespace ocellus::ice
