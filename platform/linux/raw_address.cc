// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/raw_address.h"

#include <cstring>

namespace ocellus::linux_platform {
namespace {

template <typename Raw>
IpAddress FromBytesOf(const Raw& raw) {
  const Bytes bytes(reinterpret_cast<const uint8_t*>(&raw), sizeof(raw));
  // FromBytes takes any 4 or 16.
  return IpAddress::FromBytes(bytes).value_or(IpAddress());
}

}  // namespace

socklen_t ToRaw(const SocketAddress& address, sockaddr_in6& out) {
  const Bytes ip = address.ip.bytes();
  if (address.ip.is_v4()) {
    sockaddr_in raw{};
    raw.sin_family = AF_INET;
    raw.sin_port = htons(address.port);
    std::memcpy(&raw.sin_addr, ip.data(), ip.size());
    std::memcpy(&out, &raw, sizeof(raw));
    return sizeof(raw);
  }
  out = {};
  out.sin6_family = AF_INET6;
  out.sin6_port = htons(address.port);
  std::memcpy(&out.sin6_addr, ip.data(), ip.size());
  return sizeof(out);
}

SocketAddress FromRaw(const sockaddr_in6& raw) {
  if (raw.sin6_family == AF_INET6) return {FromRaw(raw.sin6_addr), ntohs(raw.sin6_port)};
  sockaddr_in v4;
  std::memcpy(&v4, &raw, sizeof(v4));
  return {FromRaw(v4.sin_addr), ntohs(v4.sin_port)};
}

IpAddress FromRaw(const in_addr& raw) { return FromBytesOf(raw); }

IpAddress FromRaw(const in6_addr& raw) { return FromBytesOf(raw); }

}  // namespace ocellus::linux_platform
