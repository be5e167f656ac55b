// SPDX-License-Identifier: Apache-2.0
#include "drivers/v4l2_camera/v4l2_camera.h"

#include <errno.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/videodev2.h>
#include <poll.h>

#include "firmware/base/limits.h"
#include "tests/drivers/v4l2_camera/fake_v4l2_device.h"
#include "tests/hal/camera_conformance.h"

namespace ocellus::hal {
namespace {

template <uint32_t kFourcc>
struct V4l2Rig final : CameraRig {
  V4l2Rig() {
    device.modes = {{kFourcc,
                     {drivers::ExactSize(16, 8), drivers::ExactSize(64, 32)},
                     {drivers::ExactRate(30)}}};
    device.captures_by_itself = true;
  }
  Camera& camera() override { return v4l2; }

  drivers::FakeV4l2Device device{clock};
  drivers::V4l2Camera v4l2{"/dev/video0", clock, device.MakeFile()};
};

template <uint32_t kFourcc>
std::unique_ptr<CameraRig> MakeV4l2Rig() {
  return std::make_unique<V4l2Rig<kFourcc>>();
}

INSTANTIATE_TEST_SUITE_P(V4l2, CameraConformance,
                         testing::Values(MakeV4l2Rig<V4L2_PIX_FMT_YUYV>,
                                         MakeV4l2Rig<V4L2_PIX_FMT_MJPEG>,
                                         MakeV4l2Rig<V4L2_PIX_FMT_H264>));

}  // namespace
}  // namespace ocellus::hal

namespace ocellus::drivers {
namespace {

using hal::PixelFormat;
using hal::VideoFormat;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr size_t kYuyvSize = 16 * 8 * 2;

class V4l2CameraTest : public testing::Test {
 protected:
  V4l2CameraTest() {
    device_.modes = {{V4L2_PIX_FMT_YUYV, {ExactSize(16, 8)}, {ExactRate(30)}},
                     {V4L2_PIX_FMT_H264, {ExactSize(16, 8)}, {ExactRate(30)}}};
  }

  Result<VideoFormat> Start(PixelFormat format = PixelFormat::kYuyv) {
    return camera_.Start({format, 16, 8, 30});
  }
  // A picture of which each byte is `content`.
  void Capture(uint8_t content, uint32_t flags = 0) {
    device_.Capture({kYuyvSize, content, flags, {}, 0});
  }

