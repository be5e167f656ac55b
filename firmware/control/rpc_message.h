// SPDX-License-Identifier: Apache-2.0
// JSON-RPC 2.0 (jsonrpc.org/specification): one request as it was read, and the texts of answers
// and notifications. Knows no methods. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "firmware/auth/role.h"
#include "firmware/base/status.h"
#include "firmware/control/error_code.h"
#include "firmware/json/json.h"

namespace ocellus::control {

// Section 5.1.
struct RpcError {
  int code = kInternalError;
  std::string message;
  std::optional<auth::Role> needed_role;  // Told in `data`.
};

// The error of a Status, whose message is prefixed by the method's name.
RpcError ToRpcError(std::string_view method, const Status& status);

// Section 4. Views borrow from what was parsed.
struct RpcRequest {
  std::optional<std::string> id;  // As JSON; nullopt: a notification, which is not answered.
  std::string_view method;
  json::View params;
};

// Reads one request. Stricter than the specification in one thing: members that it does not know
// are errors, so that a misspelled "params" is not overlooked.
// Of a request that is wrong, `request` has the id, or null where that cannot be read.
std::optional<RpcError> ReadRequest(json::View json, RpcRequest& request);

// Section 5. `id` is JSON.
std::string ResultText(std::string_view id, const json::Value& result);
std::string ErrorText(std::string_view id, const RpcError& error);

// Section 4.1. `params` is JSON.
std::string NotificationText(std::string_view method, std::string_view params);

}  // namespace ocellus::control
