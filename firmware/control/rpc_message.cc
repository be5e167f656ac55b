// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/rpc_message.h"

#include <cmath>
#include <utility>

#include "firmware/base/limits.h"
#include "firmware/control/arguments.h"
#include "firmware/json/writer.h"

namespace ocellus::control {
namespace {

RpcError Invalid(std::string message) { return RpcError{kInvalidRequest, std::move(message), {}}; }

// Only what comes back as it went: numbers as far as they are exact.
bool IsId(json::View id) {
  switch (id.type()) {
    case json::Type::kNull:
      return true;
    case json::Type::kNumber:
      return std::fabs(*id.AsNumber()) <= json::kMaxExactInteger;
    case json::Type::kString:
      return id.Write().size() <= kMaxControlIdSize + 2;  // With its quotes.
    case json::Type::kAbsent:
    case json::Type::kBoolean:
    case json::Type::kArray:
    case json::Type::kObject:
      return false;
  }
  return false;
}

// The members' names: each is known, and there once. Ends at the first that is not.
std::optional<RpcError> CheckNames(json::View request) {
  constexpr const char* kNames[] = {"jsonrpc", "method", "params", "id"};
  bool seen[4] = {};
  for (const json::View member : request) {
    size_t index = 0;
    while (index < 4 && member.name() != kNames[index]) ++index;
    if (index == 4) return Invalid("a request has no member " + QuoteValue(member.name()));
    if (seen[index])
      return Invalid(std::string("the member \"") + kNames[index] + "\" is there twice");
    seen[index] = true;
  }
  return std::nullopt;
}

}  // namespace

RpcError ToRpcError(std::string_view method, const Status& status) {
  const std::string& message = status.message();
  return RpcError{
      ErrorCode(status.code()),
      std::string(method) + ": " + (message.empty() ? ToString(status.code()) : message),
      {}};
}

std::optional<RpcError> ReadRequest(json::View json, RpcRequest& request) {
  request.id = "null";
  if (json.type() != json::Type::kObject) {
    return Invalid("a request is an object, not " + DescribeValue(json));
  }
  const json::View id = json["id"];
  if (id.exists() && IsId(id)) request.id = id.Write();
  if (std::optional<RpcError> error = CheckNames(json)) return error;
  if (json["jsonrpc"].AsString() != "2.0") {
    return Invalid("\"jsonrpc\" must be \"2.0\", not " + DescribeValue(json["jsonrpc"]));
  }
  if (id.exists() && !IsId(id)) {
    return Invalid(
        Format("\"id\" must be a string of at most %u bytes, a number of at most 2^53 - 1, "
               "or null, not ",
               static_cast<unsigned>(kMaxControlIdSize)) +
        DescribeValue(id));
  }
  const std::optional<std::string_view> method = json["method"].AsString();
  if (!method) return Invalid("\"method\" must be a string, not " + DescribeValue(json["method"]));
  const json::View params = json["params"];
  if (params.exists() && params.type() != json::Type::kObject &&
      params.type() != json::Type::kArray) {
    return Invalid("\"params\" must be an object or an array, not " + DescribeValue(params));
  }
  if (!id.exists()) request.id.reset();
  request.method = *method;
  request.params = params;
  return std::nullopt;
}

std::string ResultText(std::string_view id, const json::Value& result) {
  std::string text = "{\"jsonrpc\":\"2.0\",\"id\":";
  text += id;
  text += ",\"result\":";
  text += result.Write();
  text += '}';
  return text;
}

std::string ErrorText(std::string_view id, const RpcError& error) {
  json::Value json = json::Value::Object();
  json.Set("code", error.code).Set("message", error.message);
  if (error.needed_role) {
    json::Value data = json::Value::Object();
    data.Set("needed_role", ToString(*error.needed_role));
    json.Set("data", std::move(data));
  }
  std::string text = "{\"jsonrpc\":\"2.0\",\"id\":";
  text += id;
  text += ",\"error\":";
  text += json.Write();
  text += '}';
  return text;
}

std::string NotificationText(std::string_view method, std::string_view params) {
  std::string text = "{\"jsonrpc\":\"2.0\",\"method\":";
  text += json::QuoteText(method);
  text += ",\"params\":";
  text += params;
  text += '}';
  return text;
}

}  // namespace ocellus::control
