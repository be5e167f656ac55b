// SPDX-License-Identifier: Apache-2.0
// Turns H.264 back into pictures: for snapshots of cameras that encode by themselves, and for
// tests. Video thread only.
#pragma once

#include <optional>

#include "firmware/base/status.h"
#include "hal/video_format.h"

namespace ocellus::hal {

class VideoDecoder {
 public:
  virtual ~VideoDecoder() = default;

  // For people: "OpenH264 2.3.1".
  virtual const char* name() const = 0;

  // Forgets all pictures and parameter sets: the next access unit must be a keyframe.
  virtual Status Reset() = 0;

  // Decodes one access unit in Annex B form. The I420 picture is valid until the next call of
  // anything; nullopt when this access unit completes none.
  // Errors: kMalformed (damaged, or nothing to decode it from: go on with a keyframe).
  virtual Result<std::optional<VideoFrame>> Decode(Bytes access_unit, Time captured_at) = 0;
};

}  // namespace ocellus::hal
