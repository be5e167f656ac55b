// SPDX-License-Identifier: Apache-2.0
// Monotonic time, as a value that is always passed in: the clock has no now(), so nothing in
// firmware/ can read one. The platform's clock and the simulator's are the two sources.
#pragma once

#include <chrono>
#include <cstdint>

namespace ocellus {

// Microseconds: what ESP32's timer gives, and finer than any network that we send on.
using Duration = std::chrono::duration<int64_t, std::micro>;

struct MonotonicClock {
  using rep = Duration::rep;
  using period = Duration::period;
  using duration = Duration;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;
};

using Time = MonotonicClock::time_point;

// The deadline of something that waits for nothing.
constexpr Time kNever = Time::max();

constexpr int64_t ToMilliseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

constexpr double ToSeconds(Duration duration) {
  return static_cast<double>(duration.count()) / 1e6;
}

}  // namespace ocellus
