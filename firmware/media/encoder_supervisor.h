// SPDX-License-Identifier: Apache-2.0
// Keeps an encoder going: configures it for whatever pictures come, converts those that it does
// not take, checks what it gives, and configures it anew when it fails, stalls or does not make
// the keyframes it is asked for. Video thread. Owned by VideoPipeline.
#pragma once

#include <optional>

#include "firmware/base/log.h"
#include "firmware/media/i420_buffer.h"
#include "hal/video_encoder.h"

namespace ocellus::media {

// An encoder that gave nothing for this long is configured anew.
constexpr Duration kEncoderStallLimit = std::chrono::seconds(1);

// So is one that was asked for a keyframe and gave this many other frames instead.
constexpr unsigned kMaxIgnoredKeyframeRequests = 10;

// Between two attempts to configure an encoder that refuses.
constexpr Duration kEncoderRetryInterval = std::chrono::seconds(1);

class EncoderSupervisor {
 public:
  // `encoder` is borrowed for the life of this.
  EncoderSupervisor(hal::VideoEncoder& encoder, DataRate bitrate);

  // Encodes an uncompressed picture into `out`. False when that gave no frame: skipped by the rate
  // control, or failed, which is counted, logged at most every few seconds, and repaired.
  bool Encode(Time now, const hal::VideoFrame& picture, int frames_per_second, hal::FrameType type,
              hal::EncodedFrame& out);

  // From the next frame.
  void SetBitrate(DataRate bitrate);

  const char* name() const { return encoder_.name(); }
  // Failures of all kinds, ever.
  unsigned errors() const { return errors_; }

 private:
  Status Configure(Time now, const hal::VideoFormat& source);
  Status Encode(Time now, const hal::VideoFrame& picture, hal::FrameType type,
                hal::EncodedFrame& out);
  void HandleFailure(Time now, const Status& failure);

  hal::VideoEncoder& encoder_;
  DataRate bitrate_;
  bool bitrate_changed_ = false;

  std::optional<hal::VideoFormat> source_;  // What it is configured for; nullopt: it is not.
  bool convert_ = false;                    // The encoder takes I420 only.
  I420Buffer converted_;
  Time next_configure_{};
  Time alive_at_{};      // The last frame, or Configure.
  bool proven_ = false;  // It gave a frame since Configure.
  unsigned ignored_keyframe_requests_ = 0;

  unsigned errors_ = 0;
  LogLimiter error_log_{std::chrono::seconds(10)};
};

}  // namespace ocellus::media
