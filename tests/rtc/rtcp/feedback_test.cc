// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtcp/feedback.h"

#include <gmock/gmock.h>

#include <limits>

#include "tests/rtc/rtcp/hex.h"

namespace ocellus::rtcp {
namespace {

using test::FromHex;
using test::ToHex;
using testing::ElementsAre;

std::vector<uint16_t> Lost(const Nack& nack) {
  std::vector<uint16_t> lost;
  nack.ForEachLost([&](SequenceNumber number) { lost.push_back(number.value()); });
  return lost;
}

template <typename Message>
std::string WriteToHex(const Message& message) {
  std::array<uint8_t, 1200> out;
  ByteWriter writer(out);
  message.Write(writer);
  EXPECT_TRUE(writer.ok());
  return ToHex(writer.written());
}

// The bodies are vectors/rfc-derived, behind their common headers.
TEST(Nack, ListsThePacketAndTheBitsBehindIt) {
  const auto body = FromHex("1111111122222222 04D28001");
  const auto nack = Nack::Parse(body);
  ASSERT_TRUE(nack.ok());
  EXPECT_EQ(nack->sender, Ssrc(0x11111111));
  EXPECT_EQ(nack->source, Ssrc(0x22222222));
  EXPECT_THAT(Lost(*nack), ElementsAre(1234, 1235, 1250));
  EXPECT_EQ(WriteToHex(*nack), "81cd0003111111112222222204d28001");
}

TEST(Nack, WrapsItsNumbers) {
  const auto body = FromHex("1111111122222222 FFFF0003");
  const auto nack = Nack::Parse(body);
  ASSERT_TRUE(nack.ok());
  EXPECT_THAT(Lost(*nack), ElementsAre(65535, 0, 1));
}

TEST(Nack, RefusesPartsOfItems) {
  EXPECT_EQ(Nack::Parse(FromHex("1111111122222222")).status().code(), StatusCode::kMalformed);
  EXPECT_EQ(Nack::Parse(FromHex("111111112222222204D2")).status().code(), StatusCode::kMalformed);
  EXPECT_EQ(Nack::Parse(FromHex("111111112222")).status().code(), StatusCode::kTruncated);
}

TEST(PictureLossIndication, ParsesWhatItWrites) {
  const auto pli = PictureLossIndication::Parse(FromHex("1111111122222222"));
  ASSERT_TRUE(pli.ok());
  EXPECT_EQ(pli->source, Ssrc(0x22222222));
  EXPECT_EQ(WriteToHex(*pli), "81ce00021111111122222222");
  EXPECT_FALSE(PictureLossIndication::Parse(FromHex("11111111222222")).ok());
}

TEST(FullIntraRequest, ParsesWhatItWrites) {
  const auto body = FromHex("1111111100000000 2222222207000000");
  const auto fir = FullIntraRequest::Parse(body);
  ASSERT_TRUE(fir.ok());
  ASSERT_EQ(fir->entries.size(), 1u);
  EXPECT_EQ(fir->entries[0].source, Ssrc(0x22222222));
  EXPECT_EQ(fir->entries[0].sequence_number, 7);
  EXPECT_EQ(WriteToHex(*fir), "84ce000411111111000000002222222207000000");
  EXPECT_FALSE(FullIntraRequest::Parse(FromHex("1111111100000000")).ok());
  EXPECT_FALSE(FullIntraRequest::Parse(FromHex("111111110000000022222222")).ok());
}

TEST(Remb, GivesTheBitrateAndItsSources) {
  const auto body = FromHex("1111111100000000 52454D42 010BF424 22222222");
  const auto remb = Remb::Parse(body);
  ASSERT_TRUE(remb.ok());
  EXPECT_EQ(remb->bitrate, DataRate::FromBitsPerSecond(0x3f424 << 2));
  ASSERT_EQ(remb->sources.size(), 1u);
  EXPECT_EQ(remb->sources[0].ssrc, Ssrc(0x22222222));
}

// Checklist 33.
TEST(Remb, SaturatesAtTheLargestRate) {
  const auto body = FromHex("1111111100000000 52454D42 01FFFFFF 22222222");
  const auto remb = Remb::Parse(body);
  ASSERT_TRUE(remb.ok());
  EXPECT_EQ(remb->bitrate.bits_per_second(), std::numeric_limits<int64_t>::max());
}

TEST(Remb, ReadsNoRateForEveryExponent) {
  for (unsigned exponent = 0; exponent < 64; ++exponent) {
    auto body = FromHex("1111111100000000 52454D42 00000000");
    body[13] = static_cast<uint8_t>(exponent << 2);
    const auto none = Remb::Parse(body);
    ASSERT_TRUE(none.ok());
    EXPECT_EQ(none->bitrate.bits_per_second(), 0);
    body[15] = 1;
    const auto one = Remb::Parse(body);
    ASSERT_TRUE(one.ok());
    EXPECT_EQ(one->bitrate.bits_per_second(),
              exponent < 63 ? int64_t{1} << exponent : std::numeric_limits<int64_t>::max());
  }
}

TEST(Remb, RefusesCountThatLiesAndOtherMessages) {
  EXPECT_EQ(Remb::Parse(FromHex("1111111100000000 52454D42 020BF424 22222222")).status().code(),
            StatusCode::kTruncated);
  EXPECT_EQ(Remb::Parse(FromHex("1111111100000000 52454D43 010BF424 22222222")).status().code(),
            StatusCode::kUnsupported);
}

}  // namespace
}  // namespace ocellus::rtcp
