// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/srtp/profile_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/seeded_random.h"

namespace ocellus::srtp {
namespace {

using std::chrono::microseconds;

// A clock that tells these durations one after the other: the first profile's rounds, then the
// second one's.
class ScriptedClock {
 public:
  ScriptedClock(microseconds first, microseconds second) : first_(first), second_(second) {}

  Time operator()() {
    // Each round asks twice: begin and end. Eight rounds a profile.
    const int reading = readings_++;
    if (reading % 2 == 1) now_ += reading < 16 ? first_ : second_;
    return now_;
  }

 private:
  microseconds first_;
  microseconds second_;
  int readings_ = 0;
  Time now_{};
};

TEST(MeasureProfiles, PutsTheCheapestFirst) {
  sim::SeededRandom random(1);
  const auto gcm_wins =
      MeasureProfiles(random, ScriptedClock(microseconds(100), microseconds(200)));
  ASSERT_EQ(gcm_wins.size(), 2u);
  EXPECT_EQ(gcm_wins[0].profile, Profile::kAeadAes128Gcm);
  EXPECT_EQ(gcm_wins[0].per_thousand_packets, microseconds(2000));
  EXPECT_EQ(gcm_wins[1].profile, Profile::kAes128CmHmacSha1_80);
  EXPECT_EQ(gcm_wins[1].per_thousand_packets, microseconds(4000));

  const auto cm_wins = MeasureProfiles(random, ScriptedClock(microseconds(300), microseconds(200)));
  ASSERT_EQ(cm_wins.size(), 2u);
  EXPECT_EQ(cm_wins[0].profile, Profile::kAes128CmHmacSha1_80);
}

TEST(MeasureProfiles, PrefersAesGcmWhenBothCostTheSame) {
  sim::SeededRandom random(1);
  const auto costs = MeasureProfiles(random, ScriptedClock(microseconds(100), microseconds(100)));
  ASSERT_EQ(costs.size(), 2u);
  EXPECT_EQ(costs[0].profile, Profile::kAeadAes128Gcm);
}

}  // namespace
}  // namespace ocellus::srtp
