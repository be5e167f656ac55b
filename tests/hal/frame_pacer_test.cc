// SPDX-License-Identifier: Apache-2.0
#include "hal/frame_pacer.h"

#include <gtest/gtest.h>

#include "tests/hal/manual_clock.h"

namespace ocellus::hal {
namespace {

constexpr Duration kLong = std::chrono::seconds(10);

class FramePacerTest : public testing::Test {
 protected:
  ManualClock clock_;
  FramePacer pacer_{clock_, clock_};
};

TEST_F(FramePacerTest, GivesTheFirstPictureAtOnce) {
  pacer_.Start(30);
  EXPECT_EQ(pacer_.WaitForNext(kLong), ManualClock::kStart);
}

TEST_F(FramePacerTest, DoesNotDriftWhenWorkTakesTime) {
  pacer_.Start(25);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(pacer_.WaitForNext(kLong), ManualClock::kStart + i * Duration(40'000));
    clock_.Advance(Duration(7'000));
  }
}

TEST_F(FramePacerTest, SleepsForTheTimeoutWhenNothingIsDue) {
  pacer_.Start(1);
  pacer_.WaitForNext(kLong);
  EXPECT_EQ(pacer_.WaitForNext(Duration(300'000)), std::nullopt);
  EXPECT_EQ(clock_.Now(), ManualClock::kStart + Duration(300'000));
  EXPECT_EQ(pacer_.WaitForNext(kLong), ManualClock::kStart + Duration(1'000'000));
}

TEST_F(FramePacerTest, CatchesUpWithOnePeriod) {
  pacer_.Start(10);
  pacer_.WaitForNext(kLong);
  clock_.Advance(Duration(150'000));
  EXPECT_EQ(pacer_.WaitForNext(kLong), ManualClock::kStart + Duration(150'000));
  EXPECT_EQ(pacer_.WaitForNext(kLong), ManualClock::kStart + Duration(200'000));
}

TEST_F(FramePacerTest, DoesNotBurstAfterAStall) {
  pacer_.Start(10);
  pacer_.WaitForNext(kLong);
  clock_.Advance(std::chrono::seconds(5));
  const Time late = clock_.Now();
  EXPECT_EQ(pacer_.WaitForNext(kLong), late);
  EXPECT_EQ(pacer_.WaitForNext(kLong), late + Duration(100'000));
}

}  // namespace
}  // namespace ocellus::hal
