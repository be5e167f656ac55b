// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/random.h"

namespace ocellus {
namespace {

constexpr char kAlphanumeric[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

std::string Characters(Random& random, size_t size, char sixty_third, char sixty_fourth) {
  std::string text(size, '\0');
  random.Fill(MutableBytes(reinterpret_cast<uint8_t*>(text.data()), size));
  for (char& c : text) {
    const unsigned index = static_cast<unsigned char>(c) & 63u;
    c = index < 62 ? kAlphanumeric[index] : index == 62 ? sixty_third : sixty_fourth;
  }
  return text;
}

}  // namespace

uint32_t Random::NextU32() { return static_cast<uint32_t>(NextU64()); }

uint64_t Random::NextU64() {
  uint8_t bytes[8];
  Fill(bytes);
  uint64_t value = 0;
  for (const uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

uint32_t Random::Below(uint32_t bound) {
  CHECK(bound > 0, "Below(%u)", static_cast<unsigned>(bound));
  // Multiply and shift: no value is more likely than another by more than bound / 2^32.
  return static_cast<uint32_t>((static_cast<uint64_t>(NextU32()) * bound) >> 32);
}

std::string Random::IceChars(size_t size) { return Characters(*this, size, '+', '/'); }

std::string Random::UrlChars(size_t size) { return Characters(*this, size, '-', '_'); }

}  // namespace ocellus
