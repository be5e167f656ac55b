// SPDX-License-Identifier: Apache-2.0
// An IP address, and an address with a port: plain values, no operating system types.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "firmware/base/bytes.h"

namespace ocellus {

class IpAddress {
 public:
  enum class Family : uint8_t { kV4, kV6 };

  // 0.0.0.0
  constexpr IpAddress() = default;
  // `bytes` are 4 or 16, in network order. ::ffff:a.b.c.d becomes the IPv4 address that it means.
  static std::optional<IpAddress> FromBytes(Bytes bytes);
  // "192.0.2.1", "2001:db8::1", without brackets. A zone ("%eth0") is refused: it means nothing
  // to another host.
  static std::optional<IpAddress> Parse(std::string_view text);

  Family family() const { return family_; }
  bool is_v4() const { return family_ == Family::kV4; }
  // 4 or 16 bytes in network order, borrowed from this.
  Bytes bytes() const { return Bytes(bytes_.data(), is_v4() ? 4 : 16); }

  bool is_unspecified() const;  // 0.0.0.0, ::
  bool is_loopback() const;     // 127.0.0.0/8, ::1
  bool is_link_local() const;   // 169.254.0.0/16, fe80::/10
  bool is_multicast() const;    // 224.0.0.0/4, ff00::/8
  bool is_private() const;      // RFC 1918: 10/8, 172.16/12, 192.168/16; RFC 4193: fc00::/7

  // RFC 5952 form.
  std::string ToString() const;

  friend bool operator==(const IpAddress& a, const IpAddress& b) {
    return a.family_ == b.family_ &&
           // In line, where g++ calls a function for ==.
           std::memcmp(a.bytes_.data(), b.bytes_.data(), sizeof(a.bytes_)) == 0;
  }
  friend bool operator!=(const IpAddress& a, const IpAddress& b) { return !(a == b); }

 private:
  Family family_ = Family::kV4;
  std::array<uint8_t, 16> bytes_{};
};

struct SocketAddress {
  IpAddress ip;
  uint16_t port = 0;

  // "192.0.2.1:8555", "[2001:db8::1]:8555".
  static std::optional<SocketAddress> Parse(std::string_view text);
  std::string ToString() const;

  friend bool operator==(const SocketAddress& a, const SocketAddress& b) {
    return a.port == b.port && a.ip == b.ip;
  }
  friend bool operator!=(const SocketAddress& a, const SocketAddress& b) { return !(a == b); }
};

}  // namespace ocellus

template <>
struct std::hash<ocellus::SocketAddress> {
  size_t operator()(const ocellus::SocketAddress& address) const;
};
