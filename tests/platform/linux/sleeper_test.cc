// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/sleeper.h"

#include <gtest/gtest.h>

#include "platform/linux/clock.h"

namespace ocellus::linux_platform {
namespace {

TEST(LinuxSleeper, SleepsUntilTheTimeOfTheClockHasCome) {
  const LinuxClock clock;
  const Time until = clock.Now() + std::chrono::milliseconds(5);
  LinuxSleeper().SleepUntil(until);
  EXPECT_GE(clock.Now(), until);
}

TEST(LinuxSleeper, ReturnsAtOnceForThePast) {
  LinuxSleeper().SleepUntil(Time());
  LinuxSleeper().SleepUntil(Time::min());
  LinuxSleeper().SleepUntil(LinuxClock().Now());
}

}  // namespace
}  // namespace ocellus::linux_platform
