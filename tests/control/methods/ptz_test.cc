// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/control/control_rig.h"

namespace ocellus::control {
namespace {

using auth::Role;

class PtzMethods : public testing::Test {
 protected:
  std::string ResultOf(const std::string& method, const std::string& params = "{}") {
    return rig_.ResultOf(client_, method, params);
  }
  std::string ErrorOf(const std::string& method, const std::string& params = "{}") {
    return rig_.ErrorOf(client_, method, params);
  }

  ControlRig rig_;
  const ClientId client_ = rig_.Open(Role::kOperator);
};

TEST_F(PtzMethods, MoveAndTellTheState) {
  EXPECT_EQ(ResultOf("ptz.move", R"({"pan":0.25,"zoom":0.5})"),
            R"({"kind":"digital","can":{"pan":true,"tilt":true,"zoom":true},"pan":0.25,"tilt":0,)"
            R"("zoom":0.5,"moving":false,"presets":[]})");
  EXPECT_EQ(ResultOf("ptz.get"), ResultOf("ptz.stop"));
  const Result<json::Value> stepped = json::Value::Parse(ResultOf("ptz.step", R"({"zoom":0.25})"));
  EXPECT_EQ(stepped->view()["zoom"].AsNumber(), 0.75);
  EXPECT_EQ(json::Value::Parse(ResultOf("ptz.home"))->view()["zoom"].AsNumber(), 0);
}

TEST_F(PtzMethods, DriveForAWhile) {
  const auto is_moving = [this] {
    return json::Value::Parse(ResultOf("ptz.get"))->view()["moving"].AsBool();
  };
  EXPECT_NE(ResultOf("ptz.drive", R"({"zoom":0.1,"for_ms":400})").find("\"moving\":true"),
            std::string::npos);
  while (rig_.ptz.next_deadline() != kNever) {
    rig_.now = rig_.ptz.next_deadline();
    rig_.ptz.HandleTimeout(rig_.now);
  }
  EXPECT_EQ(is_moving(), false);
  ResultOf("ptz.drive", R"({"zoom":-0.1})");
  EXPECT_EQ(is_moving(), true);
  ResultOf("ptz.stop");
  EXPECT_EQ(is_moving(), false);
  EXPECT_EQ(ErrorOf("ptz.drive", R"({"zoom":1,"for_ms":5001})"),
            "-32602 ptz.drive: \"for_ms\" must be a whole number from 0 to 5000, not 5001");
  EXPECT_EQ(ErrorOf("ptz.drive", R"({"for_ms":500})"),
            "-32602 ptz.drive: needs one at least of \"pan\", \"tilt\", \"zoom\"");
}

TEST_F(PtzMethods, KeepPresets) {
  ResultOf("ptz.move", R"({"zoom":1,"pan":1})");
  EXPECT_EQ(ResultOf("ptz.save_preset", R"({"name":"Gate"})"), R"({"id":1})");
  EXPECT_EQ(ResultOf("ptz.save_preset", R"({"name":"Door","id":7})"), R"({"id":7})");
  ResultOf("ptz.home");
  const Result<json::Value> there = json::Value::Parse(ResultOf("ptz.go_to_preset", R"({"id":7})"));
  EXPECT_EQ(there->view()["zoom"].AsNumber(), 1);
  EXPECT_EQ(there->view()["presets"].Write(), R"([{"id":1,"name":"Gate"},{"id":7,"name":"Door"}])");
  EXPECT_EQ(
      json::Value::Parse(ResultOf("ptz.delete_preset", R"({"id":1})"))->view()["presets"].Write(),
      R"([{"id":7,"name":"Door"}])");
  EXPECT_EQ(ErrorOf("ptz.go_to_preset", R"({"id":1})").substr(0, 6), "-32002");
  EXPECT_EQ(ErrorOf("ptz.go_to_preset", R"({"id":0})"),
            "-32602 ptz.go_to_preset: \"id\" must be a whole number from 1 to 32, not 0");
}

TEST_F(PtzMethods, AreForOperatorsButTheState) {
  const ClientId viewer = rig_.Open(Role::kViewer);
  EXPECT_EQ(rig_.ResultOf(viewer, "ptz.get").substr(0, 8), R"({"kind":)");
  for (const char* method : {"ptz.move", "ptz.step", "ptz.drive", "ptz.stop", "ptz.home",
                             "ptz.save_preset", "ptz.go_to_preset", "ptz.delete_preset"}) {
    EXPECT_EQ(rig_.ErrorOf(viewer, method).substr(0, 6), "-32001") << method;
  }
}

TEST_F(PtzMethods, SayWhatTheCameraCannot) {
  rig_.ptz.SetCapabilities(rig_.now, media::VideoStatus());
  EXPECT_EQ(ErrorOf("ptz.move", R"({"pan":0.5})").substr(0, 6), "-32007");
}

}  // namespace
}  // namespace ocellus::control
