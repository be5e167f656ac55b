// SPDX-License-Identifier: Apache-2.0
// How it stands with one STUN or TURN server, for people: one line each. No credentials in it.
// Plain values; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "firmware/base/socket_address.h"
#include "firmware/base/time.h"
#include "firmware/rtc/gathering/server_url.h"

namespace ocellus::gathering {

enum class ServerState : uint8_t {
  kUnused,      // Not asked: the policy needs no STUN, or no address of ours can reach it.
  kResolving,   // Its name is being looked up.
  kConnecting,  // Asked, no answer yet.
  kReady,       // It answers: `mapped` or `relayed` are good.
  kFailed,      // `error` says why, or that an answer takes long; tried again by itself.
};

const char* ToString(ServerState state);

struct ServerStatus {
  std::string url;
  ServerTransport transport = ServerTransport::kUdp;
  ServerState state = ServerState::kResolving;
  std::optional<SocketAddress> address;  // That was asked, last.
  std::vector<SocketAddress> mapped;     // What the server sees us as.
  std::vector<SocketAddress> relayed;    // What the server has allocated to us.
  std::optional<Duration> rtt;           // Of the last answered request that was sent once.
  std::string error;                     // Of the last failure, a phrase; empty: none since ready.

  // "turn:example.org: ready (192.0.2.1:3478, 23 ms), relays 192.0.2.1:50000".
  std::string ToString() const;
};

}  // namespace ocellus::gathering
