// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/crc32c.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace ocellus::sctp {
namespace {

TEST(Crc32c, MatchesPublishedValues) {
  // RFC 3720 appendix B.4.
  const std::vector<uint8_t> zeros(32, 0x00);
  const std::vector<uint8_t> ones(32, 0xFF);
  std::vector<uint8_t> rising(32);
  std::iota(rising.begin(), rising.end(), uint8_t{0});
  EXPECT_EQ(Crc32c(zeros), 0x8A9136AAu);
  EXPECT_EQ(Crc32c(ones), 0x62A8AB43u);
  EXPECT_EQ(Crc32c(rising), 0x46DD794Eu);
  EXPECT_EQ(Crc32c(AsBytes("123456789")), 0xE3069283u);
  EXPECT_EQ(Crc32c({}), 0u);
}

TEST(Crc32c, IsTheSameWithTablesAtEveryLengthAndAlignment) {
  std::vector<uint8_t> bytes(80);
  uint32_t state = 1;
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>((state = state * 1664525 + 1) >> 24);
  for (size_t begin = 0; begin < 8; ++begin) {
    for (size_t size = 0; begin + size <= bytes.size(); ++size) {
      const Bytes part = Bytes(bytes).subspan(begin, size);
      EXPECT_EQ(Crc32c(part), Crc32cByTables(part)) << begin << " " << size;
    }
  }
}

TEST(Crc32c, GoesOnWhereAnotherEnded) {
  const Bytes whole = AsBytes("one checksum of several pieces");
  for (size_t cut = 0; cut <= whole.size(); ++cut) {
    EXPECT_EQ(Crc32c(whole.subspan(cut), Crc32c(whole.first(cut))), Crc32c(whole));
    EXPECT_EQ(Crc32cByTables(whole.subspan(cut), Crc32cByTables(whole.first(cut))), Crc32c(whole));
  }
}

}  // namespace
}  // namespace ocellus::sctp
