// SPDX-License-Identifier: Apache-2.0
// Where the planes of a picture lie in the one buffer that a V4L2 device fills.
#pragma once

#include "firmware/base/status.h"
#include "hal/video_format.h"

namespace ocellus::drivers {

// Points the planes of `frame` into `data`, by its pixel format and size. `stride` is what the
// device says about the first plane (bytesperline), and ignored where it cannot be true; the planes
// follow each other without a gap, and the chroma planes of I420 have half the stride.
// Error: kMalformed (`data` ends before the picture does).
Status LayOutPlanes(Bytes data, size_t stride, hal::VideoFrame& frame);

}  // namespace ocellus::drivers
