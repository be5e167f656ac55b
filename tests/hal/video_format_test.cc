// SPDX-License-Identifier: Apache-2.0
#include "hal/video_format.h"

#include <gtest/gtest.h>

namespace ocellus::hal {
namespace {

TEST(VideoFormat, NamesPixelFormatsForPeople) {
  EXPECT_STREQ(ToString(PixelFormat::kI420), "I420");
  EXPECT_STREQ(ToString(PixelFormat::kNv12), "NV12");
  EXPECT_STREQ(ToString(PixelFormat::kYuyv), "YUYV");
  EXPECT_STREQ(ToString(PixelFormat::kMjpeg), "MJPEG");
  EXPECT_STREQ(ToString(PixelFormat::kH264), "H.264");
}

TEST(VideoFormat, DiffersInAnyField) {
  const VideoFormat format;
  VideoFormat other = format;
  EXPECT_EQ(format, other);
  other.frames_per_second = 15;
  EXPECT_NE(format, other);
}

}  // namespace
}  // namespace ocellus::hal
