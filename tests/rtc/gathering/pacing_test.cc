// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/gathering/pacing.h"

#include <gtest/gtest.h>

namespace ocellus::gathering {
namespace {

// RFC 8445 section 14.2.
TEST(Pacing, StartsOneTransactionEveryTa) {
  Pacing pacing;
  const Time now{std::chrono::hours(1)};
  EXPECT_EQ(pacing.Next(now), now);
  EXPECT_EQ(pacing.Next(now), now + ice::kTa);
  EXPECT_EQ(pacing.Next(now), now + 2 * ice::kTa);
  const Time later = now + std::chrono::seconds(1);
  EXPECT_EQ(pacing.Next(later), later);
}

}  // namespace
}  // namespace ocellus::gathering
