// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/gathering/server_url.h"

#include <algorithm>

#include "firmware/base/socket_address.h"
#include "firmware/base/text.h"

namespace ocellus::gathering {
namespace {

// RFC 1035 section 2.3.4: a name has at most 255 bytes on the wire, which is 253 characters.
constexpr size_t kMaxHostSize = 253;

Status Malformed(std::string_view text, const char* why) {
  return {StatusCode::kMalformed, "\"" + std::string(text) + "\": " + why};
}

bool IsHostCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

bool IsName(std::string_view host) {
  return !host.empty() && host.size() <= kMaxHostSize && host.front() != '.' &&
         std::all_of(host.begin(), host.end(), IsHostCharacter);
}

// "192.0.2.300" and "1.2.3" are slips of the pen, not names: no top-level domain is a number.
bool LooksLikeIpv4(std::string_view host) {
  return std::all_of(host.begin(), host.end(),
                     [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

// "host", "host:port", "[IPv6]" or "[IPv6]:port".
Status ParseHostAndPort(std::string_view text, std::string_view rest, ServerUrl& url) {
  std::string_view host;
  bool has_port = false;
  if (!rest.empty() && rest.front() == '[') {
    rest.remove_prefix(1);
    if (rest.find(']') == std::string_view::npos) return Malformed(text, "\"]\" is missing");
    host = TakeUntil(rest, ']');
    const auto address = IpAddress::Parse(host);
    if (!address || address->is_v4()) return Malformed(text, "what is in [] is no IPv6 address");
    has_port = !rest.empty();
    if (has_port && TakeUntil(rest, ':') != "") return Malformed(text, "\"]\" is not the end");
  } else {
    has_port = rest.find(':') != std::string_view::npos;
    host = TakeUntil(rest, ':');
    if (host.empty()) return Malformed(text, "the host is missing");
    if (LooksLikeIpv4(host) ? !IpAddress::Parse(host) : !IsName(host)) {
      return Malformed(text, "the host is neither a name nor an address");
    }
  }
  url.host.assign(host);
  std::transform(url.host.begin(), url.host.end(), url.host.begin(), ToLowerAscii);
  if (!has_port) return StatusCode::kOk;
  const auto port = ParseNumber<uint16_t>(rest);
  if (!port || *port == 0) return Malformed(text, "the port is not a number from 1 to 65535");
  url.port = *port;
  return StatusCode::kOk;
}

}  // namespace

Result<ServerUrl> ServerUrl::Parse(std::string_view text) {
  std::string_view rest = text;
  const std::string_view scheme = TakeUntil(rest, ':');
  ServerUrl url;
  if (EqualsIgnoreCase(scheme, "turns")) {
    url.kind = ServerKind::kTurn;
    url.transport = ServerTransport::kTls;
    url.port = kDefaultTlsPort;
  } else if (EqualsIgnoreCase(scheme, "turn")) {
    url.kind = ServerKind::kTurn;
  } else if (EqualsIgnoreCase(scheme, "stuns")) {
    return Status(StatusCode::kUnsupported, "\"" + std::string(text) +
                                                "\": STUN over TLS says nothing about UDP; use "
                                                "stun:");
  } else if (!EqualsIgnoreCase(scheme, "stun")) {
    return Malformed(text, "it does not begin with stun:, turn: or turns:");
  }
  if (StartsWith(rest, "//")) return Malformed(text, "there is no // in these URLs");

  const bool has_query = rest.find('?') != std::string_view::npos;
  RETURN_IF_ERROR(ParseHostAndPort(text, TakeUntil(rest, '?'), url));
  if (!has_query) return url;
  if (url.kind == ServerKind::kStun) return Malformed(text, "stun: has no \"?\" part");
  if (EqualsIgnoreCase(rest, "transport=tcp")) {
    if (url.transport == ServerTransport::kUdp) url.transport = ServerTransport::kTcp;
    return url;
  }
  if (!EqualsIgnoreCase(rest, "transport=udp")) {
    return Malformed(text, "after \"?\" only transport=udp or transport=tcp may stand");
  }
  if (url.transport == ServerTransport::kTls) {
    return Status(StatusCode::kUnsupported, "\"" + std::string(text) +
                                                "\": TURN over DTLS is not supported; use "
                                                "transport=tcp");
  }
  return url;
}

std::string ServerUrl::Write() const {
  const bool tls = transport == ServerTransport::kTls;
  std::string text = kind == ServerKind::kStun ? "stun:" : tls ? "turns:" : "turn:";
  text += host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (tls ? kDefaultTlsPort : kDefaultPort)) text += ":" + std::to_string(port);
  if (transport == ServerTransport::kTcp) text += "?transport=tcp";
  return text;
}

}  // namespace ocellus::gathering
