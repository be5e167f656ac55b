// SPDX-License-Identifier: Apache-2.0
#include "drivers/v4l2_camera/picture_layout.h"

#include <algorithm>

namespace ocellus::drivers {

Status LayOutPlanes(Bytes data, size_t stride, hal::VideoFrame& frame) {
  const size_t width = static_cast<size_t>(frame.width);
  const size_t height = static_cast<size_t>(frame.height);
  size_t position = 0;
  const auto take = [&](size_t plane_stride, size_t rows) {
    const size_t size = plane_stride * rows;
    hal::Plane plane;
    if (size <= data.size() - std::min(position, data.size())) {
      plane = {data.subspan(position, size), plane_stride};
    }
    position += size;
    return plane;
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
