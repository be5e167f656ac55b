// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/clock.h"

#include <ctime>

#include "firmware/base/check.h"

namespace ocellus::linux_platform {
namespace {

Duration Read(clockid_t clock) {
  timespec now{};
  CHECK(clock_gettime(clock, &now) == 0, "clock %d cannot be read", static_cast<int>(clock));
  return std::chrono::duration_cast<Duration>(std::chrono::seconds(now.tv_sec) +
                                              std::chrono::nanoseconds(now.tv_nsec));
}

}  // namespace

Time LinuxClock::Now() const { return Time(Read(CLOCK_MONOTONIC)); }

WallClock LinuxClock::Wall() const { return {Now(), NtpTime::FromUnix(Read(CLOCK_REALTIME))}; }

}  // namespace ocellus::linux_platform
