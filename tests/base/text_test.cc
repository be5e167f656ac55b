// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/text.h"

#include <gtest/gtest.h>

namespace ocellus {
namespace {

TEST(ParseNumber, TakesTheWholeRangeOfItsType) {
  EXPECT_EQ(ParseNumber<uint8_t>("0"), 0);
  EXPECT_EQ(ParseNumber<uint8_t>("255"), 255);
  EXPECT_FALSE(ParseNumber<uint8_t>("256"));
  EXPECT_EQ(ParseNumber<uint16_t>("65535"), 65535);
  EXPECT_FALSE(ParseNumber<uint16_t>("65536"));
  EXPECT_EQ(ParseNumber<uint32_t>("4294967295"), 4294967295u);
  EXPECT_FALSE(ParseNumber<uint32_t>("4294967296"));
  EXPECT_EQ(ParseNumber<uint64_t>("18446744073709551615"), UINT64_MAX);
  EXPECT_FALSE(ParseNumber<uint64_t>("18446744073709551616"));
  EXPECT_FALSE(ParseNumber<uint64_t>("99999999999999999999999"));
}

TEST(ParseNumber, ReadsHexadecimal) {
  EXPECT_EQ(ParseNumber<uint8_t>("fF", 16), 255);
  EXPECT_EQ(ParseNumber<uint32_t>("00deadBEEF", 16), 0xdeadbeefu);
  EXPECT_FALSE(ParseNumber<uint8_t>("100", 16));
  EXPECT_FALSE(ParseNumber<uint8_t>("a"));
  EXPECT_FALSE(ParseNumber<uint8_t>("0x1", 16));
}

TEST(ParseNumber, RefusesWhatIsNotADigit) {
  for (const char* text : {"", "-1", "+1", " 1", "1 ", "1.0", "x"}) {
    EXPECT_FALSE(ParseNumber<uint32_t>(text)) << text;
  }
  EXPECT_FALSE(ParseNumber<uint32_t>(std::string_view("1\0", 2)));
}

TEST(ParseNumber, KeepsLeadingZerosHarmless) {
  EXPECT_EQ(ParseNumber<uint8_t>("000000000000000000000012"), 12);
}

TEST(TakeUntil, TakesParts) {
  std::string_view text = "a,b,,c";
  EXPECT_EQ(TakeUntil(text, ','), "a");
  EXPECT_EQ(TakeUntil(text, ','), "b");
  EXPECT_EQ(TakeUntil(text, ','), "");
  EXPECT_EQ(TakeUntil(text, ','), "c");
  EXPECT_EQ(text, "");
  EXPECT_EQ(TakeUntil(text, ','), "");
}

TEST(Trim, TakesBlanksOffBothEnds) {
  EXPECT_EQ(Trim(" \t a b\t "), "a b");
  EXPECT_EQ(Trim("a"), "a");
  EXPECT_EQ(Trim(" \t"), "");
  EXPECT_EQ(Trim(""), "");
  EXPECT_EQ(Trim("\na"), "\na");
}

TEST(StartsWith, ComparesThePrefix) {
  EXPECT_TRUE(StartsWith("abc", "ab"));
  EXPECT_TRUE(StartsWith("abc", ""));
  EXPECT_FALSE(StartsWith("ab", "abc"));
  EXPECT_FALSE(StartsWith("abc", "b"));
}

TEST(EqualsIgnoreCase, KnowsAsciiOnly) {
  EXPECT_TRUE(EqualsIgnoreCase("H264", "h264"));
  EXPECT_FALSE(EqualsIgnoreCase("H264", "H265"));
  EXPECT_FALSE(EqualsIgnoreCase("H264", "H26"));
  EXPECT_FALSE(EqualsIgnoreCase("\xc4", "\xe4"));
  EXPECT_FALSE(EqualsIgnoreCase("[", "{"));
}

}  // namespace
}  // namespace ocellus
