// SPDX-License-Identifier: Apache-2.0
// A host that can be reached: a Gatherer, and one guest that lives on its addresses, joined the way
// the app joins them. The guest (an ice::Agent, a Peer) is no node of the network itself: what it
// sends from a relayed address is wrapped, and it sees what came through a relay as if it had come
// straight.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "firmware/rtc/gathering/gatherer.h"
#include "firmware/rtc/ice/agent.h"
#include "tests/sim/network.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::sim {

struct ReachOptions {
  struct Interface {
    SocketAddress address;
    Realm realm = nullptr;
  };
  std::vector<Interface> interfaces;
  gathering::Options gathering;
  // What its servers' names mean. Others are not found.
  std::map<std::string, std::vector<IpAddress>> names;
  uint64_t seed = 1;
};

class ReachNode : public Node {
 public:
  ReachNode(Network& network, const ReachOptions& options);
  ~ReachNode() override;

  void HandleDatagram(Time now, const Datagram& in) override;
  void HandleTimeout(Time now) override;
  std::optional<Transmit> PollTransmit(Time now, MutableBytes out) override;
  Time next_deadline() const override;

  using Candidates = Span<const ice::LocalCandidate>;
  // From now on `guest` has the addresses, and `tell` is told the candidates, now and whenever they
  // change. Both outlive this, or Leave comes first.
  void Carry(Node& guest, std::function<void(Time, Candidates)> tell);
  void Leave() { guest_ = nullptr; }

  // The host's interfaces are these from now on: cable out, another network.
  void SetInterfaces(const std::vector<ReachOptions::Interface>& interfaces);
  // Whether every server has answered, or is known not to.
  bool has_gathered() const;

  gathering::Gatherer& gatherer() { return gatherer_; }

 private:
  void Advance(Time now);

  Network& network_;
  const ReachOptions options_;
  std::vector<ReachOptions::Interface> interfaces_;
  SeededRandom random_;
  gathering::Gatherer gatherer_;
  Time gathering_since_{};
  Node* guest_ = nullptr;
  std::function<void(Time, Candidates)> tell_;
  // A packet of the guest that waits until its relay's permission is on its way.
  struct Held {
    Transmit transmit;
    std::vector<uint8_t> packet;
  };
  std::optional<Held> held_;
};

// An ICE agent as a guest: it keeps what the agent said and can send media where the agent says.
class AgentGuest : public Node {
 public:
  AgentGuest(ice::Role role, uint64_t seed) : random_(seed), agent_(role, random_) {}

  void HandleDatagram(Time now, const Datagram& in) override;
  void HandleTimeout(Time now) override;
  std::optional<Transmit> PollTransmit(Time now, MutableBytes out) override;
  Time next_deadline() const override;

  // The other side's credentials and candidates, as they come by signalling; and further ones.
  void HandleSignal(Time now, const AgentGuest& from);
  void HandleCandidates(Time now, const AgentGuest& from);
  // Sends a packet of `size` bytes each `interval` to wherever the agent says.
  void StartMedia(Time now, Duration interval, size_t size);
  void StopMedia() { next_media_ = kNever; }

  ice::Agent& agent() { return agent_; }
  bool is_connected() const { return agent_.state() == ice::State::kConnected; }
  // The pair in use.
  std::optional<ice::PairStatus> selected() const;
  std::optional<ice::FailureReason> failure() const { return failure_; }
  const std::vector<Time>& media() const { return media_; }
  // The longest time without media in [from, until].
  Duration LongestGap(Time from, Time until) const;

 private:
  void DrainEvents();

  SeededRandom random_;
  ice::Agent agent_;
  std::optional<ice::FailureReason> failure_;
  Duration media_interval_{};
  size_t media_size_ = 0;
  Time next_media_ = kNever;
  bool media_due_ = false;
  std::vector<Time> media_;
};

}  // namespace ocellus::sim
