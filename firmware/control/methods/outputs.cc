// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/outputs.h"

#include "firmware/base/limits.h"
#include "firmware/control/call.h"
#include "firmware/control/methods/groups.h"
#include "firmware/control/to_json.h"

namespace ocellus::control::methods {
namespace {

using auth::Role;

Outcome ListOutputs(const Call& call) {
  return Wrap("outputs", ToJsonArray(call.services.outputs.List()));
}

Outcome SetOutput(const Call& call) {
  const std::string_view name = *call.arguments["name"].AsString();
  const Status status = call.services.outputs.Set(name, *call.arguments["on"].AsBool());
  if (!status.ok()) return status;
  return ListOutputs(call);
}

constexpr Method kMethods[] = {
    {"outputs.list",
     Role::kViewer,
     "The outputs of the board.",
     {},
     "`outputs`: each has a `name`, its `kind` (light, infrared or relay), whether it is `on`, and "
     "an "
     "`error` when it does not work.",
     "{}",
     R"({"outputs": [{"name": "porch", "kind": "light", "on": false}]})",
     ListOutputs},
    {"outputs.set",
     Role::kOperator,
     "Switches one of them.",
     {{"name", Text(kMaxOutputName), Need::kRequired, "As of `outputs.list`."},
      {"on", Boolean(), Need::kRequired, "Whether it is to be on."}},
     "All `outputs` as they are then.",
     R"({"name": "porch", "on": true})",
     R"({"outputs": [{"name": "porch", "kind": "light", "on": true}]})",
     SetOutput},
};

}  // namespace

const MethodGroup kOutputs = {
    "Outputs", "Lights, infrared lamps and relays. All are off at the start.", kMethods};

}  // namespace ocellus::control::methods
