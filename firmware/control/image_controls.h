// SPDX-License-Identifier: Apache-2.0
// Which of the camera's controls are about the image: all but the motors, which ptz.* moves.
// Any thread.
#pragma once

#include <string_view>
#include <vector>

#include "firmware/control/services.h"

namespace ocellus::control {

bool IsImageControl(std::string_view name);

std::vector<hal::CameraControl> ImageControls(const CameraService& camera);

}  // namespace ocellus::control
