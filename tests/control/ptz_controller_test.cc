// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/ptz_controller.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/hal/fake_camera_controls.h"
#include "tests/hal/fake_storage.h"

namespace ocellus::control {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Time kStart{std::chrono::seconds(100)};

// The controller and a camera that does what it is told at once, as the app connects them.
class PtzControllerTest : public testing::Test {
 protected:
  void UseDigitalView() {
    status_.digital_view = true;
    Tell();
  }

  void UseMotors(std::vector<hal::CameraControl> controls) {
    status_.controls = std::move(controls);
    status_.digital_view = true;
    Tell();
  }

  void Tell() {
    ptz_.SetCapabilities(now_, status_);
    Carry();
  }

  // Carries commands to the camera.
  void Carry() {
    while (std::optional<PtzCommand> command = ptz_.PollCommand()) {
      if (const auto* view = std::get_if<media::View>(&*command)) {
        views_.push_back(*view);
        continue;
      }
      const auto& control = std::get<SetCameraControl>(*command);
      sets_.push_back(control);
      for (hal::CameraControl& known : status_.controls) {
        if (known.name == control.name) known.value = control.value;
      }
    }
  }

  // Lets time pass, with everything at its deadline.
  void RunFor(Duration duration) {
    const Time end = now_ + duration;
    while (ptz_.next_deadline() <= end) {
      now_ = std::max(now_, ptz_.next_deadline());
      ptz_.HandleTimeout(now_);
      Carry();
    }
    now_ = end;
  }

  int64_t ValueOf(const char* name) {
    for (const hal::CameraControl& control : status_.controls) {
      if (control.name == name) return control.value;
    }
    CHECK(false, "no %s", name);
    return 0;
  }

  const PtzState& state() const { return ptz_.state(); }

