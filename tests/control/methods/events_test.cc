// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/control/control_rig.h"

namespace ocellus::control {
namespace {

using auth::Role;

class EventsMethods : public testing::Test {
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

TEST_F(EventsMethods, SubscribeAndUnsubscribe) {
  EXPECT_EQ(ResultOf("events.subscribe", R"({"topics":["ptz","image"]})"),
            R"({"topics":["image","ptz"]})");
  EXPECT_EQ(ResultOf("events.subscribe", R"({"topics":["files","ptz"]})"),
            R"({"topics":["image","ptz","files"]})");
  EXPECT_EQ(ResultOf("events.unsubscribe", R"({"topics":["image","log"]})"),
            R"({"topics":["ptz","files"]})");
}

TEST_F(EventsMethods, RefuseTopicsThatThereAreNotOrThatOneMayNotHave) {
  EXPECT_EQ(
      ErrorOf("events.subscribe", R"({"topics":["ptz","weather"]})"),
      "-32002 events.subscribe: no topic \"weather\"; there are settings, image, ptz, stream, "
      "outputs, stats, log, files");
  EXPECT_EQ(
      rig_.ErrorOf(rig_.Open(Role::kOperator), "events.subscribe", R"({"topics":["ptz","log"]})"),
      "-32001 events.subscribe: the topic \"log\" needs the role admin");
  EXPECT_EQ(ErrorOf("events.subscribe", R"({"topics":[]})"),
            "-32602 events.subscribe: \"topics\" must be an array of 1 to 8 strings, not an array "
            "of 0");
  EXPECT_EQ(ResultOf("events.unsubscribe", R"({"topics":["ptz"]})"), R"({"topics":[]})");
}

TEST_F(EventsMethods, NeedAChannel) {
  rig_.server.HandleHttp(rig_.now, 1, Role::kViewer, *SocketAddress::Parse("198.51.100.1:1"),
                         R"({"jsonrpc":"2.0","id":1,"method":"events.subscribe",)"
                         R"("params":{"topics":["ptz"]}})");
  EXPECT_EQ(rig_.ErrorIn(rig_.server.PollHttp()->body),
            "-32004 events.subscribe: notifications need a control channel");
  EXPECT_EQ(rig_.server.next_deadline(), kNever);
}

}  // namespace
}  // namespace ocellus::control
