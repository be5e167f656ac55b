// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/rate_meter.h"

#include <gtest/gtest.h>

namespace ocellus::app {
namespace {

using std::chrono::milliseconds;

TEST(RateMeter, TellsTheRateOfTheLastSecond) {
  RateMeter meter;
  Time now{std::chrono::hours(1)};
  uint64_t total = 5'000'000;
  for (int i = 0; i <= 30; ++i) {
    meter.Update(now, total);
    now += milliseconds(100);
    total += 25'000;  // 2 Mbit/s
  }
  EXPECT_NEAR(static_cast<double>(meter.rate().bits_per_second()), 2e6, 1e4);
}

TEST(RateMeter, IsZeroBeforeAWindowHasPassed) {
  RateMeter meter;
  const Time now{std::chrono::hours(1)};
  meter.Update(now, 1000);
  meter.Update(now + milliseconds(999), 2000);
  EXPECT_EQ(meter.rate(), DataRate());
}

TEST(RateMeter, FallsToZeroWhenNothingComes) {
  RateMeter meter;
  Time now{std::chrono::hours(1)};
  for (int i = 0; i < 5; ++i) meter.Update(now += std::chrono::seconds(1), 1000);
  EXPECT_EQ(meter.rate(), DataRate());
}

}  // namespace
}  // namespace ocellus::app
