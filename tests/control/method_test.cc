// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/method.h"

#include <gtest/gtest.h>

namespace ocellus::control {
namespace {

TEST(Method, CountsItsParameters) {
  constexpr Method kNone = {"a.b", auth::Role::kViewer, "", {}, "", "{}", "{}", nullptr};
  EXPECT_EQ(kNone.parameter_count(), 0u);
  constexpr Method kSome = {
      "a.b", auth::Role::kViewer,
      "",    {{"a", Boolean(), Need::kRequired, "A."}, {"b", Boolean(), Need::kOptional, "B."}},
      "",    "{}",
      "{}",  nullptr};
  EXPECT_EQ(kSome.parameter_count(), 2u);
  constexpr Parameter kOne = {"a", Boolean(), Need::kRequired, "A."};
  constexpr Method kFull = {
      "a.b", auth::Role::kViewer, "", {kOne, kOne, kOne, kOne}, "", "{}", "{}", nullptr};
  EXPECT_EQ(kFull.parameter_count(), kMaxParameters);
}

}  // namespace
}  // namespace ocellus::control
