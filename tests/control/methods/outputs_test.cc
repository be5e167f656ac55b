// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/control/control_rig.h"

namespace ocellus::control {
namespace {

using auth::Role;

class OutputsMethods : public testing::Test {
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

TEST_F(OutputsMethods, ListAndSwitch) {
  EXPECT_EQ(ResultOf("outputs.list"),
            R"({"outputs":[{"name":"porch","kind":"light","on":false}]})");
  EXPECT_EQ(ResultOf("outputs.set", R"({"name":"porch","on":true})"),
            R"({"outputs":[{"name":"porch","kind":"light","on":true}]})");
  EXPECT_TRUE(rig_.gpio.line("gpiochip0", 17).high);
}

TEST_F(OutputsMethods, SayWhyOneCannotBeSwitched) {
  EXPECT_EQ(ErrorOf("outputs.set", R"({"name":"barn","on":true})"),
            "-32002 outputs.set: no output of that name; there are porch");
  EXPECT_EQ(ErrorOf("outputs.set", R"({"name":"porch","on":1})"),
            "-32602 outputs.set: \"on\" must be true or false, not 1");
  rig_.gpio.line("gpiochip0", 17).refuses_to_switch = Status(StatusCode::kUnavailable, "unplugged");
  EXPECT_EQ(ErrorOf("outputs.set", R"({"name":"porch","on":true})"),
            "-32003 outputs.set: unplugged");
  EXPECT_EQ(ResultOf("outputs.list"),
            R"({"outputs":[{"name":"porch","kind":"light","on":false,"error":"unplugged"}]})");
}

TEST_F(OutputsMethods, AreShownToViewersAndSwitchedByOperators) {
  const ClientId viewer = rig_.Open(Role::kViewer);
  EXPECT_EQ(rig_.ResultOf(viewer, "outputs.list").substr(0, 11), R"({"outputs":)");
  EXPECT_EQ(rig_.ErrorOf(viewer, "outputs.set", R"({"name":"porch","on":true})").substr(0, 6),
            "-32001");
}

}  // namespace
}  // namespace ocellus::control