  hal::ManualClock clock_;
  FakeV4l2Device device_{clock_};
  V4l2Camera camera_{"/dev/video0", clock_, device_.MakeFile()};
};

TEST_F(V4l2CameraTest, StartsInTheNearestModeAndReturnsIt) {
  device_.interval = {1, 25};
  const auto format = camera_.Start({PixelFormat::kYuyv, 640, 480, 30});
  ASSERT_TRUE(format.ok()) << format.status().message();
  EXPECT_EQ(*format, (VideoFormat{PixelFormat::kYuyv, 16, 8, 25}));
  EXPECT_EQ(device_.format().pixelformat, static_cast<uint32_t>(V4L2_PIX_FMT_YUYV));
}

TEST_F(V4l2CameraTest, BelievesTheSizeThatTheDeviceMadeOfTheWanted) {
  device_.only_size = Size{32, 24};
  EXPECT_EQ(Start()->width, 32);
}

TEST_F(V4l2CameraTest, NamesItselfAfterTheDevice) {
  EXPECT_EQ(camera_.name(), "V4L2 /dev/video0");
  ASSERT_TRUE(Start().ok());
  EXPECT_EQ(camera_.name(), "V4L2 /dev/video0 (Fake Webcam)");
}

TEST_F(V4l2CameraTest, GivesPicturesWithoutCopyingThem) {
  device_.padding = 4;
  ASSERT_TRUE(Start().ok());
  const Time taken = clock_.Now() - 10ms;
  device_.Capture(
      {(32 + 4) * 8, 0x42, V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC, taken.time_since_epoch(), 0});
  const auto frame = camera_.Acquire(100ms);
  ASSERT_TRUE(frame.ok()) << frame.status().message();
  EXPECT_EQ(frame->pixel_format, PixelFormat::kYuyv);
  EXPECT_EQ(frame->width, 16);
  EXPECT_EQ(frame->height, 8);
  EXPECT_EQ(frame->planes[0].stride, 36u);
  EXPECT_EQ(frame->planes[0].data[0], 0x42);
  EXPECT_EQ(frame->planes[0].data.data(), device_.buffers()[0].data());
  EXPECT_EQ(frame->captured_at, taken);
}

TEST_F(V4l2CameraTest, KeepsABufferUntilTheNextAcquire) {
  ASSERT_TRUE(Start().ok());
  for (int i = 0; i < 100; ++i) {
    Capture(static_cast<uint8_t>(i));
    const auto frame = camera_.Acquire(100ms);
    ASSERT_TRUE(frame.ok());
    EXPECT_EQ(frame->planes[0].data[0], i);
    EXPECT_EQ(device_.queued_buffers(), kV4l2Buffers - 1);
  }
}

TEST_F(V4l2CameraTest, SkipsRawPicturesThatANewerOneHasOvertaken) {
  ASSERT_TRUE(Start().ok());
  Capture(1);
  Capture(2);
  Capture(3);
  EXPECT_EQ(camera_.Acquire(100ms)->planes[0].data[0], 3);
  EXPECT_EQ(device_.queued_buffers(), kV4l2Buffers - 1);
}

TEST_F(V4l2CameraTest, PrefersAnOlderPictureToADamagedOne) {
  ASSERT_TRUE(Start().ok());
  Capture(1, V4L2_BUF_FLAG_ERROR);
  Capture(2);
  Capture(3, V4L2_BUF_FLAG_ERROR);
  EXPECT_EQ(camera_.Acquire(100ms)->planes[0].data[0], 2);
  EXPECT_EQ(device_.queued_buffers(), kV4l2Buffers - 1);
}

TEST_F(V4l2CameraTest, SkipsNoH264Picture) {
  ASSERT_EQ(Start(PixelFormat::kH264)->pixel_format, PixelFormat::kH264);
  device_.Capture({10, 1, 0, {}, 0});
  device_.Capture({20, 2, 0, {}, 0});
  const auto first = camera_.Acquire(100ms);
  EXPECT_EQ(first->planes[0].data, Bytes(std::vector<uint8_t>(10, 1)));
  const auto second = camera_.Acquire(100ms);
  EXPECT_EQ(second->planes[0].data, Bytes(std::vector<uint8_t>(20, 2)));
}

TEST_F(V4l2CameraTest, ReportsAGapInH264BeforeThePictureBehindIt) {
  ASSERT_TRUE(Start(PixelFormat::kH264).ok());
  for (const uint32_t sequence : {0xfffffffeu, 0xffffffffu, 0u, 3u, 4u}) {
    device_.Capture({10, static_cast<uint8_t>(sequence), 0, {}, 0, sequence});
    if (sequence == 3) {
      const auto gap = camera_.Acquire(100ms);
      EXPECT_EQ(gap.status().code(), StatusCode::kMalformed);
      EXPECT_THAT(gap.status().message(), HasSubstr("lost 2 pictures"));
    }
    const auto frame = camera_.Acquire(100ms);
    ASSERT_TRUE(frame.ok()) << sequence;
    EXPECT_EQ(frame->planes[0].data[0], static_cast<uint8_t>(sequence));
    EXPECT_EQ(device_.queued_buffers(), kV4l2Buffers - 1);
  }
}

TEST_F(V4l2CameraTest, SeesNoGapWhereTheDeviceDoesNotCount) {
  ASSERT_TRUE(Start(PixelFormat::kH264).ok());
  for (int i = 0; i < 10; ++i) {
    device_.Capture({10, 0, 0, {}, 0, 0});
    EXPECT_TRUE(camera_.Acquire(100ms).ok());
  }
}

TEST_F(V4l2CameraTest, CountsAnewAfterStart) {
  ASSERT_TRUE(Start(PixelFormat::kH264).ok());
  device_.Capture({10, 0, 0, {}, 0, 1});
  ASSERT_TRUE(camera_.Acquire(100ms).ok());
  device_.Capture({10, 0, 0, {}, 0, 9});
  ASSERT_FALSE(camera_.Acquire(100ms).ok());
  ASSERT_TRUE(Start(PixelFormat::kH264).ok());
  device_.Capture({10, 0, 0, {}, 0, 100});
  EXPECT_TRUE(camera_.Acquire(100ms).ok());
}

TEST_F(V4l2CameraTest, GoesOnAfterADamagedPicture) {
  ASSERT_TRUE(Start().ok());
  Capture(1, V4L2_BUF_FLAG_ERROR);
  const auto damaged = camera_.Acquire(100ms);
  EXPECT_EQ(damaged.status().code(), StatusCode::kMalformed);
  EXPECT_THAT(damaged.status().message(), HasSubstr("/dev/video0"));
  Capture(2);
  EXPECT_EQ(camera_.Acquire(100ms)->planes[0].data[0], 2);
}

TEST_F(V4l2CameraTest, RefusesHalfAPicture) {
  ASSERT_TRUE(Start().ok());
  device_.Capture({kYuyvSize - 1, 1, 0, {}, 0});
  EXPECT_EQ(camera_.Acquire(100ms).status().code(), StatusCode::kMalformed);
}

TEST_F(V4l2CameraTest, WaitsNoLongerThanTheTimeout) {
  ASSERT_TRUE(Start().ok());
  const Time before = clock_.Now();
  EXPECT_EQ(camera_.Acquire(250ms).status().code(), StatusCode::kTimeout);
  EXPECT_EQ(clock_.Now() - before, 250ms);
  EXPECT_EQ(camera_.Acquire(0ms).status().code(), StatusCode::kTimeout);
  Capture(7);
  EXPECT_EQ(camera_.Acquire(0ms)->planes[0].data[0], 7);
}

TEST_F(V4l2CameraTest, ReportsAnErrorThatOnlyPollKnows) {
  ASSERT_TRUE(Start().ok());
  device_.poll_events = POLLERR;
  EXPECT_EQ(camera_.Acquire(100ms).status().code(), StatusCode::kUnavailable);
}

TEST_F(V4l2CameraTest, ReportsAFatalStreamingError) {
  ASSERT_TRUE(Start().ok());
  device_.poll_events = POLLERR;
  device_.errors = {{VIDIOC_DQBUF, EIO}};
  const auto frame = camera_.Acquire(100ms);
  EXPECT_EQ(frame.status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(frame.status().message(), "/dev/video0: cannot capture: Input/output error");
}

TEST_F(V4l2CameraTest, ComesBackAfterBeingUnplugged) {
  ASSERT_TRUE(Start().ok());
  Capture(1);
  ASSERT_TRUE(camera_.Acquire(100ms).ok());

  for (const unsigned long request : {VIDIOC_QBUF, VIDIOC_DQBUF, VIDIOC_STREAMOFF}) {
    device_.errors[request] = ENODEV;
  }
  EXPECT_EQ(camera_.Acquire(100ms).status().code(), StatusCode::kUnavailable);
  camera_.Stop();
  device_.open_error = ENOENT;
  EXPECT_EQ(Start().status().code(), StatusCode::kUnavailable);

  device_.open_error = 0;
  device_.errors.clear();
  ASSERT_TRUE(Start().ok());
  Capture(2);
  EXPECT_EQ(camera_.Acquire(100ms)->planes[0].data[0], 2);
}

TEST_F(V4l2CameraTest, StopFreesTheDeviceAndIsHarmlessTwice) {
  camera_.Stop();
  ASSERT_TRUE(Start().ok());
  camera_.Stop();
  EXPECT_FALSE(device_.open());
  EXPECT_FALSE(device_.streaming());
  EXPECT_EQ(device_.mapped(), 0u);
  camera_.Stop();
  EXPECT_EQ(camera_.Acquire(100ms).status().code(), StatusCode::kUnavailable);
}

TEST_F(V4l2CameraTest, StartsAnewWithoutStop) {
  ASSERT_TRUE(Start().ok());
  ASSERT_TRUE(Start(PixelFormat::kH264).ok());
  EXPECT_TRUE(device_.streaming());
}

TEST_F(V4l2CameraTest, FreesTheDeviceWhenStartFails) {
  device_.errors = {{VIDIOC_STREAMON, EBUSY}};
  const auto format = Start();
  EXPECT_EQ(format.status().message(), "/dev/video0 is used by another program");
  EXPECT_FALSE(device_.open());
}

TEST_F(V4l2CameraTest, RefusesWhatIsNotV4l2) {
  device_.errors = {{VIDIOC_QUERYCAP, ENOTTY}};
  const auto format = Start();
  EXPECT_EQ(format.status().code(), StatusCode::kUnsupported);
  EXPECT_EQ(format.status().message(), "/dev/video0 is not a V4L2 device");
}

TEST_F(V4l2CameraTest, RefusesADecoder) {
  device_.capabilities = V4L2_CAP_VIDEO_M2M_MPLANE | V4L2_CAP_STREAMING;
  device_.card = "bcm2835-codec-decode";
  const auto format = Start();
  EXPECT_EQ(format.status().code(), StatusCode::kUnsupported);
  EXPECT_EQ(format.status().message(), "/dev/video0 (bcm2835-codec-decode) is not a camera");
}

TEST_F(V4l2CameraTest, RefusesASensorWithRawBayerPictures) {
  device_.modes = {{V4L2_PIX_FMT_SRGGB10P, {ExactSize(640, 480)}, {}}};
  const auto format = Start();
  EXPECT_EQ(format.status().code(), StatusCode::kUnsupported);
  EXPECT_THAT(format.status().message(), HasSubstr("only: pRAA"));
}

TEST_F(V4l2CameraTest, RefusesPicturesOfOddSize) {
  device_.only_size = Size{15, 8};
  EXPECT_EQ(Start().status().code(), StatusCode::kUnsupported);
}

TEST_F(V4l2CameraTest, CapturesFromAMultiPlanarDevice) {
  device_.capabilities = V4L2_CAP_VIDEO_CAPTURE_MPLANE | V4L2_CAP_STREAMING;
  device_.modes = {{V4L2_PIX_FMT_NV12, {ExactSize(16, 8)}, {ExactRate(30)}}};
  ASSERT_EQ(Start()->pixel_format, PixelFormat::kNv12);
  device_.Capture({16 * 8 * 3 / 2, 9, 0, {}, 0});
  const auto frame = camera_.Acquire(100ms);
  ASSERT_TRUE(frame.ok()) << frame.status().message();
  EXPECT_EQ(frame->planes[1].data.size(), 64u);
  EXPECT_EQ(frame->planes[1].data[63], 9);
}

TEST_F(V4l2CameraTest, RefusesPicturesInSeveralBuffers) {
  device_.capabilities = V4L2_CAP_VIDEO_CAPTURE_MPLANE | V4L2_CAP_STREAMING;
  device_.memory_planes = 2;
  EXPECT_EQ(Start().status().code(), StatusCode::kUnsupported);
}

TEST_F(V4l2CameraTest, MakesKeyframesOnDemandWhileItGivesH264) {
  device_.controls[V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME] = {};
  device_.controls[V4L2_CID_MPEG_VIDEO_B_FRAMES] = {0, 4, 0, {}};
  camera_.RequestKeyframe();  // Not started: nothing happens.
  ASSERT_EQ(Start(PixelFormat::kYuyv)->pixel_format, PixelFormat::kH264);
  EXPECT_THAT(device_.controls[V4L2_CID_MPEG_VIDEO_B_FRAMES].values, ElementsAre(0));
  camera_.RequestKeyframe();
  EXPECT_EQ(device_.controls[V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME].values.size(), 1u);

  device_.modes.pop_back();  // The H.264 one.
  ASSERT_EQ(Start(PixelFormat::kYuyv)->pixel_format, PixelFormat::kYuyv);
  camera_.RequestKeyframe();
  EXPECT_EQ(device_.controls[V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME].values.size(), 1u);
}

TEST_F(V4l2CameraTest, SaysThatANodeIsMissing) {
  V4l2Camera camera("/dev/video-that-is-not-there", clock_);
  const auto format = camera.Start({});
  EXPECT_EQ(format.status().code(), StatusCode::kUnavailable);
  EXPECT_THAT(format.status().message(), HasSubstr("/dev/video-that-is-not-there is not there"));
}

TEST_F(V4l2CameraTest, SaysThatAFileIsNotACamera) {
  V4l2Camera camera("/dev/null", clock_);
  EXPECT_EQ(camera.Start({}).status().code(), StatusCode::kUnsupported);
}

TEST(V4l2CameraList, NamesNodesOfVideoDevicesOnly) {
  for (const std::string& path : V4l2Camera::ListNodes())
    EXPECT_THAT(path, HasSubstr("/dev/video"));
}

}  // namespace
}  // namespace ocellus::drivers
