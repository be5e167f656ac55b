// SPDX-License-Identifier: Apache-2.0
#include "drivers/libyuv_picture_transformer/libyuv_picture_transformer.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "firmware/base/limits.h"

namespace ocellus::drivers {
namespace {

using hal::PictureTransform;
using hal::PixelFormat;
using hal::Plane;
using hal::Rotation;
using hal::VideoFrame;

constexpr Time kCapturedAt{std::chrono::seconds(7)};
constexpr Rotation kRotations[] = {Rotation::k0, Rotation::k90, Rotation::k180, Rotation::k270};

// What the pixel at (x, y) of each plane is: different from its neighbours both ways.
uint8_t Luma(int x, int y) { return static_cast<uint8_t>(16 + (3 * x + 7 * y) % 200); }
uint8_t Chroma(int plane, int x, int y) {
  return static_cast<uint8_t>(20 + (plane == 1 ? 5 * x + y : x + 11 * y) % 200);
}

// A picture of any uncompressed format whose rows have padding behind them.
struct Picture {
  Picture(PixelFormat format, int width, int height) {
    constexpr int kPadding = 6;
    frame.pixel_format = format;
    frame.width = width;
    frame.height = height;
    frame.captured_at = kCapturedAt;
    const bool yuyv = format == PixelFormat::kYuyv;
    const int strides[] = {(yuyv ? 2 * width : width) + kPadding,
                           (format == PixelFormat::kNv12 ? width : width / 2) + kPadding,
                           width / 2 + kPadding};
    const int planes = yuyv ? 1 : format == PixelFormat::kNv12 ? 2 : 3;
    for (int i = 0; i < planes; ++i) {
      const int rows = i == 0 ? height : height / 2;
      data[i].resize(static_cast<size_t>(strides[i] * rows), 0xee);
      frame.planes[static_cast<size_t>(i)] = {Bytes(data[i]), static_cast<size_t>(strides[i])};
    }
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        uint8_t* row = data[0].data() + y * strides[0];
        row[yuyv ? 2 * x : x] = Luma(x, y);
        if (yuyv) row[2 * x + 1] = Chroma(x % 2 + 1, x / 2, y / 2);
      }
    }
    for (int y = 0; y < height / 2 && !yuyv; ++y) {
      for (int x = 0; x < width / 2; ++x) {
        if (format == PixelFormat::kNv12) {
          data[1][static_cast<size_t>(y * strides[1] + 2 * x)] = Chroma(1, x, y);
          data[1][static_cast<size_t>(y * strides[1] + 2 * x + 1)] = Chroma(2, x, y);
        } else {
          data[1][static_cast<size_t>(y * strides[1] + x)] = Chroma(1, x, y);
          data[2][static_cast<size_t>(y * strides[2] + x)] = Chroma(2, x, y);
        }
      }
    }
  }

  std::vector<uint8_t> data[3];
  VideoFrame frame;
};

uint8_t PixelOf(const Plane& plane, int x, int y) {
  return plane.data[static_cast<size_t>(y) * plane.stride + static_cast<size_t>(x)];
}

PictureTransform WholeOf(const VideoFrame& picture) {
  PictureTransform transform;
  transform.area = {0, 0, picture.width, picture.height};
  transform.width = picture.width;
  transform.height = picture.height;
  return transform;
}

struct Point {
  int x;
  int y;
};

// Where (x, y) of a flipped and rotated plane comes from, which is width x height large.
Point SourceOf(Point point, const PictureTransform& transform, int width, int height) {
  switch (transform.rotation) {
    case Rotation::k0:
      break;
    case Rotation::k90:
      point = {point.y, height - 1 - point.x};
      break;
    case Rotation::k180:
      point = {width - 1 - point.x, height - 1 - point.y};
      break;
    case Rotation::k270:
      point = {width - 1 - point.y, point.x};
      break;
  }
  if (transform.flip_horizontally) point.x = width - 1 - point.x;
  if (transform.flip_vertically) point.y = height - 1 - point.y;
  return point;
}

