// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/clock.h"

#include <gtest/gtest.h>

#include <ctime>

namespace ocellus::linux_platform {
namespace {

TEST(LinuxClock, NeverStepsBack) {
  const LinuxClock clock;
  Time last = clock.Now();
  for (int i = 0; i < 1000; ++i) {
    const Time now = clock.Now();
    ASSERT_LE(last, now);
    last = now;
  }
}

TEST(LinuxClock, IsTheClockOfV4l2Timestamps) {
  const LinuxClock clock;
  const Time before = clock.Now();
  timespec now{};
  ASSERT_EQ(clock_gettime(CLOCK_MONOTONIC, &now), 0);
  const Time after = clock.Now();
  const Time monotonic{std::chrono::seconds(now.tv_sec) +
                       std::chrono::microseconds(now.tv_nsec / 1000)};
  EXPECT_LE(before, monotonic);
  EXPECT_LE(monotonic, after);
}

TEST(LinuxClock, WallTiesTheTwoClocks) {
  const LinuxClock clock;
  const Time before = clock.Now();
  const auto unix_before = static_cast<uint64_t>(std::time(nullptr));
  const WallClock wall = clock.Wall();
  const auto unix_after = static_cast<uint64_t>(std::time(nullptr));
  EXPECT_LE(before, wall.at);
  EXPECT_LE(wall.at, clock.Now());
  constexpr uint64_t kFrom1900To1970 = 2'208'988'800;
  EXPECT_LE(unix_before, (wall.ntp.value() >> 32) - kFrom1900To1970);
  EXPECT_LE((wall.ntp.value() >> 32) - kFrom1900To1970, unix_after + 1);
}

}  // namespace
}  // namespace ocellus::linux_platform
