// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/byte_reader.h"

#include <gtest/gtest.h>

namespace ocellus {
namespace {

TEST(ByteReader, ReadsBigEndian) {
  const uint8_t bytes[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09,
                           0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12};
  ByteReader reader(bytes);
  EXPECT_EQ(reader.ReadU8(), 0x01);
  EXPECT_EQ(reader.ReadU16(), 0x0203);
  EXPECT_EQ(reader.ReadU24(), 0x040506u);
  EXPECT_EQ(reader.ReadU32(), 0x0708090au);
  EXPECT_EQ(reader.ReadU64(), 0x0b0c0d0e0f101112u);
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.remaining(), 0u);
  EXPECT_EQ(reader.position(), 18u);
}

TEST(ByteReader, BorrowsBytesAndSkips) {
  const uint8_t bytes[] = {1, 2, 3, 4, 5};
  ByteReader reader(bytes);
  reader.Skip(1);
  EXPECT_EQ(reader.ReadBytes(2).data(), bytes + 1);
  EXPECT_EQ(reader.ReadRest().size(), 2u);
  EXPECT_TRUE(reader.ReadRest().empty());
  EXPECT_TRUE(reader.ok());
}

TEST(ByteReader, StaysFailedAfterAReadPastTheEnd) {
  const uint8_t bytes[] = {1, 2, 3};
  ByteReader reader(bytes);
  EXPECT_EQ(reader.ReadU32(), 0u);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.ReadU8(), 0);  // It would fit, but nothing is read any more.
  EXPECT_TRUE(reader.ReadBytes(1).empty());
  EXPECT_EQ(reader.position(), 0u);
  EXPECT_FALSE(reader.ok());
}

TEST(ByteReader, FailsOnHugeSizes) {
  const uint8_t bytes[] = {1, 2, 3};
  ByteReader reader(bytes);
  reader.ReadU8();
  EXPECT_TRUE(reader.ReadBytes(SIZE_MAX).empty());
  EXPECT_FALSE(reader.ok());
}

TEST(ByteReader, ReadsNothingOfNothing) {
  ByteReader reader{Bytes()};
  EXPECT_TRUE(reader.ReadRest().empty());
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.ReadU8(), 0);
  EXPECT_FALSE(reader.ok());
}

}  // namespace
}  // namespace ocellus
