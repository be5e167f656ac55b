// SPDX-License-Identifier: Apache-2.0
// Which of the camera's controls are about the image. Any thread.
#pragma once

#include <vector>

#include "firmware/control/services.h"

namespace ocellus::control {

std::vector<hal::CameraControl> ImageControls(const CameraService& camera);

}  // namespace ocellus::control
