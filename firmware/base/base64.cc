// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/base64.h"

namespace ocellus {
namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// The six bits that `c` stands for.
std::optional<unsigned> ValueOf(char c) {
  for (unsigned value = 0; value < 64; ++value) {
    if (kAlphabet[value] == c) return value;
  }
  return std::nullopt;
}

}  // namespace

// Each three bytes become four characters; of one or two bytes at the end, what is missing is
// padded.
std::string Base64Encode(Bytes bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t count = bytes.size() - i;
    const unsigned bits = unsigned{bytes[i]} << 16 |
                          (count > 1 ? unsigned{bytes[i + 1]} << 8 : 0u) |
                          (count > 2 ? unsigned{bytes[i + 2]} : 0u);
    text += kAlphabet[bits >> 18];
    text += kAlphabet[bits >> 12 & 63];
    text += count > 1 ? kAlphabet[bits >> 6 & 63] : '=';
    text += count > 2 ? kAlphabet[bits & 63] : '=';
  }
  return text;
}

std::optional<std::vector<uint8_t>> Base64Decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  size_t padding = 0;
  while (padding < 2 && !text.empty() && text.back() == '=') {
    text.remove_suffix(1);
    ++padding;
  }
  std::vector<uint8_t> bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  unsigned bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const std::optional<unsigned> value = ValueOf(c);
    if (!value) return std::nullopt;
    bits = (bits << 6 | *value) & 0xFFFF;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<uint8_t>(bits >> count));
  }
  // RFC 4648 section 3.5: what is left over of the last character is zero.
  if ((bits & ((1u << count) - 1)) != 0) return std::nullopt;
  return bytes;
}

}  // namespace ocellus
