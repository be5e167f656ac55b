// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtp/extensions.h"

#include <gtest/gtest.h>

#include "tests/rtc/rtcp/hex.h"

namespace ocellus::rtp {
namespace {

using std::chrono::milliseconds;
using test::FromHex;
using test::ToHex;

TEST(TransportCc, ParsesWhatItWrites) {
  EXPECT_EQ(ToHex(WriteTransportCc(TransportSequenceNumber(0x1234))), "1234");
  EXPECT_EQ(ParseTransportCc(FromHex("fffe")), TransportSequenceNumber(0xfffe));
  EXPECT_EQ(ParseTransportCc(FromHex("fffe00")), std::nullopt);
}

TEST(PlayoutDelay, ParsesWhatItWrites) {
  EXPECT_EQ(ToHex(PlayoutDelay{}.Write()), "000000");
  EXPECT_EQ(ToHex(PlayoutDelay{milliseconds(10), milliseconds(40950)}.Write()), "001fff");
  const auto parsed = PlayoutDelay::Parse(FromHex("001fff"));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->min, milliseconds(10));
  EXPECT_EQ(parsed->max, milliseconds(40950));
  EXPECT_FALSE(PlayoutDelay::Parse(FromHex("0000")));
}

TEST(PlayoutDelay, SaturatesAtTwelveBits) {
  EXPECT_EQ(ToHex(PlayoutDelay{milliseconds(-10), std::chrono::minutes(1)}.Write()), "000fff");
}

TEST(AbsCaptureTime, ParsesBothForms) {
  const AbsCaptureTime time{NtpTime(0x1122334455667788), {}};
  EXPECT_EQ(ToHex(time.Write()), "1122334455667788");
  const auto short_form = AbsCaptureTime::Parse(FromHex("1122334455667788"));
  ASSERT_TRUE(short_form);
  EXPECT_EQ(short_form->captured, time.captured);
  EXPECT_FALSE(short_form->clock_offset);
  const auto long_form = AbsCaptureTime::Parse(FromHex("1122334455667788ffffffffffffffff"));
  ASSERT_TRUE(long_form);
  EXPECT_EQ(long_form->clock_offset, -1);
  EXPECT_FALSE(AbsCaptureTime::Parse(FromHex("11223344556677")));
}

}  // namespace
}  // namespace ocellus::rtp
