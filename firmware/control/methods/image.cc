// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "firmware/control/call.h"
#include "firmware/control/image_controls.h"
#include "firmware/control/methods/groups.h"
#include "firmware/control/to_json.h"

namespace ocellus::control::methods {
namespace {

using auth::Role;

Status NoSuchControl(std::string_view name) {
  std::string message = "the camera has no control \"" + std::string(name) + '"';
  if (!hal::IsImageControl(name)) message += " here: see ptz.move and ptz.drive";
  return Status(StatusCode::kNotFound, std::move(message));
}

const hal::CameraControl* Find(const Call& call, std::string_view name) {
  if (!hal::IsImageControl(name)) return nullptr;
  for (const hal::CameraControl& control : call.services.camera.controls()) {
    if (control.name == name) return &control;
  }
  return nullptr;
}

Outcome ListControls(const Call& call) {
  return Wrap("controls", ToJsonArray(ImageControls(call.services.camera)));
}

Outcome SetControl(const Call& call) {
  const std::string name(*call.arguments["name"].AsString());
  if (Find(call, name) == nullptr) return NoSuchControl(name);
  const json::View value = call.arguments["value"];
  const int64_t number = value.AsBool() ? int64_t{*value.AsBool()} : *value.AsInteger();
  return call.services.camera.SetControl(call.ticket, name, number);
}

Outcome ResetControls(const Call& call) {
  const std::string name(call.arguments["name"].AsString().value_or(""));
  if (!name.empty() && Find(call, name) == nullptr) return NoSuchControl(name);
  RETURN_IF_ERROR(call.services.camera.ResetControls(name));
  json::Value names = json::Value::Array();
  for (const hal::CameraControl& control : ImageControls(call.services.camera)) {
    const bool is_meant = name.empty() || control.name == name;
    const bool changes = control.active && control.value != control.default_value;
    if (is_meant && changes) names.Append(control.name);
  }
  return Wrap("names", std::move(names));
}

constexpr Method kMethods[] = {
    {"image.list",
     Role::kViewer,
     "The controls that the camera has.",
     {},
     "`controls`: each has a `title` for people, its `type` (integer, boolean or menu), `value` "
     "and "
     "`default`, the range of an integer, the `choices` of a menu, its `unit` where it has one, "
     "and "
     "whether it is `active`: another control, such as automatic exposure, may rule it out.",
     "{}",
     R"({"controls": [{"name": "brightness", "title": "Brightness", "type": "integer", "value": 0, )"
     R"("default": 0, "minimum": -64, "maximum": 64, "step": 1, "active": true}, )"
     R"({"name": "power-line-frequency", "title": "Power Line Frequency", "type": "menu", )"
     R"("value": 1, "default": 1, "choices": [{"value": 0, "title": "Disabled"}, )"
     R"({"value": 1, "title": "50 Hz"}], "active": true}]})",
     ListControls},
    {"image.set",
     Role::kOperator,
     "Sets one of them, and keeps the value: it is set again after a restart, and when the camera "
     "was unplugged.",
     {{"name", Text(64), Need::kRequired, "As of `image.list`."},
      {"value", Integer() | Boolean(), Need::kRequired,
       "In the control's range; of a menu the value of a choice."}},
     "The control as it is then: the camera takes the nearest value that it has.",
     R"({"name": "brightness", "value": 12})",
     R"({"name": "brightness", "title": "Brightness", "type": "integer", "value": 12, "default": 0, )"
     R"("minimum": -64, "maximum": 64, "step": 1, "active": true})",
     SetControl},
    {"image.reset",
     Role::kOperator,
     "Gives one or all of them their default values, and keeps no others.",
     {{"name", Text(64), Need::kOptional, "As of `image.list`; all of them without it."}},
     "`names` of those that will change, which are the active ones; that they have, "
     "`image.changed` tells.",
     R"({"name": "brightness"})",
     R"({"names": ["brightness"]})",
     ResetControls},
};

}  // namespace

const MethodGroup kImage = {"Image",
                            "Whatever the camera offers: brightness, exposure, white balance, "
                            "focus, flip, rotate and so on. "
                            "Names are the same for all cameras.",
                            kMethods};

}  // namespace ocellus::control::methods
