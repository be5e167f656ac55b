// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/gathering/gatherer.h"

#include <algorithm>

#include "firmware/base/limits.h"
#include "firmware/base/log.h"

namespace ocellus::gathering {

Gatherer::Gatherer(Options options, Random& random)
    : options_(std::move(options)), context_{random, options_.credentials} {
  size_t turn_servers = 0;
  for (size_t i = 0; i < options_.servers.size(); ++i) {
    const ServerUrl& url = options_.servers[i];
    const auto end = options_.servers.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(options_.servers.begin(), end, url) != end) continue;
    const bool turn = url.kind == ServerKind::kTurn;
    if (servers_.size() == kMaxIceServers || (turn && ++turn_servers > kMaxTurnServers)) {
      LOG_WARN("%s is left out: at most %zu servers, %zu of them for TURN", url.Write().c_str(),
               kMaxIceServers, kMaxTurnServers);
      continue;
    }
    Server server;
    if (turn) {
      server.turn = std::make_unique<TurnServer>(url, context_);
    } else {
      server.stun = std::make_unique<StunServer>(url, context_);
    }
    servers_.push_back(std::move(server));
  }
  if (options_.public_addresses.size() > kMaxPublicAddresses) {
    LOG_WARN("public addresses: only the first %zu are used", kMaxPublicAddresses);
    options_.public_addresses.resize(kMaxPublicAddresses);
  }
}

void Gatherer::SetHosts(Time now, Span<const SocketAddress> hosts) {
  hosts_.assign(hosts.begin(), hosts.begin() + std::min(hosts.size(), kMaxLocalAddresses));
  for (Server& server : servers_) {
    if (server.turn) server.turn->SetBases(now, hosts_);
    // Nobody would learn what a STUN server says.
    if (server.stun && options_.policy == Policy::kAll) server.stun->SetBases(now, hosts_);
  }
  Update();
}

void Gatherer::SetWallClock(Time now, const WallClock& wall_clock) {
  const std::optional<WallClock> before = std::exchange(context_.wall_clock, wall_clock);
  const auto moved =
      before ? wall_clock.ToNtp(now).ToUnix() - before->ToNtp(now).ToUnix() : kWallClockStep;
  if (moved < kWallClockStep && -moved < kWallClockStep) return;
  for (Server& server : servers_) {
    if (server.turn) server.turn->Retry(now);
  }
}

std::optional<std::string> Gatherer::PollNameToResolve() {
  std::optional<std::string> name;
  for (Server& server : servers_) {
    const ServerAddresses& addresses = server.addresses();
    if (!addresses.wants_lookup() || (name && *name != addresses.host())) continue;
    name = addresses.host();
    server.stun ? server.stun->HandleAsked() : server.turn->HandleAsked();
  }
  return name;
}

void Gatherer::HandleResolvedName(Time now, std::string_view name,
                                  const Result<std::vector<IpAddress>>& addresses) {
  for (Server& server : servers_) {
    if (server.addresses().host() != name) continue;
    if (server.stun) server.stun->HandleResolved(now, addresses);
    if (server.turn) server.turn->HandleResolved(now, addresses);
  }
  Update();
}

std::optional<StreamCommand> Gatherer::PollStreamCommand() {
  for (Server& server : servers_) {
    if (!server.turn) continue;
    if (auto command = server.turn->PollStreamCommand()) return command;
  }
  return std::nullopt;
}

TurnServer* Gatherer::FindStream(StreamId id) {
  for (Server& server : servers_) {
    if (server.turn && server.turn->Owns(id)) return server.turn.get();
  }
  return nullptr;
}

void Gatherer::HandleStreamOpened(Time now, StreamId id) {
  if (TurnServer* server = FindStream(id)) server->HandleStreamOpened(now);
}

void Gatherer::HandleStreamClosed(Time now, StreamId id, const Status& why) {
  TurnServer* server = FindStream(id);
  if (server == nullptr) return;
  server->HandleStreamClosed(now, why);
  Update();
}

void Gatherer::HandleStreamData(Time now, StreamId id, Bytes data) {
  TurnServer* server = FindStream(id);
  if (server == nullptr) return;
  server->HandleStreamData(now, data);
  if (server->TakeChanged()) Update();
}

