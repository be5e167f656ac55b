// SPDX-License-Identifier: Apache-2.0
// The address of a STUN or TURN server as people write it (RFC 7064, RFC 7065):
//
//   stun:host[:port]   turn:host[:port][?transport=udp|tcp]   turns:host[:port][?transport=tcp]
//
// Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "firmware/base/status.h"

namespace ocellus::gathering {

enum class ServerKind : uint8_t { kStun, kTurn };
enum class ServerTransport : uint8_t { kUdp, kTcp, kTls };

struct ServerUrl {
  // RFC 7064 section 3.2 and RFC 7065 section 3.2.
  static constexpr uint16_t kDefaultPort = 3478;
  static constexpr uint16_t kDefaultTlsPort = 5349;

  ServerKind kind = ServerKind::kStun;
  ServerTransport transport = ServerTransport::kUdp;  // Of a STUN server always kUdp.
  std::string host;  // A name in lower case or an IP address, without brackets.
  uint16_t port = kDefaultPort;

  // Errors, each with a sentence for the person who wrote it: kMalformed; kUnsupported ("stuns:",
  // and "turns:" over UDP, which is DTLS).
  static Result<ServerUrl> Parse(std::string_view text);

  // The shortest text that Parse reads as the same.
  std::string Write() const;

  friend bool operator==(const ServerUrl& a, const ServerUrl& b) {
    return a.kind == b.kind && a.transport == b.transport && a.port == b.port && a.host == b.host;
  }
  friend bool operator!=(const ServerUrl& a, const ServerUrl& b) { return !(a == b); }
};

}  // namespace ocellus::gathering
