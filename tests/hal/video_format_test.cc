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

TEST(PlanesAreComplete, WantsEveryRowOfEveryPlane) {
  static constexpr uint8_t kPixels[64] = {};
  const Bytes all(kPixels);
  VideoFrame picture;
  picture.width = 8;
  picture.height = 4;
  picture.planes = {Plane{all.first(32), 8}, Plane{all.first(8), 4}, Plane{all.first(8), 4}};
  EXPECT_TRUE(PlanesAreComplete(picture));
  picture.planes[0].data = all.first(31);
  EXPECT_FALSE(PlanesAreComplete(picture));
  picture.planes[0] = {all.first(32), 7};
  EXPECT_FALSE(PlanesAreComplete(picture));
  // The last row needs no padding behind it.
  picture.planes[0] = {all.first(3 * 10 + 8), 10};
  EXPECT_TRUE(PlanesAreComplete(picture));
  picture.planes[2].data = all.first(7);
  EXPECT_FALSE(PlanesAreComplete(picture));

  picture.pixel_format = PixelFormat::kNv12;
  picture.planes[1] = {all.first(16), 8};
  EXPECT_TRUE(PlanesAreComplete(picture));
  picture.pixel_format = PixelFormat::kYuyv;
  EXPECT_FALSE(PlanesAreComplete(picture));
  picture.planes[0] = {all, 16};
  EXPECT_TRUE(PlanesAreComplete(picture));
  picture.width = 7;
  EXPECT_FALSE(PlanesAreComplete(picture));
  picture.width = 0;
  EXPECT_FALSE(PlanesAreComplete(picture));
  picture.width = 8;
  picture.pixel_format = PixelFormat::kH264;
  EXPECT_FALSE(PlanesAreComplete(picture));
}

}  // namespace
}  // namespace ocellus::hal
