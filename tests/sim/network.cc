// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/network.h"

#include <algorithm>

#include "firmware/base/limits.h"

namespace ocellus::sim {
namespace {

// More than any test sends in an instant; a deadline that HandleTimeout does not move comes here.
constexpr size_t kMaxEventsAtOnce = 1'000'000;

}  // namespace

size_t Network::HashPlace::operator()(const Place& place) const {
  return std::hash<SocketAddress>()({place.ip, 0}) ^ std::hash<Realm>()(place.realm);
}

size_t Network::HashPlaces::operator()(const std::pair<Place, Place>& places) const {
  return HashPlace()(places.first) * 31 + HashPlace()(places.second);
}

void Network::Attach(Node& node, const std::vector<IpAddress>& addresses, Realm realm) {
  auto host = std::find_if(hosts_.begin(), hosts_.end(),
                           [&node](const Host& each) { return each.node == &node; });
  if (host == hosts_.end()) host = hosts_.insert(host, {&node, {}});
  for (const IpAddress& address : addresses) {
    owners_[{realm, address}] = {&node, nullptr};
    host->places.push_back({realm, address});
  }
}

void Network::Detach(Node& node) {
  hosts_.erase(std::remove_if(hosts_.begin(), hosts_.end(),
                              [&node](const Host& each) { return each.node == &node; }),
               hosts_.end());
  for (auto it = owners_.begin(); it != owners_.end();) {
    it = it->second.node == &node ? owners_.erase(it) : std::next(it);
  }
}

void Network::Attach(Gateway& gateway, const std::vector<IpAddress>& addresses, Realm front) {
  fronts_[&gateway] = front;
  for (const IpAddress& address : addresses) owners_[{front, address}] = {nullptr, &gateway};
}

void Network::RemoveAddress(const IpAddress& address, Realm realm) {
  owners_.erase({realm, address});
}

void Network::SetDefaultConditions(const LinkConditions& conditions) {
  default_conditions_ = conditions;
  for (auto& entry : links_) {
    if (links_of_their_own_.count(entry.second.get()) == 0) entry.second->conditions() = conditions;
  }
}

Link& Network::FindLink(const Place& from, const Place& to) {
  std::unique_ptr<Link>& link = links_[{from, to}];
  if (!link) link = std::make_unique<Link>(default_conditions_, random_.Next());
  return *link;
}

Link& Network::link(const IpAddress& from, const IpAddress& to, Realm realm) {
  Link& link = FindLink({realm, from}, {realm, to});
  links_of_their_own_.insert(&link);
  return link;
}

void Network::Inject(const SocketAddress& from, const SocketAddress& to, Bytes payload) {
  flying_.insert({now_, Flying{nullptr, from, to, {payload.begin(), payload.end()}}});
}

// From realm to realm, outwards, until one that knows the address.
void Network::Send(Flying datagram) {
  while (datagram.realm != nullptr && owners_.count({datagram.realm, datagram.to.ip}) == 0) {
    Gateway& gateway = *datagram.realm;
    if (!gateway.HandleOutbound(now_, datagram.from, datagram.to)) return;
    datagram.realm = fronts_.at(&gateway);
  }
  Link& link = FindLink({datagram.realm, datagram.from.ip}, {datagram.realm, datagram.to.ip});
  for (const Time arrival : link.Carry(now_, datagram.payload.size())) {
    flying_.insert({arrival, datagram});
  }
}

// From realm to realm, inwards, until a node.
void Network::Deliver(Flying datagram) {
  while (true) {
    const auto owner = owners_.find({datagram.realm, datagram.to.ip});
    if (owner == owners_.end()) return;
    if (owner->second.node != nullptr) {
      owner->second.node->HandleDatagram(now_, {datagram.to, datagram.from, datagram.payload});
      return;
    }
    Gateway& gateway = *owner->second.gateway;
    if (!gateway.HandleInbound(now_, datagram.from, datagram.to)) return;
    datagram.realm = &gateway;
  }
}

void Network::SendPending() {
  uint8_t buffer[kMaxReceivedDatagramSize];
  for (const Host& host : hosts_) {
    while (const auto transmit = host.node->PollTransmit(now_, buffer)) {
      CHECK(transmit->size <= kMaxTransmitSize, "datagram of %zu bytes", transmit->size);
      CHECK(transmit->protocol == TransportProtocol::kUdp, "a segment of TCP to %s",
            transmit->remote.ToString().c_str());
      const auto place =
          std::find_if(host.places.begin(), host.places.end(),
                       [&transmit](const Place& each) { return each.ip == transmit->local.ip; });
      if (place == host.places.end() || owners_.count(*place) == 0) continue;
      const Bytes payload = Bytes(buffer).first(transmit->size);
      if (observer_ != nullptr) {
        observer_(observer_context_, {now_, transmit->local, transmit->remote, payload});
      }
      Send({place->realm, transmit->local, transmit->remote, {payload.begin(), payload.end()}});
    }
  }
}

bool Network::Step(Time end) {
  SendPending();
  Time next = flying_.empty() ? kNever : flying_.begin()->first;
  for (const Host& host : hosts_) next = std::min(next, host.node->next_deadline());
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
    Deliver(std::move(datagram));
    return true;
  }
  for (size_t i = 0; i < hosts_.size(); ++i) {
    if (hosts_[i].node->next_deadline() <= now_) hosts_[i].node->HandleTimeout(now_);
  }
  return true;
}

void Network::RunUntil(Time end) {
  while (Step(end)) {
  }
}

}  // namespace ocellus::sim