std::optional<Datagram> Gatherer::PollStreamDatagram() {
  for (Server& server : servers_) {
    if (!server.turn) continue;
    const auto relayed = server.turn->PollStreamDatagram();
    if (server.turn->TakeChanged()) Update();
    if (relayed) return Datagram{relayed->relayed, relayed->peer, relayed->payload};
  }
  return std::nullopt;
}

Gatherer::Verdict Gatherer::HandleDatagram(Time now, Datagram& in) {
  if (in.protocol != TransportProtocol::kUdp ||
      std::find(watched_.begin(), watched_.end(), in.remote) == watched_.end()) {
    return Verdict::kNotOurs;
  }
  if (HandleAnswer(now, in)) {
    Update();
    return Verdict::kConsumed;
  }
  for (Server& server : servers_) {
    if (!server.turn || server.turn->udp_server() != in.remote || server.turn->base() != in.local) {
      continue;
    }
    const auto relayed = server.turn->HandleMessage(now, in.payload);
    if (!relayed) {
      if (server.turn->TakeChanged()) Update();
      return Verdict::kConsumed;
    }
    in.local = relayed->relayed;
    in.remote = relayed->peer;
    in.payload = relayed->payload;
    return Verdict::kRelayed;
  }
  return Verdict::kNotOurs;
}

// Whether it answers a binding request of ours. TURN servers answer those as well.
bool Gatherer::HandleAnswer(Time now, const Datagram& in) {
  if (!stun::Message::LooksLikeStun(in.payload)) return false;
  const Result<stun::Message> message = stun::Message::Parse(in.payload);
  if (!message.ok() || message->method() != stun::Method::kBinding) return false;
  return std::any_of(servers_.begin(), servers_.end(), [&](const Server& server) {
    return server.stun && server.stun->HandleAnswer(now, in, *message);
  });
}

void Gatherer::HandleTimeout(Time now) {
  for (Server& server : servers_) {
    if (server.stun) server.stun->HandleTimeout(now);
    if (server.turn) server.turn->HandleTimeout(now);
  }
  Update();
}

std::optional<Outgoing> Gatherer::PollTransmit(Time now, MutableBytes out) {
  for (Server& server : servers_) {
    if (server.turn) {
      if (const auto outgoing = server.turn->PollTransmit(now, out)) return outgoing;
    } else if (const auto transmit = server.stun->PollTransmit(now, out)) {
      return Outgoing{*transmit, std::nullopt};
    }
  }
  return std::nullopt;
}

Time Gatherer::next_deadline() const {
  Time deadline = kNever;
  for (const Server& server : servers_) {
    deadline = std::min(deadline,
                        server.stun ? server.stun->next_deadline() : server.turn->next_deadline());
  }
  return deadline;
}

TurnServer* Gatherer::FindRelay(const SocketAddress& local) {
  for (const Route& route : routes_) {
    if (route.relayed == local) return route.server;
  }
  return nullptr;
}

bool Gatherer::IsRelayed(const SocketAddress& local) const {
  return std::any_of(routes_.begin(), routes_.end(),
                     [&](const Route& route) { return route.relayed == local; });
}

bool Gatherer::PrepareRelay(Time now, const Transmit& inner) {
  TurnServer* server = FindRelay(inner.local);
  return server != nullptr && server->Prepare(now, inner.remote);
}

std::optional<Outgoing> Gatherer::Relay(Time now, const Transmit& inner, MutableBytes packet) {
  TurnServer* server = FindRelay(inner.local);
  if (server == nullptr) return std::nullopt;
  return server->Wrap(now, inner, packet);
}

std::vector<ServerStatus> Gatherer::servers() const {
  std::vector<ServerStatus> statuses;
  for (const Server& server : servers_) {
    statuses.push_back(server.stun ? server.stun->status() : server.turn->status());
  }
  return statuses;
}

void Gatherer::Close(Time now) {
  for (Server& server : servers_) {
    if (server.stun) server.stun->SetBases(now, {});
    if (server.turn) server.turn->Close(now);
  }
  Update();
}

}  // namespace ocellus::gathering
