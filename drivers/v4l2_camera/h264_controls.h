// SPDX-License-Identifier: Apache-2.0
// Steers the encoder inside of a camera that gives H.264. Every control is optional in V4L2: what a
// device does not have is left as it is, and a value out of its range becomes the nearest one.
#pragma once

#include <cstdint>

#include "drivers/v4l2_camera/capture_mode.h"
#include "drivers/v4l2_camera/device_file.h"

namespace ocellus::drivers {

// Sets control `id` (V4L2_CID_*) to the value nearest to `value` that the device has. False when it
// has no such control.
bool SetNearest(DeviceFile& device, uint32_t id, int64_t value);

KeyframeSupport AskKeyframeSupport(DeviceFile& device);
// Makes the next picture a keyframe, or does nothing where the device cannot.
void ForceKeyframe(DeviceFile& device);

// For live viewing: constrained baseline profile, no B-frames, constant bitrate, parameter sets
// before every keyframe, and a keyframe every two seconds.
void ConfigureForLiveViewing(DeviceFile& device, const hal::VideoFormat& format);

}  // namespace ocellus::drivers
