// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/control/control_rig.h"

namespace ocellus::control {
namespace {

using auth::Role;

class SettingsMethods : public testing::Test {
 protected:
  std::string ResultOf(const std::string& method, const std::string& params = "{}") {
    return rig_.ResultOf(client_, method, params);
  }
  std::string ErrorOf(const std::string& method, const std::string& params = "{}") {
    return rig_.ErrorOf(client_, method, params);
  }

  ControlRig rig_;
  const ClientId client_ = rig_.Open(Role::kAdmin);
};

TEST_F(SettingsMethods, ListAndGet) {
  const Result<json::Value> list = json::Value::Parse(ResultOf("settings.list"));
  EXPECT_EQ(list->view()["settings"].size(), 2u);
  const Result<json::Value> one =
      json::Value::Parse(ResultOf("settings.get", R"({"name":"bitrate"})"));
  EXPECT_EQ(one->view()["setting"]["value"].AsNumber(), 2000);
  EXPECT_EQ(ErrorOf("settings.get", R"({"name":"colour"})"),
            "-32002 settings.get: no setting \"colour\"");
}

TEST_F(SettingsMethods, SetInAnyTypeThatJsonHas) {
  EXPECT_NE(ResultOf("settings.set", R"({"name":"bitrate","value":1500})").find("\"value\":1500"),
            std::string::npos);
  EXPECT_EQ(rig_.settings.settings[0].value, "1500");
  ResultOf("settings.set", R"({"name":"bitrate","value":"1600"})");
  EXPECT_EQ(rig_.settings.settings[0].value, "1600");
  ResultOf("settings.set", R"({"name":"bitrate","value":0.5})");
  EXPECT_EQ(rig_.settings.settings[0].value, "0.5");
  ResultOf("settings.set", R"({"name":"bitrate","value":false})");
  EXPECT_EQ(rig_.settings.settings[0].value, "false");
  ResultOf("settings.set", R"({"name":"bitrate","value":["stun:a","stun:b"]})");
  EXPECT_EQ(rig_.settings.settings[0].value, "stun:a,stun:b");
  EXPECT_EQ(ErrorOf("settings.set", R"({"name":"bitrate","value":["a,b"]})"),
            "-32602 settings.set: what is in \"value\" may not be empty, nor have a comma");
  EXPECT_EQ(ErrorOf("settings.set", R"({"name":"bitrate","value":null})"),
            "-32602 settings.set: \"value\" must be a string of 1 to 4096 bytes, or a number, or "
            "true or false, or an array of 1 to 64 strings, not null");
}

TEST_F(SettingsMethods, SayWhySomethingCannotBeSet) {
  EXPECT_EQ(ErrorOf("settings.set", R"({"name":"turn-secret","value":"x"})"),
            "-32004 settings.set: fixed by OCELLUS_TURN_SECRET");
  EXPECT_EQ(ErrorOf("settings.set", R"({"name":"colour","value":"x"})"),
            "-32002 settings.set: no setting \"colour\"");
}

TEST_F(SettingsMethods, Reset) {
  ResultOf("settings.set", R"({"name":"bitrate","value":1500})");
  EXPECT_NE(ResultOf("settings.reset", R"({"name":"bitrate"})").find("\"value\":2000"),
            std::string::npos);
}

TEST_F(SettingsMethods, TellThoseWhoHaveSubscribed) {
  const ClientId other = rig_.Open();
  rig_.Call(other, "events.subscribe", R"({"topics":["settings"]})");
  rig_.server.HandleMessage(rig_.now, client_,
                            R"({"jsonrpc":"2.0","method":"settings.set",)"
                            R"("params":{"name":"bitrate","value":1500}})");
  rig_.Wait(std::chrono::milliseconds(100));
  const Result<json::Value> changed = json::Value::Parse(rig_.Read(other));
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ(changed->view()["method"].AsString(), "settings.changed");
  EXPECT_EQ(changed->view()["params"]["setting"]["value"].AsNumber(), 1500);
}

TEST_F(SettingsMethods, AreForAdmins) {
  const ClientId steersman = rig_.Open(Role::kOperator);
  for (const char* method : {"settings.list", "settings.get", "settings.set", "settings.reset"}) {
    EXPECT_EQ(rig_.ErrorOf(steersman, method).substr(0, 6), "-32001") << method;
  }
}

}  // namespace
}  // namespace ocellus::control
