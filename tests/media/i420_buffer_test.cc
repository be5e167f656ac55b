// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/i420_buffer.h"

#include <gtest/gtest.h>

#include "firmware/base/limits.h"

namespace ocellus::media {
namespace {

using hal::PixelFormat;
using hal::Plane;
using hal::VideoFrame;

std::vector<uint8_t> ToVector(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

VideoFrame MakeFrame(PixelFormat format, int width, int height) {
  VideoFrame frame;
  frame.pixel_format = format;
  frame.width = width;
  frame.height = height;
  frame.captured_at = Time(std::chrono::seconds(5));
  return frame;
}

TEST(I420Buffer, TakesTheChromaOfNv12Apart) {
  // 4x2, rows of 6 bytes.
  const std::vector<uint8_t> luma = {1, 2, 3, 4, 0, 0, 5, 6, 7, 8, 0, 0};
  const std::vector<uint8_t> chroma = {10, 20, 11, 21, 0, 0};
  VideoFrame frame = MakeFrame(PixelFormat::kNv12, 4, 2);
  frame.planes[0] = {luma, 6};
  frame.planes[1] = {chroma, 6};
  I420Buffer buffer;
  ASSERT_TRUE(buffer.Assign(frame).ok());
  const VideoFrame out = buffer.frame();
  EXPECT_EQ(out.pixel_format, PixelFormat::kI420);
  EXPECT_EQ(out.captured_at, frame.captured_at);
  EXPECT_EQ(ToVector(out.planes[0].data), (std::vector<uint8_t>{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(ToVector(out.planes[1].data), (std::vector<uint8_t>{10, 11}));
  EXPECT_EQ(ToVector(out.planes[2].data), (std::vector<uint8_t>{20, 21}));
}

TEST(I420Buffer, AveragesTheChromaOfTwoYuyvRows) {
  // 2x2: Y0 U Y1 V.
  const std::vector<uint8_t> pixels = {1, 100, 2, 200, 3, 103, 4, 100};
  VideoFrame frame = MakeFrame(PixelFormat::kYuyv, 2, 2);
  frame.planes[0] = {pixels, 4};
  I420Buffer buffer;
  ASSERT_TRUE(buffer.Assign(frame).ok());
  const VideoFrame out = buffer.frame();
  EXPECT_EQ(ToVector(out.planes[0].data), (std::vector<uint8_t>{1, 2, 3, 4}));
  EXPECT_EQ(ToVector(out.planes[1].data), (std::vector<uint8_t>{102}));
  EXPECT_EQ(ToVector(out.planes[2].data), (std::vector<uint8_t>{150}));
}

TEST(I420Buffer, LeavesOutThePaddingOfI420) {
  const std::vector<uint8_t> luma = {1, 2, 99, 3, 4};  // The last row needs no padding.
  const std::vector<uint8_t> u = {5};
  const std::vector<uint8_t> v = {6};
  VideoFrame frame = MakeFrame(PixelFormat::kI420, 2, 2);
  frame.planes = {Plane{luma, 3}, Plane{u, 1}, Plane{v, 1}};
  I420Buffer buffer;
  ASSERT_TRUE(buffer.Assign(frame).ok());
  EXPECT_EQ(ToVector(buffer.frame().planes[0].data), (std::vector<uint8_t>{1, 2, 3, 4}));
  EXPECT_EQ(ToVector(buffer.frame().planes[2].data), v);
}

TEST(I420Buffer, RefusesPlanesThatEndTooEarly) {
  const std::vector<uint8_t> pixels(4 * 4 * 2, 128);
  for (const PixelFormat format : {PixelFormat::kI420, PixelFormat::kNv12, PixelFormat::kYuyv}) {
    for (size_t missing = 0; missing < 3; ++missing) {
      VideoFrame frame = MakeFrame(format, 4, 4);
      const size_t stride = format == PixelFormat::kYuyv ? 8 : 4;
      frame.planes = {Plane{pixels, stride}, Plane{pixels, 4}, Plane{pixels, 4}};
      I420Buffer buffer;
      ASSERT_TRUE(buffer.Assign(frame).ok());
      const size_t plane = format == PixelFormat::kYuyv   ? 0
                           : format == PixelFormat::kNv12 ? missing % 2
                                                          : missing;
      frame.planes[plane].data = Bytes(pixels).first(3);
      EXPECT_EQ(buffer.Assign(frame).code(), StatusCode::kMalformed);
      frame.planes[plane] = {Bytes(pixels), 1};
      EXPECT_EQ(buffer.Assign(frame).code(), StatusCode::kMalformed);
    }
  }
}

TEST(I420Buffer, RefusesOddAndImpossibleSizes) {
  const std::vector<uint8_t> pixels(64, 128);
  for (const auto& [width, height] : {std::pair{3, 2}, {2, 3}, {0, 2}, {-2, 2}}) {
    VideoFrame frame = MakeFrame(PixelFormat::kNv12, width, height);
    frame.planes = {Plane{pixels, 4}, Plane{pixels, 4}, Plane{}};
    EXPECT_FALSE(I420Buffer().Assign(frame).ok()) << width << "x" << height;
  }
}

TEST(I420Buffer, RefusesCompressedPictures) {
  EXPECT_EQ(I420Buffer().Assign(MakeFrame(PixelFormat::kMjpeg, 4, 4)).code(),
            StatusCode::kUnsupported);
  EXPECT_EQ(I420Buffer().Assign(MakeFrame(PixelFormat::kH264, 4, 4)).code(),
            StatusCode::kUnsupported);
}

}  // namespace
}  // namespace ocellus::media
