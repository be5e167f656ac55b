// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/rpc_message.h"

#include <gtest/gtest.h>

namespace ocellus::control {
namespace {

TEST(RpcMessage, ReadsARequest) {
  const Result<json::Value> json =
      json::Value::Parse(R"({"id":"a\"b","params":[1],"method":"ptz.move","jsonrpc":"2.0"})");
  RpcRequest request;
  EXPECT_FALSE(ReadRequest(json->view(), request));
  EXPECT_EQ(request.id, R"("a\"b")");
  EXPECT_EQ(request.method, "ptz.move");
  EXPECT_EQ(request.params.at(0).AsNumber(), 1);
}

// JSON-RPC 2.0 section 4.1.
TEST(RpcMessage, KnowsNotificationsByTheirMissingId) {
  const Result<json::Value> notification =
      json::Value::Parse(R"({"jsonrpc":"2.0","method":"ptz.stop"})");
  const Result<json::Value> with_null =
      json::Value::Parse(R"({"jsonrpc":"2.0","method":"ptz.stop","id":null})");
  RpcRequest request;
  EXPECT_FALSE(ReadRequest(notification->view(), request));
  EXPECT_EQ(request.id, std::nullopt);
  EXPECT_FALSE(request.params.exists());
  EXPECT_FALSE(ReadRequest(with_null->view(), request));
  EXPECT_EQ(request.id, "null");
}

TEST(RpcMessage, KeepsTheIdOfARequestThatIsWrong) {
  const Result<json::Value> json = json::Value::Parse(R"({"jsonrpc":"1.0","id":7,"method":"a"})");
  RpcRequest request;
  const std::optional<RpcError> error = ReadRequest(json->view(), request);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, kInvalidRequest);
  EXPECT_EQ(error->message, "\"jsonrpc\" must be \"2.0\", not \"1.0\"");
  EXPECT_EQ(request.id, "7");
  EXPECT_TRUE(ReadRequest(json::View(), request));
  EXPECT_EQ(request.id, "null");
}

TEST(RpcMessage, WritesAnswersAndNotifications) {
  json::Value result = json::Value::Object();
  result.Set("a", 1);
  EXPECT_EQ(ResultText("\"x\"", result), R"({"jsonrpc":"2.0","id":"x","result":{"a":1}})");
  EXPECT_EQ(ErrorText("null", RpcError{kParseError, "a \"b\"", {}}),
            R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"a \"b\""}})");
  EXPECT_EQ(ErrorText("1", RpcError{kPermissionDenied, "no", auth::Role::kAdmin}),
            R"({"jsonrpc":"2.0","id":1,"error":{"code":-32001,"message":"no",)"
            R"("data":{"needed_role":"admin"}}})");
  EXPECT_EQ(NotificationText("ptz.changed", "{\"pan\":1}"),
            R"({"jsonrpc":"2.0","method":"ptz.changed","params":{"pan":1}})");
}

TEST(RpcMessage, NamesTheMethodInErrors) {
  EXPECT_EQ(ToRpcError("ptz.move", Status(StatusCode::kUnsupported, "no motor")).message,
            "ptz.move: no motor");
  EXPECT_EQ(ToRpcError("ptz.move", StatusCode::kUnavailable).message, "ptz.move: unavailable");
}

}  // namespace
}  // namespace ocellus::control
