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
