// SPDX-License-Identifier: Apache-2.0
// The pipeline between real drivers: the test pattern is encoded and decoded, and its cells still
// tell which picture it is and when it was made.
#include <gtest/gtest.h>
#include <unistd.h>

#include "drivers/file_camera/file_camera.h"
#include "drivers/libyuv_picture_transformer/libyuv_picture_transformer.h"
#include "drivers/openh264_decoder/openh264_decoder.h"
#include "drivers/openh264_encoder/openh264_encoder.h"
#include "drivers/test_pattern_camera/cells.h"
#include "drivers/test_pattern_camera/no_signal_camera.h"
#include "drivers/test_pattern_camera/test_pattern_camera.h"
#include "drivers/turbojpeg_codec/turbojpeg_codec.h"
#include "firmware/media/video_pipeline.h"
#include "tests/hal/manual_clock.h"
#include "tests/media/counting_waker.h"

namespace ocellus::media {
namespace {

struct Rig {
  Rig(hal::Camera& camera, hal::ManualClock& clock, const VideoSettings& settings)
      : no_signal(clock, clock),
        pipeline({camera, nullptr, no_signal, encoder, decoder, jpeg, clock, waker, nullptr,
                  &transformer},
                 settings) {}

  // The next frame, decoded; borrowed until the next call.
  std::optional<hal::VideoFrame> Next() {
    pipeline.RunOnce();
    std::optional<hal::EncodedFrame> frame = pipeline.PopFrame();
    if (!frame) return std::nullopt;
    bytes += frame->data.size();
    const auto picture = viewer.Decode(frame->data, frame->captured_at);
    pipeline.Recycle(std::move(*frame));
    return picture.ok() ? *picture : std::nullopt;
  }

