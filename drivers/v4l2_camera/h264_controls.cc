// SPDX-License-Identifier: Apache-2.0
#include "drivers/v4l2_camera/h264_controls.h"

#include <linux/videodev2.h>

#include <algorithm>
#include <optional>

namespace ocellus::drivers {

namespace {

// Bits per pixel that keep faces sharp in a moving picture: 2.8 Mbit/s at 1280x720p30.
constexpr double kBitsPerPixel = 0.1;

// A viewer who joins a camera that makes no keyframes on demand waits half of this on average.
constexpr int kKeyframeIntervalSeconds = 2;

std::optional<v4l2_queryctrl> FindControl(DeviceFile& device, uint32_t id) {
  v4l2_queryctrl control{};
  control.id = id;
  if (device.Ioctl(VIDIOC_QUERYCTRL, &control) < 0) return std::nullopt;
  const uint32_t unusable =
      V4L2_CTRL_FLAG_DISABLED | V4L2_CTRL_FLAG_READ_ONLY | V4L2_CTRL_FLAG_INACTIVE;
  if ((control.flags & unusable) != 0) return std::nullopt;
  return control;
}

bool Set(DeviceFile& device, uint32_t id, int32_t value) {
  v4l2_control control{};
  control.id = id;
  control.value = value;
  return device.Ioctl(VIDIOC_S_CTRL, &control) >= 0;
}

}  // namespace

bool SetNearest(DeviceFile& device, uint32_t id, int64_t value) {
  const std::optional<v4l2_queryctrl> control = FindControl(device, id);
  if (!control || control->minimum > control->maximum) return false;
  return Set(device, id,
             static_cast<int32_t>(std::clamp<int64_t>(value, control->minimum, control->maximum)));
}

KeyframeSupport AskKeyframeSupport(DeviceFile& device) {
  return FindControl(device, V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME) ? KeyframeSupport::kOnDemand
                                                                  : KeyframeSupport::kOnSchedule;
}

void ForceKeyframe(DeviceFile& device) { Set(device, V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME, 1); }

void ConfigureForLiveViewing(DeviceFile& device, const hal::VideoFormat& format) {
  const double bitrate = kBitsPerPixel * format.width * format.height * format.frames_per_second;
  const int period = kKeyframeIntervalSeconds * format.frames_per_second;

  SetNearest(device, V4L2_CID_MPEG_VIDEO_H264_PROFILE,
             V4L2_MPEG_VIDEO_H264_PROFILE_CONSTRAINED_BASELINE);
  SetNearest(device, V4L2_CID_MPEG_VIDEO_B_FRAMES, 0);
  SetNearest(device, V4L2_CID_MPEG_VIDEO_BITRATE_MODE, V4L2_MPEG_VIDEO_BITRATE_MODE_CBR);
  SetNearest(device, V4L2_CID_MPEG_VIDEO_BITRATE, static_cast<int64_t>(bitrate));
  SetNearest(device, V4L2_CID_MPEG_VIDEO_H264_I_PERIOD, period);
  SetNearest(device, V4L2_CID_MPEG_VIDEO_GOP_SIZE, period);
  SetNearest(device, V4L2_CID_MPEG_VIDEO_REPEAT_SEQ_HEADER, 1);
  SetNearest(device, V4L2_CID_MPEG_VIDEO_PREPEND_SPSPPS_TO_IDR, 1);
}

}  // namespace ocellus::drivers
