// SPDX-License-Identifier: Apache-2.0
#include "drivers/v4l2_camera/image_controls.h"

#include <errno.h>
#include <gmock/gmock.h>

#include "firmware/base/limits.h"
#include "tests/drivers/v4l2_camera/fake_v4l2_device.h"

namespace ocellus::drivers {
namespace {

using ::testing::HasSubstr;
using Control = FakeV4l2Device::Control;

class ImageControlsTest : public ::testing::Test {
 protected:
  ImageControlsTest() {
    Control brightness = MakeControl("Brightness", -64, 64);
    brightness.step = 4;
    brightness.value = 8;
    device_.controls[V4L2_CID_BRIGHTNESS] = brightness;
    Control balance = MakeControl("White Balance, Automatic", 0, 1);
    balance.type = V4L2_CTRL_TYPE_BOOLEAN;
    balance.default_value = 1;
    device_.controls[V4L2_CID_AUTO_WHITE_BALANCE] = balance;
    Control exposure = MakeControl("Auto Exposure", 0, 3);
    exposure.type = V4L2_CTRL_TYPE_MENU;
    exposure.menu = {{1, "Manual Mode"}, {3, "Aperture Priority Mode"}};
    exposure.value = 3;
    device_.controls[V4L2_CID_EXPOSURE_AUTO] = exposure;
    Control time = MakeControl("Exposure Time, Absolute", 3, 2047);
    time.flags = V4L2_CTRL_FLAG_INACTIVE;
    device_.controls[V4L2_CID_EXPOSURE_ABSOLUTE] = time;
    file_ = device_.MakeFile();
    EXPECT_EQ(file_->Open("/dev/video0"), 0);
  }
  ~ImageControlsTest() override { file_->Close(); }

  static Control MakeControl(const char* title, int32_t minimum, int32_t maximum) {
    Control control;
    control.title = title;
    control.minimum = minimum;
    control.maximum = maximum;
    return control;
  }

  hal::CameraControl Find(std::string_view name) {
    for (hal::CameraControl& control : ListImageControls(*file_)) {
      if (control.name == name) return control;
    }
    ADD_FAILURE() << "no control " << name;
    return {};
  }
  bool Has(std::string_view name) {
    for (const hal::CameraControl& control : ListImageControls(*file_)) {
      if (control.name == name) return true;
    }
    return false;
  }

