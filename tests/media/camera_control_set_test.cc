// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/camera_control_set.h"

#include <gtest/gtest.h>

#include <string>

#include "firmware/base/limits.h"
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

  // A webcam's: the time can be set while the exposure is not automatic (3).
  void UseExposure() {
    camera_.controls = {hal::MakeControl("exposure-time", 1, 1000, 100),
                        hal::MakeControl("mode-of-exposure", 0, 3, 3)};
    camera_.on_set = [this] {
      camera_.controls[0].active = camera_.controls[1].value == 1;
      if (!camera_.controls[0].active) camera_.controls[0].value = 333;
    };
    camera_.on_set();
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

TEST_F(CameraControlSetTest, KeepsWhatSomebodySetsUntilItIsTheDefaultAgain) {
  controls_.Update(now_, CameraOutput::kPictures);
  ASSERT_TRUE(controls_.Set(now_, "brightness", 70).ok());
  ASSERT_TRUE(controls_.Set(now_, "vertical-flip", 1).ok());
  EXPECT_FALSE(controls_.Set(now_, "brightness", 101).ok());
  ASSERT_TRUE(controls_.SetUnseen(now_, "rotate", 180).ok());
  EXPECT_EQ(controls_.kept(), (ControlValues{{"brightness", 70}, {"vertical-flip", 1}}));
  ASSERT_TRUE(controls_.Set(now_, "brightness", 50).ok());
  EXPECT_EQ(controls_.kept(), (ControlValues{{"vertical-flip", 1}}));
}

TEST_F(CameraControlSetTest, DoesNotKeepWhatTheCameraChoosesByItself) {
  controls_.Update(now_, CameraOutput::kPictures);
  camera_.controls[0].value = 99;
  EXPECT_TRUE(controls_.Update(now_ + kControlsRefresh, CameraOutput::kPictures));
  EXPECT_TRUE(controls_.kept().empty());
}

TEST_F(CameraControlSetTest, SetsWhatIsKeptWheneverTheCameraComes) {
  CameraControlSet controls(&camera_, shaper_, {{"brightness", 70}, {"vertical-flip", 1}});
  controls.Update(now_, CameraOutput::kNothing);
  EXPECT_TRUE(camera_.sets.empty());
  controls.Update(now_, CameraOutput::kPictures);
  EXPECT_EQ(camera_.controls[0].value, 70);
  EXPECT_EQ(controls.list()[0].value, 70);
  EXPECT_EQ(shaper_.ListControls()[1].value, 1);

  controls.Update(now_, CameraOutput::kNothing);
  camera_.controls[0].value = 50;
  controls.Update(now_, CameraOutput::kPictures);
  EXPECT_EQ(camera_.controls[0].value, 70);

  camera_.controls[0].value = 50;
  controls.HandleRestart();
  EXPECT_TRUE(controls.Update(now_, CameraOutput::kPictures));
  EXPECT_EQ(camera_.controls[0].value, 70);
  EXPECT_EQ(camera_.sets.size(), 3u);
}

TEST_F(CameraControlSetTest, SetsModesBeforeTheValuesThatTheyRuleOut) {
  UseExposure();
  CameraControlSet controls(&camera_, shaper_, {{"exposure-time", 20}, {"mode-of-exposure", 1}});
  controls.Update(now_, CameraOutput::kPictures);
  EXPECT_EQ(controls.list()[0].value, 20);
  EXPECT_EQ(controls.list()[1].value, 1);

  ASSERT_TRUE(controls.Reset(now_, "").ok());
  EXPECT_EQ(controls.list()[1].value, 3);
  EXPECT_FALSE(controls.list()[0].active);
}

// As others do, which say nothing of it and change a value that was set too early.
TEST_F(CameraControlSetTest, SetsAValueAgainThatAModeHasChanged) {
  camera_.controls = {hal::MakeControl("focus-absolute", 0, 250, 0),
                      hal::MakeControl("focus-auto", 0, 1, 1)};
  camera_.on_set = [this] {
    if (camera_.controls[1].value == 1) camera_.controls[0].value = 120;
  };
  camera_.controls[0].value = 120;
  CameraControlSet controls(&camera_, shaper_, {{"focus-absolute", 30}, {"focus-auto", 0}});
  controls.Update(now_, CameraOutput::kPictures);
  EXPECT_EQ(controls.list()[0].value, 30);
  EXPECT_EQ(controls.list()[1].value, 0);
}

TEST_F(CameraControlSetTest, LeavesAValueToTheModeThatRulesItOut) {
  camera_.controls[0].active = false;
  CameraControlSet controls(&camera_, shaper_, {{"brightness", 70}});
  controls.Update(now_, CameraOutput::kPictures);
  EXPECT_TRUE(camera_.sets.empty());
  EXPECT_EQ(controls.kept(), (ControlValues{{"brightness", 70}}));
}

// The mode is at its default, and so nothing of it is kept: the value waits for it.
TEST_F(CameraControlSetTest, SetsWhatWasRuledOutOnceAModeRulesItIn) {
  UseExposure();
  CameraControlSet controls(&camera_, shaper_, {{"exposure-time", 20}});
  controls.Update(now_, CameraOutput::kPictures);
  EXPECT_EQ(controls.list()[0].value, 333);
  ASSERT_TRUE(controls.Set(now_, "mode-of-exposure", 1).ok());
  EXPECT_EQ(controls.list()[0].value, 20);

  ASSERT_TRUE(controls.Set(now_, "mode-of-exposure", 3).ok());
  camera_.controls[1].value = 1;  // By itself, or by another program.
  camera_.controls[0].active = true;
  EXPECT_TRUE(controls.Update(now_ + kControlsRefresh, CameraOutput::kPictures));
  EXPECT_EQ(controls.list()[0].value, 20);
}

TEST_F(CameraControlSetTest, SetsWhatWasRuledOutByWhatIsRuledOutItself) {
  camera_.controls = {hal::MakeControl("a-value", 0, 100, 50), hal::MakeControl("b-mode", 0, 1, 0),
                      hal::MakeControl("c-master", 0, 1, 0)};
  const auto follow = [this] {
    camera_.controls[1].active = camera_.controls[2].value == 1;
    camera_.controls[0].active = camera_.controls[1].active && camera_.controls[1].value == 1;
  };
  camera_.on_set = follow;
  follow();
  CameraControlSet controls(&camera_, shaper_, {{"a-value", 20}, {"b-mode", 1}});
  controls.Update(now_, CameraOutput::kPictures);
  ASSERT_TRUE(controls.Set(now_, "c-master", 1).ok());
  EXPECT_EQ(controls.list()[1].value, 1);
  EXPECT_EQ(controls.list()[0].value, 20);
}

TEST_F(CameraControlSetTest, SetsWhatWasRuledOutOnceTheModesDefaultRulesItIn) {
  camera_.controls.push_back(hal::MakeControl("mode", 0, 1, 1));
  camera_.controls[2].value = 0;
  const auto follow = [this] { camera_.controls[0].active = camera_.controls[2].value == 1; };
  camera_.on_set = follow;
  follow();
  CameraControlSet controls(&camera_, shaper_, {{"brightness", 70}});
  controls.Update(now_, CameraOutput::kPictures);
  EXPECT_EQ(controls.list()[0].value, 50);
  ASSERT_TRUE(controls.Reset(now_, "mode").ok());
  EXPECT_EQ(controls.list()[0].value, 70);
}

// Of what nobody has ruled out, what the camera has chosen stays.
TEST_F(CameraControlSetTest, SetsNothingElseAgainWhenAModeChanges) {
  camera_.controls.push_back(hal::MakeControl("mode", 0, 1, 0));
  CameraControlSet controls(&camera_, shaper_, {{"brightness", 70}});
  controls.Update(now_, CameraOutput::kPictures);
  camera_.controls[0].value = 60;
  ASSERT_TRUE(controls.Set(now_, "mode", 1).ok());
  EXPECT_EQ(controls.list()[0].value, 60);
}

TEST_F(CameraControlSetTest, LeavesOutWhatTheCameraDoesNotTakeAndKeepsIt) {
  const ControlValues kept = {{"brightness", 300}, {"horizontal-flip", 1}, {"warmth", 3}};
  CameraControlSet controls(&camera_, shaper_, kept);
  controls.Update(now_, CameraOutput::kPictures);
  EXPECT_EQ(camera_.controls[0].value, 50);
  EXPECT_EQ(shaper_.ListControls()[0].value, 1);
  EXPECT_EQ(controls.kept(), kept);
}

TEST_F(CameraControlSetTest, ResetsOneOrAllButTheMotors) {
  camera_.controls.push_back(hal::MakeControl("pan", -10, 10, 0));
  camera_.controls.back().value = 5;
  CameraControlSet controls(&camera_, shaper_,
                            {{"brightness", 70}, {"rotate", 180}, {"warmth", 3}});
  controls.Update(now_, CameraOutput::kPictures);
  ASSERT_TRUE(controls.Reset(now_, "brightness").ok());
  EXPECT_EQ(camera_.controls[0].value, 50);
  EXPECT_EQ(camera_.controls[1].value, 180);
  EXPECT_EQ(controls.kept(), (ControlValues{{"rotate", 180}, {"warmth", 3}}));
  ASSERT_TRUE(controls.Reset(now_, "").ok());
  EXPECT_EQ(camera_.controls[1].value, 0);
  EXPECT_EQ(camera_.controls[2].value, 5);
  EXPECT_TRUE(controls.kept().empty());
  EXPECT_TRUE(controls.Update(now_, CameraOutput::kPictures));
}

TEST_F(CameraControlSetTest, CannotResetACameraThatIsAway) {
  CameraControlSet controls(&camera_, shaper_, {{"brightness", 70}});
  EXPECT_EQ(controls.Reset(now_, "").code(), StatusCode::kUnavailable);
  EXPECT_EQ(controls.kept(), (ControlValues{{"brightness", 70}}));
}

TEST_F(CameraControlSetTest, KeepsTheBitrateOfAnEncodingCameraWhateverBecomesOfTheImage) {
  camera_.controls.push_back(hal::MakeControl("bitrate", 100'000, 8'000'000, 2'000'000));
  controls_.Update(now_, CameraOutput::kEncoded);
  ASSERT_TRUE(controls_.SetCameraBitrate(now_, DataRate::FromKilobitsPerSecond(500)).ok());
  ASSERT_TRUE(controls_.Reset(now_, "").ok());
  EXPECT_EQ(controls_.kept(), (ControlValues{{"bitrate", 500'000}}));
  camera_.controls[2].value = 2'800'000;  // As the camera has it whenever it is started.
  controls_.HandleRestart();
  controls_.Update(now_, CameraOutput::kEncoded);
  EXPECT_EQ(controls_.camera_bitrate(), DataRate::FromKilobitsPerSecond(500));
}

TEST_F(CameraControlSetTest, KeepsNoMoreThanThereIsRoomFor) {
  ControlValues kept;
  for (size_t i = 0; i < kMaxKeptControls; ++i) kept["control-" + std::to_string(i)] = 1;
  CameraControlSet controls(&camera_, shaper_, kept);
  controls.Update(now_, CameraOutput::kPictures);
  ASSERT_TRUE(controls.Set(now_, "brightness", 70).ok());
  EXPECT_EQ(controls.kept(), kept);
}

}  // namespace
}  // namespace ocellus::media
