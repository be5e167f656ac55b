// SPDX-License-Identifier: Apache-2.0
// Cuts, turns and scales pictures: digital zoom, cameras that hang upside down, and streams that
// are smaller than what the camera captures. Video thread only.
#pragma once

#include <cstdint>

#include "firmware/base/status.h"
#include "hal/video_format.h"

namespace ocellus::hal {

// Clockwise, in degrees.
enum class Rotation : uint8_t { k0, k90, k180, k270 };

// In pixels; all even, since two by two pixels share their colour.
struct PictureArea {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;

  friend bool operator==(const PictureArea& a, const PictureArea& b) {
    return a.x == b.x && a.y == b.y && a.width == b.width && a.height == b.height;
  }
};

// In this order: the area is cut out, flipped, rotated, and scaled to width x height.
struct PictureTransform {
  PictureArea area;
  bool flip_horizontally = false;  // Left and right change places.
  bool flip_vertically = false;    // Top and bottom change places.
  Rotation rotation = Rotation::k0;
  int width = 0;   // Pixels of the result, even.
  int height = 0;  // Pixels of the result, even.
};

class PictureTransformer {
 public:
  virtual ~PictureTransformer() = default;

  // Makes an I420 picture of an uncompressed one, dated as `picture`. It is valid until the next
  // call of anything, and no longer than `picture`, of which it may be a part. Errors:
  // kInvalidArgument (an area that is not inside of the picture, or odd numbers), kMalformed (a
  // plane ends before its last row), kUnsupported (a compressed picture), kResourceExhausted (more
  // than kMaxPicturePixels).
  virtual Result<VideoFrame> Transform(const VideoFrame& picture,
                                       const PictureTransform& transform) = 0;
};

}  // namespace ocellus::hal
