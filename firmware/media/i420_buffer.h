// SPDX-License-Identifier: Apache-2.0
// A picture of our own in I420, and the conversions into it. Video thread.
#pragma once

#include <vector>

#include "firmware/base/status.h"
#include "hal/video_format.h"

namespace ocellus::media {

class I420Buffer {
 public:
  // Makes this a copy of an uncompressed `picture` of even size; memory grows to the largest one
  // seen. YUYV's chroma is averaged over two rows.
  // Errors: kUnsupported (a compressed format), kMalformed (a plane ends before its last row),
  // kResourceExhausted (more than kMaxPicturePixels).
  Status Assign(const hal::VideoFrame& picture);

  // Borrowed from this, until the next Assign.
  hal::VideoFrame frame() const;

 private:
  void CopyI420(const hal::VideoFrame& picture);
  void CopyNv12(const hal::VideoFrame& picture);
  void CopyYuyv(const hal::VideoFrame& picture);
  uint8_t* plane(size_t index);

  size_t width() const { return static_cast<size_t>(width_); }
  size_t height() const { return static_cast<size_t>(height_); }

  std::vector<uint8_t> data_;  // Y, U and V, without padding.
  int width_ = 0;
  int height_ = 0;
  Time captured_at_;
};

}  // namespace ocellus::media
