// SPDX-License-Identifier: Apache-2.0
// How the things of the camera look on the wire, in answers and notifications alike.
// docs/control.md shows each of them. Any thread.
#pragma once

#include <vector>

#include "firmware/control/outputs.h"
#include "firmware/control/ptz_controller.h"
#include "firmware/control/services.h"
#include "firmware/json/json.h"
#include "hal/camera_controls.h"
#include "hal/log_history.h"

namespace ocellus::control {

json::Value ToJson(const hal::CameraControl& control);
json::Value ToJson(const StreamParameters& stream);
json::Value ToJson(const PtzState& state);
json::Value ToJson(const Outputs::Output& output);
json::Value ToJson(const hal::LogLine& line);
// `value` and `default` in the type that the setting has; of a secret only whether it is set.
json::Value ToJson(const Setting& setting);

template <typename T>
json::Value ToJsonArray(const std::vector<T>& items) {
  json::Value array = json::Value::Array();
  for (const T& item : items) array.Append(ToJson(item));
  return array;
}

// {name: value}.
inline json::Value Wrap(const char* name, json::Value value) {
  json::Value object = json::Value::Object();
  object.Set(name, std::move(value));
  return object;
}

}  // namespace ocellus::control
