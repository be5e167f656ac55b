// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/time.h"

#include <gtest/gtest.h>

namespace ocellus {
namespace {

TEST(Time, CountsMicroseconds) {
  const Time start{};
  EXPECT_EQ((start + std::chrono::milliseconds(3) - start).count(), 3000);
  EXPECT_LT(start + std::chrono::hours(24 * 365 * 1000), kNever);
}

TEST(ToMilliseconds, CutsTheRest) {
  EXPECT_EQ(ToMilliseconds(Duration(1999)), 1);
  EXPECT_EQ(ToMilliseconds(Duration(-1999)), -1);
}

TEST(ToSeconds, KeepsTheFraction) {
  EXPECT_DOUBLE_EQ(ToSeconds(std::chrono::milliseconds(1500)), 1.5);
}

}  // namespace
}  // namespace ocellus
