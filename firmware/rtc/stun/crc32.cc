// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/stun/crc32.h"

#include <array>

namespace ocellus::stun {
namespace {

constexpr std::array<uint32_t, 16> MakeTable() {
  constexpr uint32_t kReversedPolynomial = 0xEDB88320;
  std::array<uint32_t, 16> table{};
  for (uint32_t nibble = 0; nibble < 16; ++nibble) {
    uint32_t remainder = nibble;
    for (int bit = 0; bit < 4; ++bit) {
      remainder = (remainder >> 1) ^ (remainder & 1 ? kReversedPolynomial : 0);
    }
    table[nibble] = remainder;
  }
  return table;
}

constexpr std::array<uint32_t, 16> kTable = MakeTable();

}  // namespace

uint32_t Crc32(Bytes bytes) {
  uint32_t crc = 0xFFFFFFFF;
  for (const uint8_t byte : bytes) {
    crc ^= byte;
    crc = (crc >> 4) ^ kTable[crc & 15];
    crc = (crc >> 4) ^ kTable[crc & 15];
  }
  return ~crc;
}

}  // namespace ocellus::stun
