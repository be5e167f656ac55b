// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtcp/header.h"

#include <gtest/gtest.h>

#include "tests/rtc/rtcp/hex.h"

namespace ocellus::rtcp {
namespace {

using test::FromHex;
using test::ToHex;

Result<RawPacket> Read(const std::vector<uint8_t>& bytes) {
  ByteReader reader(bytes);
  return ReadRawPacket(reader);
}

TEST(RtcpHeader, GivesTypeCountAndBody) {
  const auto bytes = FromHex("81cb0001 11223344 ffff");
  ByteReader reader(bytes);
  const auto packet = ReadRawPacket(reader);
  ASSERT_TRUE(packet.ok());
  EXPECT_EQ(packet->type, 203);
  EXPECT_EQ(packet->count, 1);
  EXPECT_EQ(ToHex(packet->body), "11223344");
  EXPECT_EQ(reader.remaining(), 2u);
}

TEST(RtcpHeader, TakesPaddingOff) {
  const auto bytes = FromHex("a1cb0002 11223344 00000004");
  const auto packet = Read(bytes);
  ASSERT_TRUE(packet.ok());
  EXPECT_EQ(ToHex(packet->body), "11223344");
}

// Checklist 32.
TEST(RtcpHeader, RefusesLengthPastTheEnd) {
  EXPECT_EQ(Read(FromHex("81c900ff 11111111")).status().code(), StatusCode::kTruncated);
  EXPECT_EQ(Read(FromHex("81c9")).status().code(), StatusCode::kTruncated);
}

TEST(RtcpHeader, RefusesPaddingThatLies) {
  EXPECT_EQ(Read(FromHex("a1cb0001 11223300")).status().code(), StatusCode::kMalformed);
  EXPECT_EQ(Read(FromHex("a1cb0001 11223305")).status().code(), StatusCode::kMalformed);
  EXPECT_EQ(Read(FromHex("a0cb0000")).status().code(), StatusCode::kMalformed);
}

TEST(RtcpHeader, RefusesOtherVersions) {
  EXPECT_EQ(Read(FromHex("40cb0000")).status().code(), StatusCode::kMalformed);
}

TEST(PacketFrame, WritesTheLengthInWords) {
  std::array<uint8_t, 16> out;
  ByteWriter writer(out);
  PacketFrame frame(writer, PacketType::kBye, 2);
  writer.WriteU64(1);
  frame.Finish();
  EXPECT_EQ(ToHex(writer.written()), "82cb00020000000000000001");
}

TEST(RecordBuffer, SaysWhenItIsFull) {
  RecordBuffer<Source, 2> sources;
  EXPECT_TRUE(sources.Add({Ssrc(1)}));
  EXPECT_TRUE(sources.Add({Ssrc(2)}));
  EXPECT_FALSE(sources.Add({Ssrc(3)}));
  ASSERT_EQ(sources.list().size(), 2u);
  EXPECT_EQ(sources.list()[1].ssrc, Ssrc(2));
}

}  // namespace
}  // namespace ocellus::rtcp
