// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/control/control_rig.h"

namespace ocellus::control {
namespace {

using auth::Role;

class ImageMethods : public testing::Test {
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

TEST_F(ImageMethods, ListControlsWithoutMotors) {
  const Result<json::Value> list = json::Value::Parse(ResultOf("image.list"));
  EXPECT_EQ(list->view()["controls"].size(), 3u);
  EXPECT_EQ(list->view()["controls"].at(0)["name"].AsString(), "brightness");
}

TEST_F(ImageMethods, SetNumbersAndTruths) {
  EXPECT_NE(ResultOf("image.set", R"({"name":"brightness","value":12})").find("\"value\":12"),
            std::string::npos);
  EXPECT_NE(
      ResultOf("image.set", R"({"name":"horizontal-flip","value":true})").find("\"value\":true"),
      std::string::npos);
  const std::vector<std::pair<std::string, int64_t>> kSets = {{"brightness", 12},
                                                              {"horizontal-flip", 1}};
  EXPECT_EQ(rig_.camera.sets, kSets);
}

TEST_F(ImageMethods, SayWhatTheyCannotSet) {
  EXPECT_EQ(ErrorOf("image.set", R"({"name":"warmth","value":1})"),
            "-32002 image.set: the camera has no control \"warmth\"");
  EXPECT_EQ(ErrorOf("image.set", R"({"name":"pan","value":1})"),
            "-32002 image.set: the camera has no control \"pan\" here: see ptz.move and ptz.drive");
  EXPECT_EQ(ErrorOf("image.set", R"({"name":"brightness","value":"high"})"),
            "-32602 image.set: \"value\" must be a whole number, or true or false, not \"high\"");
  rig_.camera.status = Status(StatusCode::kInvalidArgument, "brightness goes from -64 to 64");
  EXPECT_EQ(ErrorOf("image.set", R"({"name":"brightness","value":99})"),
            "-32602 image.set: brightness goes from -64 to 64");
}

TEST_F(ImageMethods, AnswerOnceTheCameraHas) {
  rig_.camera.pends = true;
  EXPECT_EQ(rig_.Call(client_, "image.set", R"({"name":"brightness","value":12})"), "");
  rig_.FinishAll(R"({"name":"brightness","value":12})");
  EXPECT_EQ(rig_.Read(client_),
            R"({"jsonrpc":"2.0","id":1,"result":{"name":"brightness","value":12}})");
}

TEST_F(ImageMethods, ResetOneOrAllThatHaveChanged) {
  rig_.camera.list[0].value = 7;
  rig_.camera.list[1].value = 0;
  rig_.camera.list[2].value = 1;
  rig_.camera.list[2].active = false;
  rig_.camera.list[3].value = 7;  // A motor.
  EXPECT_EQ(ResultOf("image.reset", R"({"name":"brightness"})"), R"({"names":["brightness"]})");
  EXPECT_EQ(ResultOf("image.reset", R"({"name":"horizontal-flip"})"), R"({"names":[]})");
  EXPECT_EQ(ResultOf("image.reset"), R"({"names":["brightness","power-line-frequency"]})");
  EXPECT_EQ(rig_.camera.resets, (std::vector<std::string>{"brightness", "horizontal-flip", ""}));
  EXPECT_EQ(ErrorOf("image.reset", R"({"name":"warmth"})"),
            "-32002 image.reset: the camera has no control \"warmth\"");
}

TEST_F(ImageMethods, SayThatThereIsTooMuchToReset) {
  rig_.camera.status = Status(StatusCode::kResourceExhausted, "too much to do");
  EXPECT_EQ(ErrorOf("image.reset", R"({"name":"brightness"})"),
            "-32005 image.reset: too much to do");
}

}  // namespace
}  // namespace ocellus::control
