// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/reach_node.h"

#include <algorithm>

#include "firmware/rtc/stun/message.h"

namespace ocellus::sim {
namespace {

// The gatherer asks its servers one after the other: one that it has not asked by then is of no use
// to it. And one that has not answered by then may be dead; before, only packets were lost.
constexpr Duration kAllAsked = std::chrono::milliseconds(300);
constexpr Duration kAllTried = std::chrono::seconds(10);

}  // namespace

// --- ReachNode -----------------------------------------------------------------------------------

ReachNode::ReachNode(Network& network, const ReachOptions& options)
    : network_(network),
      options_(options),
      random_(options.seed),
      gatherer_(options.gathering, random_) {
  SetInterfaces(options.interfaces);
}

ReachNode::~ReachNode() { network_.Detach(*this); }

void ReachNode::SetInterfaces(const std::vector<ReachOptions::Interface>& interfaces) {
  interfaces_ = interfaces;
  network_.Detach(*this);
  std::vector<SocketAddress> hosts;
  for (const ReachOptions::Interface& each : interfaces_) {
    network_.Attach(*this, {each.address.ip}, each.realm);
    hosts.push_back(each.address);
  }
  gatherer_.SetHosts(network_.now(), hosts);
  gathering_since_ = network_.now();
  Advance(network_.now());
}

void ReachNode::Carry(Node& guest, std::function<void(Time, Candidates)> tell) {
  guest_ = &guest;
  tell_ = std::move(tell);
  tell_(network_.now(), gatherer_.candidates());
}

bool ReachNode::has_gathered() const {
  const Duration since = network_.now() - gathering_since_;
  for (const gathering::ServerStatus& server : gatherer_.servers()) {
    switch (server.state) {
      case gathering::ServerState::kReady:
        break;
      case gathering::ServerState::kUnused:
        if (since < kAllAsked) return false;
        break;
      case gathering::ServerState::kResolving:
      case gathering::ServerState::kConnecting:
      case gathering::ServerState::kFailed:
        if (since < kAllTried) return false;
        break;
    }
  }
  return true;
}

void ReachNode::Advance(Time now) {
  while (const auto name = gatherer_.PollNameToResolve()) {
    const auto found = options_.names.find(*name);
    if (found != options_.names.end()) {
      gatherer_.HandleResolvedName(now, *name, found->second);
    } else {
      gatherer_.HandleResolvedName(now, *name, Status(StatusCode::kNotFound, "no such name"));
    }
  }
  if (gatherer_.TakeChanged() && guest_ != nullptr) tell_(now, gatherer_.candidates());
}

void ReachNode::HandleDatagram(Time now, const Datagram& in) {
  const bool is_open =
      std::any_of(interfaces_.begin(), interfaces_.end(),
                  [&in](const ReachOptions::Interface& each) { return each.address == in.local; });
  if (!is_open) return;
  Datagram datagram = in;
  const auto verdict = gatherer_.HandleDatagram(now, datagram);
  if (verdict != gathering::Gatherer::Verdict::kConsumed && guest_ != nullptr) {
    guest_->HandleDatagram(now, datagram);
  }
  Advance(now);
}

void ReachNode::HandleTimeout(Time now) {
  if (now >= gatherer_.next_deadline()) gatherer_.HandleTimeout(now);
  if (guest_ != nullptr && now >= guest_->next_deadline()) guest_->HandleTimeout(now);
  Advance(now);
}

std::optional<Transmit> ReachNode::PollTransmit(Time now, MutableBytes out) {
  while (true) {
    if (const auto own = gatherer_.PollTransmit(now, out)) {
      CHECK(!own->stream, "%zu bytes of a stream: there is no TCP here", own->transmit.size);
      return own->transmit;
    }
    std::optional<Transmit> inner;
    if (held_) {
      inner = held_->transmit;
      std::copy(held_->packet.begin(), held_->packet.end(), out.begin());
      held_.reset();
    } else {
      if (guest_ != nullptr) inner = guest_->PollTransmit(now, out);
      if (!inner) return std::nullopt;
      if (!gatherer_.IsRelayed(inner->local)) return inner;
      if (gatherer_.PrepareRelay(now, *inner)) {
        const Bytes packet = Bytes(out).first(inner->size);
        held_ = Held{*inner, {packet.begin(), packet.end()}};
        continue;
      }
    }
    // What a relay that has gone would have carried is lost, as on any path that breaks.
    if (const auto wrapped = gatherer_.Relay(now, *inner, out)) return wrapped->transmit;
  }
}

Time ReachNode::next_deadline() const {
  const Time own = gatherer_.next_deadline();
  return guest_ == nullptr ? own : std::min(own, guest_->next_deadline());
}

// --- AgentGuest ----------------------------------------------------------------------------------

void AgentGuest::HandleDatagram(Time now, const Datagram& in) {
  if (stun::Message::LooksLikeStun(in.payload)) {
    agent_.HandleDatagram(now, in);
  } else if (agent_.IsAuthenticated(ice::PathOf(in))) {
    agent_.HandleMedia(now, ice::PathOf(in));
    media_.push_back(now);
  }
  DrainEvents();
}

void AgentGuest::HandleTimeout(Time now) {
  if (now >= agent_.next_deadline()) agent_.HandleTimeout(now);
  if (now >= next_media_) {
    media_due_ = true;
    next_media_ = now + media_interval_;
  }
  DrainEvents();
}

std::optional<Transmit> AgentGuest::PollTransmit(Time now, MutableBytes out) {
  const auto check = agent_.PollTransmit(now, out);
  DrainEvents();
  if (check) return check;
  if (!media_due_) return std::nullopt;
  media_due_ = false;
  const auto path = agent_.path();
  if (!path) return std::nullopt;
  // 0x80 is RTP's, as RFC 7983 tells it apart.
  std::fill_n(out.begin(), media_size_, uint8_t{0x80});
  return ice::TransmitOver(*path, media_size_);
}

Time AgentGuest::next_deadline() const { return std::min(agent_.next_deadline(), next_media_); }

void AgentGuest::DrainEvents() {
  while (const auto event = agent_.PollEvent()) {
    if (const auto* failed = std::get_if<ice::Failed>(&*event)) failure_ = failed->reason;
  }
}

void AgentGuest::HandleSignal(Time now, const AgentGuest& from) {
  agent_.SetRemoteCredentials(now, from.agent_.local_credentials());
  HandleCandidates(now, from);
}

void AgentGuest::HandleCandidates(Time now, const AgentGuest& from) {
  for (const ice::Candidate& candidate : from.agent_.local_candidates()) {
    agent_.AddRemoteCandidate(now, ice::Candidate::Parse(candidate.Write()).value());
  }
  agent_.EndOfRemoteCandidates(now);
}

void AgentGuest::StartMedia(Time now, Duration interval, size_t size) {
  media_interval_ = interval;
  media_size_ = size;
  next_media_ = now;
}

std::optional<ice::PairStatus> AgentGuest::selected() const {
  for (const ice::PairStatus& pair : agent_.pairs()) {
    if (pair.selected) return pair;
  }
  return std::nullopt;
}

Duration AgentGuest::LongestGap(Time from, Time until) const {
  Duration longest{};
  Time last = from;
  for (const Time at : media_) {
    if (at < from || at > until) continue;
    longest = std::max(longest, at - last);
    last = at;
  }
  return std::max(longest, until - last);
}

}  // namespace ocellus::sim
