// SPDX-License-Identifier: Apache-2.0
// Asks an open V4L2 device what it is and what it can capture.
#pragma once

#include <linux/videodev2.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "drivers/v4l2_camera/capture_mode.h"
#include "drivers/v4l2_camera/device_file.h"

namespace ocellus::drivers {

// The buffer type to capture with: V4L2_BUF_TYPE_VIDEO_CAPTURE or ..._MPLANE. nullopt for encoders,
// decoders and scalers (memory to memory), metadata, outputs, and what cannot stream.
std::optional<uint32_t> CaptureTypeOf(const v4l2_capability& capability);

// A sensor pipeline that shows nothing until libcamera has set up the devices around it.
bool NeedsMediaController(const v4l2_capability& capability);

// What the device calls itself: "HD Webcam".
std::string CardName(const v4l2_capability& capability);

// A pixel format and size as the device has them.
struct PictureFormat {
  uint32_t fourcc = 0;
  Size size;
  size_t stride = 0;  // Bytes from one row of the first plane to the next; 0 if compressed.
  uint32_t memory_planes = 1;  // Buffers that a picture is spread over.
};

// Asks for `format`, which becomes what the device makes of it. `request` is VIDIOC_TRY_FMT or
// VIDIOC_S_FMT. Returns 0 or -errno.
int NegotiateFormat(DeviceFile& device, unsigned long request, uint32_t type,
                    PictureFormat& format);

// For each pixel format of the device that we know, the mode nearest to `wanted`; see the rule in
// capture_mode.h. Empty when we know none.
std::vector<CaptureMode> ListModes(DeviceFile& device, uint32_t type,
                                   const hal::VideoFormat& wanted);

// The pixel formats of the device as the kernel writes them, for messages: "BG10 pRAA".
std::string ListPixelFormatNames(DeviceFile& device, uint32_t type);

}  // namespace ocellus::drivers
