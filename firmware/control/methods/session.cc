// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "firmware/control/call.h"
#include "firmware/control/method_table.h"
#include "firmware/control/methods/groups.h"

namespace ocellus::control::methods {
namespace {

using auth::Role;

Outcome GetSession(const Call& call) {
  const Role role = call.session.caller.role;
  json::Value methods = json::Value::Array();
  for (const MethodGroup* group : MethodGroups()) {
    for (const Method& method : group->methods) {
      if (Includes(role, method.role)) methods.Append(method.name);
    }
  }
  json::Value topics = json::Value::Array();
  for (const TopicInfo& topic : Topics()) {
    if (Includes(role, topic.role)) topics.Append(topic.name);
  }
  json::Value session = json::Value::Object();
  session.Set("role", ToString(role)).Set("client", call.session.caller.client.value());
  session.Set("methods", std::move(methods)).Set("topics", std::move(topics));
  return session;
}

Outcome LogIn(const Call& call) {
  if (call.session.transport == Session::Transport::kHttp) {
    return Status(StatusCode::kFailedPrecondition,
                  "over HTTP the token belongs into the field \"Authorization: Bearer\"");
  }
  const std::string_view token = *call.arguments["token"].AsString();
  const Result<Role> role = call.services.device.LogIn(call.now, call.session.caller, token);
  if (!role.ok()) return role.status();
  call.session.caller.role = *role;
  json::Value result = json::Value::Object();
  result.Set("role", ToString(*role));
  return result;
}

Outcome Discover(const Call&) { return OpenRpcDocument(); }

constexpr Method kMethods[] = {
    {"session.get",
     Role::kViewer,
     "Who the camera takes you for, and what you may do.",
     {},
     "`role`; `client`, the number of this session; the `methods` that you may call and the "
     "`topics` "
     "that you may subscribe to.",
     "{}",
     R"({"role": "viewer", "client": 7, "methods": ["session.get", "session.log_in"], )"
     R"("topics": ["image", "ptz"]})",
     GetSession},
    {"session.log_in",
     Role::kViewer,
     "Takes another role, on this channel only.",
     {{"token", Text(512), Need::kRequired, "A token of the camera."}},
     "The `role` that it gives. A wrong token leaves the role as it is, and after some of them the "
     "camera waits before it looks at the next one from that address.",
     R"({"token": "correct-horse-battery-staple"})",
     R"({"role": "admin"})",
     LogIn},
    {"rpc.discover",
     Role::kViewer,
     "All methods, for programs.",
     {},
     "An OpenRPC 1.3 document; `x-role` is the least role that may call a method.",
     "{}",
     R"({"openrpc": "1.3.2", "info": {"title": "Ocellus control", "version": "ocellus.control.v1"}, )"
     R"("methods": [{"name": "ptz.stop", "summary": "Stands still.", "x-role": "operator"}]})",
     Discover},
};

}  // namespace

const MethodGroup kSession = {"Session", "", kMethods};

}  // namespace ocellus::control::methods
