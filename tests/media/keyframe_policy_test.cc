// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/keyframe_policy.h"

#include <gtest/gtest.h>

namespace ocellus::media {
namespace {

using std::chrono::milliseconds;

constexpr Time kStart{std::chrono::seconds(100)};

TEST(KeyframePolicy, IsIdleUntilSomebodyAsks) {
  KeyframePolicy policy;
  EXPECT_EQ(policy.next_deadline(), kNever);
  EXPECT_FALSE(policy.TakeDue(kStart));
}

TEST(KeyframePolicy, ServesTheFirstRequestAtOnce) {
  KeyframePolicy policy;
  policy.Request(kStart);
  EXPECT_EQ(policy.next_deadline(), kStart);
  EXPECT_TRUE(policy.TakeDue(kStart));
  EXPECT_FALSE(policy.TakeDue(kStart));
  EXPECT_EQ(policy.next_deadline(), kNever);
}

TEST(KeyframePolicy, NeverLosesARequestWithinTheInterval) {
  KeyframePolicy policy(milliseconds(300));
  policy.Request(kStart);
  ASSERT_TRUE(policy.TakeDue(kStart));
  policy.Request(kStart + milliseconds(1));
  EXPECT_EQ(policy.next_deadline(), kStart + milliseconds(300));
  EXPECT_FALSE(policy.TakeDue(kStart + milliseconds(299)));
  EXPECT_TRUE(policy.TakeDue(kStart + milliseconds(300)));
}

TEST(KeyframePolicy, CountsAnyKeyframeAsTheAnswer) {
  KeyframePolicy policy(milliseconds(300));
  policy.Request(kStart);
  ASSERT_TRUE(policy.TakeDue(kStart));
  policy.Request(kStart + milliseconds(10));
  policy.HandleKeyframe(kStart + milliseconds(30));
  EXPECT_EQ(policy.next_deadline(), kNever);
  policy.Request(kStart + milliseconds(40));
  EXPECT_EQ(policy.next_deadline(), kStart + milliseconds(330));
}

// Checklist 35: a flood of PLI and FIR, 1,000 a second from ten viewers, makes at most one
// keyframe per interval, shared by all.
TEST(KeyframePolicy, MakesOneKeyframePerIntervalOfAFlood) {
  KeyframePolicy policy(milliseconds(300));
  int keyframes = 0;
  for (int i = 0; i < 10'000; ++i) {
    const Time now = kStart + milliseconds(i);
    for (int viewer = 0; viewer < 10; ++viewer) policy.Request(now);
    if (policy.TakeDue(now)) ++keyframes;
  }
  EXPECT_EQ(keyframes, 34);  // At 0, 300, ... 9,900 ms.
}

TEST(KeyframePolicy, ServesALateCallerOnce) {
  KeyframePolicy policy(milliseconds(300));
  policy.Request(kStart);
  EXPECT_TRUE(policy.TakeDue(kStart + std::chrono::hours(1)));
  EXPECT_FALSE(policy.TakeDue(kStart + std::chrono::hours(1)));
}

}  // namespace
}  // namespace ocellus::media
