// SPDX-License-Identifier: Apache-2.0
#include "drivers/openh264_decoder/openh264_decoder.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "drivers/openh264_encoder/openh264_encoder.h"
#include "drivers/test_pattern_camera/cells.h"
#include "drivers/test_pattern_camera/test_pattern_camera.h"
#include "tests/hal/manual_clock.h"

namespace ocellus::drivers {
namespace {

// `count` access units of the test pattern, the first one a keyframe.
std::vector<std::vector<uint8_t>> EncodeTestPattern(int count, int width, int height) {
  hal::ManualClock clock;
  TestPatternCamera camera(clock, clock);
  OpenH264Encoder encoder;
  const Result<hal::VideoFormat> format =
      camera.Start({hal::PixelFormat::kI420, width, height, 30});
  CHECK(format.ok(), "%s", format.status().ToString().c_str());
  CHECK(encoder.Configure(*format, DataRate::FromKilobitsPerSecond(500)).ok(), "%dx%d", width,
        height);
  std::vector<std::vector<uint8_t>> units;
  for (int i = 0; i < count; ++i) {
    hal::EncodedFrame frame;
    const Result<hal::VideoFrame> picture = camera.Acquire(std::chrono::seconds(2));
    CHECK(encoder.Encode(*picture, hal::FrameType::kAny, frame).ok(), "picture %d", i);
    units.push_back(frame.data);
  }
  return units;
}

TEST(OpenH264Decoder, GivesEachPictureAtOnce) {
  OpenH264Decoder decoder;
  const auto units = EncodeTestPattern(20, 320, 240);
  for (size_t i = 0; i < units.size(); ++i) {
    const Time captured_at{std::chrono::seconds(i)};
    const auto picture = decoder.Decode(units[i], captured_at);
    ASSERT_TRUE(picture.ok() && picture->has_value()) << "picture " << i;
    EXPECT_EQ((*picture)->width, 320);
    EXPECT_EQ((*picture)->height, 240);
    EXPECT_EQ((*picture)->captured_at, captured_at);
    EXPECT_EQ(ReadCells(**picture)->frame_number, i);
  }
}

TEST(OpenH264Decoder, CropsSizesThatAreNotWholeMacroblocks) {
  OpenH264Decoder decoder;
  const auto picture = decoder.Decode(EncodeTestPattern(1, 362, 202)[0], Time());
  ASSERT_TRUE(picture.ok() && picture->has_value());
  EXPECT_EQ((*picture)->width, 362);
  EXPECT_EQ((*picture)->height, 202);
  EXPECT_TRUE(ReadCells(**picture));
}

TEST(OpenH264Decoder, RefusesWhatItCannotDecodeFromAnything) {
  OpenH264Decoder decoder;
  const auto units = EncodeTestPattern(2, 320, 240);
  EXPECT_FALSE(decoder.Decode(units[1], Time()).ok());
}

TEST(OpenH264Decoder, ForgetsEverythingOnReset) {
  OpenH264Decoder decoder;
  const auto units = EncodeTestPattern(2, 320, 240);
  ASSERT_TRUE(decoder.Decode(units[0], Time()).ok());
  ASSERT_TRUE(decoder.Reset().ok());
  EXPECT_FALSE(decoder.Decode(units[1], Time()).ok());
  ASSERT_TRUE(decoder.Reset().ok());
  EXPECT_TRUE(decoder.Decode(units[0], Time()).ok());
}

TEST(OpenH264Decoder, FollowsAChangeOfSize) {
  OpenH264Decoder decoder;
  ASSERT_TRUE(decoder.Decode(EncodeTestPattern(1, 320, 240)[0], Time()).ok());
  const auto picture = decoder.Decode(EncodeTestPattern(1, 640, 480)[0], Time());
  ASSERT_TRUE(picture.ok() && picture->has_value());
  EXPECT_EQ((*picture)->width, 640);
}

TEST(OpenH264Decoder, SurvivesDamage) {
  const auto units = EncodeTestPattern(2, 320, 240);
  std::minstd_rand random(1);
  int refused = 0;
  for (int i = 0; i < 200; ++i) {
    OpenH264Decoder decoder;
    std::vector<uint8_t> damaged = units[0];
    if (i % 2 == 0) damaged.resize(random() % damaged.size());
    for (int j = 0; j < 10 && !damaged.empty(); ++j) {
      damaged[random() % damaged.size()] = static_cast<uint8_t>(random());
    }
    if (!decoder.Decode(damaged, Time()).ok()) ++refused;
  }
  EXPECT_GT(refused, 50);
}

TEST(OpenH264Decoder, RefusesNothing) {
  OpenH264Decoder decoder;
  const auto picture = decoder.Decode({}, Time());
  EXPECT_TRUE(!picture.ok() || !picture->has_value());
}

}  // namespace
}  // namespace ocellus::drivers
