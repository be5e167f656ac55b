// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/to_json.h"

#include <utility>

#include "firmware/base/text.h"

namespace ocellus::control {
namespace {

const char* ToString(hal::ControlType type) {
  switch (type) {
    case hal::ControlType::kInteger:
      return "integer";
    case hal::ControlType::kBoolean:
      return "boolean";
    case hal::ControlType::kMenu:
      return "menu";
  }
  return "unknown";
}

const char* ToString(Setting::Type type) {
  switch (type) {
    case Setting::Type::kInteger:
      return "integer";
    case Setting::Type::kBoolean:
      return "boolean";
    case Setting::Type::kText:
      return "text";
    case Setting::Type::kChoice:
      return "choice";
    case Setting::Type::kList:
      return "list";
  }
  return "unknown";
}

// A setting's text, which may be empty, as the JSON that its type asks for.
void SetTyped(Setting::Type type, const std::string& text, const char* name, json::Value& json) {
  if (type == Setting::Type::kBoolean && !text.empty()) {
    json.Set(name, text == "true");
    return;
  }
  if (type == Setting::Type::kInteger) {
    const bool negative = !text.empty() && text[0] == '-';
    const auto magnitude = ParseNumber<uint64_t>(std::string_view(text).substr(negative ? 1 : 0));
    if (magnitude) {
      json.Set(name, negative ? -static_cast<double>(*magnitude) : static_cast<double>(*magnitude));
      return;
    }
  }
  if (type == Setting::Type::kList) {
    json::Value items = json::Value::Array();
    std::string_view rest = text;
    while (!rest.empty()) items.Append(Trim(TakeUntil(rest, ',')));
    json.Set(name, std::move(items));
    return;
  }
  json.Set(name, text);
}

void SetControlValue(const hal::CameraControl& control, int64_t value, const char* name,
                     json::Value& json) {
  if (control.type == hal::ControlType::kBoolean) {
    json.Set(name, value != 0);
  } else {
    json.Set(name, value);
  }
}

}  // namespace

json::Value ToJson(const hal::CameraControl& control) {
  json::Value json = json::Value::Object();
  json.Set("name", control.name).Set("title", control.title).Set("type", ToString(control.type));
  SetControlValue(control, control.value, "value", json);
  SetControlValue(control, control.default_value, "default", json);
  if (control.type == hal::ControlType::kInteger) {
    json.Set("minimum", control.minimum).Set("maximum", control.maximum).Set("step", control.step);
  }
  if (control.type == hal::ControlType::kMenu) {
    json::Value choices = json::Value::Array();
    for (const hal::ControlChoice& choice : control.choices) {
      json::Value item = json::Value::Object();
      item.Set("value", choice.value).Set("title", choice.title);
      choices.Append(std::move(item));
    }
    json.Set("choices", std::move(choices));
  }
  if (!control.unit.empty()) json.Set("unit", control.unit);
  json.Set("active", control.active);
  return json;
}

json::Value ToJson(const StreamParameters& stream) {
  json::Value json = json::Value::Object();
  json.Set("width", stream.width).Set("height", stream.height);
  json.Set("frames_per_second", stream.frames_per_second);
  json.Set("bitrate_bps", stream.bitrate.bits_per_second());
  return json;
}

json::Value ToJson(const PtzState& state) {
  json::Value can = json::Value::Object();
  can.Set("pan", state.can_pan).Set("tilt", state.can_tilt).Set("zoom", state.can_zoom);
  json::Value presets = json::Value::Array();
  for (const PtzPreset& preset : state.presets) {
    json::Value item = json::Value::Object();
    item.Set("id", preset.id.value()).Set("name", preset.name);
    presets.Append(std::move(item));
  }
  json::Value json = json::Value::Object();
  json.Set("kind", ToString(state.kind)).Set("can", std::move(can));
  json.Set("pan", state.pan).Set("tilt", state.tilt).Set("zoom", state.zoom);
  json.Set("moving", state.moving).Set("presets", std::move(presets));
  return json;
}

json::Value ToJson(const Outputs::Output& output) {
  json::Value json = json::Value::Object();
  json.Set("name", output.name).Set("kind", ToString(output.kind)).Set("on", output.on);
  if (!output.status.ok()) json.Set("error", output.status.message());
  return json;
}

json::Value ToJson(const hal::LogLine& line) {
  json::Value json = json::Value::Object();
  json.Set("number", line.number).Set("unix_ms", line.unix_millis);
  json.Set("level", ToString(line.level)).Set("text", line.text);
  return json;
}

json::Value ToJson(const Setting& setting) {
  json::Value json = json::Value::Object();
  json.Set("name", setting.name).Set("type", ToString(setting.type));
  if (setting.is_secret) {
    json.Set("secret", true).Set("is_set", !setting.value.empty());
  } else {
    SetTyped(setting.type, setting.value, "value", json);
    SetTyped(setting.type, setting.default_value, "default", json);
  }
  json.Set("description", setting.description).Set("allowed", setting.allowed);
  if (setting.minimum) json.Set("minimum", *setting.minimum);
  if (setting.maximum) json.Set("maximum", *setting.maximum);
  if (setting.step) json.Set("step", *setting.step);
  if (!setting.choices.empty()) {
    json::Value choices = json::Value::Array();
    for (const std::string& choice : setting.choices) choices.Append(choice);
    json.Set("choices", std::move(choices));
  }
  json.Set("origin", setting.origin).Set("fixed", setting.is_fixed);
  json.Set("needs_restart", setting.needs_restart);
  return json;
}

}  // namespace ocellus::control
