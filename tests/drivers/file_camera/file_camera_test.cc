// SPDX-License-Identifier: Apache-2.0
#include "drivers/file_camera/file_camera.h"

#include <sys/stat.h>
#include <unistd.h>

#include "drivers/openh264_encoder/openh264_encoder.h"
#include "firmware/base/log.h"
#include "tests/drivers/file_camera/temporary_file.h"
#include "tests/hal/camera_conformance.h"

namespace ocellus::hal {
namespace {

struct FileRig final : CameraRig {
  Camera& camera() override { return file_camera; }

  drivers::TemporaryFile file{
      drivers::Join({drivers::kSps, drivers::kPps, drivers::kIdr, drivers::kP, drivers::kP})};
  drivers::FileCamera file_camera{file.path(), clock, clock};
};

INSTANTIATE_TEST_SUITE_P(File, CameraConformance,
                         testing::Values([] { return std::make_unique<FileRig>(); }));

}  // namespace
}  // namespace ocellus::hal

namespace ocellus::drivers {
namespace {

constexpr Duration kPatience = std::chrono::seconds(2);

Status StartStatus(Bytes content) {
  const TemporaryFile file(content);
  hal::ManualClock clock;
  FileCamera camera(file.path(), clock, clock);
  const Status status = camera.Start({}).status();
  EXPECT_TRUE(status.ok() || status.message().find(file.path()) != std::string::npos)
      << status.message();
  return status;
}

TEST(FileCamera, TellsSizeAndRateOfTheStream) {
  const TemporaryFile file(Join({kSps, kPps, kIdr}));
  hal::ManualClock clock;
  FileCamera camera(file.path(), clock, clock);
  const Result<hal::VideoFormat> format = camera.Start({hal::PixelFormat::kI420, 640, 480, 7});
  ASSERT_TRUE(format.ok()) << format.status().ToString();
  EXPECT_EQ(format->pixel_format, hal::PixelFormat::kH264);
  EXPECT_EQ(format->width, 320);
  EXPECT_EQ(format->height, 240);
  EXPECT_EQ(format->frames_per_second, 25);
}

TEST(FileCamera, TakesTheWantedRateWhereTheStreamTellsNone) {
  // OpenH264 writes no timing.
  OpenH264Encoder encoder;
  const hal::VideoFormat encoded = {hal::PixelFormat::kI420, 160, 96, 30};
  ASSERT_TRUE(encoder.Configure(encoded, DataRate::FromKilobitsPerSecond(100)).ok());
  const std::vector<uint8_t> grey(160 * 96 * 3 / 2, 128);
  const Bytes pixels(grey);
  hal::VideoFrame picture;
  picture.width = 160;
  picture.height = 96;
  picture.planes = {hal::Plane{pixels.first(160 * 96), 160}, hal::Plane{pixels.first(80 * 48), 80},
                    hal::Plane{pixels.first(80 * 48), 80}};
  hal::EncodedFrame frame;
  ASSERT_TRUE(encoder.Encode(picture, hal::FrameType::kKeyframe, frame).ok());
  const TemporaryFile file(frame.data);
  hal::ManualClock clock;
  FileCamera camera(file.path(), clock, clock);
  const Result<hal::VideoFormat> format = camera.Start({hal::PixelFormat::kI420, 640, 480, 12});
  ASSERT_TRUE(format.ok()) << format.status().ToString();
  EXPECT_EQ(format->width, 160);
  EXPECT_EQ(format->height, 96);
  EXPECT_EQ(format->frames_per_second, 12);
}

TEST(FileCamera, LoopsWithoutAPause) {
  const TemporaryFile file(Join({kSps, kPps, kIdr, kP, kP}));
  hal::ManualClock clock;
  FileCamera camera(file.path(), clock, clock);
  ASSERT_TRUE(camera.Start({}).ok());
  for (int i = 0; i < 30; ++i) {
    const Result<hal::VideoFrame> frame = camera.Acquire(kPatience);
    ASSERT_TRUE(frame.ok());
    EXPECT_EQ(frame->captured_at, hal::ManualClock::kStart + i * Duration(40'000));
    const std::vector<uint8_t> expected = i % 3 == 0 ? Join({kSps, kPps, kIdr}) : kP;
    EXPECT_EQ(frame->planes[0].data, Bytes(expected)) << "picture " << i;
  }
}

TEST(FileCamera, BeginsWithItsFirstKeyframe) {
  const TemporaryFile file(Join({kP, kP, kSps, kPps, kIdr, kP}));
  hal::ManualClock clock;
  FileCamera camera(file.path(), clock, clock);
  ASSERT_TRUE(camera.Start({}).ok());
  for (int i = 0; i < 6; ++i) {
    const Result<hal::VideoFrame> frame = camera.Acquire(kPatience);
    ASSERT_TRUE(frame.ok());
    EXPECT_EQ(frame->planes[0].data.size() > kP.size(), i % 2 == 0) << "picture " << i;
  }
}

TEST(FileCamera, SaysWhatIsWrongWithAFile) {
  EXPECT_EQ(StartStatus({}).code(), StatusCode::kUnsupported);
  EXPECT_EQ(StartStatus(AsBytes("This is a text.")).code(), StatusCode::kUnsupported);
  EXPECT_EQ(StartStatus(std::vector<uint8_t>(5'000'000, 0x7f)).code(), StatusCode::kUnsupported);
  EXPECT_EQ(StartStatus(Join({kSps, kPps})).code(), StatusCode::kUnsupported);
  EXPECT_EQ(StartStatus(Join({kIdr, kP})).code(), StatusCode::kUnsupported);
  const Status no_keyframe = StartStatus(Join({kSps, kPps, kP, kP}));
  EXPECT_EQ(no_keyframe.code(), StatusCode::kUnsupported);
  EXPECT_NE(no_keyframe.message().find("keyframe"), std::string::npos);
}

TEST(FileCamera, SaysThatAFileIsMissing) {
  hal::ManualClock clock;
  FileCamera camera("/nonexistent/video.h264", clock, clock);
  const Status status = camera.Start({}).status();
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_NE(status.message().find("/nonexistent/video.h264"), std::string::npos);
}

TEST(FileCamera, SaysThatAFileIsForbidden) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  hal::ManualClock clock;
  const TemporaryFile file(Join({kSps, kPps, kIdr}));
  ASSERT_EQ(chmod(file.path().c_str(), 0), 0);
  FileCamera forbidden(file.path(), clock, clock);
  EXPECT_EQ(forbidden.Start({}).status().code(), StatusCode::kPermissionDenied);
}

TEST(FileCamera, PlaysOnWhenTheLastPictureIsCutShort) {
  auto stream = Join({kSps, kPps, kIdr, kP});
  stream.resize(stream.size() - 2);
  const TemporaryFile file(stream);
  hal::ManualClock clock;
  FileCamera camera(file.path(), clock, clock);
  ASSERT_TRUE(camera.Start({}).ok());
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(camera.Acquire(kPatience).ok()) << "picture " << i;
}

TEST(FileCamera, IsUnavailableWhenTheFileIsEmptiedWhileItPlays) {
  const TemporaryFile file(Join({kSps, kPps, kIdr}));
  hal::ManualClock clock;
  FileCamera camera(file.path(), clock, clock);
  ASSERT_TRUE(camera.Start({}).ok());
  ASSERT_EQ(truncate(file.path().c_str(), 0), 0);
  Status status;
  for (int i = 0; i < 5 && status.ok(); ++i) status = camera.Acquire(kPatience).status();
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
}

TEST(FileCamera, WarnsOnceOfBFrames) {
  static int warnings;
  warnings = 0;
  SetLogSink([](LogLevel level, const char*) { warnings += level == LogLevel::kWarn ? 1 : 0; },
             LogLevel::kWarn);
  const TemporaryFile file(Join({kSps, kPps, kIdr, kP, kB}));
  hal::ManualClock clock;
  FileCamera camera(file.path(), clock, clock);
  ASSERT_TRUE(camera.Start({}).ok());
  for (int i = 0; i < 12; ++i) ASSERT_TRUE(camera.Acquire(kPatience).ok());
  SetLogSink(nullptr, LogLevel::kInfo);
  EXPECT_EQ(warnings, 1);
}

}  // namespace
}  // namespace ocellus::drivers