  hal::ManualClock clock_;
  FakeV4l2Device device_{clock_};
  std::unique_ptr<DeviceFile> file_;
};

TEST_F(ImageControlsTest, HaveTheNamesAndRangesOfTheirDevice) {
  const hal::CameraControl brightness = Find("brightness");
  EXPECT_EQ(brightness.title, "Brightness");
  EXPECT_EQ(brightness.type, hal::ControlType::kInteger);
  EXPECT_EQ(brightness.minimum, -64);
  EXPECT_EQ(brightness.maximum, 64);
  EXPECT_EQ(brightness.step, 4);
  EXPECT_EQ(brightness.value, 8);
  EXPECT_TRUE(brightness.active);
  EXPECT_EQ(Find("white-balance-auto").type, hal::ControlType::kBoolean);
  EXPECT_EQ(Find("white-balance-auto").default_value, 1);
  EXPECT_FALSE(Find("exposure-time").active);
  EXPECT_EQ(Find("exposure-time").unit, "100 us");
}

TEST_F(ImageControlsTest, MenusMayHaveGaps) {
  const hal::CameraControl exposure = Find("exposure-auto");
  EXPECT_EQ(exposure.type, hal::ControlType::kMenu);
  EXPECT_EQ(exposure.choices,
            (std::vector<hal::ControlChoice>{{1, "Manual Mode"}, {3, "Aperture Priority Mode"}}));
  EXPECT_EQ(exposure.value, 3);
}

TEST_F(ImageControlsTest, OthersAreCalledByTheirTitle) {
  device_.controls[V4L2_CID_CAMERA_CLASS_BASE + 200] = MakeControl("LED1 Mode (x)", 0, 3);
  EXPECT_EQ(Find("led1-mode-x").title, "LED1 Mode (x)");
  Control rates = MakeControl("Rates", 0, 1);
  rates.type = V4L2_CTRL_TYPE_INTEGER_MENU;
  rates.menu = {{0, "100"}, {1, "400"}};
  device_.controls[V4L2_CID_CAMERA_CLASS_BASE + 201] = rates;
  EXPECT_EQ(Find("rates").choices[1].title, "400");
}

TEST_F(ImageControlsTest, WhatPeopleCannotSetIsLeftOut) {
  Control control = MakeControl("Do", 0, 1);
  control.type = V4L2_CTRL_TYPE_BUTTON;
  device_.controls[V4L2_CID_DO_WHITE_BALANCE] = control;
  control = MakeControl("Gone", 0, 1);
  control.flags = V4L2_CTRL_FLAG_DISABLED;
  device_.controls[V4L2_CID_GAIN] = control;
  control = MakeControl("Told", 0, 1);
  control.flags = V4L2_CTRL_FLAG_READ_ONLY;
  device_.controls[V4L2_CID_HUE] = control;
  control = MakeControl("Step", -1, 1);
  control.flags = V4L2_CTRL_FLAG_WRITE_ONLY;
  device_.controls[V4L2_CID_PAN_RELATIVE] = control;
  device_.controls[V4L2_CID_MPEG_VIDEO_GOP_SIZE] = MakeControl("GOP Size", 0, 100);
  control = MakeControl("Empty", 0, 0);
  control.type = V4L2_CTRL_TYPE_MENU;
  device_.controls[V4L2_CID_COLORFX] = control;
  device_.controls[V4L2_CID_CONTRAST] = MakeControl("Inverted", 9, 1);
  EXPECT_EQ(ListImageControls(*file_).size(), 4u);
  device_.controls[V4L2_CID_MPEG_VIDEO_BITRATE] = MakeControl("Video Bitrate", 25'000, 25'000'000);
  EXPECT_TRUE(Has("bitrate"));
}

TEST_F(ImageControlsTest, TakeTheNearestStep) {
  EXPECT_TRUE(SetImageControl(*file_, "brightness", 13).ok());
  EXPECT_EQ(Find("brightness").value, 12);
  EXPECT_TRUE(SetImageControl(*file_, "brightness", 64).ok());
  EXPECT_EQ(Find("brightness").value, 64);
  EXPECT_TRUE(SetImageControl(*file_, "exposure-auto", 1).ok());
  EXPECT_EQ(Find("exposure-auto").value, 1);
}

TEST_F(ImageControlsTest, SayWhatIsAllowed) {
  const Status range = SetImageControl(*file_, "brightness", 65);
  EXPECT_EQ(range.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(range.message(), "brightness takes -64 to 64, not 65");
  EXPECT_EQ(SetImageControl(*file_, "exposure-auto", 2).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(SetImageControl(*file_, "exposure-time", 100).code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(SetImageControl(*file_, "sharpness", 1).code(), StatusCode::kNotFound);
  EXPECT_EQ(SetImageControl(*file_, "brightness", INT64_MAX).code(), StatusCode::kInvalidArgument);
}

TEST_F(ImageControlsTest, SayWhatTheDeviceSaid) {
  device_.errors[VIDIOC_S_CTRL] = EIO;
  const Status status = SetImageControl(*file_, "brightness", 0);
  EXPECT_EQ(status.code(), StatusCode::kInternal);
  EXPECT_THAT(status.message(), HasSubstr("brightness: "));
  device_.errors[VIDIOC_S_CTRL] = ENODEV;
  EXPECT_EQ(SetImageControl(*file_, "brightness", 0).code(), StatusCode::kUnavailable);
}

TEST_F(ImageControlsTest, AreABoundedNumber) {
  for (uint32_t i = 0; i < 300; ++i) {
    device_.controls[V4L2_CID_CAMERA_CLASS_BASE + 100 + i] =
        MakeControl(("Control " + std::to_string(i)).c_str(), 0, 1);
  }
  EXPECT_EQ(ListImageControls(*file_).size(), kMaxCameraControls);
}

TEST_F(ImageControlsTest, TheFirstOfTwoHasTheName) {
  device_.controls[V4L2_CID_CAMERA_CLASS_BASE + 100] = MakeControl("Brightness", 0, 1);
  EXPECT_EQ(ListImageControls(*file_).size(), 4u);
  EXPECT_EQ(Find("brightness").minimum, -64);
}

}  // namespace
}  // namespace ocellus::drivers
