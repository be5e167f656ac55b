// SPDX-License-Identifier: Apache-2.0
// A clock that only moves when it is told to, or slept on: driver tests take no time. Any thread.
#pragma once

#include <atomic>

#include "hal/clock.h"
#include "hal/sleeper.h"

namespace ocellus::hal {

class ManualClock final : public Clock, public Sleeper {
 public:
  // 2026-11-20 21:00:00 UTC, at monotonic time 1,000 s.
  static constexpr std::chrono::microseconds kUnixStart{1'795'208'400'000'000};
  static constexpr Time kStart{std::chrono::seconds(1000)};

  Time Now() const override { return Time(Duration(now_.load())); }
  WallClock Wall() const override { return {kStart, NtpTime::FromUnix(kUnixStart)}; }

  void SleepUntil(Time time) override {
    const int64_t wanted = time.time_since_epoch().count();
    int64_t now = now_.load();
    while (now < wanted && !now_.compare_exchange_weak(now, wanted)) {
    }
  }
  void Advance(Duration duration) { SleepUntil(Now() + duration); }

 private:
  std::atomic<int64_t> now_{kStart.time_since_epoch().count()};
};

}  // namespace ocellus::hal
