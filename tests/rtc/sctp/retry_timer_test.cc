// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/retry_timer.h"

#include <gtest/gtest.h>

namespace ocellus::sctp {
namespace {

constexpr Time kStart(std::chrono::hours(1));

TEST(RetryTimer, WaitsTwiceAsLongEachTimeAndEnds) {
  RetryTimer timer;
  EXPECT_FALSE(timer.running());
  EXPECT_EQ(timer.expires_at(), kNever);
  timer.Start(kStart);
  Time now = kStart;
  Duration wait = RetryTimer::kFirst;
  for (unsigned tries = 1; tries < RetryTimer::kMaxTries; ++tries) {
    EXPECT_EQ(timer.tries(), tries);
    EXPECT_EQ(timer.expires_at(), now + wait);
    EXPECT_FALSE(timer.Expired(now + wait - Duration(1)));
    now += wait;
    EXPECT_TRUE(timer.Expired(now));
    ASSERT_TRUE(timer.Retry(now));
    wait = std::min(wait * 2, RetryTimer::kLongest);
  }
  now += wait;
  ASSERT_TRUE(timer.Expired(now));
  EXPECT_FALSE(timer.Retry(now));
  EXPECT_FALSE(timer.running());
  // What the comment on kFirst says.
  EXPECT_EQ(now - kStart, std::chrono::milliseconds(31'500));
}

TEST(RetryTimer, BeginsAnew) {
  RetryTimer timer;
  timer.Start(kStart);
  ASSERT_TRUE(timer.Retry(timer.expires_at()));
  timer.Start(kStart);
  EXPECT_EQ(timer.tries(), 1u);
  EXPECT_EQ(timer.expires_at(), kStart + RetryTimer::kFirst);
  timer.Stop();
  EXPECT_FALSE(timer.Expired(kNever - Duration(1)));
}

}  // namespace
}  // namespace ocellus::sctp
