// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/encoder_supervisor.h"

#include <gtest/gtest.h>

#include "firmware/base/limits.h"
#include "tests/hal/fake_codecs.h"

namespace ocellus::media {
namespace {

using hal::FrameType;
using hal::PixelFormat;

class EncoderSupervisorTest : public testing::Test {
 protected:
  hal::VideoFrame Picture(PixelFormat format, int width = 64, int height = 48) {
    const auto columns = static_cast<size_t>(width);
    pixels_.assign(2 * columns * static_cast<size_t>(height), 128);
    hal::VideoFrame frame;
    frame.pixel_format = format;
    frame.width = width;
    frame.height = height;
    const size_t stride = format == PixelFormat::kYuyv ? 2 * columns : columns;
    frame.planes = {hal::Plane{pixels_, stride}, hal::Plane{pixels_, columns},
                    hal::Plane{pixels_, columns}};
    return frame;
  }

  bool Encode(FrameType type = FrameType::kAny, PixelFormat format = PixelFormat::kI420) {
    now_ += std::chrono::milliseconds(33);
    return supervisor_.Encode(now_, Picture(format), 30, type, out_);
  }
  // Frames that come out of the turns of so many seconds.
  int FramesIn(int seconds, FrameType type = FrameType::kAny) {
    int frames = 0;
    for (int i = 0; i < 30 * seconds; ++i) frames += Encode(type) ? 1 : 0;
    return frames;
  }