  drivers::NoSignalCamera no_signal;
  drivers::OpenH264Encoder encoder;
  drivers::OpenH264Decoder decoder;
  drivers::TurboJpegCodec jpeg;
  drivers::LibyuvPictureTransformer transformer;
  CountingWaker waker;
  VideoPipeline pipeline;
  drivers::OpenH264Decoder viewer;
  size_t bytes = 0;
};

struct Case {
  int width;
  int height;
  int kilobits_per_second;
};

class VideoEndToEnd : public testing::TestWithParam<Case> {};

TEST_P(VideoEndToEnd, KeepsTheCellsReadable) {
  hal::ManualClock clock;
  drivers::TestPatternCamera camera(clock, clock);
  VideoSettings settings;
  settings.format.width = GetParam().width;
  settings.format.height = GetParam().height;
  settings.bitrate = DataRate::FromKilobitsPerSecond(GetParam().kilobits_per_second);
  Rig rig(camera, clock, settings);
  constexpr uint32_t kFrames = 150;
  for (uint32_t i = 0; i < kFrames; ++i) {
    if (i % 60 == 30) rig.pipeline.RequestKeyframe();
    const std::optional<hal::VideoFrame> picture = rig.Next();
    ASSERT_TRUE(picture) << "picture " << i;
    EXPECT_EQ(picture->width, GetParam().width);
    const std::optional<drivers::Cells> cells = drivers::ReadCells(*picture);
    ASSERT_TRUE(cells) << "picture " << i;
    EXPECT_EQ(cells->frame_number, i);
    EXPECT_EQ(cells->unix_milliseconds,
              drivers::UnixMilliseconds(clock.Wall(), picture->captured_at));
  }
  EXPECT_LT(rig.bytes * 8 * 30 / kFrames,
            static_cast<size_t>(GetParam().kilobits_per_second) * 1150);
}

INSTANTIATE_TEST_SUITE_P(Sizes, VideoEndToEnd,
                         testing::Values(Case{640, 480, 500}, Case{320, 240, 200},
                                         Case{1280, 720, 1000}));

TEST(VideoEndToEnd, TakesSnapshotsOfTheTestPattern) {
  hal::ManualClock clock;
  drivers::TestPatternCamera camera(clock, clock);
  Rig rig(camera, clock, {});
  rig.Next();
  rig.pipeline.RequestSnapshot();
  rig.Next();
  const std::optional<Snapshot> snapshot = rig.pipeline.PopSnapshot();
  ASSERT_TRUE(snapshot && snapshot->status.ok());
  const Result<hal::VideoFrame> picture = rig.jpeg.Decode(snapshot->jpeg, Time());
  ASSERT_TRUE(picture.ok());
  EXPECT_EQ(drivers::ReadCells(*picture)->frame_number, 1u);
}

VideoSettings Settings720p() {
  VideoSettings settings;
  settings.format.width = 1280;
  settings.format.height = 720;
  return settings;
}

// Viewers miss no picture when the size changes under them: the keyframe brings its own SPS.
TEST(VideoEndToEnd, ChangesTheSizeWithoutLosingAPicture) {
  hal::ManualClock clock;
  drivers::TestPatternCamera camera(clock, clock);
  Rig rig(camera, clock, Settings720p());
  const int widths[] = {1280, 640, 320, 640, 1280};
  for (uint32_t i = 0; i < 50; ++i) {
    const int width = widths[i / 10];
    if (i % 10 == 0) {
      StreamRequest request;
      request.width = width;
      request.height = width * 9 / 16;
      ASSERT_TRUE(rig.pipeline.SetStream(VideoCommandId(i + 1), request).ok());
    }
    const std::optional<hal::VideoFrame> picture = rig.Next();
    ASSERT_TRUE(picture) << "picture " << i;
    EXPECT_EQ(picture->width, width);
    const std::optional<drivers::Cells> cells = drivers::ReadCells(*picture);
    ASSERT_TRUE(cells) << "picture " << i;
    EXPECT_EQ(cells->frame_number, i);
  }
}

TEST(VideoEndToEnd, TurnsThePictureAndItsSnapshots) {
  hal::ManualClock clock;
  drivers::TestPatternCamera camera(clock, clock);
  Rig rig(camera, clock, Settings720p());
  ASSERT_TRUE(rig.Next());
  // Upside down and flipped both ways is as it was.
  const auto set = [&rig](const char* name, int64_t value) {
    ASSERT_TRUE(rig.pipeline.SetControl(VideoCommandId(1), name, value).ok());
  };
  set("rotate", 180);
  std::optional<hal::VideoFrame> picture = rig.Next();
  ASSERT_TRUE(picture);
  EXPECT_FALSE(drivers::ReadCells(*picture));
  set("horizontal-flip", 1);
  set("vertical-flip", 1);
  picture = rig.Next();
  ASSERT_TRUE(picture);
  ASSERT_TRUE(drivers::ReadCells(*picture));

  set("rotate", 90);
  rig.pipeline.RequestSnapshot();
  picture = rig.Next();
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->width, 720);
  EXPECT_EQ(picture->height, 1280);
  const std::optional<Snapshot> snapshot = rig.pipeline.PopSnapshot();
  ASSERT_TRUE(snapshot && snapshot->status.ok());
  const Result<hal::VideoFrame> jpeg = rig.jpeg.Decode(snapshot->jpeg, Time());
  ASSERT_TRUE(jpeg.ok());
  EXPECT_EQ(jpeg->width, 720);
  EXPECT_EQ(jpeg->height, 1280);
}

// A recorded file goes through without re-encoding, and a snapshot of it is decoded.
TEST(VideoEndToEnd, PlaysAFile) {
  hal::ManualClock clock;
  std::string path = testing::TempDir() + "ocellus_XXXXXX";
  const int file = mkstemp(path.data());
  ASSERT_GE(file, 0);
  {
    drivers::TestPatternCamera camera(clock, clock);
    Rig recorder(camera, clock, {});
    for (int i = 0; i < 30; ++i) {
      recorder.pipeline.RunOnce();
      std::optional<hal::EncodedFrame> frame = recorder.pipeline.PopFrame();
      ASSERT_TRUE(frame);
      ASSERT_GT(write(file, frame->data.data(), frame->data.size()), 0);
      recorder.pipeline.Recycle(std::move(*frame));
    }
    close(file);
  }
  drivers::FileCamera camera(path, clock, clock);
  Rig rig(camera, clock, {});
  for (uint32_t i = 0; i < 90; ++i) {
    const std::optional<hal::VideoFrame> picture = rig.Next();
    ASSERT_TRUE(picture) << "picture " << i;
    EXPECT_EQ(drivers::ReadCells(*picture)->frame_number, i % 30);
  }
  rig.pipeline.RequestSnapshot();
  for (int i = 0; i < 30; ++i) rig.Next();
  const std::optional<Snapshot> snapshot = rig.pipeline.PopSnapshot();
  ASSERT_TRUE(snapshot);
  ASSERT_TRUE(snapshot->status.ok()) << snapshot->status.ToString();
  const Result<hal::VideoFrame> picture = rig.jpeg.Decode(snapshot->jpeg, Time());
  ASSERT_TRUE(picture.ok());
  EXPECT_EQ(drivers::ReadCells(*picture)->frame_number, 0u);
  std::remove(path.c_str());
}

}  // namespace
}  // namespace ocellus::media
