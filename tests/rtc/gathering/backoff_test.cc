// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/gathering/backoff.h"

#include <gtest/gtest.h>

#include "tests/sim/seeded_random.h"

namespace ocellus::gathering {
namespace {

TEST(Backoff, DoublesToAMinuteWithAQuarterOfChance) {
  sim::SeededRandom random(1);
  Backoff backoff;
  for (const int seconds : {1, 2, 4, 8, 16, 32, 60, 60, 60}) {
    const Duration wait = backoff.Next(random);
    EXPECT_GE(wait, std::chrono::milliseconds(750) * seconds);
    EXPECT_LE(wait, std::chrono::seconds(seconds));
  }
}

TEST(Backoff, BeginsAnewAfterSuccess) {
  sim::SeededRandom random(1);
  Backoff backoff;
  for (int i = 0; i < 10; ++i) backoff.Next(random);
  backoff.Reset();
  EXPECT_LE(backoff.Next(random), std::chrono::seconds(1));
}

TEST(Backoff, DiffersFromCameraToCamera) {
  sim::SeededRandom random1(1);
  sim::SeededRandom random2(2);
  EXPECT_NE(Backoff().Next(random1), Backoff().Next(random2));
}

}  // namespace
}  // namespace ocellus::gathering
