// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/byte_writer.h"

#include <gtest/gtest.h>

#include "firmware/base/byte_reader.h"

namespace ocellus {
namespace {

TEST(ByteWriter, WritesWhatTheReaderReads) {
  uint8_t buffer[32];
  ByteWriter writer(buffer);
  writer.WriteU8(0x01);
  writer.WriteU16(0x0203);
  writer.WriteU24(0xff040506);  // The highest byte does not fit and is left out.
  writer.WriteU32(0x0708090a);
  writer.WriteU64(0x0b0c0d0e0f101112);
  const uint8_t more[] = {0x13, 0x14};
  writer.WriteBytes(more);
  writer.WriteZeros(2);
  ASSERT_TRUE(writer.ok());
  EXPECT_EQ(writer.size(), 22u);
  EXPECT_EQ(writer.remaining(), 10u);
  ByteReader reader(writer.written());
  for (unsigned i = 1; i <= 0x14; ++i) EXPECT_EQ(reader.ReadU8(), i);
  EXPECT_EQ(reader.ReadU16(), 0u);
}

TEST(ByteWriter, StaysFailedAfterAWritePastTheEnd) {
  uint8_t buffer[3] = {9, 9, 9};
  ByteWriter writer(buffer);
  writer.WriteU32(0);
  EXPECT_FALSE(writer.ok());
  writer.WriteU8(1);
  EXPECT_FALSE(writer.ok());
  EXPECT_EQ(writer.size(), 0u);
  EXPECT_EQ(buffer[0], 9);
}

TEST(ByteWriter, FillsItsBufferToTheLastByte) {
  uint8_t buffer[2];
  ByteWriter writer(buffer);
  writer.WriteU16(0xabcd);
  writer.WriteBytes(Bytes());
  EXPECT_TRUE(writer.ok());
  writer.WriteZeros(1);
  EXPECT_FALSE(writer.ok());
  EXPECT_EQ(buffer[1], 0xcd);
}

TEST(ByteWriter, LeavesTheBytesThatItSkips) {
  uint8_t buffer[] = {1, 2, 3, 4};
  ByteWriter writer(buffer);
  writer.WriteU8(9);
  writer.Skip(2);
  writer.WriteU8(8);
  EXPECT_TRUE(writer.ok());
  EXPECT_TRUE(Bytes(buffer) == Bytes(std::array<uint8_t, 4>{9, 2, 3, 8}));
  writer.Skip(1);
  EXPECT_FALSE(writer.ok());
}

TEST(ByteWriter, PatchesALengthThatWasWritten) {
  uint8_t buffer[4];
  ByteWriter writer(buffer);
  writer.WriteU32(0);
  writer.PatchU16(2, 0x1234);
  EXPECT_EQ(buffer[2], 0x12);
  EXPECT_EQ(buffer[3], 0x34);
}

TEST(ByteWriterDeath, PatchesNothingThatIsNotWritten) {
  uint8_t buffer[4];
  ByteWriter writer(buffer);
  writer.WriteU16(0);
  EXPECT_DEATH(writer.PatchU16(1, 0), "patch at 1 of 2");
}

}  // namespace
}  // namespace ocellus
