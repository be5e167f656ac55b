// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/camera_desk.h"

#include <gtest/gtest.h>

#include "tests/app/camera_app_rig.h"

namespace ocellus::app {
namespace {

class CameraDeskTest : public CameraAppTest {
 protected:
  json::Value Call(const char* method, const std::string& params = "{}") {
    http_.token = "admin-token";
    const auto request = http_.Request(
        "POST", "/api/v1/rpc", "",
        Format(R"({"jsonrpc":"2.0","id":1,"method":"%s","params":%s})", method, params.c_str()));
    RunFor(milliseconds(500));
    CHECK(http_.answered(request), "%s has no answer", method);
    auto answer = json::Value::Parse(http_.response(request).body);
    CHECK(answer.ok(), "%s", answer.status().message().c_str());
    return std::move(*answer);
  }
};

TEST_F(CameraDeskTest, MovesMotors) {
  RunFor(seconds(1));
  const json::Value before = Call("ptz.get");
  ASSERT_EQ(before.view()["result"]["kind"].AsString(), "motor") << before.Write();
  const json::Value moved = Call("ptz.move", R"({"pan":0.5})");
  EXPECT_TRUE(moved.view()["result"].exists()) << moved.Write();
  RunFor(seconds(1));
  EXPECT_GT(controls_.controls[1].value, 0);
}

TEST_F(CameraDeskTest, WhatSomebodySetsIsKeptForTheNextStart) {
  RunFor(seconds(1));
  Call("image.set", R"({"name":"brightness","value":12})");
  Call("ptz.move", R"({"pan":0.5})");
  EXPECT_TRUE(CameraMemory::ReadControls(storage_).empty());
  RunFor(kCameraMemoryDelay);
  const media::ControlValues kept = {{"brightness", 12}};
  EXPECT_EQ(CameraMemory::ReadControls(storage_), kept);

  Call("image.set", R"({"name":"brightness","value":13})");
  app_.Shutdown(clock_.Now());
  EXPECT_EQ(CameraMemory::ReadControls(storage_), (media::ControlValues{{"brightness", 13}}));
}

TEST_F(CameraDeskTest, KeepsWhatIsSetWithoutWaitingForIt) {
  RunFor(seconds(1));
  http_.token = "admin-token";
  http_.Request(
      "POST", "/api/v1/rpc", "",
      R"({"jsonrpc":"2.0","method":"image.set","params":{"name":"brightness","value":12}})");
  RunFor(seconds(3));
  EXPECT_EQ(CameraMemory::ReadControls(storage_), (media::ControlValues{{"brightness", 12}}));
}

TEST_F(CameraDeskTest, ResetsTheImage) {
  RunFor(seconds(1));
  Call("image.set", R"({"name":"brightness","value":12})");
  RunFor(seconds(3));
  Call("image.reset");
  RunFor(seconds(3));
  EXPECT_EQ(controls_.controls[0].value, 0);
  EXPECT_TRUE(CameraMemory::ReadControls(storage_).empty());
}

TEST_F(CameraDeskTest, TheStreamIsKeptAsSettingsOnceTheCameraHasTakenIt) {
  RunFor(seconds(1));
  camera_.format = hal::VideoFormat{hal::PixelFormat::kI420, 640, 360, 30};  // The nearest.
  Call("stream.set", R"({"width":1280,"height":400,"bitrate_bps":700000})");
  EXPECT_EQ(settings_.config().width, 640u);
  EXPECT_EQ(settings_.config().height, 480u);
  RunFor(seconds(3));
  EXPECT_EQ(settings_.config().height, 360u);
  EXPECT_EQ(settings_.config().fps, 30u);
  EXPECT_EQ(Settings::Open({}, storage_)->config().bitrate, DataRate::FromKilobitsPerSecond(700));
  // It is so already.
  const int starts = camera_.starts;
  RunFor(seconds(1));
  EXPECT_EQ(camera_.starts, starts);
}

TEST_F(CameraDeskTest, SettingsAreThoseOfThePictureBeforeItsRotation) {
  RunFor(seconds(1));
  Call("image.set", R"({"name":"rotate","value":90})");
  Call("stream.set", R"({"width":240,"height":320})");
  RunFor(seconds(3));
  EXPECT_EQ(settings_.config().width, 320u);
  EXPECT_EQ(settings_.config().height, 240u);
  Call("settings.set", R"({"name":"width","value":640})");
  Call("settings.set", R"({"name":"height","value":480})");
  RunFor(seconds(1));
  const json::Value stream = Call("stream.get");
  EXPECT_EQ(stream.view()["result"]["width"].AsNumber(), 480) << stream.Write();
  EXPECT_EQ(stream.view()["result"]["height"].AsNumber(), 640);
}

TEST_F(CameraDeskTest, SnapshotsOfSeveralCallersAreOnePicture) {
  RunFor(seconds(1));
  http_.token = "admin-token";
  std::vector<hal::HttpRequestId> requests;
  for (int i = 0; i < 3; ++i) {
    requests.push_back(http_.Request("POST", "/api/v1/rpc", "",
                                     R"({"jsonrpc":"2.0","id":1,"method":"snapshot.take"})"));
  }
  RunFor(seconds(1));
  for (const hal::HttpRequestId request : requests) {
    ASSERT_TRUE(http_.answered(request));
    EXPECT_NE(http_.response(request).body.find("\"sha256\""), std::string::npos)
        << http_.response(request).body;
  }
}

TEST_F(CameraDeskTest, SaysWhyThereIsNoSnapshot) {
  RunFor(seconds(1));
  camera_.acquire_error = Status(StatusCode::kUnavailable, "/dev/video0: unplugged");
  camera_.start_error = camera_.acquire_error;
  RunFor(seconds(3));
  const json::Value answer = Call("snapshot.take");
  EXPECT_TRUE(answer.view()["error"].exists()) << answer.Write();
}

}  // namespace
}  // namespace ocellus::app
