// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/call.h"
#include "firmware/control/methods/groups.h"

namespace ocellus::control::methods {
namespace {

using auth::Role;

Outcome Describe(const Call& call) { return call.services.device.Describe(call.now); }

Outcome GetStatistics(const Call& call) {
  return call.services.device.ReadStatistics(call.now, call.session.caller);
}

Outcome Restart(const Call& call) {
  const Status status = call.services.device.Restart(call.now);
  if (!status.ok()) return status;
  return json::Value::Object();
}

constexpr Method kMethods[] = {
    {"device.get",
     Role::kViewer,
     "What stays the same while the program runs.",
     {},
     "Name, version, board, camera and encoder, as far as they are known.",
     "{}",
     R"({"name": "Ocellus", "version": "0.1.0", "camera": "USB Camera"})",
     Describe},
    {"stats.get",
     Role::kViewer,
     "How the stream and its viewers are.",
     {},
     "As `/status`; who is no admin gets his own connection only.",
     "{}",
     R"({"viewers": [{"id": "4Fz1"}]})",
     GetStatistics},
    {"device.restart",
     Role::kAdmin,
     "Ends the program a moment later, and starts it anew.",
     {},
     "Nothing. Viewers have to connect again.",
     "{}",
     "{}",
     Restart},
};

}  // namespace

const MethodGroup kDevice = {"Device", "", kMethods};

}  // namespace ocellus::control::methods
