// SPDX-License-Identifier: Apache-2.0
// What pictures look like in memory: shared by cameras, encoders, decoders and JPEG.
// Uncompressed YCbCr is ITU-R BT.601 in limited range (Y 16-235, Cb and Cr 16-240): what a decoder
// takes H.264 for that does not say otherwise. JPEG is full range inside; its codec converts.
#pragma once

#include <array>

#include "firmware/base/bytes.h"
#include "firmware/base/time.h"

namespace ocellus::hal {

enum class PixelFormat {
  kI420,   // Planes Y, U, V; chroma halved both ways.
  kNv12,   // Planes Y, UV interleaved; chroma halved both ways.
  kYuyv,   // One plane, Y0 U Y1 V; chroma halved across.
  kMjpeg,  // One plane: one JPEG image.
  kH264,   // One plane: one access unit in Annex B form.
};

const char* ToString(PixelFormat format);

struct VideoFormat {
  PixelFormat pixel_format = PixelFormat::kI420;
  int width = 640;   // Pixels, even.
  int height = 480;  // Pixels, even.
  int frames_per_second = 30;

  friend bool operator==(const VideoFormat& a, const VideoFormat& b) {
    return a.pixel_format == b.pixel_format && a.width == b.width && a.height == b.height &&
           a.frames_per_second == b.frames_per_second;
  }
  friend bool operator!=(const VideoFormat& a, const VideoFormat& b) { return !(a == b); }
};

struct Plane {
  Bytes data;
  size_t stride = 0;  // Bytes from one row to the next; 0 for compressed formats.
};

// A picture, borrowed from whoever made it.
struct VideoFrame {
  PixelFormat pixel_format = PixelFormat::kI420;
  int width = 0;
  int height = 0;
  std::array<Plane, 3> planes;  // As many as the pixel format says.
  Time captured_at;             // When the exposure was, as near as the device tells.
};

// Whether the planes of an uncompressed `picture` of even size hold all of its rows; false for
// compressed ones.
bool PlanesAreComplete(const VideoFrame& picture);

}  // namespace ocellus::hal
