// SPDX-License-Identifier: Apache-2.0
// All methods of the control protocol, and what is made of their table for programs: rpc.discover's
// answer. For people see control_markdown.h. Any thread.
#pragma once

#include <string_view>

#include "firmware/control/method.h"

namespace ocellus::control {

// In the order of the documentation.
Span<const MethodGroup* const> MethodGroups();

// nullptr when there is none.
const Method* FindMethod(std::string_view name);

// An OpenRPC document (spec.open-rpc.org, version 1.3.2) of all methods. Each has the least role
// that may call it as "x-role".
json::Value OpenRpcDocument();

}  // namespace ocellus::control
