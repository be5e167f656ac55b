// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/server.h"

#include <gtest/gtest.h>

#include "tests/control/control_rig.h"

namespace ocellus::control {
namespace {

using auth::Role;

class ServerTest : public testing::Test {
 protected:
  ControlRig rig_;
  const ClientId client_ = rig_.Open();
};

std::string Request(int id, const std::string& method) {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":")" + method + "\"}";
}

TEST_F(ServerTest, AnswersARequestWithItsId) {
  EXPECT_EQ(rig_.Ask(client_, Request(7, "stream.request_keyframe")),
            R"({"jsonrpc":"2.0","id":7,"result":{}})");
  EXPECT_EQ(rig_.camera.keyframes, 1);
}

TEST_F(ServerTest, CarriesOutNotificationsAndNeverAnswersThem) {
  EXPECT_EQ(rig_.Ask(client_, R"({"jsonrpc":"2.0","method":"stream.request_keyframe"})"), "");
  EXPECT_EQ(rig_.camera.keyframes, 1);
  EXPECT_EQ(rig_.Ask(client_, R"({"jsonrpc":"2.0","method":"no.such"})"), "");
  EXPECT_EQ(rig_.Ask(client_, R"({"jsonrpc":"2.0","method":"ptz.move","params":{"pan":7}})"), "");
}

TEST_F(ServerTest, TakesParametersByNameAndByPosition) {
  EXPECT_EQ(rig_.ResultOf(client_, "ptz.move", R"({"zoom":1,"pan":0.5})"),
            rig_.ResultOf(client_, "ptz.move", "[0.5,0,1]"));
}

// JSON-RPC 2.0 section 6.
TEST_F(ServerTest, AnswersABatchByOneArrayWithoutItsNotifications) {
  EXPECT_EQ(
      rig_.Ask(client_, '[' + Request(1, "ptz.stops") +
                            R"(,{"jsonrpc":"2.0","method":"stream.request_keyframe"},7,)" +
                            Request(2, "stream.request_keyframe") + ']'),
      R"([{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"there is no method )"
      R"(\"ptz.stops\"; rpc.discover names those that there are"}},)"
      R"({"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"a request is an object, )"
      R"(not 7"}},{"jsonrpc":"2.0","id":2,"result":{}}])");
  EXPECT_EQ(rig_.camera.keyframes, 2);
  EXPECT_EQ(rig_.Ask(client_, R"([{"jsonrpc":"2.0","method":"stream.request_keyframe"}])"), "");
}

TEST_F(ServerTest, AnswersLaterWhatTakesTime) {
  rig_.camera.pends = true;
  EXPECT_EQ(rig_.Ask(client_, Request(1, "snapshot.take")), "");
  EXPECT_EQ(rig_.Ask(client_, Request(2, "stream.request_keyframe")),
            R"({"jsonrpc":"2.0","id":2,"result":{}})");
  rig_.FinishAll(R"({"name":"a.jpg"})");
  EXPECT_EQ(rig_.Read(client_), R"({"jsonrpc":"2.0","id":1,"result":{"name":"a.jpg"}})");
}

TEST_F(ServerTest, AnswersABatchOnceAllOfItIsDone) {
  rig_.camera.pends = true;
  EXPECT_EQ(rig_.Ask(client_, '[' + Request(1, "snapshot.take") + ',' +
                                  Request(2, "stream.request_keyframe") + ',' +
                                  Request(3, "snapshot.take") + ']'),
            "");
  rig_.server.Finish(rig_.camera.tickets[1], Status(StatusCode::kUnavailable, "no picture"));
  EXPECT_EQ(rig_.Read(client_), "");
  rig_.server.Finish(rig_.camera.tickets[0], json::Value::Object());
  EXPECT_EQ(rig_.Read(client_),
            R"([{"jsonrpc":"2.0","id":2,"result":{}},{"jsonrpc":"2.0","id":3,"error":)"
            R"({"code":-32003,"message":"snapshot.take: no picture"}},)"
            R"({"jsonrpc":"2.0","id":1,"result":{}}])");
}

TEST_F(ServerTest, GivesUpACallAfterFiveSeconds) {
  rig_.camera.pends = true;
  rig_.Ask(client_, Request(1, "snapshot.take"));
  EXPECT_EQ(rig_.server.next_deadline(), rig_.now + std::chrono::seconds(5));
  rig_.Wait(std::chrono::milliseconds(4999));
  EXPECT_EQ(rig_.Read(client_), "");
  rig_.Wait(std::chrono::milliseconds(1));
  EXPECT_EQ(rig_.ErrorIn(rig_.Read(client_)),
            "-32006 snapshot.take: nothing came of it within 5 s");
  rig_.FinishAll();
  EXPECT_EQ(rig_.Read(client_), "");
  EXPECT_EQ(rig_.server.next_deadline(), kNever);
}

