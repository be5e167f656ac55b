// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/request_budget.h"

#include <gtest/gtest.h>

namespace ocellus::control {
namespace {

constexpr Time kStart{std::chrono::seconds(10)};

TEST(TokenBucket, IsFullAtFirstAndFillsSteadily) {
  TokenBucket<3, 10> bucket;
  EXPECT_TRUE(bucket.Take(kStart, 2));
  EXPECT_FALSE(bucket.Take(kStart, 2));
  EXPECT_TRUE(bucket.Take(kStart, 1));
  EXPECT_FALSE(bucket.Take(kStart + std::chrono::milliseconds(99), 1));
  EXPECT_TRUE(bucket.Take(kStart + std::chrono::milliseconds(100), 1));
  EXPECT_FALSE(bucket.Take(kStart + std::chrono::milliseconds(100), 1));
  // It never holds more than its size.
  EXPECT_FALSE(bucket.Take(kStart + std::chrono::hours(1), 4));
  EXPECT_TRUE(bucket.Take(kStart + std::chrono::hours(1), 3));
}

TEST(RequestBudget, LetsSoManyRequestsThrough) {
  RequestBudget budget;
  unsigned taken = 0;
  for (int ms = 0; ms < 10'000; ++ms) {
    taken += budget.TakeRequest(kStart + std::chrono::milliseconds(ms));
  }
  EXPECT_EQ(taken, kControlBurst + 999u);
}

TEST(RequestBudget, CountsLargeMessagesByTheirSize) {
  RequestBudget budget;
  unsigned taken = 0;
  while (budget.TakeMessage(kStart, kMaxControlMessageSize)) ++taken;
  EXPECT_EQ(taken, kMaxControlMessagesPerSecond / 65);
  RequestBudget other;
  EXPECT_FALSE(other.TakeMessage(kStart, 100'000'000));
  EXPECT_TRUE(other.TakeMessage(kStart, 0));
}

}  // namespace
}  // namespace ocellus::control
