// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/image_controls.h"

namespace ocellus::control {

std::vector<hal::CameraControl> ImageControls(const CameraService& camera) {
  std::vector<hal::CameraControl> controls;
  for (const hal::CameraControl& control : camera.controls()) {
    if (hal::IsImageControl(control.name)) controls.push_back(control);
  }
  return controls;
}

}  // namespace ocellus::control
