// SPDX-License-Identifier: Apache-2.0
#include "drivers/v4l2_camera/capabilities.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/drivers/v4l2_camera/fake_v4l2_device.h"

namespace ocellus::drivers {
namespace {

v4l2_capability Node(uint32_t capabilities) {
  v4l2_capability capability{};
  capability.capabilities = V4L2_CAP_DEVICE_CAPS | V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
  capability.device_caps = capabilities;
  return capability;
}

TEST(CaptureTypeOf, KnowsCameras) {
  EXPECT_EQ(CaptureTypeOf(Node(V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING)),
            V4L2_BUF_TYPE_VIDEO_CAPTURE);
  EXPECT_EQ(CaptureTypeOf(Node(V4L2_CAP_VIDEO_CAPTURE_MPLANE | V4L2_CAP_STREAMING)),
            V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE);
}

TEST(CaptureTypeOf, LeavesOutEverythingElse) {
  EXPECT_FALSE(CaptureTypeOf(Node(V4L2_CAP_VIDEO_M2M_MPLANE | V4L2_CAP_STREAMING)));
  EXPECT_FALSE(
      CaptureTypeOf(Node(V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_VIDEO_OUTPUT | V4L2_CAP_STREAMING)));
  EXPECT_FALSE(CaptureTypeOf(Node(V4L2_CAP_VIDEO_OUTPUT_MPLANE | V4L2_CAP_STREAMING)));
  EXPECT_FALSE(CaptureTypeOf(Node(V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING)));
  EXPECT_FALSE(CaptureTypeOf(Node(V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_READWRITE)));
}

TEST(CaptureTypeOf, UnderstandsOldDriversWithoutNodeCapabilities) {
  v4l2_capability capability{};
  capability.capabilities = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
  EXPECT_EQ(CaptureTypeOf(capability), V4L2_BUF_TYPE_VIDEO_CAPTURE);
}

TEST(NeedsMediaController, KnowsSensorPipelines) {
  EXPECT_TRUE(NeedsMediaController(Node(V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_IO_MC)));
  EXPECT_FALSE(NeedsMediaController(Node(V4L2_CAP_VIDEO_CAPTURE)));
}

TEST(CardName, EndsWithTheField) {
  v4l2_capability capability{};
  std::memset(capability.card, 'x', sizeof(capability.card));
  EXPECT_EQ(CardName(capability), std::string(32, 'x'));
}

class Capabilities : public testing::Test {
 protected:
  Capabilities() { file_->Open("/dev/video0"); }
  ~Capabilities() override { file_->Close(); }

  std::vector<CaptureMode> Modes(int width, int height, int rate) {
    return ListModes(*file_, V4L2_BUF_TYPE_VIDEO_CAPTURE,
                     {hal::PixelFormat::kI420, width, height, rate});
  }

  hal::ManualClock clock_;
  FakeV4l2Device device_{clock_};
  const std::unique_ptr<DeviceFile> file_ = device_.MakeFile();
};

TEST_F(Capabilities, ListsTheNearestModeOfEachFormat) {
  device_.modes = {{V4L2_PIX_FMT_SBGGR10, {ExactSize(640, 480)}, {ExactRate(30)}},
                   {V4L2_PIX_FMT_YUYV, {ExactSize(320, 240), ExactSize(640, 480)}, {ExactRate(10)}},
                   {V4L2_PIX_FMT_MJPEG, {{{160, 1920, 16}, {120, 1080, 8}}}, {{{1, 60}, {1, 1}}}}};
  const std::vector<CaptureMode> modes = Modes(1280, 720, 30);
  ASSERT_EQ(modes.size(), 2u);
  EXPECT_EQ(modes[0].fourcc, static_cast<uint32_t>(V4L2_PIX_FMT_YUYV));
  EXPECT_EQ(modes[0].format, (hal::VideoFormat{hal::PixelFormat::kYuyv, 640, 480, 10}));
  EXPECT_EQ(modes[1].format, (hal::VideoFormat{hal::PixelFormat::kMjpeg, 1280, 720, 30}));
  EXPECT_EQ(modes[1].interval, (FrameInterval{1, 30}));
}

TEST_F(Capabilities, TriesTheSizeOfDevicesThatListNone) {
  device_.modes = {{V4L2_PIX_FMT_YUYV, {}, {}}};
  device_.only_size = Size{720, 576};
  const std::vector<CaptureMode> modes = Modes(1280, 720, 25);
  ASSERT_EQ(modes.size(), 1u);
  EXPECT_EQ(modes[0].format, (hal::VideoFormat{hal::PixelFormat::kYuyv, 720, 576, 25}));
  EXPECT_EQ(modes[0].interval, std::nullopt);
}

TEST_F(Capabilities, LeavesOutFormatsOfOddSize) {
  device_.modes = {{V4L2_PIX_FMT_YUYV, {ExactSize(641, 481)}, {}}};
  EXPECT_TRUE(Modes(640, 480, 30).empty());
}

TEST_F(Capabilities, StopsAskingADeviceWithoutEnd) {
  device_.modes.assign(100'000, {V4L2_PIX_FMT_YUYV, {ExactSize(640, 480)}, {}});
  EXPECT_EQ(Modes(640, 480, 30).size(), 256u);
}

TEST_F(Capabilities, NamesPixelFormatsAsTheKernelDoes) {
  device_.modes = {{V4L2_PIX_FMT_SBGGR10P, {}, {}}, {v4l2_fourcc_be('Y', '1', '\n', ' '), {}, {}}};
  EXPECT_EQ(ListPixelFormatNames(*file_, V4L2_BUF_TYPE_VIDEO_CAPTURE), "pBAA Y1? ");
}

}  // namespace
}  // namespace ocellus::drivers
