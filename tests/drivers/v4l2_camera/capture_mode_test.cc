// SPDX-License-Identifier: Apache-2.0
#include "drivers/v4l2_camera/capture_mode.h"

#include <gtest/gtest.h>
#include <linux/videodev2.h>

#include <vector>

#include "tests/drivers/v4l2_camera/fake_v4l2_device.h"

namespace ocellus::drivers {
namespace {

using hal::PixelFormat;
using hal::VideoFormat;

std::optional<Size> Nearest(const std::vector<SizeRange>& sizes, int width, int height) {
  return NearestSize(sizes, {width, height});
}

int NearestRate(const std::vector<IntervalRange>& intervals, int rate) {
  const std::optional<FrameInterval> interval = NearestInterval(intervals, rate);
  return interval ? interval->frames_per_second() : 0;
}

CaptureMode Mode(PixelFormat format, int width, int height, int rate) {
  CaptureMode mode;
  mode.format = {format, width, height, rate};
  return mode;
}

PixelFormat Best(const std::vector<CaptureMode>& modes, const VideoFormat& wanted,
                 KeyframeSupport keyframes = KeyframeSupport::kOnSchedule) {
  return BestMode(modes, wanted, keyframes)->format.pixel_format;
}

TEST(PixelFormatOf, KnowsFormatsInOneBuffer) {
  EXPECT_EQ(PixelFormatOf(V4L2_PIX_FMT_NV12), PixelFormat::kNv12);
  EXPECT_EQ(PixelFormatOf(V4L2_PIX_FMT_YUV420), PixelFormat::kI420);
  EXPECT_EQ(PixelFormatOf(V4L2_PIX_FMT_YUYV), PixelFormat::kYuyv);
  EXPECT_EQ(PixelFormatOf(V4L2_PIX_FMT_MJPEG), PixelFormat::kMjpeg);
  EXPECT_EQ(PixelFormatOf(V4L2_PIX_FMT_JPEG), PixelFormat::kMjpeg);
  EXPECT_EQ(PixelFormatOf(V4L2_PIX_FMT_H264), PixelFormat::kH264);
}

TEST(PixelFormatOf, DoesNotKnowBayerNorPlanesInBuffersOfTheirOwn) {
  EXPECT_EQ(PixelFormatOf(V4L2_PIX_FMT_SBGGR10P), std::nullopt);
  EXPECT_EQ(PixelFormatOf(V4L2_PIX_FMT_NV12M), std::nullopt);
  EXPECT_EQ(PixelFormatOf(V4L2_PIX_FMT_H264_NO_SC), std::nullopt);
}

TEST(FrameInterval, RoundsToWholeFramesPerSecond) {
  EXPECT_EQ((FrameInterval{1, 30}.frames_per_second()), 30);
  EXPECT_EQ((FrameInterval{1001, 30000}.frames_per_second()), 30);
  EXPECT_EQ((FrameInterval{2, 15}.frames_per_second()), 8);
  EXPECT_EQ((FrameInterval{333333, 10000000}.frames_per_second()), 30);
}

TEST(FrameInterval, IsAtLeastOneFramePerSecondAndFitsAnInt) {
  EXPECT_EQ((FrameInterval{60, 1}.frames_per_second()), 1);
  EXPECT_EQ((FrameInterval{1, 0xffffffff}.frames_per_second()), 1000);
}

TEST(NearestSize, TakesTheExactSize) {
  const auto size =
      Nearest({ExactSize(320, 240), ExactSize(640, 480), ExactSize(1280, 720)}, 640, 480);
  ASSERT_TRUE(size);
  EXPECT_EQ(size->width, 640);
  EXPECT_EQ(size->height, 480);
}

TEST(NearestSize, TakesTheNearestWhenTheExactSizeIsMissing) {
  const auto size =
      Nearest({ExactSize(320, 240), ExactSize(800, 600), ExactSize(1920, 1080)}, 640, 480);
  ASSERT_TRUE(size);
  EXPECT_EQ(size->width, 800);
}

TEST(NearestSize, KeepsToTheStepsOfARange) {
  const auto size = Nearest({{{32, 2592, 16}, {32, 1944, 4}}}, 1000, 562);
  ASSERT_TRUE(size);
  EXPECT_EQ(size->width, 1008);
  EXPECT_EQ(size->height, 564);
}

TEST(NearestSize, StaysWithinARange) {
  const std::vector<SizeRange> range{{{64, 1280, 2}, {64, 720, 2}}};
  EXPECT_EQ(Nearest(range, 3840, 2160)->width, 1280);
  EXPECT_EQ(Nearest(range, 3840, 2160)->height, 720);
  EXPECT_EQ(Nearest(range, 16, 16)->width, 64);
}

TEST(NearestSize, FindsTheNextEvenValueBesideAnOddOne) {
  const auto size = Nearest({{{1, 4095, 3}, {1, 4095, 1}}}, 646, 481);
  ASSERT_TRUE(size);
  EXPECT_EQ(size->width, 646);
  EXPECT_EQ(size->height, 480);
  EXPECT_EQ(Nearest({{{101, 201, 1}, {100, 100, 1}}}, 50, 100)->width, 102);
  EXPECT_EQ(Nearest({{{100, 201, 1}, {100, 100, 1}}}, 500, 100)->width, 200);
}

TEST(NearestSize, HasNoneWhenAllAreOdd) {
  EXPECT_FALSE(Nearest({ExactSize(641, 481)}, 640, 480));
  EXPECT_FALSE(Nearest({{{1, 999, 2}, {2, 1000, 2}}}, 640, 480));
  EXPECT_FALSE(Nearest({}, 640, 480));
}

TEST(NearestSize, SurvivesNonsense) {
  EXPECT_FALSE(Nearest({ExactSize(0, 0)}, 640, 480));
  EXPECT_FALSE(Nearest({ExactSize(0xfffffffe, 480)}, 640, 480));
  const auto empty_range = Nearest({{{640, 2, 0}, {480, 2, 0}}}, 1280, 720);
  ASSERT_TRUE(empty_range);
  EXPECT_EQ(empty_range->width, 640);
}

TEST(NearestInterval, TakesTheExactRate) {
  EXPECT_EQ(NearestRate({ExactRate(60), ExactRate(30), ExactRate(15)}, 30), 30);
  EXPECT_EQ(NearestRate({{{1001, 30000}, {1001, 30000}}}, 30), 30);
}

TEST(NearestInterval, TakesTheSlowestThatIsEnough) {
  EXPECT_EQ(NearestRate({ExactRate(60), ExactRate(50), ExactRate(15)}, 30), 50);
}

TEST(NearestInterval, TakesTheFastestWhenNoneIsEnough) {
  EXPECT_EQ(NearestRate({ExactRate(5), ExactRate(10), ExactRate(1)}, 30), 10);
}

TEST(NearestInterval, FindsTheRateInsideARange) {
  const std::vector<IntervalRange> range{{{1, 60}, {1, 5}}};
  EXPECT_EQ(NearestRate(range, 24), 24);
  EXPECT_EQ(NearestRate(range, 90), 60);
  EXPECT_EQ(NearestRate(range, 1), 5);
}

TEST(NearestInterval, SkipsInvalidFractions) {
  EXPECT_EQ(NearestRate({{{0, 30}, {0, 30}}, {{1, 0}, {1, 0}}, ExactRate(15)}, 30), 15);
  EXPECT_EQ(NearestInterval(std::vector<IntervalRange>(), 30), std::nullopt);
}

TEST(BestMode, TakesRawPicturesOfAWebcamAtVga) {
  const std::vector<CaptureMode> webcam{Mode(PixelFormat::kMjpeg, 640, 480, 30),
                                        Mode(PixelFormat::kYuyv, 640, 480, 30)};
  EXPECT_EQ(Best(webcam, {PixelFormat::kI420, 640, 480, 30}), PixelFormat::kYuyv);
}

TEST(BestMode, TakesMjpegWhereRawPicturesAreTooSlow) {
  const std::vector<CaptureMode> webcam{Mode(PixelFormat::kYuyv, 1280, 720, 10),
                                        Mode(PixelFormat::kMjpeg, 1280, 720, 30)};
  EXPECT_EQ(Best(webcam, {PixelFormat::kI420, 1280, 720, 30}), PixelFormat::kMjpeg);
  EXPECT_EQ(Best(webcam, {PixelFormat::kI420, 1280, 720, 10}), PixelFormat::kYuyv);
}

TEST(BestMode, TakesMjpegWhereRawPicturesAreTooSmall) {
  const std::vector<CaptureMode> webcam{Mode(PixelFormat::kYuyv, 640, 480, 30),
                                        Mode(PixelFormat::kMjpeg, 1280, 720, 30)};
  EXPECT_EQ(Best(webcam, {PixelFormat::kYuyv, 1280, 720, 30}), PixelFormat::kMjpeg);
}

TEST(BestMode, TakesTheWantedPixelFormatAmongEquals) {
  const std::vector<CaptureMode> all{
      Mode(PixelFormat::kNv12, 640, 480, 30), Mode(PixelFormat::kI420, 640, 480, 60),
      Mode(PixelFormat::kYuyv, 640, 480, 30), Mode(PixelFormat::kMjpeg, 640, 480, 30),
      Mode(PixelFormat::kH264, 640, 480, 30)};
  for (const CaptureMode& mode : all) {
    const PixelFormat wanted = mode.format.pixel_format;
    EXPECT_EQ(Best(all, {wanted, 640, 480, 30}, KeyframeSupport::kOnSchedule), wanted);
  }
}

// A camera that encodes spares us the work, whatever raw format was wanted.
TEST(BestMode, TakesH264BeforeAllOthersWhenItsKeyframesAreOnDemand) {
  const std::vector<CaptureMode> modes{Mode(PixelFormat::kMjpeg, 640, 480, 30),
                                       Mode(PixelFormat::kNv12, 640, 480, 30),
                                       Mode(PixelFormat::kH264, 640, 480, 30)};
  const VideoFormat wanted{PixelFormat::kNv12, 640, 480, 30};
  EXPECT_EQ(Best(modes, wanted, KeyframeSupport::kOnDemand), PixelFormat::kH264);
  EXPECT_EQ(Best(modes, wanted, KeyframeSupport::kOnSchedule), PixelFormat::kNv12);
}

TEST(BestMode, PrefersRawFormatsThatAreCheaperToEncode) {
  const VideoFormat wanted{PixelFormat::kH264, 640, 480, 30};
  const CaptureMode nv12 = Mode(PixelFormat::kNv12, 640, 480, 30);
  const CaptureMode i420 = Mode(PixelFormat::kI420, 640, 480, 30);
  const CaptureMode yuyv = Mode(PixelFormat::kYuyv, 640, 480, 30);
  EXPECT_EQ(Best({yuyv, i420, nv12}, wanted), PixelFormat::kNv12);
  EXPECT_EQ(Best({yuyv, i420}, wanted), PixelFormat::kI420);
}

TEST(BestMode, HasNoneOfNothing) {
  EXPECT_EQ(BestMode(std::vector<CaptureMode>(), {}, KeyframeSupport::kOnSchedule), nullptr);
}

}  // namespace
}  // namespace ocellus::drivers
