// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/calendar.h"

#include <gtest/gtest.h>

namespace ocellus {
namespace {

TEST(Calendar, KnowsMonthsAndLeapYears) {
  EXPECT_EQ(UtcDigits(0), "19700101000000");
  EXPECT_EQ(UtcDigits(951'827'696), "20000229123456");
  EXPECT_EQ(UtcDigits(1'767'225'599), "20251231235959");
  EXPECT_EQ(UtcDigits(1'795'205'700), "20261120201500");
  EXPECT_EQ(UtcDigits(4'107'542'400), "21000301000000");
}

TEST(Calendar, HasNothingBefore1970) { EXPECT_EQ(UtcDigits(-5), "19700101000000"); }

}  // namespace
}  // namespace ocellus
