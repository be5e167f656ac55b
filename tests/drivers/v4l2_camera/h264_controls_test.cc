// SPDX-License-Identifier: Apache-2.0
#include "drivers/v4l2_camera/h264_controls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/videodev2.h>

#include "tests/drivers/v4l2_camera/fake_v4l2_device.h"

namespace ocellus::drivers {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class H264Controls : public testing::Test {
 protected:
  H264Controls() { file_->Open("/dev/video0"); }
  ~H264Controls() override { file_->Close(); }

  hal::ManualClock clock_;
  FakeV4l2Device device_{clock_};
  const std::unique_ptr<DeviceFile> file_ = device_.MakeFile();
};

TEST_F(H264Controls, SetsTheNearestValueInRange) {
  device_.controls[V4L2_CID_MPEG_VIDEO_BITRATE] = {25'000, 10'000'000, 0, {}};
  EXPECT_TRUE(SetNearest(*file_, V4L2_CID_MPEG_VIDEO_BITRATE, 2'000'000));
  EXPECT_TRUE(SetNearest(*file_, V4L2_CID_MPEG_VIDEO_BITRATE, 20'000'000'000));
  EXPECT_TRUE(SetNearest(*file_, V4L2_CID_MPEG_VIDEO_BITRATE, 1));
  EXPECT_THAT(device_.controls[V4L2_CID_MPEG_VIDEO_BITRATE].values,
              ElementsAre(2'000'000, 10'000'000, 25'000));
}

TEST_F(H264Controls, LeavesControlsThatCannotBeSet) {
  device_.controls[V4L2_CID_MPEG_VIDEO_BITRATE] = {0, 100, V4L2_CTRL_FLAG_DISABLED, {}};
  EXPECT_FALSE(SetNearest(*file_, V4L2_CID_MPEG_VIDEO_BITRATE, 50));
  device_.controls[V4L2_CID_MPEG_VIDEO_BITRATE] = {0, 100, V4L2_CTRL_FLAG_READ_ONLY, {}};
  EXPECT_FALSE(SetNearest(*file_, V4L2_CID_MPEG_VIDEO_BITRATE, 50));
  device_.controls[V4L2_CID_MPEG_VIDEO_BITRATE] = {100, 0, 0, {}};
  EXPECT_FALSE(SetNearest(*file_, V4L2_CID_MPEG_VIDEO_BITRATE, 50));
  EXPECT_FALSE(SetNearest(*file_, V4L2_CID_MPEG_VIDEO_B_FRAMES, 0));
  EXPECT_THAT(device_.controls[V4L2_CID_MPEG_VIDEO_BITRATE].values, IsEmpty());
}

TEST_F(H264Controls, KeyframesAreOnDemandWhereThereIsAControl) {
  EXPECT_EQ(AskKeyframeSupport(*file_), KeyframeSupport::kOnSchedule);
  ForceKeyframe(*file_);  // Does nothing.
  device_.controls[V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME] = {};
  EXPECT_EQ(AskKeyframeSupport(*file_), KeyframeSupport::kOnDemand);
  ForceKeyframe(*file_);
  EXPECT_EQ(device_.controls[V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME].values.size(), 1u);
}

TEST_F(H264Controls, LiveViewingWantsKeyframesWithParameterSetsAndNoBFrames) {
  device_.controls[V4L2_CID_MPEG_VIDEO_H264_PROFILE] = {0, 4, 0, {}};
  device_.controls[V4L2_CID_MPEG_VIDEO_B_FRAMES] = {0, 2, 0, {}};
  device_.controls[V4L2_CID_MPEG_VIDEO_BITRATE_MODE] = {0, 1, 0, {}};
  device_.controls[V4L2_CID_MPEG_VIDEO_BITRATE] = {25'000, 25'000'000, 0, {}};
  device_.controls[V4L2_CID_MPEG_VIDEO_H264_I_PERIOD] = {0, 0x7fffffff, 0, {}};
  device_.controls[V4L2_CID_MPEG_VIDEO_REPEAT_SEQ_HEADER] = {0, 1, 0, {}};
  ConfigureForLiveViewing(*file_, {hal::PixelFormat::kH264, 1280, 720, 30});

  EXPECT_THAT(device_.controls[V4L2_CID_MPEG_VIDEO_H264_PROFILE].values,
              ElementsAre(V4L2_MPEG_VIDEO_H264_PROFILE_CONSTRAINED_BASELINE));
  EXPECT_THAT(device_.controls[V4L2_CID_MPEG_VIDEO_B_FRAMES].values, ElementsAre(0));
  EXPECT_THAT(device_.controls[V4L2_CID_MPEG_VIDEO_BITRATE_MODE].values,
              ElementsAre(V4L2_MPEG_VIDEO_BITRATE_MODE_CBR));
  EXPECT_THAT(device_.controls[V4L2_CID_MPEG_VIDEO_BITRATE].values, ElementsAre(2'764'800));
  EXPECT_THAT(device_.controls[V4L2_CID_MPEG_VIDEO_H264_I_PERIOD].values, ElementsAre(60));
  EXPECT_THAT(device_.controls[V4L2_CID_MPEG_VIDEO_REPEAT_SEQ_HEADER].values, ElementsAre(1));
}

}  // namespace
}  // namespace ocellus::drivers
