// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/check.h"

#include <gtest/gtest.h>

namespace ocellus {
namespace {

TEST(Check, LetsATrueConditionPass) {
  int evaluated = 0;
  CHECK(++evaluated == 1, "evaluated %d times", evaluated);
  EXPECT_EQ(evaluated, 1);
}

TEST(CheckDeath, PrintsThePlaceTheConditionAndTheValues) {
  const int size = 7;
  EXPECT_DEATH(CHECK(size < 5, "size %d", size), "check_test.cc:.*CHECK\\(size < 5\\).*size 7");
}

}  // namespace
}  // namespace ocellus
