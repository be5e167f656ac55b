// SPDX-License-Identifier: Apache-2.0
#include "drivers/v4l2_camera/capture_mode.h"

#include <linux/videodev2.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <tuple>
#include <utility>

namespace ocellus::drivers {

namespace {

// Far above any camera; keeps a device's nonsense within an int.
constexpr uint64_t kMaxFramesPerSecond = 1000;

bool IsValid(FrameInterval interval) { return interval.numerator > 0 && interval.denominator > 0; }

// The even value in `range` nearest to `wanted`, or nullopt.
std::optional<int> NearestEven(const DimensionRange& range, int64_t wanted) {
  const int64_t step = std::max<int64_t>(range.step, 1);
  const int64_t last = std::max<int64_t>((int64_t{range.max} - range.min) / step, 0);
  const int64_t nearest = std::clamp<int64_t>((wanted - range.min + step / 2) / step, 0, last);
  // With an odd step every second value is even.
  for (const int64_t index : {nearest, nearest - 1, nearest + 1}) {
    const int64_t value = range.min + index * step;
    if (index < 0 || index > last || value <= 0 || value % 2 != 0) continue;
    if (value <= std::numeric_limits<int>::max()) return static_cast<int>(value);
  }
  return std::nullopt;
}

int Difference(Size a, Size b) {
  return std::abs(a.width - b.width) + std::abs(a.height - b.height);
}

int Shortfall(int frames_per_second, int wanted) { return std::max(wanted - frames_per_second, 0); }

// Less is better; point 3 of the rule.
int PreferenceRank(hal::PixelFormat format, hal::PixelFormat wanted, KeyframeSupport keyframes) {
  if (format == hal::PixelFormat::kH264 && keyframes == KeyframeSupport::kOnDemand) return 0;
  if (format == wanted) return 1;
  switch (format) {
    case hal::PixelFormat::kH264:
      return 6;
    case hal::PixelFormat::kNv12:
      return 2;
    case hal::PixelFormat::kI420:
      return 3;
    case hal::PixelFormat::kYuyv:
      return 4;
    case hal::PixelFormat::kMjpeg:
      return 5;
  }
  return 6;
}

}  // namespace

std::optional<hal::PixelFormat> PixelFormatOf(uint32_t fourcc) {
  switch (fourcc) {
    case V4L2_PIX_FMT_NV12:
      return hal::PixelFormat::kNv12;
    case V4L2_PIX_FMT_YUV420:
      return hal::PixelFormat::kI420;
    case V4L2_PIX_FMT_YUYV:
      return hal::PixelFormat::kYuyv;
    case V4L2_PIX_FMT_MJPEG:
    case V4L2_PIX_FMT_JPEG:
      return hal::PixelFormat::kMjpeg;
    case V4L2_PIX_FMT_H264:
      return hal::PixelFormat::kH264;
    default:
      return std::nullopt;
  }
}

int FrameInterval::frames_per_second() const {
  const uint64_t twice = uint64_t{2} * denominator + numerator;
  return static_cast<int>(
      std::clamp<uint64_t>(twice / (uint64_t{2} * numerator), 1, kMaxFramesPerSecond));
}

std::optional<Size> NearestSize(Span<const SizeRange> sizes, Size wanted) {
  std::optional<Size> best;
  for (const SizeRange& range : sizes) {
    const std::optional<int> width = NearestEven(range.width, wanted.width);
    const std::optional<int> height = NearestEven(range.height, wanted.height);
    if (!width || !height) continue;
    const Size size{*width, *height};
    if (!best || Difference(size, wanted) < Difference(*best, wanted)) best = size;
  }
  return best;
}

std::optional<FrameInterval> NearestInterval(Span<const IntervalRange> intervals,
                                             int frames_per_second) {
  std::optional<FrameInterval> best;
  // Enough beats not enough; then less excess, or less shortfall.
  const auto rank = [&](FrameInterval interval) {
    const int rate = interval.frames_per_second();
    return std::pair(rate < frames_per_second, std::abs(rate - frames_per_second));
  };
  for (const IntervalRange& range : intervals) {
    if (!IsValid(range.min) || !IsValid(range.max)) continue;
    FrameInterval candidate{1, static_cast<uint32_t>(std::max(frames_per_second, 1))};
    if (range.max.frames_per_second() >= frames_per_second) candidate = range.max;
    if (range.min.frames_per_second() <= frames_per_second) candidate = range.min;
    if (!best || rank(candidate) < rank(*best)) best = candidate;
  }
  return best;
}

const CaptureMode* BestMode(Span<const CaptureMode> modes, const hal::VideoFormat& wanted,
                            KeyframeSupport keyframes) {
  const auto rank = [&](const CaptureMode& mode) {
    return std::tuple(
        Difference({mode.format.width, mode.format.height}, {wanted.width, wanted.height}),
        Shortfall(mode.format.frames_per_second, wanted.frames_per_second),
        PreferenceRank(mode.format.pixel_format, wanted.pixel_format, keyframes));
  };
  const CaptureMode* best = nullptr;
  for (const CaptureMode& mode : modes) {
    if (best == nullptr || rank(mode) < rank(*best)) best = &mode;
  }
  return best;
}

}  // namespace ocellus::drivers
