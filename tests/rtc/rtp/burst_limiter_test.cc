// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtp/burst_limiter.h"

#include <gtest/gtest.h>

namespace ocellus::rtp {
namespace {

using std::chrono::milliseconds;

size_t SendAll(BurstLimiter& limiter, Time now) {
  size_t sent = 0;
  while (limiter.Allows(now)) {
    limiter.Spend();
    ++sent;
  }
  return sent;
}

TEST(BurstLimiter, AllowsABurstAndThenARate) {
  BurstLimiter limiter;
  const Time start(std::chrono::hours(10));
  EXPECT_EQ(SendAll(limiter, start), kMaxBurstPackets);
  EXPECT_FALSE(limiter.Allows(start));
  EXPECT_LE(limiter.next_refill(), start + milliseconds(1));
  EXPECT_EQ(SendAll(limiter, start + milliseconds(1)), kMaxPacketsPerMillisecond);
  EXPECT_EQ(SendAll(limiter, start + milliseconds(11)), 10 * kMaxPacketsPerMillisecond);
}

TEST(BurstLimiter, EarnsNoMoreThanABurstWhileItIsIdle) {
  BurstLimiter limiter;
  SendAll(limiter, Time(milliseconds(1)));
  EXPECT_EQ(SendAll(limiter, Time(std::chrono::hours(24))), kMaxBurstPackets);
}

TEST(BurstLimiter, LosesNothingToOftenAsking) {
  BurstLimiter limiter;
  Time now(std::chrono::seconds(1));
  SendAll(limiter, now);
  size_t sent = 0;
  for (int i = 0; i < 1000; ++i) sent += SendAll(limiter, now += Duration(10));
  EXPECT_EQ(sent, 10 * kMaxPacketsPerMillisecond);
}

}  // namespace
}  // namespace ocellus::rtp
