// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/status.h"

#include <gtest/gtest.h>

#include <memory>

namespace ocellus {
namespace {

TEST(Status, IsOkByDefault) {
  EXPECT_TRUE(Status().ok());
  EXPECT_EQ(Status().ToString(), "ok");
}

TEST(Status, SaysWhatIsWrong) {
  const Status status(StatusCode::kMalformed, "line 7");
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(status.code(), StatusCode::kMalformed);
  EXPECT_EQ(status.ToString(), "malformed: line 7");
  EXPECT_EQ(Status(StatusCode::kTimeout).ToString(), "timeout");
}

TEST(Status, NamesEveryCode) {
  for (int code = 0; code <= static_cast<int>(StatusCode::kInternal); ++code) {
    EXPECT_STRNE(ToString(static_cast<StatusCode>(code)), "unknown") << code;
  }
}

TEST(Result, HoldsAValueOrAnError) {
  const Result<int> value = 5;
  EXPECT_TRUE(value.ok());
  EXPECT_TRUE(value.status().ok());
  EXPECT_EQ(*value, 5);
  const Result<int> error = Status(StatusCode::kNotFound, "gone");
  EXPECT_FALSE(error.ok());
  EXPECT_EQ(error.status().message(), "gone");
  EXPECT_EQ(Result<int>(StatusCode::kTruncated).status().code(), StatusCode::kTruncated);
}

TEST(Result, MovesItsValueOut) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(5);
  EXPECT_EQ(**result, 5);
  const std::unique_ptr<int> taken = *std::move(result);
  EXPECT_EQ(*taken, 5);
}

TEST(ResultDeath, GivesNoValueOfAnError) {
  Result<int> error = Status(StatusCode::kNotFound, "gone");
  EXPECT_DEATH((void)*error, "not found: gone");
  EXPECT_DEATH((void)Result<int>{Status()}.ok(), "needs an error");
}

Status FailWhen(bool fail) {
  RETURN_IF_ERROR(fail ? Status(StatusCode::kTimeout) : Status());
  return StatusCode::kNotFound;
}

TEST(ReturnIfError, ReturnsErrorsOnly) {
  EXPECT_EQ(FailWhen(true).code(), StatusCode::kTimeout);
  EXPECT_EQ(FailWhen(false).code(), StatusCode::kNotFound);
}

TEST(Format, TakesTextOfAnyLength) {
  EXPECT_EQ(Format("%s %u", "a", 1u), "a 1");
  EXPECT_EQ(Format("%s", ""), "");
  const std::string text(5000, 'x');
  EXPECT_EQ(Format("%s!", text.c_str()), text + "!");
}

}  // namespace
}  // namespace ocellus
