// SPDX-License-Identifier: Apache-2.0
#include "drivers/v4l2_camera/capture_time.h"

#include <gtest/gtest.h>

namespace ocellus::drivers {
namespace {

using namespace std::chrono_literals;

constexpr Time kNow(100s);

TEST(CaptureTime, IsTheDevicesMonotonicTimestamp) {
  EXPECT_EQ(CaptureTime(kNow, 99s + 980ms, V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC), kNow - 20ms);
  EXPECT_EQ(CaptureTime(kNow, 100s, V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC | V4L2_BUF_FLAG_MAPPED),
            kNow);
}

TEST(CaptureTime, IsNowWhenTheTimestampIsOfAnotherClock) {
  EXPECT_EQ(CaptureTime(kNow, 99s, V4L2_BUF_FLAG_TIMESTAMP_UNKNOWN), kNow);
  EXPECT_EQ(CaptureTime(kNow, 99s, V4L2_BUF_FLAG_TIMESTAMP_COPY), kNow);
}

TEST(CaptureTime, IsNowWhenTheTimestampCannotBeTrue) {
  EXPECT_EQ(CaptureTime(kNow, 100s + 1us, V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC), kNow);
  EXPECT_EQ(CaptureTime(kNow, 0s, V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC), kNow);
  EXPECT_EQ(CaptureTime(kNow, 95s, V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC), kNow - 5s);
}

}  // namespace
}  // namespace ocellus::drivers
