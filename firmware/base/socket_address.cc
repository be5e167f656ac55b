// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/socket_address.h"

#include <algorithm>
#include <cstdio>

#include "firmware/base/text.h"

namespace ocellus {
namespace {

std::optional<std::array<uint8_t, 4>> ParseV4(std::string_view text) {
  std::array<uint8_t, 4> bytes{};
  for (size_t i = 0; i < bytes.size(); ++i) {
    const std::string_view part = i + 1 < bytes.size() ? TakeUntil(text, '.') : text;
    if (part.empty() || part.size() > 3 || (part.size() > 1 && part[0] == '0')) {
      return std::nullopt;
    }
    const auto value = ParseNumber<uint8_t>(part);
    if (!value) return std::nullopt;
    bytes[i] = *value;
  }
  return bytes;
}

// Parses colon-separated groups into `out`; a trailing dotted quad counts as two groups.
// Returns how many bytes were written, or nullopt.
std::optional<size_t> ParseGroups(std::string_view text, Span<uint8_t> out) {
  if (text.empty()) return 0;
  size_t size = 0;
  while (true) {
    const size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (colon == std::string_view::npos && group.find('.') != std::string_view::npos) {
      const auto v4 = ParseV4(group);
      if (!v4 || size + 4 > out.size()) return std::nullopt;
      std::copy(v4->begin(), v4->end(), out.begin() + size);
      return size + 4;
    }
    const auto value = ParseNumber<uint16_t>(group, 16);
    if (!value || group.size() > 4 || size + 2 > out.size()) return std::nullopt;
    out[size] = static_cast<uint8_t>(*value >> 8);
    out[size + 1] = static_cast<uint8_t>(*value);
    size += 2;
    if (colon == std::string_view::npos) return size;
    text.remove_prefix(colon + 1);
  }
}

std::optional<std::array<uint8_t, 16>> ParseV6(std::string_view text) {
  std::array<uint8_t, 16> bytes{};
  const size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    const auto size = ParseGroups(text, bytes);
    if (!size || *size != 16) return std::nullopt;
    return bytes;
  }
  if (text.substr(0, gap).find('.') != std::string_view::npos) return std::nullopt;
  uint8_t tail[16];
  const auto head_size = ParseGroups(text.substr(0, gap), bytes);
  const auto tail_size = ParseGroups(text.substr(gap + 2), tail);
  if (!head_size || !tail_size || *head_size + *tail_size > 14) return std::nullopt;
  std::copy_n(tail, *tail_size, bytes.end() - static_cast<std::ptrdiff_t>(*tail_size));
  return bytes;
}

}  // namespace

std::optional<IpAddress> IpAddress::FromBytes(Bytes bytes) {
  constexpr uint8_t kMappedPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  IpAddress address;
  if (bytes.size() == 16 && bytes.first(12) == Bytes(kMappedPrefix)) bytes = bytes.subspan(12);
  if (bytes.size() != 4 && bytes.size() != 16) return std::nullopt;
  address.family_ = bytes.size() == 4 ? Family::kV4 : Family::kV6;
  std::copy(bytes.begin(), bytes.end(), address.bytes_.begin());
  return address;
}

std::optional<IpAddress> IpAddress::Parse(std::string_view text) {
  if (text.find(':') == std::string_view::npos) {
    const auto v4 = ParseV4(text);
    if (!v4) return std::nullopt;
    return FromBytes(*v4);
  }
  const auto v6 = ParseV6(text);
  if (!v6) return std::nullopt;
  return FromBytes(*v6);
}

bool IpAddress::is_unspecified() const {
  const Bytes all = bytes();
  return std::all_of(all.begin(), all.end(), [](uint8_t byte) { return byte == 0; });
}

bool IpAddress::is_loopback() const {
  if (is_v4()) return bytes_[0] == 127;
  return std::all_of(bytes_.begin(), bytes_.end() - 1, [](uint8_t byte) { return byte == 0; }) &&
         bytes_[15] == 1;
}

bool IpAddress::is_link_local() const {
  if (is_v4()) return bytes_[0] == 169 && bytes_[1] == 254;
  return bytes_[0] == 0xfe && (bytes_[1] & 0xc0) == 0x80;
}

bool IpAddress::is_multicast() const {
  return is_v4() ? (bytes_[0] & 0xf0) == 0xe0 : bytes_[0] == 0xff;
}

bool IpAddress::is_private() const {
  if (!is_v4()) return (bytes_[0] & 0xfe) == 0xfc;
  return bytes_[0] == 10 || (bytes_[0] == 172 && (bytes_[1] & 0xf0) == 16) ||
         (bytes_[0] == 192 && bytes_[1] == 168);
}

std::string IpAddress::ToString() const {
  char text[48];
  if (is_v4()) {
    std::snprintf(text, sizeof(text), "%u.%u.%u.%u", bytes_[0], bytes_[1], bytes_[2], bytes_[3]);
    return text;
  }
  uint16_t groups[8];
  for (size_t i = 0; i < 8; ++i) {
    groups[i] = static_cast<uint16_t>(bytes_[2 * i] << 8 | bytes_[2 * i + 1]);
  }
  // RFC 5952 section 4.2: the longest run of at least two zero groups, the first one of equals.
  size_t gap = 8;
  size_t gap_size = 1;
  for (size_t i = 0; i < 8; ++i) {
    size_t size = 0;
    while (i + size < 8 && groups[i + size] == 0) ++size;
    if (size > gap_size) {
      gap = i;
      gap_size = size;
    }
  }
  std::string result;
  for (size_t i = 0; i < 8;) {
    if (i == gap) {
      result += "::";
      i += gap_size;
      continue;
    }
    if (!result.empty() && result.back() != ':') result += ':';
    std::snprintf(text, sizeof(text), "%x", static_cast<unsigned>(groups[i]));
    result += text;
    ++i;
  }
  return result;
}

std::optional<SocketAddress> SocketAddress::Parse(std::string_view text) {
  std::string_view host;
  if (!text.empty() && text[0] == '[') {
    text.remove_prefix(1);
    host = TakeUntil(text, ']');
    if (text.empty() || text[0] != ':' || host.find(':') == std::string_view::npos) {
      return std::nullopt;
    }
    text.remove_prefix(1);
  } else {
    host = TakeUntil(text, ':');
  }
  const auto ip = IpAddress::Parse(host);
  const auto port = ParseNumber<uint16_t>(text);
  if (!ip || !port) return std::nullopt;
  return SocketAddress{*ip, *port};
}

std::string SocketAddress::ToString() const {
  const std::string port_text = ":" + std::to_string(port);
  return ip.is_v4() ? ip.ToString() + port_text : "[" + ip.ToString() + "]" + port_text;
}

}  // namespace ocellus

size_t std::hash<ocellus::SocketAddress>::operator()(const ocellus::SocketAddress& address) const {
  // FNV-1a. Peers choose their addresses, so tables keyed by this are bounded by kMaxMaxViewers.
  uint64_t digest = 14695981039346656037u;
  const auto add = [&digest](uint8_t byte) { digest = (digest ^ byte) * 1099511628211u; };
  for (const uint8_t byte : address.ip.bytes()) add(byte);
  add(static_cast<uint8_t>(address.port >> 8));
  add(static_cast<uint8_t>(address.port));
  return static_cast<size_t>(digest);
}
