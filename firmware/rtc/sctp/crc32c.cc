// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/crc32c.h"

#include <array>

#if defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#elif defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace ocellus::sctp {
namespace {

// RFC 9260 appendix A, bits reversed.
constexpr uint32_t kReversedPolynomial = 0x82F63B78;
constexpr size_t kWord = 8;

// kTables[n][b]: what byte b followed by n zero bytes leaves of the division.
using Tables = std::array<std::array<uint32_t, 256>, kWord>;

constexpr Tables MakeTables() {
  Tables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder >> 1) ^ (remainder & 1 ? kReversedPolynomial : 0);
    }
    tables[0][byte] = remainder;
  }
  for (size_t zeros = 1; zeros < kWord; ++zeros) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t shorter = tables[zeros - 1][byte];
      tables[zeros][byte] = (shorter >> 8) ^ tables[0][shorter & 0xFF];
    }
  }
  return tables;
}

constexpr Tables kTables = MakeTables();

uint32_t ReadLittleEndian32(const uint8_t* bytes) {
  return uint32_t{bytes[0]} | uint32_t{bytes[1]} << 8 | uint32_t{bytes[2]} << 16 |
         uint32_t{bytes[3]} << 24;
}

// The remainder as the register of the division holds it: inverted at both ends.
uint32_t DivideByTables(uint32_t crc, const uint8_t* data, size_t size) {
  for (; size >= kWord; data += kWord, size -= kWord) {
    const uint32_t low = ReadLittleEndian32(data) ^ crc;
    crc = kTables[7][low & 0xFF] ^ kTables[6][(low >> 8) & 0xFF] ^ kTables[5][(low >> 16) & 0xFF] ^
          kTables[4][low >> 24] ^ kTables[3][data[4]] ^ kTables[2][data[5]] ^ kTables[1][data[6]] ^
          kTables[0][data[7]];
  }
  for (; size > 0; ++data, --size) crc = (crc >> 8) ^ kTables[0][(crc ^ *data) & 0xFF];
  return crc;
}

#if defined(__ARM_FEATURE_CRC32)

uint32_t Divide(uint32_t crc, const uint8_t* data, size_t size) {
  for (; size >= kWord; data += kWord, size -= kWord) {
    uint64_t word;
    std::memcpy(&word, data, kWord);
    crc = __crc32cd(crc, word);
  }
  for (; size > 0; ++data, --size) crc = __crc32cb(crc, *data);
  return crc;
}

#elif defined(__x86_64__)

// Compiled for a processor that has the instruction; called on those only.
__attribute__((target("sse4.2"))) uint32_t DivideBySse42(uint32_t crc, const uint8_t* data,
                                                         size_t size) {
  uint64_t wide = crc;
  for (; size >= kWord; data += kWord, size -= kWord) {
    uint64_t word;
    std::memcpy(&word, data, kWord);
    wide = _mm_crc32_u64(wide, word);
  }
  crc = static_cast<uint32_t>(wide);
  for (; size > 0; ++data, --size) crc = _mm_crc32_u8(crc, *data);
  return crc;
}

uint32_t Divide(uint32_t crc, const uint8_t* data, size_t size) {
  return __builtin_cpu_supports("sse4.2") ? DivideBySse42(crc, data, size)
                                          : DivideByTables(crc, data, size);
}

#else

uint32_t Divide(uint32_t crc, const uint8_t* data, size_t size) {
  return DivideByTables(crc, data, size);
}

#endif

}  // namespace

uint32_t Crc32c(Bytes bytes, uint32_t before) {
  return ~Divide(~before, bytes.data(), bytes.size());
}

uint32_t Crc32cByTables(Bytes bytes, uint32_t before) {
  return ~DivideByTables(~before, bytes.data(), bytes.size());
}

}  // namespace ocellus::sctp
