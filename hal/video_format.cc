// SPDX-License-Identifier: Apache-2.0
#include "hal/video_format.h"

namespace ocellus::hal {

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

}  // namespace ocellus::hal
