// SPDX-License-Identifier: Apache-2.0
#include "firmware/auth/role.h"

#include <gtest/gtest.h>

namespace ocellus::auth {
namespace {

TEST(Role, IncludesThoseBelow) {
  EXPECT_TRUE(Includes(Role::kAdmin, Role::kOperator));
  EXPECT_TRUE(Includes(Role::kOperator, Role::kOperator));
  EXPECT_TRUE(Includes(Role::kOperator, Role::kViewer));
  EXPECT_FALSE(Includes(Role::kViewer, Role::kOperator));
  EXPECT_FALSE(Includes(Role::kOperator, Role::kAdmin));
}

}  // namespace
}  // namespace ocellus::auth
