// SPDX-License-Identifier: Apache-2.0
// A source of pictures: a V4L2 or CSI camera, a file, a test pattern. Video thread only.
#pragma once

#include <string>

#include "firmware/base/status.h"
#include "hal/video_format.h"

namespace ocellus::hal {

class Camera {
 public:
  virtual ~Camera() = default;

  // For people: "V4L2 /dev/video0 (HD Webcam)", "test pattern".
  virtual std::string name() const = 0;

  // Opens the device and starts capturing in the nearest format that it has, which is returned.
  // `wanted.pixel_format` is a preference too. May be called again after Stop or an error.
  // Errors: kUnavailable (missing, busy or unplugged: try again later), kPermissionDenied,
  // kUnsupported (not a camera, or no pixel format that we know); each names the device.
  virtual Result<VideoFormat> Start(const VideoFormat& wanted) = 0;

  // Blocks until the next picture; it stays valid until the next call of anything.
  // Errors: kTimeout (nothing came within `timeout`), kUnavailable (the device is gone: Stop, then
  // Start later), kMalformed (one damaged picture: go on).
  virtual Result<VideoFrame> Acquire(Duration timeout) = 0;

  // Frees the device. Harmless when it is not started.
  virtual void Stop() = 0;
};

// A camera that encodes by itself (kH264) may also be able to make a keyframe on demand.
class KeyframeControl {
 public:
  virtual ~KeyframeControl() = default;

  // Video thread. Does nothing where the device cannot: its next keyframe comes when it comes.
  virtual void RequestKeyframe() = 0;
};

}  // namespace ocellus::hal
