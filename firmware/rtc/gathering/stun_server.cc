// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/gathering/stun_server.h"

#include <algorithm>
#include <utility>

#include "firmware/base/limits.h"
#include "firmware/base/log.h"

namespace ocellus::gathering {

StunServer::StunServer(const ServerUrl& url, Context& context)
    : url_(url), context_(context), addresses_(url.host, url.port, context.random) {}

void StunServer::HandleResolved(Time now, const Result<std::vector<IpAddress>>& addresses) {
  addresses_.HandleResolved(now, addresses);
  Update(now);
}

void StunServer::SetBases(Time now, Span<const SocketAddress> bases) {
  bases_.assign(bases.begin(), bases.end());
  addresses_.Retry(now);
  for (const auto& mapping : mappings_) mapping->AskAgain(context_.pacing.Next(now));
  Update(now);
}

void StunServer::Update(Time now) {
  std::vector<std::unique_ptr<Mapping>> before = std::exchange(mappings_, {});
  for (const SocketAddress& base : bases_) {
    const auto server = addresses_.Current(base.ip.family());
    if (!server || !CanReach(base, *server)) continue;
    if (mappings_.size() == kMaxMappingsPerServer) break;
    mappings_.push_back(TakeMapping(now, base, *server, before));
  }
  for (auto& mapping : before) {
    if (!mapping || !mapping->mapped()) continue;
    if (resting_.size() == kMaxMappingsPerServer) resting_.erase(resting_.begin());
    resting_.push_back(std::move(mapping));
  }
}

std::unique_ptr<Mapping> StunServer::TakeMapping(Time now, const SocketAddress& base,
                                                 const SocketAddress& server,
                                                 std::vector<std::unique_ptr<Mapping>>& before) {
  const auto is_it = [&](const auto& mapping) {
    return mapping && mapping->base() == base && mapping->server() == server;
  };
  const auto kept = std::find_if(before.begin(), before.end(), is_it);
  if (kept != before.end()) return std::move(*kept);
  const auto rested = std::find_if(resting_.begin(), resting_.end(), is_it);
  if (rested == resting_.end()) {
    return std::make_unique<Mapping>(context_.pacing.Next(now), base, server, context_.random);
  }
  std::unique_ptr<Mapping> mapping = std::move(*rested);
  resting_.erase(rested);
  mapping->AskAgain(context_.pacing.Next(now));
  mapping->HandleTimeout(now);  // Which forgets what is too old.
  return mapping;
}

bool StunServer::HandleAnswer(Time now, const Datagram& in, const stun::Message& message) {
  for (const auto& mapping : mappings_) {
    const auto before = mapping->mapped();
    if (!mapping->HandleAnswer(now, in, message)) continue;
    if (mapping->TakeFailed()) {
      HandleFailure(now, in.remote);
      return true;
    }
    addresses_.HandleReachable();
    if (mapping->mapped() != before) {
      LOG_INFO("%s sees %s as %s", url_.Write().c_str(), in.local.ToString().c_str(),
               mapping->mapped()->ToString().c_str());
    }
    return true;
  }
  return false;
}

void StunServer::HandleTimeout(Time now) {
  addresses_.HandleTimeout(now);
  std::optional<SocketAddress> failed;
  for (const auto& mapping : mappings_) {
    mapping->HandleTimeout(now);
    if (mapping->TakeFailed()) failed = mapping->server();
  }
  if (failed) HandleFailure(now, *failed);
}

// A base that cannot reach the server does not matter as long as another one can.
void StunServer::HandleFailure(Time now, const SocketAddress& server) {
  const bool answers = std::any_of(mappings_.begin(), mappings_.end(), [&](const auto& mapping) {
    return mapping->server() == server && mapping->mapped();
  });
  if (answers) return;
  addresses_.HandleUnreachable(now, server);
  Update(now);
}

std::optional<Transmit> StunServer::PollTransmit(Time now, MutableBytes out) {
  for (const auto& mapping : mappings_) {
    if (const auto transmit = mapping->PollTransmit(now, out)) return transmit;
  }
  return std::nullopt;
}

Time StunServer::next_deadline() const {
  Time deadline = addresses_.next_deadline();
  for (const auto& mapping : mappings_) deadline = std::min(deadline, mapping->next_deadline());
  return deadline;
}

ServerStatus StunServer::status() const {
  ServerStatus status;
  status.url = url_.Write();
  status.transport = url_.transport;
  status.state = addresses_.is_resolving() ? ServerState::kResolving : ServerState::kUnused;
  if (!addresses_.error().ok()) {
    status.state = ServerState::kFailed;
    status.error = "its name is not found: " + addresses_.error().message();
  }
  for (const auto& mapping : mappings_) {
    const Status error = mapping->error();
    if (mapping->mapped()) {
      // One that answers says more than others that do not.
      if (status.mapped.empty()) status.address = mapping->server();
      status.mapped.push_back(*mapping->mapped());
      if (!status.rtt) status.rtt = mapping->rtt();
      status.state = ServerState::kReady;
      status.error = error.message();
    } else if (status.mapped.empty()) {
      status.address = mapping->server();
      status.state = error.ok() ? ServerState::kConnecting : ServerState::kFailed;
      status.error = error.message();
    }
  }
  return status;
}

}  // namespace ocellus::gathering
