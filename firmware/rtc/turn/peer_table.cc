// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/turn/peer_table.h"

#include <algorithm>

namespace ocellus::turn {

PeerTable::Peer& PeerTable::Use(Time now, const SocketAddress& address) {
  const auto found = peers_.find(address);
  Peer& peer = found != peers_.end() ? found->second : Insert(now, address);
  Permission& permission = *peer.permission;
  peer.last_sent = now;
  permission.last_sent = now;
  if (now >= permission.ask_at && permission.asking == Asking::kNo) Want(permission);
  return peer;
}

PeerTable::Peer& PeerTable::Insert(Time now, const SocketAddress& address) {
  if (peers_.size() >= kMaxTurnPeers) ForgetIdlest();
  Permission& permission = permissions_[{address.ip, 0}];
  permission.ip = address.ip;
  ++permission.peers;
  Peer& peer = peers_[address];
  peer.permission = &permission;
  next_deadline_ = std::min(next_deadline_, now + kPeerInUse);
  return peer;
}

void PeerTable::ForgetIdlest() {
  Forget(std::min_element(peers_.begin(), peers_.end(), [](const auto& a, const auto& b) {
    return a.second.last_sent < b.second.last_sent;
  }));
}

PeerTable::Peers::iterator PeerTable::Forget(Peers::iterator peer) {
  Permission& permission = *peer->second.permission;
  if (peer->second.channel != 0) numbers_.Release(peer->second.channel);
  if (--permission.peers == 0) permissions_.erase({IpAddress(permission.ip), 0});
  return peers_.erase(peer);
}

void PeerTable::CountPacket(Time now, const SocketAddress& address, Peer& peer) {
  if (now - peer.second_began >= std::chrono::seconds(1)) {
    peer.second_began = now;
    peer.packets = 0;
  }
  ++peer.packets;
  if (peer.packets >= kPacketsWorthAChannel && now >= peer.ask_channel_at &&
      peer.asking_channel == Asking::kNo) {
    peer.asking_channel = Asking::kWanted;
    wanted_channels_.push_back(address);
  }
}

bool PeerTable::IsPermitted(Time now, const IpAddress& ip) const {
  const auto found = permissions_.find({ip, 0});
  // While it is asked for, an answer may be slower than what it has let in.
  return found != permissions_.end() && !found->second.refused &&
         (found->second.asking != Asking::kNo || found->second.expires > now);
}

void PeerTable::Want(Permission& permission) {
  permission.asking = Asking::kWanted;
  wanted_permissions_.push_back(permission.ip);
}

std::vector<IpAddress> PeerTable::TakePermissions(Time now) {
  std::vector<IpAddress> taken;
  size_t looked_at = 0;
  for (const IpAddress& ip : wanted_permissions_) {
    Permission* permission = FindPermission(ip);
    const bool wanted = permission != nullptr && permission->asking == Asking::kWanted;
    const bool alone = wanted && permission->ask_alone;
    if (taken.size() == kMaxPermissionsPerRequest || (alone && !taken.empty())) break;
    ++looked_at;
    if (wanted) Take(*permission, taken);
    if (alone) break;
  }
  wanted_permissions_.erase(wanted_permissions_.begin(),
                            wanted_permissions_.begin() + static_cast<std::ptrdiff_t>(looked_at));
  if (!taken.empty() && !FindPermission(taken.front())->ask_alone) TakeThoseDueSoon(now, taken);
  return taken;
}

void PeerTable::Take(Permission& permission, std::vector<IpAddress>& taken) {
  permission.asking = Asking::kAsked;
  taken.push_back(permission.ip);
}

void PeerTable::TakeThoseDueSoon(Time now, std::vector<IpAddress>& taken) {
  for (auto& [key, permission] : permissions_) {
    if (taken.size() == kMaxPermissionsPerRequest) return;
    const bool in_use = now < permission.last_sent + kPeerInUse;
    const bool due_soon = permission.expires > now && now + kRenewTogether >= permission.ask_at;
    if (in_use && due_soon && permission.asking == Asking::kNo) Take(permission, taken);
  }
}

std::optional<PeerTable::ChannelRequest> PeerTable::TakeChannel(Time now) {
  while (!wanted_channels_.empty()) {
    const SocketAddress address = wanted_channels_.front();
    wanted_channels_.erase(wanted_channels_.begin());
    const auto found = peers_.find(address);
    if (found == peers_.end() || found->second.asking_channel != Asking::kWanted) continue;
    Peer& peer = found->second;
    // However late the server hears of it, and whether we hear of that or not.
    const auto number =
        numbers_.Acquire(now, address, now + kRenewBefore + kChannelLifetime + kChannelQuarantine);
    if (number) {
      peer.channel = *number;
      peer.asking_channel = Asking::kAsked;
      return ChannelRequest{*number, address};
    }
    peer.asking_channel = Asking::kNo;
    peer.ask_channel_at = now + kChannelQuarantine;
  }
  return std::nullopt;
}

PeerTable::Permission* PeerTable::FindPermission(const IpAddress& ip) {
  const auto found = permissions_.find({ip, 0});
  return found == permissions_.end() ? nullptr : &found->second;
}

void PeerTable::HandlePermitted(Time asked, const IpAddress& ip) {
  Permission* permission = FindPermission(ip);
  if (permission == nullptr) return;
  permission->expires = asked + kPermissionLifetime;
  permission->ask_at = permission->expires - kRenewBefore;
  permission->asking = Asking::kNo;
  permission->refused = false;
  permission->ask_alone = false;
}

void PeerTable::HandleRefused(Time now, const std::vector<IpAddress>& ips) {
  for (const IpAddress& ip : ips) {
    Permission* permission = FindPermission(ip);
    if (permission == nullptr) continue;
    permission->asking = Asking::kNo;
    if (ips.size() > 1) {
      permission->ask_alone = true;
      Want(*permission);
    } else {
      permission->refused = true;
      permission->expires = now;
      permission->ask_at = now + kAskRefusedAgain;
    }
  }
}

void PeerTable::HandleFailed(Time now, const std::vector<IpAddress>& ips) {
  for (const IpAddress& ip : ips) {
    Permission* permission = FindPermission(ip);
    if (permission == nullptr) continue;
    permission->asking = Asking::kNo;
    permission->ask_at = now + kAskAgain;
  }
}

// Whether it is that one's answer: the peer may have been forgotten and come back since.
bool PeerTable::HasAsked(const Peer& peer, const ChannelRequest& request) {
  return peer.channel == request.channel && peer.asking_channel == Asking::kAsked;
}

void PeerTable::HandleBound(Time now, Time asked, const ChannelRequest& request) {
  numbers_.Extend(request.channel, now + kChannelLifetime + kChannelQuarantine);
  const auto found = peers_.find(request.peer);
  if (found == peers_.end() || !HasAsked(found->second, request)) return;
  Peer& peer = found->second;
  peer.channel_expires = asked + kChannelLifetime;
  peer.ask_channel_at = peer.channel_expires - kRenewBefore;
  peer.asking_channel = Asking::kNo;
  // RFC 8656 section 12.2: it is a permission, too. One that is being asked for has an answer of
  // its own to come.
  if (peer.permission->asking == Asking::kNo) HandlePermitted(asked, request.peer.ip);
}

void PeerTable::HandleNotBound(Time now, const ChannelRequest& request, Duration ask_again) {
  const auto found = peers_.find(request.peer);
  if (found == peers_.end() || !HasAsked(found->second, request)) return;
  found->second.asking_channel = Asking::kNo;
  found->second.ask_channel_at = now + ask_again;
}

Time PeerTable::EndOf(const Permission& permission) {
  Time end = std::max(permission.expires, permission.last_sent + kPeerInUse);
  // A refusal is remembered, so that the server is not asked for each packet.
  if (permission.refused) end = std::max(end, permission.ask_at);
  return end;
}

void PeerTable::HandleTimeout(Time now) {
  if (now < next_deadline_) return;
  next_deadline_ = kNever;
  for (auto peer = peers_.begin(); peer != peers_.end();) {
    const Time end = EndOf(*peer->second.permission);
    if (now >= end) {
      peer = Forget(peer);
    } else {
      next_deadline_ = std::min(next_deadline_, end);
      ++peer;
    }
  }
}

void PeerTable::Clear() {
  peers_.clear();
  permissions_.clear();
  numbers_ = ChannelNumbers();
  wanted_permissions_.clear();
  wanted_channels_.clear();
  next_deadline_ = kNever;
}

}  // namespace ocellus::turn
