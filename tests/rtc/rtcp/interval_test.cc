// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtcp/interval.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/sim/seeded_random.h"

namespace ocellus::rtcp {
namespace {

// RFC 3550 section 6.2: "the range [0.5,1.5] times the calculated interval".
TEST(NextReportInterval, VariesAroundASecond) {
  sim::SeededRandom random(1);
  Duration sum{}, shortest = Duration::max(), longest{};
  for (int i = 0; i < 1000; ++i) {
    const Duration interval = NextReportInterval(random);
    sum += interval;
    shortest = std::min(shortest, interval);
    longest = std::max(longest, interval);
  }
  EXPECT_GE(shortest, std::chrono::milliseconds(500));
  EXPECT_LT(shortest, std::chrono::milliseconds(520));
  EXPECT_LE(longest, std::chrono::milliseconds(1500));
  EXPECT_GT(longest, std::chrono::milliseconds(1480));
  EXPECT_NEAR(ToSeconds(sum), 1000, 50);
}

}  // namespace
}  // namespace ocellus::rtcp
