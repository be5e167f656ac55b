// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/rbsp_reader.h"

#include <gtest/gtest.h>

namespace ocellus {
namespace {

TEST(RbspReader, ReadsFixedFieldsFromTheHighestBit) {
  const uint8_t bytes[] = {0b1010'0110, 0xff, 0x00, 0x12, 0x34};
  RbspReader reader{Bytes(bytes)};
  EXPECT_TRUE(reader.ReadFlag());
  EXPECT_EQ(reader.ReadBits(3), 0b010u);
  EXPECT_EQ(reader.ReadBits(4), 0b0110u);
  EXPECT_EQ(reader.ReadBits(32), 0xff001234u);
  EXPECT_TRUE(reader.ok());
}

// ITU-T H.264 table 9-2.
TEST(RbspReader, ReadsUnsignedCodes) {
  const uint8_t bytes[] = {0b1'010'011'0, 0b0100'0010, 0b1'0001000};
  RbspReader reader{Bytes(bytes)};
  for (const uint32_t value : {0u, 1u, 2u, 3u, 4u, 7u}) EXPECT_EQ(reader.ReadUnsigned(), value);
  EXPECT_TRUE(reader.ok());
}

// ITU-T H.264 table 9-3.
TEST(RbspReader, ReadsSignedCodes) {
  const uint8_t bytes[] = {0b1'010'011'0, 0b0100'0010, 0b1'0000000};
  RbspReader reader{Bytes(bytes)};
  for (const int32_t value : {0, 1, -1, 2, -2}) EXPECT_EQ(reader.ReadSigned(), value);
}

TEST(RbspReader, ReadsTheLongestCode) {
  const uint8_t bytes[] = {0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfe};
  RbspReader reader{Bytes(bytes)};
  EXPECT_EQ(reader.ReadUnsigned(), 0xffff'fffeu);
  EXPECT_TRUE(reader.ok());
}

TEST(RbspReader, LeavesOutEmulationPrevention) {
  const uint8_t bytes[] = {0x00, 0x00, 0x03, 0x01, 0x00, 0x00, 0x03, 0x00, 0x03};
  RbspReader reader{Bytes(bytes)};
  EXPECT_EQ(reader.ReadBits(24), 0x000001u);
  EXPECT_EQ(reader.ReadBits(32), 0x00000003u);
  EXPECT_TRUE(reader.ok());
}

TEST(RbspReader, FailsForGoodAtTheEnd) {
  const uint8_t bytes[] = {0xff};
  RbspReader reader{Bytes(bytes)};
  EXPECT_EQ(reader.ReadBits(9), 0x1feu);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.ReadBits(1), 0u);
  EXPECT_EQ(reader.ReadUnsigned(), 0u);
}

TEST(RbspReader, RefusesCodesThatAreTooLong) {
  const uint8_t bytes[] = {0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1};
  RbspReader reader{Bytes(bytes).subspan(6)};
  reader.ReadUnsigned();
  EXPECT_FALSE(reader.ok());
}

}  // namespace
}  // namespace ocellus
