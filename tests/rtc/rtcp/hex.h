// SPDX-License-Identifier: Apache-2.0
// Packets as text, for the tests of rtp and rtcp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/bytes.h"
#include "firmware/base/text.h"

namespace ocellus::test {

// "80 c8" or "80c8". Blanks are skipped; anything else that is no digit makes a zero.
inline std::vector<uint8_t> FromHex(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != ' ') digits += c;
  }
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes.push_back(
        ParseNumber<uint8_t>(std::string_view(digits).substr(i, 2), 16).value_or(uint8_t{0}));
  }
  return bytes;
}

inline std::string ToHex(Bytes bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace ocellus::test
