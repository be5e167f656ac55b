// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/stun/crc32.h"

#include <gtest/gtest.h>

namespace ocellus::stun {
namespace {

TEST(Crc32, HasTheCheckValueOfTheStandard) { EXPECT_EQ(Crc32(AsBytes("123456789")), 0xCBF43926u); }

TEST(Crc32, OfNothingIsZero) { EXPECT_EQ(Crc32({}), 0u); }

}  // namespace
}  // namespace ocellus::stun
