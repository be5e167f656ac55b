// SPDX-License-Identifier: Apache-2.0
// A camera behind Linux's V4L2: USB webcams (uvcvideo), CSI cameras with a kernel driver of their
// own (bcm2835-v4l2), capture cards, v4l2loopback. Cameras that need libcamera are not served.
//
// Pictures stay where the kernel put them: a frame's planes point into its mapped buffers. A raw or
// MJPEG picture that a newer one has overtaken is skipped, so that a slow consumer sees the
// present; H.264 is handed out complete.
//
// Video thread only. State: closed -> Start -> streaming -> Stop -> closed. An error of Acquire
// leaves it streaming, so Stop and Start are the way back from an unplugged device too.
//
// Invariants:
//   1. queue_ exists exactly while streaming.
//   2. At most one buffer is not with the kernel: the caller's, or the one behind a gap.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "drivers/v4l2_camera/capture_mode.h"
#include "drivers/v4l2_camera/capture_queue.h"
#include "drivers/v4l2_camera/device_file.h"
#include "hal/camera.h"
#include "hal/camera_controls.h"
#include "hal/clock.h"

namespace ocellus::drivers {

class V4l2Camera final : public hal::Camera,
                         public hal::KeyframeControl,
                         public hal::CameraControls {
 public:
  // `path` is a node like /dev/video0, or a link to one (/dev/v4l/by-id/... follows a camera from
  // port to port). `clock` must outlive this.
  V4l2Camera(std::string path, const hal::Clock& clock);
  // For tests: `device` stands in for the kernel.
  V4l2Camera(std::string path, const hal::Clock& clock, std::unique_ptr<DeviceFile> device);
  ~V4l2Camera() override;

  // The nodes in /dev that capture video, by number. Encoders, decoders and metadata are left out,
  // and sensors that only libcamera can set up. What could not be asked (no permission) stays in:
  // Start says why. Whether a node works shows only when a picture comes from it.
  static std::vector<std::string> ListNodes();

  std::string name() const override;
  // In what order formats are preferred is said in capture_mode.h.
  Result<hal::VideoFormat> Start(const hal::VideoFormat& wanted) override;
  Result<hal::VideoFrame> Acquire(Duration timeout) override;
  void Stop() override;

  void RequestKeyframe() override;

  // CameraControls.
  std::vector<hal::CameraControl> List() override;
  Status Set(std::string_view name, int64_t value) override;

 private:
  // What Start does, except that on an error it may leave the device open.
  Status OpenAndStream(const hal::VideoFormat& wanted);
  // Finds the mode nearest to `wanted` and sets it, which fills format_ and stride_.
  Status SetMode(uint32_t type, const hal::VideoFormat& wanted);
  // Asks for `mode`'s frame rate. Returns what the device made of it, in frames per second.
  int SetFrameRate(uint32_t type, const CaptureMode& mode);

  // Waits for a filled buffer. Errors: kTimeout, kUnavailable.
  Result<CapturedBuffer> WaitForBuffer(Duration timeout);
  // The pictures that the device lost between the last buffer and `buffer`.
  uint32_t CountLost(const CapturedBuffer& buffer);
  // `buffer`, or the last undamaged one behind it; those that it overtakes go back to the kernel.
  Result<CapturedBuffer> SkipToNewest(CapturedBuffer buffer);

  const std::string path_;
  const hal::Clock& clock_;
  const std::unique_ptr<DeviceFile> device_;
  std::string card_;  // What the device calls itself; empty until the first Start.
  hal::VideoFormat format_;
  size_t stride_ = 0;  // Bytes from one row of the first plane to the next.
  std::unique_ptr<CaptureQueue> queue_;
  std::optional<CapturedBuffer> borrowed_;    // With the caller.
  std::optional<CapturedBuffer> behind_gap_;  // For the next Acquire.
  std::optional<uint32_t> last_sequence_;
};

}  // namespace ocellus::drivers
