// SPDX-License-Identifier: Apache-2.0
// Which of a V4L2 device's picture formats, sizes and frame rates serves best. Pure functions over
// what the device says; capabilities.h asks it.
//
// The rule: of each pixel format the size nearest to the wanted one is looked at, and for this size
// the slowest frame rate that is enough, or else the fastest. The format then chosen is the one
//   1. whose size is nearest to the wanted size,
//   2. whose frame rate falls least short of the wanted rate,
//   3. and, among equals, the first of: H.264 if the device makes keyframes on demand (it costs no
//      encoder); the wanted pixel format; NV12, I420, YUYV (cheap to encode, in this order); MJPEG
//      (must be decoded first); H.264 that cannot be steered (a viewer waits for its keyframe).
// So a USB 2 webcam gives YUYV at 640x480, and MJPEG at 1280x720, where YUYV reaches only 10 fps.
#pragma once

#include <cstdint>
#include <optional>

#include "firmware/base/bytes.h"
#include "hal/video_format.h"

namespace ocellus::drivers {

// The pixel format behind a V4L2_PIX_FMT_*, or nullopt for those that we do not know. Only formats
// whose planes lie in one buffer.
std::optional<hal::PixelFormat> PixelFormatOf(uint32_t fourcc);

// The values that one dimension can have: min, min + step, ... max. Discrete: min == max.
struct DimensionRange {
  uint32_t min = 0;
  uint32_t max = 0;
  uint32_t step = 1;
};

struct SizeRange {
  DimensionRange width;
  DimensionRange height;
};

// Seconds from one picture to the next, as a fraction; both parts are more than zero.
struct FrameInterval {
  uint32_t numerator = 1;
  uint32_t denominator = 30;

  // Rounded to the nearest, at least 1: 1001/30000 s is 30 fps.
  int frames_per_second() const;

  friend bool operator==(const FrameInterval& a, const FrameInterval& b) {
    return a.numerator == b.numerator && a.denominator == b.denominator;
  }
};

// The intervals from `min` to `max`. A step between them is left to the device to round to.
// Discrete: min == max.
struct IntervalRange {
  FrameInterval min;
  FrameInterval max;
};

struct Size {
  int width = 0;
  int height = 0;
};

// The even size in `sizes` with the least sum of differences to `wanted`; the first of equals.
// nullopt when there is none.
std::optional<Size> NearestSize(Span<const SizeRange> sizes, Size wanted);

// The longest interval in `intervals` that still gives `frames_per_second`, or the shortest when
// none does. nullopt when `intervals` has none that is valid.
std::optional<FrameInterval> NearestInterval(Span<const IntervalRange> intervals,
                                             int frames_per_second);

// One way to use the device.
struct CaptureMode {
  uint32_t fourcc = 0;
  hal::VideoFormat format;  // frames_per_second is the wanted one without an interval.
  std::optional<FrameInterval> interval;  // nullopt: the device does not say what it can.
};

// Who decides when an encoding camera makes a keyframe.
enum class KeyframeSupport { kOnDemand, kOnSchedule };

// By the rule above. nullptr when `modes` is empty.
const CaptureMode* BestMode(Span<const CaptureMode> modes, const hal::VideoFormat& wanted,
                            KeyframeSupport keyframes);

}  // namespace ocellus::drivers
