// SPDX-License-Identifier: Apache-2.0
#include "drivers/v4l2_camera/picture_layout.h"

#include <algorithm>

namespace ocellus::drivers {

Status LayOutPlanes(Bytes data, size_t stride, hal::VideoFrame& frame) {
  const size_t width = static_cast<size_t>(frame.width);
  const size_t height = static_cast<size_t>(frame.height);
  // In 64 bits nothing that a device says can overflow.
  uint64_t position = 0;
  const auto take = [&](size_t plane_stride, size_t rows) {
    const uint64_t begin = position;
    position += uint64_t{plane_stride} * rows;
    if (position > data.size()) return hal::Plane();
    return hal::Plane{
        data.subspan(static_cast<size_t>(begin), static_cast<size_t>(position - begin)),
        plane_stride};
  };

  frame.planes = {};
  switch (frame.pixel_format) {
    case hal::PixelFormat::kI420: {
      const size_t luma = std::max(stride, width);
      frame.planes = {take(luma, height), take(luma / 2, height / 2), take(luma / 2, height / 2)};
      break;
    }
    case hal::PixelFormat::kNv12: {
      const size_t luma = std::max(stride, width);
      frame.planes = {take(luma, height), take(luma, height / 2), {}};
      break;
    }
    case hal::PixelFormat::kYuyv:
      frame.planes[0] = take(std::max(stride, 2 * width), height);
      break;
    case hal::PixelFormat::kMjpeg:
    case hal::PixelFormat::kH264:
      frame.planes[0] = {data, 0};
      break;
  }
  if (position > data.size()) {
    return Status(StatusCode::kMalformed, Format("picture has %llu bytes of %llu",
                                                 static_cast<unsigned long long>(data.size()),
                                                 static_cast<unsigned long long>(position)));
  }
  return {};
}

}  // namespace ocellus::drivers
