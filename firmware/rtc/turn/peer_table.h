// SPDX-License-Identifier: Apache-2.0
// The peers behind one allocation: whom the server lets in (permissions, by IP address: RFC 8656
// section 9) and who has a channel (by address and port: section 12). Keeps the books only: Client
// asks the server for what this says, and tells it what the server has said.
// Everything follows from what we send: a peer whom we send to gets a permission, has it renewed,
// and gets a channel when that is worth it; one to whom we do not, loses them. What peers send
// keeps nothing alive, for anybody could.
// io thread only. Owned by Client.
//
// Invariants:
//   1. Each peer has a permission, that of its IP address; each permission has a peer.
//   2. What is wanted stands in the list of what to ask for next. So may what was forgotten since.
#pragma once

#include <chrono>
#include <optional>
#include <unordered_map>
#include <vector>

#include "firmware/base/limits.h"
#include "firmware/base/socket_address.h"
#include "firmware/base/time.h"
#include "firmware/rtc/turn/channel_numbers.h"

namespace ocellus::turn {

// RFC 8656 section 9: "The Permission Lifetime MUST be 300 seconds".
constexpr Duration kPermissionLifetime = std::chrono::minutes(5);
// RFC 8656 section 12: "Channel bindings last for 10 minutes unless refreshed".
constexpr Duration kChannelLifetime = std::chrono::minutes(10);
// RFC 8656 section 12: for how long the number of a binding that has expired is nobody else's.
constexpr Duration kChannelQuarantine = std::chrono::minutes(5);
// How long before its end either is renewed: a request may take 39.5 s to fail.
constexpr Duration kRenewBefore = std::chrono::minutes(1);
// A permission that is renewed takes others of peers in use along, whose turn would come so soon.
constexpr Duration kRenewTogether = std::chrono::minutes(1);
// A peer to whom nothing was sent for so long is not in use. ICE sends at least every 15 s.
constexpr Duration kPeerInUse = std::chrono::minutes(1);
// When to ask again for what was not granted, for a reason that may pass.
constexpr Duration kAskAgain = std::chrono::seconds(10);
// When to ask again for a peer that the server refuses (403).
constexpr Duration kAskRefusedAgain = std::chrono::minutes(5);
// A channel is worth its request when a peer is sent so many packets in a second: connectivity
// checks and handshakes have fewer, media has more.
constexpr unsigned kPacketsWorthAChannel = 10;

class PeerTable {
 public:
  enum class Asking : uint8_t { kNo, kWanted, kAsked };
  struct Permission {
    IpAddress ip;
    Time expires{};  // Until then the server lets its packets in.
    Time ask_at{};   // From then on, whoever sends to it asks the server (again).
    Time last_sent{};
    unsigned peers = 0;
    Asking asking = Asking::kNo;
    bool refused = false;
    bool ask_alone = false;  // It may be why the server refused several.
  };
  struct Peer {
    Permission* permission = nullptr;
    Time last_sent{};
    Time second_began{};  // The second whose packets are counted.
    unsigned packets = 0;
    uint16_t channel = 0;    // 0: none.
    Time channel_expires{};  // Until then packets go through `channel`.
    Time ask_channel_at{};
    Asking asking_channel = Asking::kNo;
  };
  struct ChannelRequest {
    uint16_t channel;
    SocketAddress peer;
  };

  PeerTable() = default;
  PeerTable(const PeerTable&) = delete;
  PeerTable& operator=(const PeerTable&) = delete;

  // `address` is about to be sent something. Makes it known, and its permission wanted when that is
  // missing or due. When there are kMaxTurnPeers, whom nothing was sent to for longest is
  // forgotten.
  Peer& Use(Time now, const SocketAddress& address);
  // A packet goes to `peer`. Makes a channel wanted when it is worth one, or has to be renewed.
  void CountPacket(Time now, const SocketAddress& address, Peer& peer);

  // Whether what comes from there was let in by us.
  bool IsPermitted(Time now, const IpAddress& ip) const;
  const SocketAddress* PeerOfChannel(uint16_t channel) const { return numbers_.PeerOf(channel); }

  bool wants_anything() const { return !wanted_permissions_.empty() || !wanted_channels_.empty(); }
  // What to ask the server for next, together; empty when nothing is wanted. An answer or a failure
  // must follow for each.
  std::vector<IpAddress> TakePermissions(Time now);
  std::optional<ChannelRequest> TakeChannel(Time now);

  // The server has said yes to a request that was first sent at `asked`.
  void HandlePermitted(Time asked, const IpAddress& ip);
  void HandleBound(Time now, Time asked, const ChannelRequest& request);
  // 403 or 443. When it was asked for with others, each is asked for again, alone.
  void HandleRefused(Time now, const std::vector<IpAddress>& ips);
  // No answer, or an error that may pass.
  void HandleFailed(Time now, const std::vector<IpAddress>& ips);
  void HandleNotBound(Time now, const ChannelRequest& request, Duration ask_again);

  // Forgets whom nothing is sent to any more.
  void HandleTimeout(Time now);
  Time next_deadline() const { return next_deadline_; }

  void Clear();
  size_t size() const { return peers_.size(); }

 private:
  using Peers = std::unordered_map<SocketAddress, Peer>;
  using Permissions = std::unordered_map<SocketAddress, Permission>;  // By address, with port 0.

  Peer& Insert(Time now, const SocketAddress& address);
  void ForgetIdlest();
  Peers::iterator Forget(Peers::iterator peer);
  void Want(Permission& permission);
  static void Take(Permission& permission, std::vector<IpAddress>& taken);
  static bool HasAsked(const Peer& peer, const ChannelRequest& request);
  void TakeThoseDueSoon(Time now, std::vector<IpAddress>& taken);
  Permission* FindPermission(const IpAddress& ip);
  // When `permission` is of no use any more, as far as can be said now.
  static Time EndOf(const Permission& permission);

  Peers peers_;  // At most kMaxTurnPeers.
  Permissions permissions_;
  ChannelNumbers numbers_;
  std::vector<IpAddress> wanted_permissions_;
  std::vector<SocketAddress> wanted_channels_;
  Time next_deadline_ = kNever;
};

}  // namespace ocellus::turn
