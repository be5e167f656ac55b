// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/frame_rate_limiter.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ocellus::media {
namespace {

constexpr Time kStart{std::chrono::seconds(100)};

struct Taken {
  int count = 0;
  Duration longest_gap{};
};

// `seconds` of a camera of `camera_rate`, each picture up to `jitter` late.
Taken Watch(FrameRateLimiter& limiter, int camera_rate, int seconds, Duration jitter = {}) {
  Taken taken;
  Time last = kStart;
  for (int i = 0; i < camera_rate * seconds; ++i) {
    const Time now =
        kStart + Duration(std::chrono::seconds(i)) / camera_rate + jitter * (i * 7 % 5) / 4;
    if (!limiter.Take(now, camera_rate)) continue;
    ++taken.count;
    taken.longest_gap = std::max(taken.longest_gap, now - last);
    last = now;
  }
  return taken;
}

TEST(FrameRateLimiter, TakesAllWithoutALimit) {
  FrameRateLimiter limiter;
  EXPECT_EQ(Watch(limiter, 30, 10).count, 300);
  EXPECT_EQ(limiter.OutputRate(30), 30);
}

TEST(FrameRateLimiter, TakesAllOfASlowerCamera) {
  FrameRateLimiter limiter;
  limiter.SetLimit(60);
  EXPECT_EQ(Watch(limiter, 30, 10, std::chrono::milliseconds(10)).count, 300);
  EXPECT_EQ(limiter.OutputRate(30), 30);
}

TEST(FrameRateLimiter, LeavesPicturesOutEvenly) {
  for (const int rate : {1, 5, 7, 10, 15, 20, 24, 25, 29}) {
    for (const int jitter_ms : {0, 5}) {
      FrameRateLimiter limiter;
      limiter.SetLimit(rate);
      const Taken taken = Watch(limiter, 30, 10, std::chrono::milliseconds(jitter_ms));
      EXPECT_NEAR(taken.count, 10 * rate, 1 + rate / 10) << rate;
      // Never later than a picture of the camera after it was due.
      EXPECT_LT(ToSeconds(taken.longest_gap), 1.0 / rate + 1.0 / 30 + 0.006) << rate;
      EXPECT_EQ(limiter.OutputRate(30), rate);
    }
  }
}

TEST(FrameRateLimiter, DoesNotHurryAfterAPause) {
  FrameRateLimiter limiter;
  limiter.SetLimit(10);
  ASSERT_TRUE(limiter.Take(kStart, 30));
  const Time later = kStart + std::chrono::seconds(5);
  ASSERT_TRUE(limiter.Take(later, 30));
  EXPECT_FALSE(limiter.Take(later + std::chrono::milliseconds(33), 30));
  EXPECT_FALSE(limiter.Take(later + std::chrono::milliseconds(66), 30));
  EXPECT_TRUE(limiter.Take(later + std::chrono::milliseconds(100), 30));
}

}  // namespace
}  // namespace ocellus::media
