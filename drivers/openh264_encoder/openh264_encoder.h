// SPDX-License-Identifier: Apache-2.0
// H.264 in software, by Cisco's OpenH264: constrained baseline, tuned for a live camera. An IDR
// picture only when asked for, no B-frames, no skipped frames, one slice, one thread, one picture
// in and the same picture out. Video thread only.
//
// Takes I420. The level in the SPS depends on size and rate of the pictures alone, so that it
// stays what was negotiated when the bitrate changes.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "hal/video_encoder.h"

class ISVCEncoder;

namespace ocellus::drivers {

class OpenH264Encoder final : public hal::VideoEncoder {
 public:
  OpenH264Encoder();
  ~OpenH264Encoder() override;

  const char* name() const override { return name_.c_str(); }
  // Sizes from 16x16 to 3840x2160, 1 to 60 frames per second.
  Status Configure(const hal::VideoFormat& format, DataRate bitrate) override;
  Status SetBitrate(DataRate bitrate) override;
  Status Encode(const hal::VideoFrame& frame, hal::FrameType type, hal::EncodedFrame& out) override;

 private:
  struct Deleter {
    void operator()(ISVCEncoder* encoder) const;
  };

  std::string name_;
  std::unique_ptr<ISVCEncoder, Deleter> encoder_;
  std::optional<hal::VideoFormat> format_;  // Set when configured.
};

}  // namespace ocellus::drivers
