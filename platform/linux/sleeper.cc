// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/sleeper.h"

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace ocellus::linux_platform {

void LinuxSleeper::SleepUntil(Time time) {
  const int64_t micros = std::max<int64_t>(time.time_since_epoch().count(), 0);
  timespec until{};
  until.tv_sec = static_cast<time_t>(micros / 1'000'000);
  until.tv_nsec = static_cast<decltype(until.tv_nsec)>(micros % 1'000'000 * 1000);
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
  }
}

}  // namespace ocellus::linux_platform
