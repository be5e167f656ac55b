// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/init_chunk.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/rtc/rtcp/hex.h"

namespace ocellus::sctp {
namespace {

using test::FromHex;
using test::ToHex;

constexpr char kFixed[] = "01020304 00050000 000a 0014 0a0b0c0d";

template <typename AnyChunk>
std::vector<uint8_t> Written(const AnyChunk& chunk, size_t room = 256) {
  std::vector<uint8_t> out(room);
  ByteWriter writer{MutableBytes(out)};
  chunk.Write(writer);
  EXPECT_TRUE(writer.ok());
  out.resize(writer.size());
  return out;
}

InitChunk ExampleInit() {
  InitChunk init;
  init.tag = VerificationTag(0x01020304);
  init.window = 0x50000;
  init.outbound_streams = 10;
  init.inbound_streams = 20;
  init.initial_tsn = Tsn(0x0A0B0C0D);
  return init;
}

Result<InitChunk> ParseWith(const char* parameters) {
  static std::vector<uint8_t> bytes;  // The chunk borrows it.
  bytes = FromHex(std::string(kFixed) + parameters);
  return InitChunk::Parse(0, Bytes(bytes));
}

TEST(InitChunk, WritesWhatItReads) {
  InitChunk init = ExampleInit();
  init.extensions = {true, true, true, true};
  const auto bytes = Written(init);
  EXPECT_EQ(ToHex(bytes),
            "01000028"
            "01020304"
            "00050000"
            "000a0014"
            "0a0b0c0d"
            "c0000004"
            "8008000882c040c2"
            "8001000800000001");
  const auto parsed = InitChunk::Parse(0, Bytes(bytes).subspan(4));
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->tag, init.tag);
  EXPECT_EQ(parsed->window, init.window);
  EXPECT_EQ(parsed->outbound_streams, 10);
  EXPECT_EQ(parsed->inbound_streams, 20);
  EXPECT_EQ(parsed->initial_tsn, init.initial_tsn);
  EXPECT_TRUE(parsed->extensions.forward_tsn);
  EXPECT_TRUE(parsed->extensions.interleaving);
  EXPECT_TRUE(parsed->extensions.reconfig);
  EXPECT_TRUE(parsed->extensions.zero_checksum);
}

TEST(InitChunk, HasNoParametersWithoutExtensions) {
  const auto bytes = Written(ExampleInit());
  EXPECT_EQ(bytes.size(), InitChunk::kFixedSize);
  const auto parsed = InitChunk::Parse(0, Bytes(bytes).subspan(4));
  ASSERT_TRUE(parsed.ok());
  EXPECT_FALSE(parsed->extensions.forward_tsn || parsed->extensions.interleaving ||
               parsed->extensions.reconfig || parsed->extensions.zero_checksum);
}

TEST(InitChunk, RefusesEveryTruncationOfTheFixedPart) {
  const auto bytes = FromHex(kFixed);
  for (size_t size = 0; size < bytes.size(); ++size) {
    const std::vector<uint8_t> value(bytes.begin(),
                                     bytes.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(InitChunk::Parse(0, Bytes(value)).status().code(), StatusCode::kTruncated) << size;
  }
}

TEST(InitChunk, RefusesParametersWhoseLengthLies) {
  EXPECT_EQ(ParseWith("c0000003").status().code(), StatusCode::kMalformed);
  EXPECT_EQ(ParseWith("80080009 82c0").status().code(), StatusCode::kMalformed);
  EXPECT_EQ(ParseWith("c000").status().code(), StatusCode::kMalformed);
}

TEST(InitChunk, NeedsBothChunksForInterleaving) {
  EXPECT_FALSE(ParseWith("80080005 40 000000")->extensions.interleaving);
  EXPECT_FALSE(ParseWith("80080005 c2 000000")->extensions.interleaving);
  EXPECT_TRUE(ParseWith("80080006 c240 0000")->extensions.interleaving);
}

// RFC 9653 section 3: 1 is "SCTP over DTLS"; nothing else protects our packets.
TEST(InitChunk, AcceptsZeroChecksumsOnlyBecauseOfDtls) {
  EXPECT_TRUE(ParseWith("80010008 00000001")->extensions.zero_checksum);
  EXPECT_FALSE(ParseWith("80010008 00000002")->extensions.zero_checksum);
  EXPECT_FALSE(ParseWith("80010004")->extensions.zero_checksum);
}

// RFC 9260 section 3.2.1: "00: stop processing this parameter, do not process any further".
TEST(InitChunk, ReadsOnBehindUnknownParametersThatMayBePassedOver) {
  EXPECT_TRUE(ParseWith("8123 0004 c0000004")->extensions.forward_tsn);
  EXPECT_TRUE(ParseWith("c123 0008 00000000 c0000004")->extensions.forward_tsn);
  EXPECT_FALSE(ParseWith("0123 0004 c0000004")->extensions.forward_tsn);
  EXPECT_FALSE(ParseWith("4123 0004 c0000004")->extensions.forward_tsn);
}

TEST(InitChunk, PassesOverAddressesAndRefusesHostNames) {
  EXPECT_TRUE(ParseWith("0005 0008 7f000001 000c 0006 0005 0000 c0000004")->extensions.forward_tsn);
  EXPECT_EQ(ParseWith("000b 0008 61626300").status().code(), StatusCode::kUnsupported);
}

TEST(InitAckChunk, WritesWhatItReads) {
  InitAckChunk ack;
  ack.init = ExampleInit();
  ack.init.extensions.forward_tsn = true;
  ack.cookie = AsBytes("cookie");
  const auto bytes = Written(ack);
  EXPECT_EQ(ToHex(bytes),
            "02000029"
            "01020304"
            "00050000"
            "000a0014"
            "0a0b0c0d"
            "0007000a636f6f6b69650000"
            "c0000004"
            "80080005c0");
  const auto parsed = InitAckChunk::Parse(0, Bytes(bytes).subspan(4));
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(AsText(parsed->cookie), "cookie");
  EXPECT_EQ(parsed->init.tag, ack.init.tag);
  EXPECT_TRUE(parsed->init.extensions.forward_tsn);
}

TEST(InitAckChunk, NeedsACookie) {
  const auto without = FromHex(kFixed);
  EXPECT_EQ(InitAckChunk::Parse(0, Bytes(without)).status().code(), StatusCode::kMalformed);
  const auto empty = FromHex(std::string(kFixed) + "0007 0004");
  EXPECT_EQ(InitAckChunk::Parse(0, Bytes(empty)).status().code(), StatusCode::kMalformed);
}

// RFC 9260 section 3.2.1: "report the unrecognized parameter", for 01 and 11.
TEST(InitAckChunk, ReportsUnknownParametersThatAskForIt) {
  const auto parameters = FromHex("c123 0006 aabb 0000  8124 0004  c0000004  4125 0004  c126 0004");
  InitAckChunk ack;
  ack.init = ExampleInit();
  ack.cookie = AsBytes("c");
  ack.parameters_of_init = Bytes(parameters);
  EXPECT_EQ(ToHex(Written(ack)).substr(56),
            "000800"
            "0a"
            "c1230006aabb0000"
            "00080008"
            "41250004");
}

TEST(InitAckChunk, LeavesOutReportsThatDoNotFit) {
  const auto parameters = FromHex("c123 0004 c124 0008 00000000 c125 0004");
  InitAckChunk ack;
  ack.init = ExampleInit();
  ack.cookie = AsBytes("cook");
  ack.parameters_of_init = Bytes(parameters);
  EXPECT_EQ(ToHex(Written(ack, 28 + 16)).substr(56),
            "00080008c1230004"
            "00080008c1250004");
}

}  // namespace
}  // namespace ocellus::sctp
