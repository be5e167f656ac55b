// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/network.h"

#include <algorithm>

#include "firmware/base/limits.h"

namespace ocellus::sim {
namespace {

// More than any test sends in an instant; a deadline that HandleTimeout does not move comes here.
constexpr size_t kMaxEventsAtOnce = 1'000'000;

std::vector<uint8_t> Key(const IpAddress& address) {
  return {address.bytes().begin(), address.bytes().end()};
}

}  // namespace

void Network::Attach(Node& node, const std::vector<IpAddress>& addresses) {
  if (std::find(nodes_.begin(), nodes_.end(), &node) == nodes_.end()) nodes_.push_back(&node);
  for (const IpAddress& address : addresses) owners_[Key(address)] = &node;
}

void Network::Detach(Node& node) {
  nodes_.erase(std::remove(nodes_.begin(), nodes_.end(), &node), nodes_.end());
  for (auto it = owners_.begin(); it != owners_.end();) {
    it = it->second == &node ? owners_.erase(it) : std::next(it);
  }
}

void Network::RemoveAddress(const IpAddress& address) { owners_.erase(Key(address)); }

void Network::SetDefaultConditions(const LinkConditions& conditions) {
  default_conditions_ = conditions;
  for (auto& entry : links_) {
    if (links_of_their_own_.count(entry.second.get()) == 0) entry.second->conditions() = conditions;
  }
}

Link& Network::link(const IpAddress& from, const IpAddress& to) {
  std::unique_ptr<Link>& link = links_[{Key(from), Key(to)}];
  if (!link) link = std::make_unique<Link>(default_conditions_, random_.Next());
  links_of_their_own_.insert(link.get());
  return *link;
}

void Network::Inject(const SocketAddress& from, const SocketAddress& to, Bytes payload) {
  flying_.insert({now_, Flying{from, to, {payload.begin(), payload.end()}}});
}

void Network::Send(const SocketAddress& from, const SocketAddress& to, Bytes payload) {
  if (owners_.count(Key(from.ip)) == 0) return;
  if (observer_ != nullptr) observer_(observer_context_, {now_, from, to, payload});
  std::unique_ptr<Link>& link = links_[{Key(from.ip), Key(to.ip)}];
  if (!link) link = std::make_unique<Link>(default_conditions_, random_.Next());
  for (const Time arrival : link->Carry(now_, payload.size())) {
    flying_.insert({arrival, Flying{from, to, {payload.begin(), payload.end()}}});
  }
}

void Network::SendPending() {
  uint8_t buffer[kMaxReceivedDatagramSize];
  for (Node* node : nodes_) {
    while (const auto transmit = node->PollTransmit(now_, buffer)) {
      CHECK(transmit->size <= kMaxDatagramSize, "datagram of %zu bytes", transmit->size);
      Send(transmit->local, transmit->remote, Bytes(buffer).first(transmit->size));
    }
  }
}

bool Network::Step(Time end) {
  SendPending();
  Time next = flying_.empty() ? kNever : flying_.begin()->first;
  for (const Node* node : nodes_) next = std::min(next, node->next_deadline());
  if (next > end) {
    now_ = std::max(now_, end);
    return false;
  }
  events_at_now_ = next > now_ ? 0 : events_at_now_ + 1;
  CHECK(events_at_now_ < kMaxEventsAtOnce, "%zu events without time passing: a deadline stays due",
        events_at_now_);
  now_ = std::max(now_, next);
  if (!flying_.empty() && flying_.begin()->first <= now_) {
    Flying datagram = std::move(flying_.begin()->second);
    flying_.erase(flying_.begin());
    const auto owner = owners_.find(Key(datagram.to.ip));
    if (owner != owners_.end()) {
      owner->second->HandleDatagram(now_, {datagram.to, datagram.from, datagram.payload});
    }
    return true;
  }
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i]->next_deadline() <= now_) nodes_[i]->HandleTimeout(now_);
  }
  return true;
}

void Network::RunUntil(Time end) {
  while (Step(end)) {
  }
}

}  // namespace ocellus::sim
