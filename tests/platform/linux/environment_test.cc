// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/environment.h"

#include <gtest/gtest.h>

namespace ocellus::linux_platform {
namespace {

TEST(Environment, TellsUnsetFromEmpty) {
  ASSERT_EQ(setenv("OCELLUS_TEST_VARIABLE", "value", 1), 0);
  EXPECT_EQ(ProcessEnvironment("OCELLUS_TEST_VARIABLE"), "value");
  ASSERT_EQ(setenv("OCELLUS_TEST_VARIABLE", "", 1), 0);
  EXPECT_EQ(ProcessEnvironment("OCELLUS_TEST_VARIABLE"), "");
  ASSERT_EQ(unsetenv("OCELLUS_TEST_VARIABLE"), 0);
  EXPECT_EQ(ProcessEnvironment("OCELLUS_TEST_VARIABLE"), std::nullopt);
}

}  // namespace
}  // namespace ocellus::linux_platform
