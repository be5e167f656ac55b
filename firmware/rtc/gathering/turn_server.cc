// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/gathering/turn_server.h"

#include <algorithm>
#include <utility>

#include "firmware/base/log.h"
#include "firmware/rtc/gathering/binding_request.h"

namespace ocellus::gathering {

TurnServer::TurnServer(const ServerUrl& url, Context& context)
    : url_(url), context_(context), addresses_(url.host, url.port, context.random) {}

void TurnServer::HandleResolved(Time now, const Result<std::vector<IpAddress>>& addresses) {
  addresses_.HandleResolved(now, addresses);
  if (state_ == State::kIdle && due_ == kNever) due_ = now;
}

void TurnServer::SetBases(Time now, Span<const SocketAddress> bases) {
  bases_.assign(bases.begin(), bases.end());
  addresses_.Retry(now);
  const bool attempted = state_ != State::kIdle && state_ != State::kClosed;
  const bool reaches = std::any_of(bases.begin(), bases.end(), [this](const SocketAddress& base) {
    return uses_udp() ? base == base_ : CanReach(base, server_);
  });
  if (attempted && !reaches) {
    Fail(now, {StatusCode::kUnavailable, "our address " + base_.ip.ToString() + " is gone"});
  }
  Retry(now);
}

void TurnServer::Retry(Time now) {
  backoff_.Reset();
  if (state_ == State::kIdle) due_ = now;
}

std::optional<SocketAddress> TurnServer::udp_server() const {
  if (!client_ || !uses_udp()) return std::nullopt;
  return server_;
}

bool TurnServer::ChooseRoute() {
  const auto find_base = [this](const SocketAddress& server) {
    return std::find_if(bases_.begin(), bases_.end(),
                        [&](const SocketAddress& base) { return CanReach(base, server); });
  };
  if (const auto server = std::exchange(redirect_, std::nullopt)) {
    if (const auto base = find_base(*server); base != bases_.end()) {
      base_ = *base;
      server_ = *server;
      return true;
    }
  }
  const IpAddress::Family other =
      family_ == IpAddress::Family::kV4 ? IpAddress::Family::kV6 : IpAddress::Family::kV4;
  for (const IpAddress::Family family : {family_, other}) {
    const auto server = addresses_.Current(family);
    if (!server) continue;
    const auto base = find_base(*server);
    if (base == bases_.end()) continue;
    family_ = family;
    base_ = *base;
    server_ = *server;
    return true;
  }
  return false;
}

void TurnServer::Start(Time now) {
  state_ = State::kIdle;
  due_ = kNever;  // Until something changes.
  if (!ChooseRoute()) return;
  const auto login = MakeLogin(context_.credentials, context_.wall_clock, now);
  if (!login) {
    error_ = Status(StatusCode::kFailedPrecondition, "the clock of this camera is not set");
    return;
  }
  login_ = *login;
  if (uses_udp()) {
    if (!context_.ClaimUdpServer(server_)) {
      Fail(now, {StatusCode::kAlreadyExists, "another entry has the same address"});
      return;
    }
    StartClient(now);
    return;
  }
  state_ = State::kConnecting;
  due_ = now + kConnectTimeout;
  stream_ = context_.NextStreamId();
  const bool tls = url_.transport == ServerTransport::kTls;
  commands_.push_back(StreamOpen{*stream_, server_, tls ? url_.host : ""});
}

void TurnServer::StartClient(Time now) {
  state_ = State::kAllocating;
  due_ = now + kAllocateTimeout;
  const auto protocol = uses_udp() ? TransportProtocol::kUdp : TransportProtocol::kTcp;
  if (!uses_udp()) framer_ = std::make_unique<turn::StreamFramer>();
  client_ = std::make_unique<turn::Client>(
      context_.pacing.Next(now), turn::ClientOptions{protocol, login_.username, login_.password},
      context_.random);
}

void TurnServer::HandleEvents(Time now) {
  while (client_) {
    const auto event = client_->PollEvent();
    if (!event) return;
    if (const auto* allocated = std::get_if<turn::Allocated>(&*event)) {
      HandleAllocated(now, *allocated);
    } else if (const auto* failed = std::get_if<turn::Failed>(&*event)) {
      HandleFailed(now, *failed);
    }
  }
}

void TurnServer::HandleAllocated(Time now, const turn::Allocated& allocated) {
  if (state_ != State::kAllocating) return;
  state_ = State::kReady;
  due_ = kNever;
  relayed_ = allocated.relayed;
  if (IsUsable(allocated.mapped)) mapped_ = allocated.mapped;
  redirects_ = 0;
  error_ = Status();
  backoff_.Reset();
  addresses_.HandleReachable();
  used_ = now;
  doubted_ = Time();
  changed_ = true;
  for (const SocketAddress& relayed : relayed_) {
    LOG_INFO("%s relays %s", url_.Write().c_str(), relayed.ToString().c_str());
  }
}

void TurnServer::HandleFailed(Time now, const turn::Failed& failed) {
  const auto& other = failed.alternate_server;
  if (state_ != State::kAllocating || !other || !IsUsable(*other) || redirects_ == kMaxRedirects) {
    return Fail(now, failed.status);
  }
  LOG_INFO("%s names %s instead", url_.Write().c_str(), other->ToString().c_str());
  Drop();
  ++redirects_;
  redirect_ = other;
  Start(now);
}

void TurnServer::Fail(Time now, Status why) {
  if (state_ == State::kReleasing || state_ == State::kClosed) return;
  const bool was_ready = state_ == State::kReady;
  if (why.message() != error_.message()) {
    LOG_WARN("%s: %s", url_.Write().c_str(), why.message().c_str());
  }
  error_ = std::move(why);
  redirects_ = 0;
  Drop();
  state_ = State::kIdle;
  due_ = now + backoff_.Next(context_.random);
  // A server that was in use comes back where it was, as a rule.
  if (was_ready) return;
  addresses_.HandleUnreachable(now, server_);
  family_ = family_ == IpAddress::Family::kV4 ? IpAddress::Family::kV6 : IpAddress::Family::kV4;
}

void TurnServer::Drop() {
  if (uses_udp() && client_) context_.ReleaseUdpServer(server_);
  if (stream_) commands_.push_back(StreamClose{*stream_});
  stream_.reset();
  client_.reset();
  framer_.reset();
  stream_data_.clear();
  stream_taken_ = 0;
  relayed_.clear();
  mapped_.reset();
  changed_ = true;
}

void TurnServer::Release(Time now) {
  client_->Close(now);
  relayed_.clear();
  mapped_.reset();
  changed_ = true;
  state_ = State::kReleasing;
  due_ = now + kReleaseTime;
}

void TurnServer::Close(Time now) {
  if (state_ == State::kReady || state_ == State::kAllocating) {
    Release(now);
  } else if (state_ != State::kReleasing) {
    Drop();
  }
  state_ = State::kClosed;
  due_ = now + kReleaseTime;
}

}  // namespace ocellus::gathering