void ExpectTurned(const VideoFrame& result, const PictureTransform& transform) {
  const hal::PictureArea& area = transform.area;
  for (int y = 0; y < result.height; ++y) {
    for (int x = 0; x < result.width; ++x) {
      const Point from = SourceOf({x, y}, transform, area.width, area.height);
      ASSERT_EQ(PixelOf(result.planes[0], x, y), Luma(area.x + from.x, area.y + from.y))
          << x << ", " << y;
    }
  }
  for (int plane = 1; plane <= 2; ++plane) {
    for (int y = 0; y < result.height / 2; ++y) {
      for (int x = 0; x < result.width / 2; ++x) {
        const Point from = SourceOf({x, y}, transform, area.width / 2, area.height / 2);
        ASSERT_EQ(PixelOf(result.planes[static_cast<size_t>(plane)], x, y),
                  Chroma(plane, area.x / 2 + from.x, area.y / 2 + from.y))
            << "plane " << plane << ": " << x << ", " << y;
      }
    }
  }
}

class EveryFormat : public testing::TestWithParam<PixelFormat> {};

INSTANTIATE_TEST_SUITE_P(Uncompressed, EveryFormat,
                         testing::Values(PixelFormat::kI420, PixelFormat::kNv12,
                                         PixelFormat::kYuyv));

TEST_P(EveryFormat, IsCutFlippedAndRotatedInAnyCombination) {
  const Picture picture(GetParam(), 70, 38);
  LibyuvPictureTransformer transformer;
  for (const hal::PictureArea& area :
       {hal::PictureArea{0, 0, 70, 38}, {10, 4, 34, 18}, {68, 36, 2, 2}, {2, 0, 50, 38}}) {
    for (const Rotation rotation : kRotations) {
      for (int flips = 0; flips < 4; ++flips) {
        PictureTransform transform;
        transform.area = area;
        transform.rotation = rotation;
        transform.flip_horizontally = (flips & 1) != 0;
        transform.flip_vertically = (flips & 2) != 0;
        const bool sideways = rotation == Rotation::k90 || rotation == Rotation::k270;
        transform.width = sideways ? area.height : area.width;
        transform.height = sideways ? area.width : area.height;
        SCOPED_TRACE(Format("%dx%d, rotated %d, flips %d", area.width, area.height,
                            static_cast<int>(rotation) * 90, flips));
        const Result<VideoFrame> result = transformer.Transform(picture.frame, transform);
        ASSERT_TRUE(result.ok()) << result.status().ToString();
        EXPECT_EQ(result->pixel_format, PixelFormat::kI420);
        EXPECT_EQ(result->width, transform.width);
        EXPECT_EQ(result->height, transform.height);
        EXPECT_EQ(result->captured_at, kCapturedAt);
        EXPECT_TRUE(PlanesAreComplete(*result));
        ExpectTurned(*result, transform);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(LibyuvPictureTransformer, CutsI420WithoutCopying) {
  const Picture picture(PixelFormat::kI420, 64, 48);
  LibyuvPictureTransformer transformer;
  PictureTransform transform;
  transform.area = {16, 8, 32, 24};
  transform.width = 32;
  transform.height = 24;
  const Result<VideoFrame> result = transformer.Transform(picture.frame, transform);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->planes[0].data.data(),
            picture.data[0].data() + 8 * picture.frame.planes[0].stride + 16);
  EXPECT_EQ(result->planes[2].data.data(),
            picture.data[2].data() + 4 * picture.frame.planes[2].stride + 8);
}

// The picture is brighter to the right and below, so that a scaled one is checked by its corners.
struct Ramp {
  Ramp(int width, int height) : luma(static_cast<size_t>(width * height)) {
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        luma[static_cast<size_t>(y * width + x)] =
            static_cast<uint8_t>(16 + 100 * x / width + 100 * y / height);
      }
    }
    chroma.assign(luma.size() / 4, 90);
    frame.width = width;
    frame.height = height;
    const auto stride = static_cast<size_t>(width);
    frame.planes = {Plane{Bytes(luma), stride}, Plane{Bytes(chroma), stride / 2},
                    Plane{Bytes(chroma), stride / 2}};
  }

  std::vector<uint8_t> luma;
  std::vector<uint8_t> chroma;
  VideoFrame frame;
};

TEST(LibyuvPictureTransformer, ScalesToAnyEvenSize) {
  const Ramp ramp(640, 360);
  LibyuvPictureTransformer transformer;
  for (const auto& [width, height] :
       {std::pair{320, 180}, {1280, 720}, {642, 358}, {160, 90}, {64, 360}, {16, 16}, {640, 90}}) {
    PictureTransform transform = WholeOf(ramp.frame);
    transform.width = width;
    transform.height = height;
    const Result<VideoFrame> result = transformer.Transform(ramp.frame, transform);
    ASSERT_TRUE(result.ok()) << width << "x" << height;
    EXPECT_TRUE(PlanesAreComplete(*result));
    for (int y = 0; y < height; y += std::max(1, height / 7)) {
      for (int x = 0; x < width; x += std::max(1, width / 7)) {
        const double wanted = 16 + 100 * (x + 0.5) / width + 100 * (y + 0.5) / height;
        ASSERT_NEAR(PixelOf(result->planes[0], x, y), wanted, 4)
            << width << "x" << height << " at " << x << ", " << y;
      }
    }
    EXPECT_NEAR(PixelOf(result->planes[1], width / 2 - 1, height / 2 - 1), 90, 1);
  }
}

TEST(LibyuvPictureTransformer, ScalesWhatItHasCutAndTurned) {
  const Ramp ramp(640, 360);
  LibyuvPictureTransformer transformer;
  // The right half of the picture, upright, both smaller and larger than it was.
  for (const int scale : {1, 4}) {
    PictureTransform transform;
    transform.area = {320, 0, 320, 360};
    transform.rotation = Rotation::k90;
    transform.width = 180 * scale;
    transform.height = 160 * scale;
    const Result<VideoFrame> result = transformer.Transform(ramp.frame, transform);
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result->width, transform.width);
    EXPECT_EQ(result->height, transform.height);
    // What was at the lower left of the cut is at the upper left now.
    EXPECT_NEAR(PixelOf(result->planes[0], 0, 0), 16 + 50 + 100, 3);
    EXPECT_NEAR(PixelOf(result->planes[0], transform.width - 1, 0), 16 + 50, 3);
    EXPECT_NEAR(PixelOf(result->planes[0], 0, transform.height - 1), 16 + 100 + 100, 3);
  }
}