  hal::FakeStorage storage_;
  PtzController ptz_{storage_};
  media::VideoStatus status_;
  Time now_ = kStart;
  std::vector<media::View> views_;
  std::vector<SetCameraControl> sets_;
};

std::vector<hal::CameraControl> Head() {
  return {hal::MakeControl("pan", -36000, 36000, 0), hal::MakeControl("tilt", -9000, 9000, 0),
          hal::MakeControl("zoom", 100, 500, 100)};
}

TEST_F(PtzControllerTest, CanNothingBeforeItKnowsTheCamera) {
  EXPECT_EQ(state().kind, PtzKind::kNone);
  const Status status = ptz_.MoveTo(now_, {0.5, {}, {}});
  EXPECT_EQ(status.code(), StatusCode::kUnsupported);
  EXPECT_EQ(status.message(), "this camera has no pan");
  EXPECT_EQ(ptz_.Drive(now_, {0, 0, 1}, seconds(1)).code(), StatusCode::kUnsupported);
  EXPECT_EQ(ptz_.GoHome(now_).code(), StatusCode::kUnsupported);
  EXPECT_EQ(ptz_.SavePreset(now_, "a", {}).status().code(), StatusCode::kUnsupported);
  ptz_.Stop(now_);
  EXPECT_FALSE(ptz_.PollCommand());
  EXPECT_EQ(ptz_.next_deadline(), kNever);
}

TEST_F(PtzControllerTest, ZoomsAndPansThePictureWithoutMotors) {
  UseDigitalView();
  EXPECT_EQ(state().kind, PtzKind::kDigital);
  EXPECT_TRUE(state().can_pan && state().can_tilt && state().can_zoom);
  EXPECT_TRUE(views_.empty());
  ASSERT_TRUE(ptz_.MoveTo(now_, {0.5, 0.25, 1.0}).ok());
  Carry();
  ASSERT_EQ(views_.size(), 1u);
  EXPECT_DOUBLE_EQ(views_[0].zoom, 8);
  EXPECT_DOUBLE_EQ(views_[0].center_x, 0.75);
  EXPECT_DOUBLE_EQ(views_[0].center_y, 0.375);
  EXPECT_EQ(state().pan, 0.5);
}

TEST_F(PtzControllerTest, KeepsTheDigitalViewInsideOfThePicture) {
  UseDigitalView();
  ASSERT_TRUE(ptz_.MoveTo(now_, {1.0, -1.0, 1.0 / 3}).ok());
  EXPECT_NEAR(state().pan, 0.5, 1e-9);
  EXPECT_NEAR(state().tilt, -0.5, 1e-9);
  ASSERT_TRUE(ptz_.MoveTo(now_, {{}, {}, 0.0}).ok());
  EXPECT_EQ(state().pan, 0);
  EXPECT_EQ(state().tilt, 0);
  Carry();
  EXPECT_EQ(views_.back(), media::View());
}

TEST_F(PtzControllerTest, MovesTheMotorsOverTheirRanges) {
  UseMotors(Head());
  EXPECT_EQ(state().kind, PtzKind::kMotor);
  ASSERT_TRUE(ptz_.MoveTo(now_, {-1.0, 0.5, 0.25}).ok());
  Carry();
  EXPECT_EQ(ValueOf("pan"), -36000);
  EXPECT_EQ(ValueOf("tilt"), 4500);
  EXPECT_EQ(ValueOf("zoom"), 200);
  EXPECT_TRUE(views_.empty());
}

TEST_F(PtzControllerTest, TakesTheNearestStepOfAMotor) {
  std::vector<hal::CameraControl> head = Head();
  head[0].step = 3600;
  head[2].minimum = 1;
  head[2].step = 2;
  head[2].maximum = 9;
  UseMotors(head);
  ASSERT_TRUE(ptz_.MoveTo(now_, {0.07, {}, 0.9}).ok());
  Carry();
  EXPECT_EQ(ValueOf("pan"), 3600);
  EXPECT_EQ(ValueOf("zoom"), 9);
}

TEST_F(PtzControllerTest, ZoomsDigitallyWhereTheHeadHasNoZoom) {
  UseMotors({Head()[0], Head()[1]});
  EXPECT_EQ(state().kind, PtzKind::kMotor);
  EXPECT_TRUE(state().can_zoom);
  ASSERT_TRUE(ptz_.MoveTo(now_, {1.0, {}, 1.0}).ok());
  Carry();
  EXPECT_EQ(ValueOf("pan"), 36000);
  ASSERT_EQ(views_.size(), 1u);
  EXPECT_EQ(views_[0].zoom, 8);
  EXPECT_EQ(views_[0].center_x, 0.5);
  EXPECT_EQ(state().pan, 1);
}

TEST_F(PtzControllerTest, DoesNotPanThePictureOfAZoomLens) {
  UseMotors({Head()[2]});
  EXPECT_TRUE(state().can_zoom);
  EXPECT_FALSE(state().can_pan);
  EXPECT_EQ(ptz_.MoveTo(now_, {0.1, {}, {}}).code(), StatusCode::kUnsupported);
}

TEST_F(PtzControllerTest, StepsFromWhereItIs) {
  UseMotors(Head());
  ASSERT_TRUE(ptz_.MoveTo(now_, {0.5, {}, {}}).ok());
  ASSERT_TRUE(ptz_.Step(now_, {-0.25, {}, 0.5}).ok());
  EXPECT_DOUBLE_EQ(state().pan, 0.25);
  EXPECT_DOUBLE_EQ(state().zoom, 0.5);
  // As far as it goes.
  ASSERT_TRUE(ptz_.Step(now_, {2.0, {}, -1.0}).ok());
  EXPECT_EQ(state().pan, 1);
  EXPECT_EQ(state().zoom, 0);
}

TEST_F(PtzControllerTest, NamesTheNumberThatIsOutOfItsRange) {
  UseDigitalView();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const Status status = ptz_.MoveTo(now_, {{}, 7.0, {}});
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "tilt must be from -1 to 1");
  EXPECT_EQ(ptz_.MoveTo(now_, {{}, {}, -0.1}).message(), "zoom must be from 0 to 1");
  EXPECT_EQ(ptz_.Step(now_, {{}, {}, 1.1}).message(), "zoom must be from -1 to 1");
  EXPECT_EQ(ptz_.Step(now_, {2.1, {}, {}}).message(), "pan must be from -2 to 2");
  for (const double bad : {nan, infinity, -infinity}) {
    EXPECT_EQ(ptz_.MoveTo(now_, {bad, {}, {}}).code(), StatusCode::kInvalidArgument);
    EXPECT_EQ(ptz_.Step(now_, {bad, {}, {}}).code(), StatusCode::kInvalidArgument);
    EXPECT_EQ(ptz_.Drive(now_, {bad, 0, 0}, seconds(1)).code(), StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(ptz_.MoveTo(now_, {}).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(ptz_.Drive(now_, {0, 0, 1.1}, seconds(1)).message(), "zoom must be from -1 to 1");
  EXPECT_EQ(ptz_.Drive(now_, {0, 0, 1}, seconds(6)).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(ptz_.Drive(now_, {0, 0, 1}, -seconds(1)).code(), StatusCode::kInvalidArgument);
  EXPECT_FALSE(ptz_.PollCommand());
  EXPECT_FALSE(state().moving);
}

TEST_F(PtzControllerTest, DrivesTheViewAtTwentySteps) {
  UseDigitalView();
  ASSERT_TRUE(ptz_.Drive(now_, {0, 0, 1}, seconds(1)).ok());
  EXPECT_TRUE(state().moving);
  RunFor(milliseconds(999));
  EXPECT_TRUE(state().moving);
  RunFor(milliseconds(2));
  EXPECT_FALSE(state().moving);
  EXPECT_NEAR(state().zoom, 0.5, 1e-6);
  EXPECT_NEAR(static_cast<double>(views_.size()), 20, 1);
  // Each step grows by the same factor.
  for (size_t i = 1; i < views_.size(); ++i) {
    EXPECT_NEAR(views_[i].zoom / views_[i - 1].zoom, views_[0].zoom, 1e-3);
  }
  EXPECT_EQ(ptz_.next_deadline(), kNever);
}

TEST_F(PtzControllerTest, PansAsQuicklyAsTheViewIsSmall) {
  UseDigitalView();
  ASSERT_TRUE(ptz_.MoveTo(now_, {-1.0, {}, 1.0}).ok());
  EXPECT_NEAR(state().pan, -0.875, 1e-9);
  ASSERT_TRUE(ptz_.Drive(now_, {1, 0, 0}, seconds(2)).ok());
  RunFor(seconds(3));
  // Two widths of the view, each an eighth of the picture.
  EXPECT_NEAR(state().pan, -0.875 + 2 * 0.25, 1e-6);
}

TEST_F(PtzControllerTest, StopsAtTheEndOfTheRange) {
  UseDigitalView();
  ASSERT_TRUE(ptz_.MoveTo(now_, {{}, {}, 0.9}).ok());
  ASSERT_TRUE(ptz_.Drive(now_, {1, 1, 1}, seconds(5)).ok());
  RunFor(seconds(6));
  EXPECT_EQ(state().zoom, 1);
  EXPECT_NEAR(state().pan, 0.875, 1e-9);
  EXPECT_NEAR(views_.back().center_y, 1.0 / 16, 1e-9);
}

TEST_F(PtzControllerTest, GoesOnWhileItIsRenewed) {
  UseDigitalView();
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(ptz_.Drive(now_, {0, 0, 0.2}, milliseconds(1000)).ok());
    RunFor(milliseconds(400));
    EXPECT_TRUE(state().moving);
  }
  EXPECT_NEAR(state().zoom, 4 * 0.2 * 0.5, 0.02);
  RunFor(milliseconds(700));
  EXPECT_FALSE(state().moving);
}

TEST_F(PtzControllerTest, StopsAtOnce) {
  UseDigitalView();
  ASSERT_TRUE(ptz_.Drive(now_, {0, 0, 1}, seconds(5)).ok());
  RunFor(milliseconds(520));
  ptz_.Stop(now_);
  EXPECT_FALSE(state().moving);
  EXPECT_NEAR(state().zoom, 0.26, 1e-6);
  Carry();
  views_.clear();
  RunFor(seconds(5));
  EXPECT_TRUE(views_.empty());
}

TEST_F(PtzControllerTest, AMoveEndsADrive) {
  UseDigitalView();
  ASSERT_TRUE(ptz_.Drive(now_, {0, 0, 1}, seconds(5)).ok());
  RunFor(milliseconds(500));
  ASSERT_TRUE(ptz_.MoveTo(now_, {{}, {}, 0.1}).ok());
  EXPECT_FALSE(state().moving);
  RunFor(seconds(5));
  EXPECT_EQ(state().zoom, 0.1);
}

TEST_F(PtzControllerTest, DrivesMotorsWithoutASpeedInSteps) {
  UseMotors(Head());
  ASSERT_TRUE(ptz_.Drive(now_, {-1, 0.5, 0}, seconds(1)).ok());
  RunFor(seconds(2));
  EXPECT_NEAR(state().pan, -0.5, 1e-6);
  EXPECT_NEAR(state().tilt, 0.25, 1e-6);
  EXPECT_NEAR(static_cast<double>(ValueOf("pan")), -18000, 1);
  EXPECT_NEAR(static_cast<double>(ValueOf("tilt")), 2250, 1);
  EXPECT_NEAR(static_cast<double>(sets_.size()), 40, 2);
}

TEST_F(PtzControllerTest, SendsNoStepsThatAreTooSmallForTheMotor) {
  std::vector<hal::CameraControl> head = Head();
  head[0] = hal::MakeControl("pan", -5, 5, 0);
  UseMotors(head);
  ASSERT_TRUE(ptz_.Drive(now_, {1, 0, 0}, seconds(2)).ok());
  RunFor(seconds(3));
  EXPECT_EQ(sets_.size(), 5u);
  EXPECT_EQ(ValueOf("pan"), 5);
}

TEST_F(PtzControllerTest, DrivesMotorsByTheirSpeed) {
  std::vector<hal::CameraControl> head = Head();
  head.push_back(hal::MakeControl("pan-speed", -10, 20, 0));
  head.push_back(hal::MakeControl("zoom-speed", -3, 3, 0));
  UseMotors(head);
  ASSERT_TRUE(ptz_.Drive(now_, {-0.5, 0, 1}, seconds(1)).ok());
  Carry();
  EXPECT_EQ(ValueOf("pan-speed"), -5);
  EXPECT_EQ(ValueOf("zoom-speed"), 3);
  EXPECT_EQ(sets_.size(), 2u);
  // To renew it costs no command; another speed does.
  ASSERT_TRUE(ptz_.Drive(now_, {-0.5, 0, 1}, seconds(1)).ok());
  Carry();
  EXPECT_EQ(sets_.size(), 2u);
  ASSERT_TRUE(ptz_.Drive(now_, {1, 0, 1}, seconds(1)).ok());
  Carry();
  EXPECT_EQ(ValueOf("pan-speed"), 20);
  RunFor(seconds(2));
  EXPECT_EQ(ValueOf("pan-speed"), 0);
  EXPECT_EQ(ValueOf("zoom-speed"), 0);
}

TEST_F(PtzControllerTest, SlowIsNotStill) {
  UseMotors({hal::MakeControl("pan-speed", -1, 1, 0)});
  ASSERT_TRUE(ptz_.Drive(now_, {0.1, 0, 0}, seconds(1)).ok());
  Carry();
  EXPECT_EQ(ValueOf("pan-speed"), 1);
  ASSERT_TRUE(ptz_.Drive(now_, {-0.1, 0, 0}, seconds(1)).ok());
  Carry();
  EXPECT_EQ(ValueOf("pan-speed"), -1);
}

TEST_F(PtzControllerTest, SendsAMotorWithASpeedOnlyNowhere) {
  UseMotors({hal::MakeControl("pan-speed", -1, 1, 0)});
  EXPECT_TRUE(state().can_pan);
  EXPECT_EQ(ptz_.MoveTo(now_, {0.1, {}, {}}).code(), StatusCode::kUnsupported);
  EXPECT_EQ(ptz_.Step(now_, {0.1, {}, {}}).code(), StatusCode::kUnsupported);
  ASSERT_TRUE(ptz_.GoHome(now_).ok());
}

TEST_F(PtzControllerTest, StopsAMotorEvenWhenItThinksThatItStands) {
  UseMotors({hal::MakeControl("pan-speed", -1, 1, 0)});
  ptz_.Stop(now_);
  Carry();
  ASSERT_EQ(sets_.size(), 1u);
  EXPECT_EQ(sets_[0].value, 0);
}

TEST_F(PtzControllerTest, StopsAMotorThatWasLeftRunning) {
  std::vector<hal::CameraControl> head = {hal::MakeControl("pan-speed", -1, 1, 0)};
  head[0].value = 1;
  UseMotors(head);
  EXPECT_EQ(ValueOf("pan-speed"), 0);
}

// A full queue of commands must not leave a motor running.
TEST_F(PtzControllerTest, SendsAgainWhatWasRefused) {
  UseMotors({hal::MakeControl("pan-speed", -1, 1, 0)});
  ASSERT_TRUE(ptz_.Drive(now_, {1, 0, 0}, seconds(1)).ok());
  Carry();
  ptz_.Stop(now_);
  for (int i = 0; i < 5; ++i) {
    std::optional<PtzCommand> stop = ptz_.PollCommand();
    ASSERT_TRUE(stop);
    ptz_.HandleRefused(now_, *stop);
    EXPECT_FALSE(ptz_.PollCommand());
    ASSERT_EQ(ptz_.next_deadline(), now_ + kPtzStep);
    now_ = ptz_.next_deadline();
    ptz_.HandleTimeout(now_);
  }
  Carry();
  EXPECT_EQ(ValueOf("pan-speed"), 0);
  EXPECT_EQ(ptz_.next_deadline(), kNever);
}

TEST_F(PtzControllerTest, DoesNotSendAgainWhatIsOutdated) {
  UseMotors(Head());
  ASSERT_TRUE(ptz_.MoveTo(now_, {0.5, {}, {}}).ok());
  const std::optional<PtzCommand> old = ptz_.PollCommand();
  ASSERT_TRUE(ptz_.MoveTo(now_, {1.0, {}, {}}).ok());
  ptz_.HandleRefused(now_, *old);
  RunFor(seconds(1));
  EXPECT_EQ(sets_.size(), 1u);
  EXPECT_EQ(ValueOf("pan"), 36000);
}

TEST_F(PtzControllerTest, KeepsTheNewestOfSeveralCommands) {
  UseMotors(Head());
  for (int i = 0; i <= 100; ++i) ASSERT_TRUE(ptz_.MoveTo(now_, {i / 100.0, {}, {}}).ok());
  Carry();
  EXPECT_EQ(sets_.size(), 1u);
  EXPECT_EQ(ValueOf("pan"), 36000);
}

TEST_F(PtzControllerTest, FollowsMotorsThatSomebodyElseMoves) {
  UseMotors(Head());
  status_.controls[0].value = 18000;
  Tell();
  EXPECT_DOUBLE_EQ(state().pan, 0.5);
  // But not a status that is older than our own command.
  ASSERT_TRUE(ptz_.MoveTo(now_, {-1.0, {}, {}}).ok());
  status_.controls[0].value = 18000;
  ptz_.SetCapabilities(now_, status_);
  EXPECT_EQ(state().pan, -1);
  Carry();
  now_ += kPtzSettling;
  status_.controls[0].value = 0;
  Tell();
  EXPECT_EQ(state().pan, 0);
}

TEST_F(PtzControllerTest, GoesHome) {
  std::vector<hal::CameraControl> head = Head();
  head[1].default_value = 4500;
  head[2].default_value = 200;
  UseMotors(head);
  ASSERT_TRUE(ptz_.MoveTo(now_, {1.0, 1.0, 1.0}).ok());
  ASSERT_TRUE(ptz_.GoHome(now_).ok());
  Carry();
  EXPECT_EQ(ValueOf("pan"), 0);
  EXPECT_EQ(ValueOf("tilt"), 4500);
  EXPECT_EQ(ValueOf("zoom"), 200);
}

TEST_F(PtzControllerTest, TheDigitalHomeIsAllOfThePicture) {
  UseDigitalView();
  ASSERT_TRUE(ptz_.MoveTo(now_, {0.3, 0.3, 0.8}).ok());
  ASSERT_TRUE(ptz_.GoHome(now_).ok());
  Carry();
  EXPECT_EQ(views_.back(), media::View());
}

TEST_F(PtzControllerTest, ReturnsToItsPresets) {
  UseDigitalView();
  ASSERT_TRUE(ptz_.MoveTo(now_, {0.4, -0.2, 0.8}).ok());
  const Result<PresetId> door = ptz_.SavePreset(now_, "Door", {});
  ASSERT_TRUE(door.ok());
  ASSERT_EQ(state().presets.size(), 1u);
  EXPECT_EQ(state().presets[0].name, "Door");
  ASSERT_TRUE(ptz_.GoHome(now_).ok());
  ASSERT_TRUE(ptz_.GoToPreset(now_, *door).ok());
  EXPECT_EQ(state().pan, 0.4);
  EXPECT_EQ(state().tilt, -0.2);
  EXPECT_EQ(state().zoom, 0.8);
  ASSERT_TRUE(ptz_.DeletePreset(now_, *door).ok());
  EXPECT_TRUE(state().presets.empty());
  EXPECT_EQ(ptz_.GoToPreset(now_, *door).code(), StatusCode::kNotFound);
  EXPECT_EQ(ptz_.DeletePreset(now_, *door).code(), StatusCode::kNotFound);
}

TEST_F(PtzControllerTest, LeavesAxesThatAPresetDoesNotKnow) {
  UseMotors({Head()[0], hal::MakeControl("tilt-speed", -1, 1, 0)});
  ASSERT_TRUE(ptz_.MoveTo(now_, {0.5, {}, {}}).ok());
  ASSERT_TRUE(ptz_.SavePreset(now_, "Door", {}).ok());
  EXPECT_FALSE(state().presets[0].place.tilt);
  EXPECT_TRUE(state().presets[0].place.zoom);
  ASSERT_TRUE(ptz_.MoveTo(now_, {0.0, {}, {}}).ok());
  // Another camera, which has no pan.
  UseMotors({hal::MakeControl("tilt", -10, 10, 0)});
  status_.digital_view = false;
  Tell();
  EXPECT_EQ(ptz_.GoToPreset(now_, PresetId(1)).code(), StatusCode::kUnsupported);
}

TEST_F(PtzControllerTest, HasItsPresetsFromStorage) {
  UseDigitalView();
  ASSERT_TRUE(ptz_.SavePreset(now_, "Door", {}).ok());
  const PtzController again(storage_);
  ASSERT_EQ(again.state().presets.size(), 1u);
  EXPECT_EQ(again.state().presets[0].name, "Door");
}

TEST_F(PtzControllerTest, LooksWhereADigitalViewDidBeforeTheProgramBegan) {
  UseDigitalView();
  ASSERT_TRUE(ptz_.MoveTo(now_, {0.4, 0.9, 0.5}).ok());
  EXPECT_EQ(ptz_.kept(), (PtzTarget{0.4, state().tilt, 0.5}));
  Carry();

  PtzController again(storage_, ptz_.kept());
  EXPECT_EQ(again.kept(), ptz_.kept());
  again.SetCapabilities(now_, media::VideoStatus());  // The camera has not come yet.
  EXPECT_FALSE(again.PollCommand());
  again.SetCapabilities(now_, status_);
  EXPECT_EQ(again.state(), state());
  EXPECT_EQ(again.kept(), ptz_.kept());
  const std::optional<PtzCommand> command = again.PollCommand();
  ASSERT_TRUE(command && std::holds_alternative<media::View>(*command));
  EXPECT_EQ(std::get<media::View>(*command), views_.back());

  // And no more than once.
  ASSERT_TRUE(again.GoHome(now_).ok());
  again.SetCapabilities(now_, media::VideoStatus());
  again.SetCapabilities(now_, status_);
  EXPECT_EQ(again.state().zoom, 0);
  EXPECT_EQ(again.kept(), (PtzTarget{0.0, 0.0, 0.0}));
}

TEST_F(PtzControllerTest, LeavesMotorsWhereTheyStandWhenTheProgramBegins) {
  UseMotors(Head());
  ASSERT_TRUE(ptz_.MoveTo(now_, {0.5, 0.5, 0.5}).ok());
  EXPECT_EQ(ptz_.kept(), PtzTarget());
  PtzController again(storage_, {0.1, 0.1, 0.1});
  again.SetCapabilities(now_, status_);
  EXPECT_FALSE(again.PollCommand());
  EXPECT_EQ(again.kept(), (PtzTarget{0.1, 0.1, 0.1})) << "for a camera without motors";
}

TEST_F(PtzControllerTest, KeepsTheViewWhileTheCameraIsAway) {
  UseDigitalView();
  ASSERT_TRUE(ptz_.MoveTo(now_, {0.4, 0.1, 0.8}).ok());
  Carry();
  views_.clear();
  status_.digital_view = false;
  Tell();
  EXPECT_EQ(state().kind, PtzKind::kNone);
  status_.digital_view = true;
  Tell();
  EXPECT_EQ(state().pan, 0.4);
  EXPECT_EQ(state().zoom, 0.8);
  EXPECT_TRUE(views_.empty());
}

TEST_F(PtzControllerTest, ForgetsTheMotorsOfACameraThatIsAway) {
  UseMotors(Head());
  ASSERT_TRUE(ptz_.Drive(now_, {1, 0, 0}, seconds(5)).ok());
  status_.controls.clear();
  status_.digital_view = false;
  Tell();
  sets_.clear();
  RunFor(seconds(6));
  EXPECT_TRUE(sets_.empty());
  EXPECT_FALSE(state().moving);
}

TEST_F(PtzControllerTest, TakesControlsThatMakeNoSenseForNone) {
  UseMotors({hal::MakeControl("pan", 5, 5, 5), hal::MakeControl("zoom", 9, 3, 9)});
  EXPECT_EQ(state().kind, PtzKind::kDigital);
  ASSERT_TRUE(ptz_.MoveTo(now_, {0.1, {}, 0.5}).ok());
}

TEST(ToString, NamesTheKinds) {
  EXPECT_STREQ(ToString(PtzKind::kNone), "none");
  EXPECT_STREQ(ToString(PtzKind::kDigital), "digital");
  EXPECT_STREQ(ToString(PtzKind::kMotor), "motor");
}

}  // namespace
}  // namespace ocellus::control
