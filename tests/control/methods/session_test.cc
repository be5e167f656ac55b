// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/control/control_rig.h"

namespace ocellus::control {
namespace {

using auth::Role;

class SessionMethods : public testing::Test {
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

TEST_F(SessionMethods, SayWhatTheRoleMay) {
  const Result<json::Value> session = json::Value::Parse(ResultOf("session.get"));
  ASSERT_TRUE(session.ok());
  EXPECT_EQ(session->view()["role"].AsString(), "viewer");
  EXPECT_EQ(session->view()["client"].AsNumber(), static_cast<double>(client_.value()));
  const std::string methods = session->view()["methods"].Write();
  EXPECT_NE(methods.find("\"ptz.get\""), std::string::npos);
  EXPECT_EQ(methods.find("\"ptz.move\""), std::string::npos);
  EXPECT_EQ(session->view()["topics"].Write(),
            R"(["image","ptz","stream","outputs","stats","files"])");
  rig_.server.SetRole(client_, Role::kAdmin);
  const std::string admin = ResultOf("session.get");
  EXPECT_NE(admin.find("\"device.restart\""), std::string::npos);
  EXPECT_NE(admin.find("\"log\""), std::string::npos);
}

TEST_F(SessionMethods, TakeATokenForAnotherRole) {
  EXPECT_EQ(ErrorOf("device.restart"),
            "-32001 device.restart: needs the role admin, and you are viewer");
  EXPECT_EQ(ErrorOf("session.log_in", R"({"token":"guess"})"),
            "-32001 session.log_in: a wrong token");
  EXPECT_EQ(ErrorOf("device.restart"),
            "-32001 device.restart: needs the role admin, and you are viewer");
  EXPECT_EQ(ResultOf("session.log_in", R"({"token":"correct-horse-battery-staple"})"),
            R"({"role":"admin"})");
  EXPECT_EQ(ResultOf("device.restart"), "{}");
  const ClientId other = rig_.Open(Role::kViewer);
  EXPECT_EQ(rig_.ErrorOf(other, "device.restart").substr(0, 6), "-32001") << "this channel only";
}

TEST_F(SessionMethods, TakeNoTokenOverHttp) {
  rig_.server.HandleHttp(rig_.now, 1, Role::kViewer, *SocketAddress::Parse("198.51.100.1:1"),
                         R"({"jsonrpc":"2.0","id":1,"method":"session.log_in",)"
                         R"("params":{"token":"correct-horse-battery-staple"}})");
  EXPECT_EQ(rig_.ErrorIn(rig_.server.PollHttp()->body),
            "-32004 session.log_in: over HTTP the token belongs into the field "
            "\"Authorization: Bearer\"");
}

TEST_F(SessionMethods, TellAllMethodsToPrograms) {
  const Result<json::Value> document = json::Value::Parse(ResultOf("rpc.discover"));
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(document->view()["info"]["version"].AsString(), "ocellus.control.v1");
}

}  // namespace
}  // namespace ocellus::control
