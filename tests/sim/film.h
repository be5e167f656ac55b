// SPDX-License-Identifier: Apache-2.0
// What a simulated camera films: numbered pictures of a size that the test chooses, as an encoder
// would deliver them. Nobody can decode them, but a viewer can tell which ones it got.
#pragma once

#include <optional>

#include "firmware/base/frame_ring.h"
#include "firmware/media/h264_packetizer.h"
#include "hal/video_encoder.h"

namespace ocellus::sim {

struct FilmOptions {
  Duration interval = Duration(33'333);
  size_t frame_size = 4000;      // Bytes of a picture that needs others.
  size_t keyframe_size = 20000;  // Bytes of one that does not.
};

class Film {
 public:
  Film(FrameRing& ring, const FilmOptions& options) : options_(options), packetizer_(ring) {}

  const FilmOptions& options() const { return options_; }
  // Puts the next picture into the ring.
  FrameId Shoot(Time now, bool keyframe);
  // The next picture, not put anywhere.
  const hal::EncodedFrame& Develop(Time now, bool keyframe);

  uint32_t frames() const { return frames_; }
  uint32_t keyframes() const { return keyframes_; }

  // Which picture this is, from 0; nullopt when it is none of ours.
  static std::optional<uint32_t> ReadNumber(const hal::EncodedFrame& frame);

 private:
  const FilmOptions options_;
  media::H264Packetizer packetizer_;
  hal::EncodedFrame frame_;
  std::vector<uint8_t> slice_;
  uint32_t frames_ = 0;
  uint32_t keyframes_ = 0;
};

}  // namespace ocellus::sim
