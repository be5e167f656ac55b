// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sdp/h264_profile.h"

#include <gtest/gtest.h>

namespace ocellus::sdp {
namespace {

ProfileLevelId Id(const char* text) { return *ProfileLevelId::Parse(text); }

TEST(ProfileLevelId, ParsesSixHexDigitsOnly) {
  EXPECT_EQ(Id("42e01f"), (ProfileLevelId{0x42, 0xe0, 0x1f}));
  EXPECT_EQ(Id("42E01F").ToString(), "42e01f");
  for (const char* text : {"", "42e01", "42e01f0", "42e01g", "0x42e0"}) {
    EXPECT_FALSE(ProfileLevelId::Parse(text)) << text;
  }
}

TEST(ProfileLevelId, NamesTheProfilesOfRfc6184Table5) {
  EXPECT_EQ(Id("42e01f").profile(), H264Profile::kConstrainedBaseline);
  EXPECT_EQ(Id("42c01f").profile(), H264Profile::kConstrainedBaseline);
  EXPECT_EQ(Id("42400a").profile(), H264Profile::kConstrainedBaseline);
  EXPECT_EQ(Id("4d801f").profile(), H264Profile::kConstrainedBaseline);
  EXPECT_EQ(Id("58c01f").profile(), H264Profile::kConstrainedBaseline);
  EXPECT_EQ(Id("42001f").profile(), H264Profile::kBaseline);
  EXPECT_EQ(Id("58801f").profile(), H264Profile::kBaseline);
  EXPECT_EQ(Id("4d001f").profile(), H264Profile::kMain);
  EXPECT_EQ(Id("4d401f").profile(), H264Profile::kMain);
  EXPECT_EQ(Id("58001f").profile(), H264Profile::kExtended);
  EXPECT_EQ(Id("64001f").profile(), H264Profile::kHigh);
  EXPECT_EQ(Id("640c1f").profile(), H264Profile::kConstrainedHigh);
  EXPECT_EQ(Id("6e001f").profile(), H264Profile::kHigh10);
  EXPECT_EQ(Id("7a001f").profile(), H264Profile::kHigh422);
  EXPECT_EQ(Id("f4001f").profile(), H264Profile::kHigh444Predictive);
  EXPECT_FALSE(Id("42e31f").profile());  // Reserved bits.
  EXPECT_FALSE(Id("ff001f").profile());
}

TEST(ProfileLevelId, OrdersLevel1bBetweenItsNeighbours) {
  EXPECT_LT(Id("42e00a").level_rank(), Id("42f00b").level_rank());
  EXPECT_LT(Id("42f00b").level_rank(), Id("42e00b").level_rank());
  EXPECT_EQ(Id("640009").level_rank(), Id("42f00b").level_rank());
  EXPECT_LT(Id("42e01f").level_rank(), Id("42e028").level_rank());
}

TEST(ProfileLevelId, TakesALevelInItsOwnSpelling) {
  EXPECT_EQ(Id("42e01f").AtLevelOf(Id("640028")).ToString(), "42e028");
  EXPECT_EQ(Id("42e01f").AtLevelOf(Id("640009")).ToString(), "42f00b");
  EXPECT_EQ(Id("42f00b").AtLevelOf(Id("42e01f")).ToString(), "42e01f");
  EXPECT_EQ(Id("64001f").AtLevelOf(Id("42f00b")).ToString(), "640009");
}

TEST(DecoderExcess, IsNothingForTheSameProfile) {
  EXPECT_EQ(DecoderExcess(H264Profile::kHigh, H264Profile::kHigh), 0u);
}

TEST(DecoderExcess, GrowsWithTheDecoder) {
  const auto baseline = DecoderExcess(H264Profile::kBaseline, H264Profile::kConstrainedBaseline);
  const auto main = DecoderExcess(H264Profile::kMain, H264Profile::kConstrainedBaseline);
  const auto high = DecoderExcess(H264Profile::kHigh, H264Profile::kConstrainedBaseline);
  ASSERT_TRUE(baseline && main && high);
  EXPECT_GT(*baseline, 0u);
  EXPECT_LT(*baseline, *main);
  EXPECT_LT(*main, *high);
}

TEST(DecoderExcess, RefusesDecodersThatCannot) {
  EXPECT_FALSE(DecoderExcess(H264Profile::kConstrainedBaseline, H264Profile::kMain));
  EXPECT_FALSE(DecoderExcess(H264Profile::kMain, H264Profile::kHigh));
  EXPECT_FALSE(DecoderExcess(H264Profile::kConstrainedHigh, H264Profile::kMain));
  EXPECT_FALSE(DecoderExcess(H264Profile::kHigh, H264Profile::kHigh10));
  EXPECT_FALSE(DecoderExcess(H264Profile::kExtended, H264Profile::kMain));
  EXPECT_FALSE(DecoderExcess(H264Profile::kHigh, H264Profile::kExtended));
  EXPECT_TRUE(DecoderExcess(H264Profile::kHigh, H264Profile::kMain));
  EXPECT_TRUE(DecoderExcess(H264Profile::kHigh444Predictive, H264Profile::kHigh));
}

TEST(DecoderExcess, LetsAnyDecoderHaveABaselineStream) {
  EXPECT_TRUE(DecoderExcess(H264Profile::kConstrainedBaseline, H264Profile::kBaseline));
  EXPECT_TRUE(DecoderExcess(H264Profile::kExtended, H264Profile::kBaseline));
}

}  // namespace
}  // namespace ocellus::sdp
