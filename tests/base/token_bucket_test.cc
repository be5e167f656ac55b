// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/token_bucket.h"

#include <gtest/gtest.h>

namespace ocellus {
namespace {

TEST(TokenBucket, RefillsWithTime) {
  TokenBucket bucket(/*burst=*/2, /*per_second=*/10);
  Time now{std::chrono::seconds(5)};
  EXPECT_TRUE(bucket.Take(now));
  EXPECT_TRUE(bucket.Take(now));
  EXPECT_FALSE(bucket.Take(now));
  now += std::chrono::milliseconds(99);
  EXPECT_FALSE(bucket.Take(now));
  now += std::chrono::milliseconds(1);
  EXPECT_TRUE(bucket.Take(now));
  EXPECT_FALSE(bucket.Take(now));
}

}  // namespace
}  // namespace ocellus
