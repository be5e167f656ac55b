// SPDX-License-Identifier: Apache-2.0
#include "drivers/openh264_encoder/openh264_encoder.h"

#include "drivers/test_pattern_camera/test_pattern_camera.h"
#include "firmware/base/h264_sps.h"
#include "tests/hal/encoder_conformance.h"
#include "tests/hal/manual_clock.h"

namespace ocellus::hal {
namespace {

INSTANTIATE_TEST_SUITE_P(OpenH264, EncoderConformance, testing::Values([] {
                           return std::make_unique<drivers::OpenH264Encoder>();
                         }));

}  // namespace
}  // namespace ocellus::hal

namespace ocellus::drivers {
namespace {

using hal::EncodedFrame;
using hal::FrameType;
using hal::VideoFormat;

constexpr VideoFormat kVga = {hal::PixelFormat::kI420, 640, 480, 30};

// The test pattern, encoded.
class OpenH264EncoderTest : public testing::Test {
 protected:
  void Configure(const VideoFormat& format, DataRate bitrate) {
    ASSERT_TRUE(camera_.Start(format).ok());
    const Status status = encoder_.Configure(format, bitrate);
    ASSERT_TRUE(status.ok()) << status.ToString();
  }

  EncodedFrame Next(FrameType type = FrameType::kAny) {
    const Result<hal::VideoFrame> picture = camera_.Acquire(std::chrono::seconds(2));
    CHECK(picture.ok(), "%s", picture.status().ToString().c_str());
    EncodedFrame frame;
    const Status status = encoder_.Encode(*picture, type, frame);
    CHECK(status.ok(), "%s", status.ToString().c_str());
    return frame;
  }

  H264Sps NextSps() {
    const EncodedFrame frame = Next(FrameType::kKeyframe);
    const Result<H264Sps> sps =
        ParseH264Sps(Bytes(frame.data).subspan(frame.nals[0].offset, frame.nals[0].size));
    CHECK(sps.ok(), "%s", sps.status().ToString().c_str());
    return *sps;
  }

  // Of the second half of `seconds`.
  int64_t MeasureBitsPerSecond(int frames) {
    for (int i = 0; i < frames; ++i) Next();
    size_t bytes = 0;
    for (int i = 0; i < frames; ++i) bytes += Next().data.size();
    return static_cast<int64_t>(bytes) * 8 * kVga.frames_per_second / frames;
  }

  hal::ManualClock clock_;
  TestPatternCamera camera_{clock_, clock_};
  OpenH264Encoder encoder_;
};

TEST_F(OpenH264EncoderTest, NamesItsVersion) {
  EXPECT_EQ(std::string(encoder_.name()).rfind("OpenH264 2.", 0), 0u) << encoder_.name();
}

// RFC 6184 section 8.1: 42e0 is constrained baseline; the browsers' offers have 42e01f.
TEST_F(OpenH264EncoderTest, EncodesConstrainedBaselineOfTheLevelThatBrowsersOffer) {
  for (const VideoFormat& format : {VideoFormat{hal::PixelFormat::kI420, 320, 240, 15}, kVga,
                                    VideoFormat{hal::PixelFormat::kI420, 1280, 720, 30}}) {
    Configure(format, DataRate::FromKilobitsPerSecond(500));
    const H264Sps sps = NextSps();
    EXPECT_EQ(sps.width, format.width);
    EXPECT_EQ(sps.height, format.height);
    EXPECT_EQ(sps.profile_idc, 66);
    EXPECT_EQ(sps.constraint_flags & 0xc0, 0xc0);
    EXPECT_EQ(sps.level_idc, 31);
  }
}

TEST_F(OpenH264EncoderTest, KeepsItsLevelWhenTheBitrateChanges) {
  Configure(kVga, DataRate::FromKilobitsPerSecond(100));
  const uint32_t before = NextSps().profile_level_id();
  ASSERT_TRUE(encoder_.SetBitrate(DataRate::FromKilobitsPerSecond(20'000)).ok());
  EXPECT_EQ(NextSps().profile_level_id(), before);
}

TEST_F(OpenH264EncoderTest, AnnouncesAHigherLevelForLargerPictures) {
  Configure({hal::PixelFormat::kI420, 1920, 1080, 30}, DataRate::FromKilobitsPerSecond(4000));
  EXPECT_EQ(NextSps().level_idc, 40);
}

TEST_F(OpenH264EncoderTest, StaysNearTheBitrateThatItIsTold) {
  Configure(kVga, DataRate::FromKilobitsPerSecond(1000));
  EXPECT_LT(MeasureBitsPerSecond(60), 1'100'000);
  ASSERT_TRUE(encoder_.SetBitrate(DataRate::FromKilobitsPerSecond(150)).ok());
  EXPECT_LT(MeasureBitsPerSecond(60), 180'000);
}

TEST_F(OpenH264EncoderTest, MakesOneSliceAPicture) {
  Configure(kVga, DataRate::FromKilobitsPerSecond(1000));
  EXPECT_EQ(Next().nals.size(), 3u);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Next().nals.size(), 1u);
}

TEST_F(OpenH264EncoderTest, RefusesSizesThatItCannotEncode) {
  for (const VideoFormat& format : {VideoFormat{hal::PixelFormat::kI420, 0, 0, 30},
                                    VideoFormat{hal::PixelFormat::kI420, 641, 480, 30},
                                    VideoFormat{hal::PixelFormat::kI420, 100'000, 100'000, 30},
                                    VideoFormat{hal::PixelFormat::kI420, 640, 480, 0},
                                    VideoFormat{hal::PixelFormat::kNv12, 640, 480, 30}}) {
    const Status status = encoder_.Configure(format, DataRate::FromKilobitsPerSecond(500));
    EXPECT_EQ(status.code(), StatusCode::kUnsupported) << format.width;
    EXPECT_NE(status.message().find(ToString(format.pixel_format)), std::string::npos);
  }
}

}  // namespace
}  // namespace ocellus::drivers
