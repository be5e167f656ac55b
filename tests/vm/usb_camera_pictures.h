// SPDX-License-Identifier: Apache-2.0
// What the USB camera of the VM tests shows: a few pictures, over and over, that the test can make
// as well and compare byte for byte.
#pragma once

#include <cstdint>
#include <vector>

#include "hal/video_format.h"

namespace ocellus::vm {

using Picture = std::vector<uint8_t>;

// All pictures once: JPEG images, or H.264 access units of which the first is a keyframe. `format`
// says size, rate and which of the two.
std::vector<Picture> MakePictures(const hal::VideoFormat& format);

}  // namespace ocellus::vm
