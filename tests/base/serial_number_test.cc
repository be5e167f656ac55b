// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/serial_number.h"

#include <gtest/gtest.h>

namespace ocellus {
namespace {

TEST(SerialNumber, ComparesAcrossTheWrap) {
  EXPECT_TRUE(SequenceNumber(0).IsNewerThan(SequenceNumber(65535)));
  EXPECT_FALSE(SequenceNumber(65535).IsNewerThan(SequenceNumber(0)));
  EXPECT_FALSE(SequenceNumber(5).IsNewerThan(SequenceNumber(5)));
  EXPECT_TRUE(RtpTimestamp(10).IsNewerThan(RtpTimestamp(0xffffff00)));
}

TEST(SerialNumber, MeasuresTheShortWayRound) {
  EXPECT_EQ(SequenceNumber(2).DistanceFrom(SequenceNumber(65534)), 4);
  EXPECT_EQ(SequenceNumber(65534).DistanceFrom(SequenceNumber(2)), -4);
  EXPECT_EQ(SequenceNumber(32767).DistanceFrom(SequenceNumber(0)), 32767);
  // RFC 1982 section 3.2 leaves half of the range open; here neither is newer.
  EXPECT_FALSE(SequenceNumber(32768).IsNewerThan(SequenceNumber(0)));
  EXPECT_FALSE(SequenceNumber(0).IsNewerThan(SequenceNumber(32768)));
}

TEST(SerialNumber, CountsOverTheWrap) {
  SequenceNumber number(65535);
  EXPECT_EQ((++number).value(), 0);
  EXPECT_EQ((number - 1).value(), 65535);
  EXPECT_EQ((SequenceNumber(65535) + 3).value(), 2);
  EXPECT_TRUE(RtpTimestamp(0xffffffff) + 1 == RtpTimestamp(0));
  EXPECT_TRUE(RtpTimestamp(0) != RtpTimestamp(1));
}

TEST(Unwrapper, CountsOnThroughWraps) {
  Unwrapper<SequenceNumber> unwrapper;
  int64_t expected = 65000;
  for (int i = 0; i < 200'000; ++i, ++expected) {
    ASSERT_EQ(unwrapper.Unwrap(SequenceNumber(static_cast<uint16_t>(expected))), expected);
  }
}

TEST(Unwrapper, TakesLateNumbersAsBehind) {
  Unwrapper<SequenceNumber> unwrapper;
  EXPECT_EQ(unwrapper.Unwrap(SequenceNumber(2)), 2);
  EXPECT_EQ(unwrapper.Unwrap(SequenceNumber(65535)), -1);
  EXPECT_EQ(unwrapper.Unwrap(SequenceNumber(3)), 3);
  EXPECT_EQ(unwrapper.Unwrap(SequenceNumber(30'000)), 30'000);
  EXPECT_EQ(unwrapper.Unwrap(SequenceNumber(60'000)), 60'000);
  EXPECT_EQ(unwrapper.Unwrap(SequenceNumber(5)), 65'541);
  EXPECT_EQ(unwrapper.Unwrap(SequenceNumber(60'001)), 60'001);
}

}  // namespace
}  // namespace ocellus
