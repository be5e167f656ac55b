// SPDX-License-Identifier: Apache-2.0
#include "drivers/turbojpeg_codec/turbojpeg_codec.h"

#include <gtest/gtest.h>
#include <turbojpeg.h>

#include <algorithm>
#include <random>

#include "drivers/test_pattern_camera/canvas.h"
#include "drivers/test_pattern_camera/cells.h"
#include "firmware/base/limits.h"

namespace ocellus::drivers {
namespace {

constexpr Cells kCells = {42, 1'795'208'400'123};
constexpr Colour kOrange = {140, 70, 180};

Canvas Draw(int width, int height) {
  Canvas canvas(width, height);
  canvas.Fill({0, height / 2, width, height / 2}, kOrange);
  DrawCells(kCells, width, canvas.luma(), canvas.luma_stride());
  return canvas;
}

std::vector<uint8_t> EncodeOrDie(const Canvas& canvas) {
  TurboJpegCodec codec;
  std::vector<uint8_t> image;
  const Status status = codec.Encode(canvas.frame(Time()), 85, image);
  CHECK(status.ok(), "%s", status.ToString().c_str());
  return image;
}

// An image as cameras make them, with any sampling: orange of full range.
std::vector<uint8_t> EncodeSampled(int width, int height, int sampling) {
  std::vector<uint8_t> rgb(static_cast<size_t>(width * height) * 3);
  for (size_t i = 0; i < rgb.size(); i += 3) {
    rgb[i] = 255;
    rgb[i + 1] = 128;
    rgb[i + 2] = 0;
  }
  tjhandle compressor = tjInitCompress();
  unsigned char* data = nullptr;
  unsigned long size = 0;
  CHECK(tjCompress2(compressor, rgb.data(), width, 0, height, TJPF_RGB, &data, &size, sampling, 90,
                    0) == 0,
        "sampling %d", sampling);
  std::vector<uint8_t> image(data, data + size);
  tjFree(data);
  tjDestroy(compressor);
  return image;
}

// Leaves out the segments of a marker, such as DHT (0xc4).
std::vector<uint8_t> WithoutSegments(const std::vector<uint8_t>& image, uint8_t marker) {
  constexpr uint8_t kStartOfScan = 0xda;
  std::vector<uint8_t> out(image.begin(), image.begin() + 2);
  size_t at = 2;
  while (image[at + 1] != kStartOfScan) {
    const size_t size = 2 + (size_t{image[at + 2]} << 8 | image[at + 3]);
    if (image[at + 1] != marker) {
      out.insert(out.end(), image.begin() + static_cast<ptrdiff_t>(at),
                 image.begin() + static_cast<ptrdiff_t>(at + size));
    }
    at += size;
  }
  out.insert(out.end(), image.begin() + static_cast<ptrdiff_t>(at), image.end());
  return out;
}

TEST(TurboJpegCodec, DecodesWhatItEncodes) {
  const Canvas canvas = Draw(640, 480);
  TurboJpegCodec codec;
  const Time captured_at{std::chrono::seconds(7)};
  const Result<hal::VideoFrame> picture = codec.Decode(EncodeOrDie(canvas), captured_at);
  ASSERT_TRUE(picture.ok()) << picture.status().ToString();
  EXPECT_EQ(picture->width, 640);
  EXPECT_EQ(picture->height, 480);
  EXPECT_EQ(picture->captured_at, captured_at);
  ASSERT_TRUE(ReadCells(*picture));
  EXPECT_EQ(ReadCells(*picture)->frame_number, kCells.frame_number);
  // The range is narrowed again: colours come back as they were.
  EXPECT_NEAR(picture->planes[0].data[400 * 640 + 320], kOrange.y, 2);
  EXPECT_NEAR(picture->planes[1].data[200 * 320 + 160], kOrange.u, 2);
  EXPECT_NEAR(picture->planes[2].data[200 * 320 + 160], kOrange.v, 2);
}

TEST(TurboJpegCodec, WidensTheRangeForJpeg) {
  tjhandle decompressor = tjInitDecompress();
  Canvas canvas(64, 64);
  canvas.Fill({0, 0, 64, 64}, kWhite);
  const std::vector<uint8_t> image = EncodeOrDie(canvas);
  std::vector<uint8_t> rgb(64 * 64 * 3);
  ASSERT_EQ(
      tjDecompress2(decompressor, image.data(), image.size(), rgb.data(), 64, 0, 64, TJPF_RGB, 0),
      0);
  tjDestroy(decompressor);
  EXPECT_EQ(rgb[0], 255);
}

TEST(TurboJpegCodec, DecodesEverySamplingOfCameras) {
  for (const int sampling : {TJSAMP_420, TJSAMP_422, TJSAMP_440, TJSAMP_444}) {
    for (const auto& [width, height] : {std::pair{320, 240}, {333, 241}}) {
      TurboJpegCodec codec;
      const auto picture = codec.Decode(EncodeSampled(width, height, sampling), Time());
      ASSERT_TRUE(picture.ok()) << sampling << ": " << picture.status().ToString();
      EXPECT_EQ(picture->width, width & ~1);
      EXPECT_EQ(picture->height, height & ~1);
      // RGB 255, 128, 0 in BT.601 of limited range.
      for (const size_t at : {size_t{0}, picture->planes[1].data.size() / 3}) {
        SCOPED_TRACE(testing::Message() << sampling << " at " << at);
        EXPECT_NEAR(picture->planes[0].data[at], 146, 3);
        EXPECT_NEAR(picture->planes[1].data[at], 53, 3);
        EXPECT_NEAR(picture->planes[2].data[at], 193, 3);
      }
    }
  }
}

TEST(TurboJpegCodec, DecodesGreyImages) {
  TurboJpegCodec codec;
  const auto picture = codec.Decode(EncodeSampled(64, 64, TJSAMP_GRAY), Time());
  ASSERT_TRUE(picture.ok()) << picture.status().ToString();
  EXPECT_EQ(picture->planes[1].data[0], 128);
}

TEST(TurboJpegCodec, DecodesMjpegWithoutHuffmanTables) {
  constexpr uint8_t kHuffmanTables = 0xc4;
  const auto image = EncodeOrDie(Draw(640, 480));
  const auto without = WithoutSegments(image, kHuffmanTables);
  ASSERT_LT(without.size(), image.size());
  TurboJpegCodec codec;
  const auto picture = codec.Decode(without, Time());
  ASSERT_TRUE(picture.ok()) << picture.status().ToString();
  EXPECT_TRUE(ReadCells(*picture));
}

TEST(TurboJpegCodec, TakesPaddingBehindTheEnd) {
  auto image = EncodeOrDie(Draw(640, 480));
  image.insert(image.end(), 1000, 0);
  TurboJpegCodec codec;
  EXPECT_TRUE(codec.Decode(image, Time()).ok());
}

TEST(TurboJpegCodec, TakesExtraneousBytesBeforeTheEnd) {
  auto image = EncodeOrDie(Draw(640, 480));
  image.insert(image.end() - 2, 5, 0x11);
  TurboJpegCodec codec;
  const auto picture = codec.Decode(image, Time());
  EXPECT_TRUE(picture.ok()) << picture.status().ToString();
}

TEST(TurboJpegCodec, RefusesImagesThatAreCutShort) {
  const auto image = EncodeOrDie(Draw(640, 480));
  TurboJpegCodec codec;
  for (size_t size = 0; size < image.size() - 2; size += 97) {
    const auto picture = codec.Decode(Bytes(image).first(size), Time());
    ASSERT_FALSE(picture.ok()) << size;
    EXPECT_EQ(picture.status().code(), StatusCode::kMalformed);
  }
  const auto whole = codec.Decode(image, Time());
  EXPECT_TRUE(whole.ok()) << whole.status().ToString();
}

TEST(TurboJpegCodec, SurvivesDamage) {
  const auto image = EncodeOrDie(Draw(320, 240));
  TurboJpegCodec codec;
  std::minstd_rand random(1);
  for (int i = 0; i < 500; ++i) {
    auto damaged = image;
    for (int j = 0; j < 5; ++j) damaged[random() % damaged.size()] = static_cast<uint8_t>(random());
    const auto picture = codec.Decode(damaged, Time());
    EXPECT_TRUE(picture.ok() || !picture.status().message().empty());
  }
  const auto whole = codec.Decode(image, Time());
  EXPECT_TRUE(whole.ok()) << whole.status().ToString();
}

TEST(TurboJpegCodec, RefusesGiantImagesBeforeItAllocates) {
  auto image = EncodeOrDie(Draw(320, 240));
  // SOF0: FF C0, length, precision, height, width.
  const uint8_t kFrameHeader[] = {0xff, 0xc0};
  const auto header =
      std::search(image.begin(), image.end(), std::begin(kFrameHeader), std::end(kFrameHeader));
  std::fill(header + 5, header + 9, 0x7f);
  TurboJpegCodec codec;
  const Status status = codec.Decode(image, Time()).status();
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted) << status.ToString();
}

TEST(TurboJpegCodec, EncodesI420Only) {
  TurboJpegCodec codec;
  const Canvas canvas(64, 64);
  hal::VideoFrame frame = canvas.frame(Time());
  frame.pixel_format = hal::PixelFormat::kNv12;
  std::vector<uint8_t> image;
  EXPECT_EQ(codec.Encode(frame, 85, image).code(), StatusCode::kInvalidArgument);
}

TEST(TurboJpegCodec, MakesSmallerImagesOfLessQuality) {
  TurboJpegCodec codec;
  const Canvas canvas = Draw(640, 480);
  std::vector<uint8_t> good;
  std::vector<uint8_t> bad;
  ASSERT_TRUE(codec.Encode(canvas.frame(Time()), 95, good).ok());
  ASSERT_TRUE(codec.Encode(canvas.frame(Time()), 5, bad).ok());
  EXPECT_LT(bad.size(), good.size());
  EXPECT_TRUE(codec.Encode(canvas.frame(Time()), 1000, good).ok());
}

}  // namespace
}  // namespace ocellus::drivers
