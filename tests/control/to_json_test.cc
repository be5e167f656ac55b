// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/to_json.h"

#include <gtest/gtest.h>

namespace ocellus::control {
namespace {

TEST(ToJson, WritesControlsByTheirType) {
  hal::CameraControl control;
  control.name = "white-balance-temperature";
  control.title = "White Balance";
  control.minimum = 2800;
  control.maximum = 6500;
  control.step = 10;
  control.value = 4000;
  control.default_value = 4600;
  control.unit = "K";
  control.active = false;
  EXPECT_EQ(ToJson(control).Write(),
            R"({"name":"white-balance-temperature","title":"White Balance","type":"integer",)"
            R"("value":4000,"default":4600,"minimum":2800,"maximum":6500,"step":10,"unit":"K",)"
            R"("active":false})");
  control = {};
  control.name = "horizontal-flip";
  control.type = hal::ControlType::kBoolean;
  control.value = 1;
  EXPECT_EQ(ToJson(control).Write(),
            R"({"name":"horizontal-flip","title":"","type":"boolean","value":true,"default":false,)"
            R"("active":true})");
  control = {};
  control.name = "power-line-frequency";
  control.type = hal::ControlType::kMenu;
  control.value = 2;
  control.choices = {{0, "Off"}, {2, "60 Hz"}};
  EXPECT_EQ(ToJson(control).Write(),
            R"({"name":"power-line-frequency","title":"","type":"menu","value":2,"default":0,)"
            R"("choices":[{"value":0,"title":"Off"},{"value":2,"title":"60 Hz"}],"active":true})");
}

TEST(ToJson, WritesSettingsInTheirType) {
  Setting setting;
  setting.name = "ice-tcp";
  setting.type = Setting::Type::kBoolean;
  setting.value = "true";
  setting.default_value = "false";
  EXPECT_EQ(ToJson(setting).view()["value"].Write(), "true");
  EXPECT_EQ(ToJson(setting).view()["default"].Write(), "false");

  setting.type = Setting::Type::kInteger;
  setting.value = "-12";
  setting.default_value = "";  // It has none.
  setting.minimum = -20;
  setting.step = 2;
  EXPECT_EQ(ToJson(setting).view()["value"].Write(), "-12");
  EXPECT_EQ(ToJson(setting).view()["default"].Write(), "\"\"");
  EXPECT_EQ(ToJson(setting).view()["minimum"].Write(), "-20");
  EXPECT_EQ(ToJson(setting).view()["step"].Write(), "2");
  EXPECT_FALSE(ToJson(setting).view()["maximum"].exists());

  setting.type = Setting::Type::kList;
  setting.value = "stun:a, stun:b";
  EXPECT_EQ(ToJson(setting).view()["value"].Write(), R"(["stun:a","stun:b"])");
  EXPECT_EQ(ToJson(setting).view()["default"].Write(), "[]");

  setting.type = Setting::Type::kChoice;
  setting.value = "relay";
  setting.choices = {"all", "relay"};
  EXPECT_EQ(ToJson(setting).view()["value"].Write(), "\"relay\"");
  EXPECT_EQ(ToJson(setting).view()["choices"].Write(), R"(["all","relay"])");
}

TEST(ToJson, NeverTellsASecret) {
  Setting setting;
  setting.name = "turn-secret";
  setting.value = "hunter2";
  setting.default_value = "hunter1";
  setting.is_secret = true;
  const json::Value json = ToJson(setting);
  EXPECT_EQ(json.Write().find("hunter"), std::string::npos);
  EXPECT_EQ(json.view()["is_set"].AsBool(), true);
  setting.value.clear();
  EXPECT_EQ(ToJson(setting).view()["is_set"].AsBool(), false);
}

TEST(ToJson, WritesWhereTheCameraLooks) {
  PtzState state;
  state.kind = PtzKind::kMotor;
  state.can_pan = true;
  state.pan = -0.25;
  state.presets = {PtzPreset{PresetId(3), "Door", {}}};
  EXPECT_EQ(ToJson(state).Write(),
            R"({"kind":"motor","can":{"pan":true,"tilt":false,"zoom":false},"pan":-0.25,"tilt":0,)"
            R"("zoom":0,"moving":false,"presets":[{"id":3,"name":"Door"}]})");
}

TEST(ToJson, WritesTheRest) {
  EXPECT_EQ(ToJson(StreamParameters{640, 480, 15, DataRate::FromKilobitsPerSecond(900)}).Write(),
            R"({"width":640,"height":480,"frames_per_second":15,"bitrate_bps":900000})");
  EXPECT_EQ(ToJsonArray(std::vector<Outputs::Output>{
                            {"porch", OutputKind::kLight, true, Status()},
                            {"gate", OutputKind::kRelay, false,
                             Status(StatusCode::kNotFound, "no line gpiochip0/99")}})
                .Write(),
            R"([{"name":"porch","kind":"light","on":true},)"
            R"({"name":"gate","kind":"relay","on":false,"error":"no line gpiochip0/99"}])");
  EXPECT_EQ(ToJson(hal::LogLine{7, 1'790'000'000'000, LogLevel::kWarn, "x"}).Write(),
            R"({"number":7,"unix_ms":1790000000000,"level":"warn","text":"x"})");
}

}  // namespace
}  // namespace ocellus::control
