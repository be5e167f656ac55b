// SPDX-License-Identifier: Apache-2.0
// JPEG in both directions: pictures of MJPEG cameras in, snapshots out. Video thread only.
#pragma once

#include <vector>

#include "firmware/base/status.h"
#include "hal/video_format.h"

namespace ocellus::hal {

class JpegCodec {
 public:
  virtual ~JpegCodec() = default;

  // Compresses an I420 picture; `out` is replaced. `quality` is 1 to 100.
  // Errors: kInvalidArgument (another pixel format), kInternal (says what the library said).
  virtual Status Encode(const VideoFrame& picture, int quality, std::vector<uint8_t>& out) = 0;

  // Decompresses one image into an I420 picture, valid until the next call of anything.
  // Errors: kMalformed (damaged, cut short or not a JPEG), kUnsupported (a colour space that is
  // not YCbCr or grey, odd sampling), kResourceExhausted (more than kMaxPicturePixels).
  virtual Result<VideoFrame> Decode(Bytes image, Time captured_at) = 0;
};

}  // namespace ocellus::hal
