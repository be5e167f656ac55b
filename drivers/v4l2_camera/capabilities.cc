// SPDX-License-Identifier: Apache-2.0
#include "drivers/v4l2_camera/capabilities.h"

#include <algorithm>
#include <cstring>

#include "firmware/base/limits.h"

namespace ocellus::drivers {

namespace {

// Calls `request` with index 0, 1, ... until the device has no more, or we want no more.
template <typename Item, typename Visit>
void Enumerate(DeviceFile& device, unsigned long request, const Item& start, Visit visit) {
  for (uint32_t index = 0; index < kMaxV4l2Enumeration; ++index) {
    Item item = start;
    item.index = index;
    if (device.Ioctl(request, &item) < 0 || !visit(item)) return;
  }
}

template <typename Visit>
void EnumeratePixelFormats(DeviceFile& device, uint32_t type, Visit visit) {
  v4l2_fmtdesc start{};
  start.type = type;
  Enumerate(device, VIDIOC_ENUM_FMT, start, [&](const v4l2_fmtdesc& item) {
    visit(item.pixelformat);
    return true;
  });
}

std::vector<SizeRange> ListSizes(DeviceFile& device, uint32_t fourcc) {
  std::vector<SizeRange> sizes;
  v4l2_frmsizeenum start{};
  start.pixel_format = fourcc;
  Enumerate(device, VIDIOC_ENUM_FRAMESIZES, start, [&](const v4l2_frmsizeenum& item) {
    if (item.type == V4L2_FRMSIZE_TYPE_DISCRETE) {
      const v4l2_frmsize_discrete& size = item.discrete;
      sizes.push_back({{size.width, size.width, 1}, {size.height, size.height, 1}});
      return true;
    }
    const v4l2_frmsize_stepwise& size = item.stepwise;
    sizes.push_back({{size.min_width, size.max_width, size.step_width},
                     {size.min_height, size.max_height, size.step_height}});
    return false;  // A range is the only item.
  });
  return sizes;
}

std::vector<IntervalRange> ListIntervals(DeviceFile& device, uint32_t fourcc, Size size) {
  const auto fraction = [](const v4l2_fract& value) {
    return FrameInterval{value.numerator, value.denominator};
  };
  std::vector<IntervalRange> intervals;
  v4l2_frmivalenum start{};
  start.pixel_format = fourcc;
  start.width = static_cast<uint32_t>(size.width);
  start.height = static_cast<uint32_t>(size.height);
  Enumerate(device, VIDIOC_ENUM_FRAMEINTERVALS, start, [&](const v4l2_frmivalenum& item) {
    if (item.type == V4L2_FRMIVAL_TYPE_DISCRETE) {
      intervals.push_back({fraction(item.discrete), fraction(item.discrete)});
      return true;
    }
    intervals.push_back({fraction(item.stepwise.min), fraction(item.stepwise.max)});
    return false;
  });
  return intervals;
}

// For those that do not list their sizes.
std::optional<Size> TrySize(DeviceFile& device, uint32_t type, uint32_t fourcc, Size wanted) {
  PictureFormat format;
  format.fourcc = fourcc;
  format.size = wanted;
  if (NegotiateFormat(device, VIDIOC_TRY_FMT, type, format) < 0) return std::nullopt;
  if (format.fourcc != fourcc) return std::nullopt;
  return format.size;
}

}  // namespace

std::optional<uint32_t> CaptureTypeOf(const v4l2_capability& capability) {
  // One physical device may have several nodes; this node's own abilities are in device_caps.
  const uint32_t caps = (capability.capabilities & V4L2_CAP_DEVICE_CAPS) != 0
                            ? capability.device_caps
                            : capability.capabilities;
  const uint32_t not_a_camera = V4L2_CAP_VIDEO_M2M | V4L2_CAP_VIDEO_M2M_MPLANE |
                                V4L2_CAP_VIDEO_OUTPUT | V4L2_CAP_VIDEO_OUTPUT_MPLANE;
  if ((caps & not_a_camera) != 0 || (caps & V4L2_CAP_STREAMING) == 0) return std::nullopt;
  if ((caps & V4L2_CAP_VIDEO_CAPTURE) != 0) return V4L2_BUF_TYPE_VIDEO_CAPTURE;
  if ((caps & V4L2_CAP_VIDEO_CAPTURE_MPLANE) != 0) return V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
  return std::nullopt;
}

bool NeedsMediaController(const v4l2_capability& capability) {
  return (capability.device_caps & V4L2_CAP_IO_MC) != 0;
}

std::string CardName(const v4l2_capability& capability) {
  const char* const card = reinterpret_cast<const char*>(capability.card);
  return std::string(card, strnlen(card, sizeof(capability.card)));
}

int NegotiateFormat(DeviceFile& device, unsigned long request, uint32_t type,
                    PictureFormat& format) {
  // The two kinds of device say the same things in two structures.
  const auto ask = [&](v4l2_format& question, auto& picture) {
    picture.width = static_cast<uint32_t>(format.size.width);
    picture.height = static_cast<uint32_t>(format.size.height);
    picture.pixelformat = format.fourcc;
    picture.field = V4L2_FIELD_NONE;
    const int result = device.Ioctl(request, &question);
    format.size = {static_cast<int>(picture.width), static_cast<int>(picture.height)};
    format.fourcc = picture.pixelformat;
    return result;
  };
  v4l2_format question{};
  question.type = type;
  if (!V4L2_TYPE_IS_MULTIPLANAR(type)) {
    const int result = ask(question, question.fmt.pix);
    format.stride = question.fmt.pix.bytesperline;
    format.memory_planes = 1;
    return result;
  }
  question.fmt.pix_mp.num_planes = 1;
  const int result = ask(question, question.fmt.pix_mp);
  format.stride = question.fmt.pix_mp.plane_fmt[0].bytesperline;
  format.memory_planes = question.fmt.pix_mp.num_planes;
  return result;
}

std::vector<CaptureMode> ListModes(DeviceFile& device, uint32_t type,
                                   const hal::VideoFormat& wanted) {
  const Size wanted_size{wanted.width, wanted.height};
  std::vector<CaptureMode> modes;
  EnumeratePixelFormats(device, type, [&](uint32_t fourcc) {
    const std::optional<hal::PixelFormat> pixel_format = PixelFormatOf(fourcc);
    if (!pixel_format) return;
    const std::vector<SizeRange> sizes = ListSizes(device, fourcc);
    const std::optional<Size> size = sizes.empty() ? TrySize(device, type, fourcc, wanted_size)
                                                   : NearestSize(sizes, wanted_size);
    if (!size) return;
    CaptureMode mode;
    mode.fourcc = fourcc;
    mode.interval = NearestInterval(ListIntervals(device, fourcc, *size), wanted.frames_per_second);
    mode.format = {
        *pixel_format, size->width, size->height,
        mode.interval ? mode.interval->frames_per_second() : std::max(wanted.frames_per_second, 1)};
    modes.push_back(mode);
  });
  return modes;
}

std::string ListPixelFormatNames(DeviceFile& device, uint32_t type) {
  std::string names;
  EnumeratePixelFormats(device, type, [&](uint32_t fourcc) {
    if (!names.empty()) names += ' ';
    for (int shift = 0; shift < 32; shift += 8) {
      const char c = static_cast<char>(fourcc >> shift & 0x7f);  // The top bit means big-endian.
      names += c >= ' ' && c <= '~' ? c : '?';
    }
  });
  return names;
}

}  // namespace ocellus::drivers