TEST(LibyuvPictureTransformer, RefusesWhatMakesNoSense) {
  const Picture picture(PixelFormat::kI420, 64, 48);
  LibyuvPictureTransformer transformer;
  const auto code = [&](const PictureTransform& transform) {
    return transformer.Transform(picture.frame, transform).status().code();
  };
  for (const hal::PictureArea& area : {hal::PictureArea{0, 0, 66, 48},
                                       {2, 0, 64, 48},
                                       {0, 2, 64, 48},
                                       {-2, 0, 64, 48},
                                       {1, 0, 32, 48},
                                       {0, 0, 31, 48},
                                       {0, 0, 0, 0},
                                       {64, 48, 2, 2},
                                       {0, 0, 2'147'483'646, 2},
                                       {2'147'483'646, 0, 2, 2}}) {
    PictureTransform transform = WholeOf(picture.frame);
    transform.area = area;
    EXPECT_EQ(code(transform), StatusCode::kInvalidArgument) << area.x << ", " << area.width;
  }
  PictureTransform transform = WholeOf(picture.frame);
  transform.width = 0;
  EXPECT_EQ(code(transform), StatusCode::kInvalidArgument);
  transform.width = 63;
  EXPECT_EQ(code(transform), StatusCode::kInvalidArgument);
  transform.width = 8192;
  transform.height = 8192;
  EXPECT_EQ(code(transform), StatusCode::kResourceExhausted);
}

TEST(LibyuvPictureTransformer, RefusesHalfPictures) {
  LibyuvPictureTransformer transformer;
  for (const PixelFormat format : {PixelFormat::kI420, PixelFormat::kNv12, PixelFormat::kYuyv}) {
    Picture picture(format, 64, 48);
    picture.frame.planes[0].data = picture.frame.planes[0].data.first(64 * 20);
    EXPECT_EQ(transformer.Transform(picture.frame, WholeOf(picture.frame)).status().code(),
              StatusCode::kMalformed);
  }
  VideoFrame compressed;
  compressed.pixel_format = PixelFormat::kH264;
  EXPECT_EQ(transformer.Transform(compressed, PictureTransform()).status().code(),
            StatusCode::kUnsupported);
}

}  // namespace
}  // namespace ocellus::drivers