  Time now_{std::chrono::seconds(100)};
  std::vector<uint8_t> pixels_;
  hal::EncodedFrame out_;
  hal::FakeEncoder encoder_;
  EncoderSupervisor supervisor_{encoder_, DataRate::FromKilobitsPerSecond(500)};
};

TEST_F(EncoderSupervisorTest, ConfiguresForThePicturesThatCome) {
  ASSERT_TRUE(Encode());
  EXPECT_TRUE(out_.keyframe);
  ASSERT_EQ(encoder_.configured.size(), 1u);
  EXPECT_EQ(encoder_.configured[0], (hal::VideoFormat{PixelFormat::kI420, 64, 48, 30}));
  EXPECT_EQ(encoder_.bitrates[0], DataRate::FromKilobitsPerSecond(500));
  ASSERT_TRUE(Encode());
  EXPECT_FALSE(out_.keyframe);
}

TEST_F(EncoderSupervisorTest, ConfiguresAnewWhenTheSizeChanges) {
  ASSERT_TRUE(Encode());
  ASSERT_TRUE(
      supervisor_.Encode(now_, Picture(PixelFormat::kI420, 128, 96), 30, FrameType::kAny, out_));
  EXPECT_TRUE(out_.keyframe);
  EXPECT_EQ(encoder_.configured.size(), 2u);
  EXPECT_EQ(supervisor_.errors(), 0u);
}

TEST_F(EncoderSupervisorTest, ConvertsWhatTheEncoderDoesNotTake) {
  EXPECT_TRUE(Encode(FrameType::kAny, PixelFormat::kNv12));
  EXPECT_TRUE(Encode(FrameType::kAny, PixelFormat::kNv12));
  EXPECT_TRUE(Encode(FrameType::kAny, PixelFormat::kYuyv));
  ASSERT_EQ(encoder_.configured.size(), 2u);
  EXPECT_EQ(encoder_.configured[0].pixel_format, PixelFormat::kI420);
  EXPECT_EQ(supervisor_.errors(), 0u);
}

TEST_F(EncoderSupervisorTest, GivesTheEncoderWhatItTakes) {
  encoder_.takes_i420_only = false;
  EXPECT_TRUE(Encode(FrameType::kAny, PixelFormat::kNv12));
  EXPECT_EQ(encoder_.configured[0].pixel_format, PixelFormat::kNv12);
}

TEST_F(EncoderSupervisorTest, ChangesTheBitrateOnce) {
  ASSERT_TRUE(Encode());
  supervisor_.SetBitrate(DataRate::FromKilobitsPerSecond(800));
  supervisor_.SetBitrate(DataRate::FromKilobitsPerSecond(900));
  ASSERT_TRUE(Encode());
  EXPECT_FALSE(out_.keyframe);
  ASSERT_TRUE(Encode());
  ASSERT_EQ(encoder_.bitrates.size(), 2u);
  EXPECT_EQ(encoder_.bitrates[1], DataRate::FromKilobitsPerSecond(900));
}

TEST_F(EncoderSupervisorTest, KeepsTheNewBitrateWhenItConfiguresAnew) {
  ASSERT_TRUE(Encode());
  supervisor_.SetBitrate(DataRate::FromKilobitsPerSecond(800));
  ASSERT_TRUE(Encode(FrameType::kAny, PixelFormat::kNv12));
  EXPECT_EQ(encoder_.bitrates.back(), DataRate::FromKilobitsPerSecond(800));
}

TEST_F(EncoderSupervisorTest, ConfiguresAnewAfterAnErrorAndGoesOn) {
  ASSERT_TRUE(Encode());
  encoder_.encode_error = {StatusCode::kInternal, "broken"};
  EXPECT_FALSE(Encode());
  EXPECT_TRUE(out_.nals.empty());
  encoder_.encode_error = {};
  ASSERT_TRUE(Encode());
  EXPECT_TRUE(out_.keyframe);
  EXPECT_EQ(supervisor_.errors(), 1u);
}

TEST_F(EncoderSupervisorTest, DoesNotConfigureABrokenEncoderForEachPicture) {
  ASSERT_TRUE(Encode());
  encoder_.encode_error = {StatusCode::kInternal, "broken"};
  EXPECT_EQ(FramesIn(10), 0);
  EXPECT_LE(encoder_.configured.size(), 12u);
  encoder_.encode_error = {};
  EXPECT_GT(FramesIn(3), 30);
}

TEST_F(EncoderSupervisorTest, TriesAgainOncePerIntervalWhenItIsRefused) {
  encoder_.configure_error = {StatusCode::kUnavailable, "busy"};
  EXPECT_EQ(FramesIn(10), 0);
  EXPECT_LE(supervisor_.errors(), 12u);
  encoder_.configure_error = {};
  EXPECT_GT(FramesIn(2), 25);
}

// Fault table of the field: the encoder stalls, gives garbage or no IDR; restarted in < 3 s.
TEST_F(EncoderSupervisorTest, RestartsAStalledEncoder) {
  ASSERT_TRUE(Encode());
  encoder_.skips = true;
  EXPECT_EQ(FramesIn(2), 0);
  EXPECT_GE(encoder_.configured.size(), 2u);
  EXPECT_GE(supervisor_.errors(), 1u);
  encoder_.skips = false;
  EXPECT_GT(FramesIn(2), 25);
}

TEST_F(EncoderSupervisorTest, BearsSingleSkippedFrames) {
  ASSERT_TRUE(Encode());
  encoder_.skips = true;
  EXPECT_FALSE(Encode());
  encoder_.skips = false;
  ASSERT_TRUE(Encode());
  EXPECT_FALSE(out_.keyframe);
  EXPECT_EQ(supervisor_.errors(), 0u);
}

TEST_F(EncoderSupervisorTest, DoesNotLetGarbagePass) {
  ASSERT_TRUE(Encode());
  encoder_.gives_garbage = true;
  EXPECT_EQ(FramesIn(1), 0);
  encoder_.gives_garbage = false;
  EXPECT_GT(FramesIn(2), 25);
}

TEST_F(EncoderSupervisorTest, DoesNotLetGiantFramesPass) {
  ASSERT_TRUE(Encode());
  encoder_.slice_size = 4'000'000;
  EXPECT_EQ(FramesIn(1), 0);
}

TEST_F(EncoderSupervisorTest, RestartsAnEncoderThatMakesNoKeyframe) {
  ASSERT_TRUE(Encode());
  encoder_.ignores_keyframes = true;
  int keyframes = 0;
  for (int i = 0; i < 30; ++i) {
    if (Encode(FrameType::kKeyframe) && out_.keyframe) ++keyframes;
  }
  EXPECT_GE(keyframes, 2);
}

TEST_F(EncoderSupervisorTest, NamesTheEncoder) { EXPECT_STREQ(supervisor_.name(), "fake encoder"); }

}  // namespace
}  // namespace ocellus::media
