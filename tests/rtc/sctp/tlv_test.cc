// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/tlv.h"

#include <gtest/gtest.h>

#include <array>

#include "tests/rtc/rtcp/hex.h"

namespace ocellus::sctp {
namespace {

using test::FromHex;
using test::ToHex;

TEST(Tlv, ReadsOneAfterTheOtherOverThePadding) {
  const auto bytes = FromHex("0001 0005 aa 000000  8008 0006 82c0 0000");
  TlvReader reader{Bytes(bytes)};
  const auto first = reader.Next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->type, 1);
  EXPECT_EQ(ToHex(first->value), "aa");
  EXPECT_EQ(ToHex(first->whole), "00010005aa");
  const auto second = reader.Next();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->type, 0x8008);
  EXPECT_EQ(ToHex(second->value), "82c0");
  EXPECT_FALSE(reader.Next());
  EXPECT_FALSE(reader.malformed());
}

TEST(Tlv, TakesTheLastOneWithoutItsPadding) {
  const auto bytes = FromHex("0001 0005 aa");
  TlvReader reader{Bytes(bytes)};
  ASSERT_TRUE(reader.Next());
  EXPECT_FALSE(reader.Next());
  EXPECT_FALSE(reader.malformed());
}

TEST(Tlv, StopsAtLengthsThatLie) {
  for (const char* text : {"0001 0003", "0001 0000", "0001 0005", "0001 ffff aabb", "00", "0001"}) {
    const auto bytes = FromHex(text);
    TlvReader reader{Bytes(bytes)};
    EXPECT_FALSE(reader.Next()) << text;
    EXPECT_TRUE(reader.malformed()) << text;
    EXPECT_FALSE(reader.Next()) << text;
  }
}

TEST(Tlv, FramesCountWhatIsInside) {
  std::array<uint8_t, 32> out;
  ByteWriter writer(out);
  {
    const TlvFrame chunk(writer, ChunkType::kError, 5);
    WriteTlv(writer, 6, AsBytes("a"));
    WriteTlv(writer, 7, AsBytes("bc"));
  }
  ASSERT_TRUE(writer.ok());
  EXPECT_EQ(ToHex(writer.written()),
            "09050012"
            "0006000561000000"
            "000700066263");
  PadTo4(writer);
  EXPECT_EQ(writer.size(), 20u);
  PadTo4(writer);
  EXPECT_EQ(writer.size(), 20u);
}

TEST(Tlv, FrameWithoutRoomFailsTheWriter) {
  std::array<uint8_t, 6> out;
  ByteWriter writer(out);
  WriteTlv(writer, 1, AsBytes("abc"));
  EXPECT_FALSE(writer.ok());
}

}  // namespace
}  // namespace ocellus::sctp
