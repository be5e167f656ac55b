// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/deadline_timer.h"

#include <gtest/gtest.h>
#include <poll.h>

#include "platform/linux/clock.h"

namespace ocellus::linux_platform {
namespace {

// Waits without a limit, or not at all.
bool IsReadable(const DeadlineTimer& timer, int limit_ms) {
  pollfd watched{timer.get(), POLLIN, 0};
  return poll(&watched, 1, limit_ms) == 1;
}

TEST(DeadlineTimer, IsReadableFromItsDeadlineOn) {
  const LinuxClock clock;
  DeadlineTimer timer;
  ASSERT_TRUE(timer.valid());
  EXPECT_FALSE(IsReadable(timer, 0)) << "before any deadline";
  const Time deadline = clock.Now() + std::chrono::milliseconds(20);
  timer.Set(deadline);
  EXPECT_TRUE(IsReadable(timer, -1));
  EXPECT_GE(clock.Now(), deadline);
}

TEST(DeadlineTimer, DeadlinesInThePastArePassedAtOnce) {
  DeadlineTimer timer;
  timer.Set(Time());
  EXPECT_TRUE(IsReadable(timer, -1));
  timer.Set(Time::min());
  EXPECT_TRUE(IsReadable(timer, -1));
}

TEST(DeadlineTimer, NeverIsNever) {
  DeadlineTimer timer;
  timer.Set(Time());
  timer.Set(kNever);
  EXPECT_FALSE(IsReadable(timer, 0));
}

TEST(DeadlineTimer, TheSameDeadlineCountsAgainOnceItHasPassed) {
  DeadlineTimer timer;
  timer.Set(Time());
  ASSERT_TRUE(IsReadable(timer, -1));
  timer.HandleExpired();
  timer.Set(Time());
  EXPECT_TRUE(IsReadable(timer, -1));
}

}  // namespace
}  // namespace ocellus::linux_platform
