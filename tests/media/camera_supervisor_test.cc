// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/camera_supervisor.h"

#include <gtest/gtest.h>

#include "tests/hal/fake_camera.h"

namespace ocellus::media {
namespace {

using std::chrono::milliseconds;

constexpr Duration kTurn = milliseconds(200);
const Status kUnplugged(StatusCode::kUnavailable, "/dev/video0: unplugged");

class CameraSupervisorTest : public testing::Test {
 protected:
  // One turn, in which a missing camera costs a picture's time. True when a picture came.
  bool Turn() {
    const Time begin = clock_.Now();
    const std::optional<hal::VideoFrame> picture = supervisor_.Acquire(kTurn);
    if (picture) supervisor_.HandleUsable(*picture);
    if (clock_.Now() == begin) clock_.Advance(milliseconds(33));
    return picture.has_value();
  }
  // How long it takes until `state`; gives up after ten seconds.
  Duration TimeUntil(CameraState state) {
    const Time begin = clock_.Now();
    while (supervisor_.state() != state && clock_.Now() - begin < std::chrono::seconds(10)) Turn();
    return clock_.Now() - begin;
  }

  hal::ManualClock clock_;
  hal::FakeCamera camera_{clock_};
  CameraSupervisor supervisor_{camera_, clock_, hal::VideoFormat()};
};

TEST_F(CameraSupervisorTest, RunsWithTheFirstPicture) {
  EXPECT_EQ(supervisor_.state(), CameraState::kStarting);
  EXPECT_TRUE(Turn());
  EXPECT_EQ(supervisor_.state(), CameraState::kRunning);
  EXPECT_EQ(camera_.starts, 1);
}

TEST_F(CameraSupervisorTest, TellsTheFormatThatTheCameraChose) {
  camera_.format = hal::VideoFormat{hal::PixelFormat::kYuyv, 352, 288, 15};
  Turn();
  EXPECT_EQ(supervisor_.format(), *camera_.format);
}

TEST_F(CameraSupervisorTest, TriesAMissingCameraOncePerInterval) {
  camera_.start_error = {StatusCode::kUnavailable, "/dev/video0: no such device"};
  const Time begin = clock_.Now();
  while (clock_.Now() - begin < std::chrono::seconds(10)) EXPECT_FALSE(Turn());
  EXPECT_EQ(supervisor_.state(), CameraState::kLost);
  EXPECT_EQ(supervisor_.reason(), "/dev/video0: no such device");
  EXPECT_NEAR(camera_.starts, 10, 1);
}

TEST_F(CameraSupervisorTest, LosesAnUnpluggedCameraAtOnce) {
  Turn();
  camera_.acquire_error = kUnplugged;
  EXPECT_FALSE(Turn());
  EXPECT_EQ(supervisor_.state(), CameraState::kLost);
  EXPECT_EQ(supervisor_.reason(), kUnplugged.message());
  EXPECT_EQ(camera_.stops, 1);
}

// Fault table of the field: the picture is back less than two seconds after the camera is.
TEST_F(CameraSupervisorTest, IsBackSoonAfterTheCameraIs) {
  Turn();
  camera_.acquire_error = kUnplugged;
  camera_.start_error = kUnplugged;
  const Time begin = clock_.Now();
  while (clock_.Now() - begin < std::chrono::seconds(30)) Turn();
  camera_.acquire_error = {};
  camera_.start_error = {};
  EXPECT_LT(TimeUntil(CameraState::kRunning), std::chrono::seconds(2));
  EXPECT_TRUE(supervisor_.reason().empty());
}

TEST_F(CameraSupervisorTest, LosesAHangingCameraWithinASecond) {
  Turn();
  camera_.hangs = true;
  EXPECT_LE(TimeUntil(CameraState::kLost), std::chrono::seconds(1));
  camera_.hangs = false;
  EXPECT_LT(TimeUntil(CameraState::kRunning), std::chrono::seconds(2));
}

TEST_F(CameraSupervisorTest, KeepsASilentCameraOpenForAWhileThenStartsItAnew) {
  camera_.hangs = true;
  const Time begin = clock_.Now();
  while (clock_.Now() - begin < kCameraPatience - kTurn) Turn();
  EXPECT_EQ(camera_.starts, 1);
  while (clock_.Now() - begin < kCameraPatience + 2 * kTurn) Turn();
  EXPECT_EQ(camera_.starts, 2);
  EXPECT_EQ(camera_.stops, 1);
}

TEST_F(CameraSupervisorTest, IsPatientWithSlowCameras) {
  camera_.format = hal::VideoFormat{hal::PixelFormat::kI420, 640, 480, 1};
  const Time begin = clock_.Now();
  while (clock_.Now() - begin < std::chrono::seconds(20)) {
    Turn();
    EXPECT_NE(supervisor_.state(), CameraState::kLost);
  }
  EXPECT_NEAR(camera_.pictures, 20, 1);
}

TEST_F(CameraSupervisorTest, BearsSingleDamagedPictures) {
  Turn();
  camera_.acquire_error = {StatusCode::kMalformed, "half a picture"};
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(Turn());
  camera_.acquire_error = {};
  EXPECT_TRUE(Turn());
  EXPECT_EQ(supervisor_.state(), CameraState::kRunning);
  EXPECT_EQ(supervisor_.damaged(), 5u);
  EXPECT_EQ(camera_.starts, 1);
}

TEST_F(CameraSupervisorTest, LosesACameraOfDamagedPicturesOnly) {
  Turn();
  camera_.acquire_error = {StatusCode::kMalformed, "half a picture"};
  EXPECT_LE(TimeUntil(CameraState::kLost), std::chrono::seconds(1));
  EXPECT_NE(supervisor_.reason().find("half a picture"), std::string::npos);
}

TEST_F(CameraSupervisorTest, CanBeStopped) {
  Turn();
  supervisor_.Stop();
  EXPECT_EQ(camera_.stops, 1);
  supervisor_.Stop();
  EXPECT_EQ(camera_.stops, 1);
}

TEST(CameraState, HasNamesForPeople) {
  EXPECT_STREQ(ToString(CameraState::kStarting), "starting");
  EXPECT_STREQ(ToString(CameraState::kRunning), "running");
  EXPECT_STREQ(ToString(CameraState::kLost), "lost");
}

TEST_F(CameraSupervisorTest, RestartsWithWhatIsWantedNow) {
  Turn();
  supervisor_.SetWanted(1280, 720, 15);
  EXPECT_EQ(supervisor_.format().width, 640);
  ASSERT_TRUE(supervisor_.Restart().ok());
  EXPECT_EQ(supervisor_.state(), CameraState::kRunning);
  EXPECT_EQ(supervisor_.format().width, 1280);
  EXPECT_EQ(camera_.wanted.back().frames_per_second, 15);
  EXPECT_EQ(camera_.stops, 1);
  EXPECT_TRUE(Turn());
}

TEST_F(CameraSupervisorTest, LosesACameraThatDoesNotStartAnew) {
  Turn();
  camera_.start_error = {StatusCode::kUnavailable, "/dev/video0: busy"};
  EXPECT_EQ(supervisor_.Restart().message(), "/dev/video0: busy");
  EXPECT_EQ(supervisor_.state(), CameraState::kLost);
  camera_.start_error = {};
  EXPECT_LE(TimeUntil(CameraState::kRunning), kCameraRetryInterval + kTurn);
}

TEST_F(CameraSupervisorTest, WaitsLongerForTheFirstPictureAfterARestart) {
  Turn();
  camera_.first_picture_takes = std::chrono::seconds(100);
  ASSERT_TRUE(supervisor_.Restart().ok());
  const Duration lost_after = TimeUntil(CameraState::kLost);
  EXPECT_GE(lost_after, kCameraRestartPatience);
  EXPECT_LE(lost_after, kCameraRestartPatience + kTurn);
}

TEST_F(CameraSupervisorTest, TellsWhatIsWantedOfACameraThatIsAway) {
  camera_.start_error = {StatusCode::kUnavailable, "/dev/video0: no such device"};
  Turn();
  supervisor_.SetWanted(320, 240, 10);
  EXPECT_EQ(supervisor_.format().width, 320);
  EXPECT_EQ(supervisor_.format().frames_per_second, 10);
}

TEST_F(CameraSupervisorTest, PicturesThatNobodyLooksAtAreSignsOfLife) {
  Turn();
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(supervisor_.Acquire(kTurn));
    supervisor_.HandleUnseen();
  }
  camera_.hangs = true;
  const Duration lost_after = TimeUntil(CameraState::kLost);
  EXPECT_GE(lost_after, kCameraSilenceLimit);
  EXPECT_LE(lost_after, kCameraSilenceLimit + kTurn);
}

TEST_F(CameraSupervisorTest, DamagedPicturesStayDamagedBetweenUnseenOnes) {
  Turn();
  const Time begin = clock_.Now();
  while (supervisor_.state() == CameraState::kRunning) {
    ASSERT_LT(clock_.Now() - begin, std::chrono::seconds(2));
    ASSERT_TRUE(supervisor_.Acquire(kTurn));
    supervisor_.HandleDamaged({StatusCode::kMalformed, "half a picture"});
    ASSERT_TRUE(supervisor_.Acquire(kTurn));
    supervisor_.HandleUnseen();
  }
}

}  // namespace
}  // namespace ocellus::media
