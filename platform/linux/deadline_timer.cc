// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/deadline_timer.h"

#include <sys/timerfd.h>

#include <algorithm>
#include <cerrno>

#include "firmware/base/check.h"

namespace ocellus::linux_platform {

DeadlineTimer::DeadlineTimer()
    : timer_(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {}

void DeadlineTimer::Set(Time deadline) {
  if (deadline == deadline_) return;
  deadline_ = deadline;
  itimerspec timer{};
  if (deadline != kNever) {
    // All zeros would switch it off; anything else in the past expires at once.
    const int64_t micros = std::max<int64_t>(deadline.time_since_epoch().count(), 1);
    timer.it_value.tv_sec = static_cast<time_t>(micros / 1'000'000);
    timer.it_value.tv_nsec =
        static_cast<decltype(timer.it_value.tv_nsec)>(micros % 1'000'000 * 1000);
  }
  CHECK(timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &timer, nullptr) == 0,
        "timerfd_settime fails with errno %d", errno);
}

}  // namespace ocellus::linux_platform
