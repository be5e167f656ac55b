// SPDX-License-Identifier: Apache-2.0
// Turns pictures into H.264, one access unit a picture, no B-frames. Video thread only.
#pragma once

#include <vector>

#include "firmware/base/status.h"
#include "firmware/base/units.h"
#include "hal/video_format.h"

namespace ocellus::hal {

// One access unit. Reused from frame to frame, so that its memory is allocated once.
struct EncodedFrame {
  struct Nal {
    size_t offset = 0;  // In data, behind the start code.
    size_t size = 0;
  };
  std::vector<uint8_t> data;  // Annex B.
  std::vector<Nal> nals;      // In order; a keyframe's begin with SPS and PPS.
  bool keyframe = false;      // An IDR picture.
  Time captured_at;

  void Clear() {
    data.clear();
    nals.clear();
    keyframe = false;
  }
};

enum class FrameType { kAny, kKeyframe };

class VideoEncoder {
 public:
  virtual ~VideoEncoder() = default;

  // For people: "OpenH264 2.3.1".
  virtual const char* name() const = 0;

  // Must be called before Encode, and again when the format changes; the next frame is then a
  // keyframe. `format.pixel_format` is what Encode will get. Errors: kUnsupported (names the
  // format), kUnavailable (hardware busy or missing).
  virtual Status Configure(const VideoFormat& format, DataRate bitrate) = 0;

  // Takes effect with the next frame, without a keyframe.
  virtual Status SetBitrate(DataRate bitrate) = 0;

  // Encodes `frame` into `out`, which is cleared first. An `out` without NALs means that the rate
  // control skipped the frame. Errors: kInternal (says what the encoder said).
  virtual Status Encode(const VideoFrame& frame, FrameType type, EncodedFrame& out) = 0;
};

}  // namespace ocellus::hal
