// SPDX-License-Identifier: Apache-2.0
#include "hal/video_format.h"

namespace ocellus::hal {
namespace {

bool HoldsRows(const Plane& plane, size_t row_bytes, size_t rows) {
  return plane.stride >= row_bytes && plane.data.size() >= plane.stride * (rows - 1) + row_bytes;
}

}  // namespace

const char* ToString(PixelFormat format) {
  switch (format) {
    case PixelFormat::kI420:
      return "I420";
    case PixelFormat::kNv12:
      return "NV12";
    case PixelFormat::kYuyv:
      return "YUYV";
    case PixelFormat::kMjpeg:
      return "MJPEG";
    case PixelFormat::kH264:
      return "H.264";
  }
  return "unknown";
}

bool PlanesAreComplete(const VideoFrame& picture) {
  if (picture.width <= 0 || picture.height <= 0) return false;
  if (picture.width % 2 != 0 || picture.height % 2 != 0) return false;
  const auto width = static_cast<size_t>(picture.width);
  const auto height = static_cast<size_t>(picture.height);
  const auto& planes = picture.planes;
  switch (picture.pixel_format) {
    case PixelFormat::kI420:
      return HoldsRows(planes[0], width, height) && HoldsRows(planes[1], width / 2, height / 2) &&
             HoldsRows(planes[2], width / 2, height / 2);
    case PixelFormat::kNv12:
      return HoldsRows(planes[0], width, height) && HoldsRows(planes[1], width, height / 2);
    case PixelFormat::kYuyv:
      return HoldsRows(planes[0], 2 * width, height);
    case PixelFormat::kMjpeg:
    case PixelFormat::kH264:
      return false;
  }
  return false;
}

}  // namespace ocellus::hal
