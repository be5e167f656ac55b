// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "firmware/base/limits.h"
#include "firmware/control/call.h"
#include "firmware/control/methods/groups.h"
#include "firmware/control/to_json.h"
#include "firmware/json/writer.h"

namespace ocellus::control::methods {
namespace {

using auth::Role;

constexpr const char* kName = "As in docs/configuration.md, such as \"bitrate\".";

Outcome ToOutcome(const Result<Setting>& setting) {
  if (!setting.ok()) return setting.status();
  return Wrap("setting", ToJson(*setting));
}

// As a configuration file would have it.
Result<std::string> ConfigurationText(json::View value) {
  if (const auto text = value.AsString()) return std::string(*text);
  if (const auto number = value.AsNumber()) return json::NumberText(*number);
  if (const auto boolean = value.AsBool()) return std::string(*boolean ? "true" : "false");
  std::string list;
  for (const json::View element : value) {
    const std::string_view item = *element.AsString();
    if (item.empty() || item.find(',') != std::string_view::npos) {
      return Status(StatusCode::kInvalidArgument,
                    "what is in \"value\" may not be empty, nor have a comma");
    }
    if (!list.empty()) list += ',';
    list += item;
  }
  return list;
}

Outcome ListSettings(const Call& call) {
  return Wrap("settings", ToJsonArray(call.services.settings.List()));
}

Outcome GetSetting(const Call& call) {
  const std::string_view name = *call.arguments["name"].AsString();
  for (const Setting& setting : call.services.settings.List()) {
    if (setting.name == name) return Wrap("setting", ToJson(setting));
  }
  return Status(StatusCode::kNotFound, "no setting " + DescribeValue(call.arguments["name"]));
}

Outcome SetSetting(const Call& call) {
  const Result<std::string> value = ConfigurationText(call.arguments["value"]);
  if (!value.ok()) return value.status();
  const std::string name(*call.arguments["name"].AsString());
  return ToOutcome(call.services.settings.Set(call.now, name, *value));
}

Outcome ResetSetting(const Call& call) {
  const std::string name(*call.arguments["name"].AsString());
  return ToOutcome(call.services.settings.Reset(call.now, name));
}

#define BITRATE                                                                               \
  R"({"name": "bitrate", "type": "integer", "value": 1500, "default": 2000, "description": )" \
  R"("Video bitrate, where the picture is encoded here.", "allowed": "50 to 50000", )"        \
  R"("minimum": 50, "maximum": 50000, "origin": "saved", "fixed": false, "needs_restart": false})"

constexpr Method kMethods[] = {
    {"settings.list",
     Role::kAdmin,
     "All settings.",
     {},
     "`settings`, each as of `settings.get`.",
     "{}",
     R"({"settings": [)" BITRATE "]}",
     ListSettings},
    {"settings.get",
     Role::kAdmin,
     "One setting.",
     {{"name", Text(64), Need::kRequired, kName}},
     "`setting`: its `type` (integer, boolean, text, choice or list), `value` and `default` in "
     "that "
     "type, a `description`, what is `allowed` in words and as `minimum`, `maximum`, `step` or "
     "`choices`, the `origin` of the value, whether it is `fixed` by a flag or the environment, "
     "and "
     "whether a new value `needs_restart`. A secret has `is_set` instead of its value.",
     R"({"name": "bitrate"})",
     R"({"setting": )" BITRATE "}",
     GetSetting},
    {"settings.set",
     Role::kAdmin,
     "Changes a setting, and keeps it across restarts.",
     {{"name", Text(64), Need::kRequired, kName},
      {"value",
       Text(4096) | Number(-json::kMaxExactInteger, json::kMaxExactInteger) | Boolean() | Texts(64),
       Need::kRequired, "In its type, or as text; of lists an array."}},
     "`setting` as it is then.",
     R"({"name": "bitrate", "value": 1500})",
     R"({"setting": )" BITRATE "}",
     SetSetting},
    {"settings.reset",
     Role::kAdmin,
     "Forgets the value that was kept.",
     {{"name", Text(64), Need::kRequired, kName}},
     "`setting` as it is then.",
     R"({"name": "bitrate"})",
     R"({"setting": )" BITRATE "}",
     ResetSetting},
};

#undef BITRATE

}  // namespace

const MethodGroup kSettings = {"Settings", "", kMethods};

}  // namespace ocellus::control::methods
