// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/control/control_rig.h"

namespace ocellus::control {
namespace {

using auth::Role;

class DeviceMethods : public testing::Test {
 protected:
  std::string ResultOf(const std::string& method, const std::string& params = "{}") {
    return rig_.ResultOf(client_, method, params);
  }
  std::string ErrorOf(const std::string& method, const std::string& params = "{}") {
    return rig_.ErrorOf(client_, method, params);
  }

  ControlRig rig_;
  const ClientId client_ = rig_.Open(Role::kViewer);
};

TEST_F(DeviceMethods, DescribeTheDevice) {
  EXPECT_EQ(ResultOf("device.get"),
            R"({"name":"Ocellus","version":"0.1.0","camera":"USB Camera"})");
}

TEST_F(DeviceMethods, TellStatisticsToTheCallersRole) {
  EXPECT_NE(ResultOf("stats.get").find(R"("role":"viewer")"), std::string::npos);
}

TEST_F(DeviceMethods, RestartForAdmins) {
  EXPECT_EQ(ErrorOf("device.restart"),
            "-32001 device.restart: needs the role admin, and you are viewer");
  EXPECT_EQ(rig_.device.restarts, 0);
  EXPECT_EQ(rig_.ResultOf(rig_.Open(), "device.restart"), "{}");
  EXPECT_EQ(rig_.device.restarts, 1);
}

}  // namespace
}  // namespace ocellus::control
