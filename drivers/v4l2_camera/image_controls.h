// SPDX-License-Identifier: Apache-2.0
// The controls of a V4L2 camera that people set while it runs, with the names of
// hal/camera_controls.h. Numbers, switches and menus of the user and camera classes, and the
// bitrate of a camera that encodes; buttons, texts and 64-bit values have no place there.
#pragma once

#include <string_view>
#include <vector>

#include "drivers/v4l2_camera/device_file.h"
#include "hal/camera_controls.h"

namespace ocellus::drivers {

// Asks the device for all of them, at most kMaxCameraControls. Cameras whose driver keeps the
// values answer within microseconds; those that change by themselves are read from the camera.
std::vector<hal::CameraControl> ListImageControls(DeviceFile& device);

// Errors: as hal::CameraControls::Set.
Status SetImageControl(DeviceFile& device, std::string_view name, int64_t value);

}  // namespace ocellus::drivers
