// SPDX-License-Identifier: Apache-2.0
// Controls of a camera that do as a test tells them.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "hal/camera_controls.h"

namespace ocellus::hal {

// An integer from `minimum` to `maximum` that stands at `value`, which is its default too.
inline CameraControl MakeControl(std::string name, int64_t minimum, int64_t maximum,
                                 int64_t value) {
  CameraControl control;
  control.name = std::move(name);
  control.title = control.name;
  control.minimum = minimum;
  control.maximum = maximum;
  control.default_value = value;
  control.value = value;
  return control;
}

class FakeCameraControls final : public CameraControls {
 public:
  std::vector<CameraControl> controls;
  Status set_error;              // Set fails so, until it is cleared.
  std::function<void()> on_set;  // After each: a camera where one control changes others.

  // What happened.
  int lists = 0;
  std::vector<std::pair<std::string, int64_t>> sets;

  std::vector<CameraControl> List() override {
    ++lists;
    return controls;
  }

  Status Set(std::string_view name, int64_t value) override {
    if (!set_error.ok()) return set_error;
    for (CameraControl& control : controls) {
      if (control.name != name) continue;
      if (!control.active) return StatusCode::kFailedPrecondition;
      if (value < control.minimum || value > control.maximum) return StatusCode::kInvalidArgument;
      control.value = value - (value - control.minimum) % control.step;
      sets.emplace_back(name, value);
      if (on_set) on_set();
      return {};
    }
    return StatusCode::kNotFound;
  }
};

}  // namespace ocellus::hal
