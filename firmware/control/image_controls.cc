// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/image_controls.h"

namespace ocellus::control {

bool IsImageControl(std::string_view name) {
  for (const char* motor : {"pan", "tilt", "zoom", "pan-speed", "tilt-speed", "zoom-speed"}) {
    if (name == motor) return false;
  }
  return true;
}

std::vector<hal::CameraControl> ImageControls(const CameraService& camera) {
  std::vector<hal::CameraControl> controls;
  for (const hal::CameraControl& control : camera.controls()) {
    if (IsImageControl(control.name)) controls.push_back(control);
  }
  return controls;
}

}  // namespace ocellus::control
