// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/camera_control_set.h"

#include <gtest/gtest.h>

#include "tests/hal/fake_camera_controls.h"
#include "tests/hal/fake_picture_transformer.h"

namespace ocellus::media {
namespace {

class CameraControlSetTest : public testing::Test {
 protected:
  CameraControlSetTest() {
    camera_.controls = {hal::MakeControl("brightness", 0, 100, 50),
                        hal::MakeControl("rotate", 0, 180, 0)};
    camera_.controls[1].step = 180;
  }

  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const hal::CameraControl& control : controls_.list()) names.push_back(control.name);
    return names;
  }

  hal::FakeCameraControls camera_;
  hal::FakePictureTransformer transformer_;
  PictureShaper shaper_{&transformer_};
  CameraControlSet controls_{&camera_, shaper_};
  Time now_{std::chrono::seconds(100)};
};

TEST_F(CameraControlSetTest, HasTheCamerasAndOursWhereItHasNone) {
  EXPECT_FALSE(controls_.Update(now_, CameraOutput::kNothing));
  EXPECT_TRUE(Names().empty());
  EXPECT_TRUE(controls_.Update(now_, CameraOutput::kPictures));
  EXPECT_EQ(Names(),
            (std::vector<std::string>{"brightness", "rotate", "horizontal-flip", "vertical-flip"}));
  EXPECT_EQ(controls_.list()[1].maximum, 180);
  EXPECT_FALSE(controls_.Update(now_, CameraOutput::kPictures));
}

TEST_F(CameraControlSetTest, HasOursAloneOfACameraWithoutAny) {
  CameraControlSet controls(nullptr, shaper_);
  EXPECT_TRUE(controls.Update(now_, CameraOutput::kPictures));
  EXPECT_EQ(controls.list().size(), 3u);
}

TEST_F(CameraControlSetTest, CannotTransformWhatTheCameraEncodes) {
  controls_.Update(now_, CameraOutput::kEncoded);
  EXPECT_EQ(Names(), (std::vector<std::string>{"brightness", "rotate"}));
  EXPECT_EQ(controls_.Set(now_, "horizontal-flip", 1).status().code(), StatusCode::kNotFound);
}

TEST_F(CameraControlSetTest, IsEmptyWhileTheCameraIsAway) {
  controls_.Update(now_, CameraOutput::kPictures);
  EXPECT_TRUE(controls_.Update(now_, CameraOutput::kNothing));
  EXPECT_TRUE(controls_.list().empty());
  EXPECT_EQ(controls_.Set(now_, "brightness", 1).status().code(), StatusCode::kUnavailable);
}

TEST_F(CameraControlSetTest, SetsAndTellsWhatBecameOfIt) {
  controls_.Update(now_, CameraOutput::kPictures);
  camera_.controls[0].step = 10;
  const Result<hal::CameraControl> brightness = controls_.Set(now_, "brightness", 77);
  ASSERT_TRUE(brightness.ok());
  EXPECT_EQ(brightness->value, 70);
  EXPECT_TRUE(controls_.Update(now_, CameraOutput::kPictures));
  EXPECT_EQ(controls_.list()[0].value, 70);

  const Result<hal::CameraControl> flip = controls_.Set(now_, "vertical-flip", 1);
  ASSERT_TRUE(flip.ok());
  EXPECT_EQ(flip->value, 1);
  EXPECT_EQ(shaper_.ListControls()[1].value, 1);
}

TEST_F(CameraControlSetTest, LeavesWhatTheCameraHasToTheCamera) {
  controls_.Update(now_, CameraOutput::kPictures);
  ASSERT_TRUE(controls_.Set(now_, "rotate", 180).ok());
  EXPECT_EQ(camera_.sets.back().first, "rotate");
  EXPECT_EQ(shaper_.ListControls()[2].value, 0);
}

TEST_F(CameraControlSetTest, PassesErrorsOn) {
  controls_.Update(now_, CameraOutput::kPictures);
  EXPECT_EQ(controls_.Set(now_, "brightness", 101).status().code(), StatusCode::kInvalidArgument);
  const Status unknown = controls_.Set(now_, "warp", 1).status();
  EXPECT_EQ(unknown.code(), StatusCode::kNotFound);
  EXPECT_NE(unknown.message().find("warp"), std::string::npos);
  camera_.set_error = {StatusCode::kFailedPrecondition, "exposure is automatic"};
  EXPECT_EQ(controls_.Set(now_, "brightness", 1).status().message(), "exposure is automatic");
}

TEST_F(CameraControlSetTest, LooksRarelyForWhatTheCameraChanges) {
  controls_.Update(now_, CameraOutput::kPictures);
  camera_.controls[0].value = 99;
  for (int i = 0; i < 99; ++i) {
    now_ += std::chrono::milliseconds(100);
    EXPECT_FALSE(controls_.Update(now_, CameraOutput::kPictures));
  }
  EXPECT_EQ(camera_.lists, 1);
  now_ += std::chrono::milliseconds(100);
  EXPECT_TRUE(controls_.Update(now_, CameraOutput::kPictures));
  EXPECT_EQ(controls_.list()[0].value, 99);
}

TEST_F(CameraControlSetTest, LooksOnceAMovementIsOver) {
  controls_.Update(now_, CameraOutput::kPictures);
  for (int i = 0; i < 20; ++i) {
    now_ += std::chrono::milliseconds(50);
    ASSERT_TRUE(controls_.SetUnseen(now_, "brightness", i).ok());
    EXPECT_TRUE(controls_.Update(now_, CameraOutput::kPictures));
    EXPECT_EQ(controls_.list()[0].value, i);
  }
  EXPECT_EQ(camera_.lists, 1);
  camera_.controls[0].value = 99;
  now_ += kControlsSettling;
  EXPECT_TRUE(controls_.Update(now_, CameraOutput::kPictures));
  EXPECT_EQ(controls_.list()[0].value, 99);
  EXPECT_EQ(controls_.SetUnseen(now_, "warp", 1).code(), StatusCode::kNotFound);
}

TEST_F(CameraControlSetTest, KeepsTheBitrateOfAnEncodingCameraForTheStream) {
  camera_.controls.push_back(hal::MakeControl("bitrate", 100'000, 8'000'000, 2'000'000));
  controls_.Update(now_, CameraOutput::kEncoded);
  EXPECT_EQ(Names(), (std::vector<std::string>{"brightness", "rotate"}));
  EXPECT_EQ(controls_.camera_bitrate(), DataRate::FromKilobitsPerSecond(2000));
  ASSERT_TRUE(controls_.SetCameraBitrate(now_, DataRate::FromKilobitsPerSecond(500)).ok());
  EXPECT_EQ(controls_.camera_bitrate(), DataRate::FromKilobitsPerSecond(500));
}

TEST_F(CameraControlSetTest, SaysThatABitrateCannotBeSet) {
  controls_.Update(now_, CameraOutput::kEncoded);
  EXPECT_FALSE(controls_.camera_bitrate());
  const Status status = controls_.SetCameraBitrate(now_, DataRate::FromKilobitsPerSecond(500));
  EXPECT_EQ(status.code(), StatusCode::kUnsupported);
  EXPECT_FALSE(status.message().empty());
}

}  // namespace
}  // namespace ocellus::media
