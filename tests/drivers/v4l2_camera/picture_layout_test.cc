// SPDX-License-Identifier: Apache-2.0
#include "drivers/v4l2_camera/picture_layout.h"

#include <gtest/gtest.h>

#include <vector>

namespace ocellus::drivers {
namespace {

using hal::PixelFormat;

hal::VideoFrame Frame(PixelFormat format) {
  hal::VideoFrame frame;
  frame.pixel_format = format;
  frame.width = 8;
  frame.height = 4;
  return frame;
}

void ExpectPlane(const hal::Plane& plane, const uint8_t* begin, size_t size, size_t stride) {
  EXPECT_EQ(plane.data.data(), begin);
  EXPECT_EQ(plane.data.size(), size);
  EXPECT_EQ(plane.stride, stride);
}

TEST(LayOutPlanes, PutsNv12ChromaBehindLuma) {
  const std::vector<uint8_t> data(48);
  hal::VideoFrame frame = Frame(PixelFormat::kNv12);
  ASSERT_TRUE(LayOutPlanes(data, 8, frame).ok());
  ExpectPlane(frame.planes[0], data.data(), 32, 8);
  ExpectPlane(frame.planes[1], data.data() + 32, 16, 8);
  EXPECT_TRUE(frame.planes[2].data.empty());
}

TEST(LayOutPlanes, HalvesTheStrideOfI420Chroma) {
  const std::vector<uint8_t> data(16 * 6);
  hal::VideoFrame frame = Frame(PixelFormat::kI420);
  ASSERT_TRUE(LayOutPlanes(data, 16, frame).ok());
  ExpectPlane(frame.planes[0], data.data(), 64, 16);
  ExpectPlane(frame.planes[1], data.data() + 64, 16, 8);
  ExpectPlane(frame.planes[2], data.data() + 80, 16, 8);
}

TEST(LayOutPlanes, GivesYuyvAsOnePlane) {
  const std::vector<uint8_t> data(100);  // More than the picture: padding of the device.
  hal::VideoFrame frame = Frame(PixelFormat::kYuyv);
  ASSERT_TRUE(LayOutPlanes(data, 16, frame).ok());
  ExpectPlane(frame.planes[0], data.data(), 64, 16);
}

TEST(LayOutPlanes, GivesCompressedPicturesWhole) {
  const std::vector<uint8_t> data(13);
  for (const PixelFormat format : {PixelFormat::kMjpeg, PixelFormat::kH264}) {
    hal::VideoFrame frame = Frame(format);
    ASSERT_TRUE(LayOutPlanes(data, 0, frame).ok());
    ExpectPlane(frame.planes[0], data.data(), 13, 0);
  }
}

TEST(LayOutPlanes, IgnoresAStrideShorterThanARow) {
  const std::vector<uint8_t> data(64);
  hal::VideoFrame frame = Frame(PixelFormat::kYuyv);
  ASSERT_TRUE(LayOutPlanes(data, 0, frame).ok());
  EXPECT_EQ(frame.planes[0].stride, 16u);
}

TEST(LayOutPlanes, RefusesHalfAPicture) {
  for (const PixelFormat format : {PixelFormat::kNv12, PixelFormat::kI420, PixelFormat::kYuyv}) {
    const size_t whole = format == PixelFormat::kYuyv ? 64 : 48;
    for (size_t size = 0; size < whole; ++size) {
      const std::vector<uint8_t> data(size);
      hal::VideoFrame frame = Frame(format);
      EXPECT_EQ(LayOutPlanes(data, 0, frame).code(), StatusCode::kMalformed) << size;
    }
  }
}

TEST(LayOutPlanes, RefusesAStrideThatDoesNotFit) {
  const std::vector<uint8_t> data(48);
  hal::VideoFrame frame = Frame(PixelFormat::kNv12);
  EXPECT_EQ(LayOutPlanes(data, 4'000'000'000, frame).code(), StatusCode::kMalformed);
}

}  // namespace
}  // namespace ocellus::drivers