TEST_F(ServerTest, ForgetsTheCallsOfThoseWhoHaveGone) {
  rig_.camera.pends = true;
  const ClientId other = rig_.Open();
  rig_.server.HandleMessage(rig_.now, client_, Request(1, "snapshot.take"));
  rig_.server.HandleMessage(rig_.now, client_, Request(2, "stream.get"));
  rig_.server.HandleMessage(rig_.now, other, Request(3, "snapshot.take"));
  rig_.server.Close(client_);
  rig_.server.Close(client_);
  EXPECT_EQ(rig_.server.client_count(), 1u);
  rig_.FinishAll();
  EXPECT_EQ(rig_.Read(other), R"({"jsonrpc":"2.0","id":3,"result":{}})");
  EXPECT_EQ(rig_.server.next_deadline(), kNever);
  EXPECT_EQ(rig_.Ask(client_, Request(4, "stream.get")), "");
}

TEST_F(ServerTest, IgnoresWhatNobodyWaitsFor) {
  rig_.server.Finish(kNobodyWaits, json::Value::Object());
  rig_.server.Finish(Ticket(77), Status(StatusCode::kTimeout));
  EXPECT_EQ(rig_.Read(client_), "");
}

TEST_F(ServerTest, LetsEachRoleCallWhatItMay) {
  const ClientId viewer = rig_.Open(Role::kViewer);
  EXPECT_EQ(rig_.Call(viewer, "ptz.stop"),
            R"({"jsonrpc":"2.0","id":1,"error":{"code":-32001,"message":"ptz.stop: needs the role )"
            R"(operator, and you are viewer","data":{"needed_role":"operator"}}})");
  EXPECT_EQ(rig_.ErrorOf(rig_.Open(Role::kOperator), "device.restart"),
            "-32001 device.restart: needs the role admin, and you are operator");
  EXPECT_EQ(rig_.device.restarts, 0);
  rig_.server.SetRole(viewer, Role::kAdmin);
  EXPECT_EQ(rig_.ResultOf(viewer, "device.restart"), "{}");
  EXPECT_EQ(rig_.device.restarts, 1);
}

TEST_F(ServerTest, TellsWhatTheCameraSaysAgainstIt) {
  rig_.camera.status = Status(StatusCode::kUnavailable, "the camera was unplugged");
  EXPECT_EQ(rig_.ErrorOf(client_, "snapshot.take"),
            "-32003 snapshot.take: the camera was unplugged");
  rig_.device.restart_status = Status(StatusCode::kUnsupported);
  EXPECT_EQ(rig_.ErrorOf(client_, "device.restart"), "-32007 device.restart: unsupported");
}

TEST_F(ServerTest, AnswersOverHttpWithoutAChannel) {
  const SocketAddress remote = *SocketAddress::Parse("198.51.100.1:4000");
  rig_.server.HandleHttp(rig_.now, 5, Role::kOperator, remote, Request(1, "ptz.stop"));
  const std::optional<HttpAnswer> answer = rig_.server.PollHttp();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->id, 5u);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body.substr(0, 33), R"({"jsonrpc":"2.0","id":1,"result":)");
  EXPECT_FALSE(rig_.server.PollHttp());
  EXPECT_FALSE(rig_.server.PollMessage());
}

struct HttpCase {
  const char* body;
  int status;
};

TEST_F(ServerTest, SaysOverHttpHowItWent) {
  const SocketAddress remote = *SocketAddress::Parse("198.51.100.1:4000");
  constexpr HttpCase kCases[] = {
      {R"({"jsonrpc":"2.0","id":1,"method":"stream.get"})", 200},
      {R"({"jsonrpc":"2.0","id":1,"method":"files.list","params":{"area":"attic"}})", 200},
      {R"({"jsonrpc":"2.0","method":"stream.get"})", 204},
      {R"({"jsonrpc":"2.0","id":1,"method":"ptz.stop"})", 403},
      {R"([{"jsonrpc":"2.0","id":1,"method":"ptz.stop"}])", 200},
      {R"({"jsonrpc":"2.0","id":1})", 400},
      {"half a mess", 400},
      {"", 400},
  };
  for (const HttpCase& http : kCases) {
    rig_.server.HandleHttp(rig_.now, 5, Role::kViewer, remote, http.body);
    const std::optional<HttpAnswer> answer = rig_.server.PollHttp();
    ASSERT_TRUE(answer) << http.body;
    EXPECT_EQ(answer->status, http.status) << http.body;
    EXPECT_EQ(answer->body.empty(), http.status == 204) << http.body;
  }
}

TEST_F(ServerTest, AnswersOverHttpLaterToo) {
  const SocketAddress remote = *SocketAddress::Parse("198.51.100.1:4000");
  rig_.camera.pends = true;
  rig_.server.HandleHttp(rig_.now, 5, Role::kViewer, remote, Request(1, "snapshot.take"));
  EXPECT_FALSE(rig_.server.PollHttp());
  rig_.FinishAll();
  EXPECT_EQ(rig_.server.PollHttp()->body, R"({"jsonrpc":"2.0","id":1,"result":{}})");
}

TEST_F(ServerTest, GivesAnHttpRequestTheRoleOfItsOwnToken) {
  const SocketAddress remote = *SocketAddress::Parse("198.51.100.1:4000");
  rig_.server.HandleHttp(rig_.now, 5, Role::kAdmin, remote, Request(1, "ptz.stop"));
  EXPECT_EQ(rig_.server.PollHttp()->status, 200);
  rig_.server.HandleHttp(rig_.now, 6, Role::kViewer, remote, Request(1, "ptz.stop"));
  EXPECT_EQ(rig_.server.PollHttp()->status, 403);
}

}  // namespace
}  // namespace ocellus::control
