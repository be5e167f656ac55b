// SPDX-License-Identifier: Apache-2.0
#include "tests/drivers/v4l2_camera/fake_v4l2_device.h"

#include <errno.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>

namespace ocellus::drivers {

namespace {

uint32_t Luma(const v4l2_pix_format& format) { return format.bytesperline * format.height; }

// Bytes of a picture, or enough of them for a compressed one.
uint32_t ImageSize(const v4l2_pix_format& format) {
  switch (format.pixelformat) {
    case V4L2_PIX_FMT_NV12:
    case V4L2_PIX_FMT_YUV420:
      return Luma(format) * 3 / 2;
    case V4L2_PIX_FMT_YUYV:
      return Luma(format);
    default:
      return format.width * format.height;
  }
}

uint32_t BytesPerLine(uint32_t fourcc, uint32_t width) {
  switch (fourcc) {
    case V4L2_PIX_FMT_NV12:
    case V4L2_PIX_FMT_YUV420:
      return width;
    case V4L2_PIX_FMT_YUYV:
      return 2 * width;
    default:
      return 0;
  }
}

}  // namespace

SizeRange ExactSize(uint32_t width, uint32_t height) {
  return {{width, width, 1}, {height, height, 1}};
}

IntervalRange ExactRate(uint32_t rate) { return {{1, rate}, {1, rate}}; }

class FakeDeviceFile final : public DeviceFile {
 public:
  explicit FakeDeviceFile(FakeV4l2Device& device) : device_(device) {}

  int Open(const std::string&) override {
    EXPECT_FALSE(device_.open_) << "opened twice";
    if (device_.open_error != 0) return -device_.open_error;
    device_.open_ = true;
    return 0;
  }
  void Close() override {
    EXPECT_EQ(device_.mapped(), 0u) << "closed with mapped buffers";
    device_.open_ = false;
  }
  int Ioctl(unsigned long request, void* argument) override {
    EXPECT_TRUE(device_.open_) << "ioctl on a closed device";
    const auto error = device_.errors.find(request);
    return error != device_.errors.end() ? -error->second : device_.Ioctl(request, argument);
  }
  int Poll(Duration timeout) override { return device_.Poll(timeout); }
  int Map(uint32_t offset, size_t size, Bytes& memory) override {
    memory = {};
    if (offset >= device_.buffers_.size() || device_.buffers_[offset].size() != size)
      return -EINVAL;
    memory = device_.buffers_[offset];
    EXPECT_TRUE(device_.mapped_.insert(memory.data()).second) << "mapped twice";
    return 0;
  }
  void Unmap(Bytes memory) override {
    EXPECT_EQ(device_.mapped_.erase(memory.data()), 1u) << "unmapped what is not mapped";
  }

 private:
  FakeV4l2Device& device_;
};

FakeV4l2Device::~FakeV4l2Device() {
  EXPECT_FALSE(open_) << "left open";
  EXPECT_TRUE(mapped_.empty()) << "left mapped";
}

std::unique_ptr<DeviceFile> FakeV4l2Device::MakeFile() {
  return std::make_unique<FakeDeviceFile>(*this);
}

void FakeV4l2Device::Capture(const Picture& picture) {
  ASSERT_TRUE(streaming_);
  ASSERT_FALSE(queued_.empty()) << "the driver holds all buffers";
  const uint32_t index = queued_.front();
  queued_.pop_front();
  std::vector<uint8_t>& memory = buffers_[index];
  std::fill_n(memory.begin(), std::min(picture.size, memory.size()), picture.content);
  filled_.emplace_back(index, picture);
}

int FakeV4l2Device::Poll(Duration timeout) {
  const Time deadline = clock_.Now() + timeout;
  if (captures_by_itself && filled_.empty() && next_picture_ <= deadline) {
    clock_.SleepUntil(next_picture_);
    Capture({ImageSize(format_), 0, V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
             next_picture_.time_since_epoch(), 0});
    next_picture_ += Duration(1'000'000 * interval.numerator / interval.denominator);
  }
  if (!filled_.empty()) return POLLIN | poll_events;
  if (poll_events == 0) clock_.SleepUntil(deadline);
  return poll_events;
}

uint32_t FakeV4l2Device::type() const {
  return multi_planar() ? V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE : V4L2_BUF_TYPE_VIDEO_CAPTURE;
}

const FakeV4l2Device::Mode* FakeV4l2Device::FindMode(uint32_t fourcc) const {
  for (const Mode& mode : modes) {
    if (mode.fourcc == fourcc) return &mode;
  }
  return nullptr;
}

int FakeV4l2Device::Ioctl(unsigned long request, void* argument) {
  switch (request) {
    case VIDIOC_QUERYCAP:
      return QueryCapability(*static_cast<v4l2_capability*>(argument));
    case VIDIOC_ENUM_FMT:
      return EnumerateFormat(*static_cast<v4l2_fmtdesc*>(argument));
    case VIDIOC_ENUM_FRAMESIZES:
      return EnumerateSize(*static_cast<v4l2_frmsizeenum*>(argument));
    case VIDIOC_ENUM_FRAMEINTERVALS:
      return EnumerateInterval(*static_cast<v4l2_frmivalenum*>(argument));
    case VIDIOC_TRY_FMT:
      return TryFormat(*static_cast<v4l2_format*>(argument));
    case VIDIOC_S_FMT:
      return SetFormat(*static_cast<v4l2_format*>(argument));
    case VIDIOC_S_PARM:
      static_cast<v4l2_streamparm*>(argument)->parm.capture.timeperframe = {interval.numerator,
                                                                            interval.denominator};
      return 0;
    case VIDIOC_REQBUFS:
      return RequestBuffers(*static_cast<v4l2_requestbuffers*>(argument));
    case VIDIOC_QUERYBUF:
      return QueryBuffer(*static_cast<v4l2_buffer*>(argument));
    case VIDIOC_QBUF:
      return Queue(*static_cast<v4l2_buffer*>(argument));
    case VIDIOC_DQBUF:
      return Dequeue(*static_cast<v4l2_buffer*>(argument));
    case VIDIOC_STREAMON:
      streaming_ = true;
      next_picture_ = clock_.Now();
      return 0;
    case VIDIOC_STREAMOFF:
      return StreamOff();
    case VIDIOC_QUERYCTRL:
      return QueryControl(*static_cast<v4l2_queryctrl*>(argument));
    case VIDIOC_QUERYMENU:
      return QueryMenu(*static_cast<v4l2_querymenu*>(argument));
    case VIDIOC_G_CTRL:
      return GetControl(*static_cast<v4l2_control*>(argument));
    case VIDIOC_S_CTRL:
      return SetControl(*static_cast<v4l2_control*>(argument));
    default:
      return -ENOTTY;
  }
}

int FakeV4l2Device::QueryCapability(v4l2_capability& capability) {
  card.copy(reinterpret_cast<char*>(capability.card), sizeof(capability.card));
  // All nodes of the device together can more than this one.
  capability.capabilities = capabilities | V4L2_CAP_DEVICE_CAPS | V4L2_CAP_META_CAPTURE;
  capability.device_caps = capabilities;
  return 0;
}

int FakeV4l2Device::EnumerateFormat(v4l2_fmtdesc& description) {
  if (description.type != type() || description.index >= modes.size()) return -EINVAL;
  description.pixelformat = modes[description.index].fourcc;
  return 0;
}

int FakeV4l2Device::EnumerateSize(v4l2_frmsizeenum& size) {
  const Mode* const mode = FindMode(size.pixel_format);
  if (mode == nullptr || size.index >= mode->sizes.size()) return -EINVAL;
  const SizeRange& range = mode->sizes[size.index];
  if (range.width.min == range.width.max && range.height.min == range.height.max) {
    size.type = V4L2_FRMSIZE_TYPE_DISCRETE;
    size.discrete = {range.width.min, range.height.min};
  } else {
    size.type = V4L2_FRMSIZE_TYPE_STEPWISE;
    size.stepwise = {range.width.min,  range.width.max,  range.width.step,
                     range.height.min, range.height.max, range.height.step};
  }
  return 0;
}

int FakeV4l2Device::EnumerateInterval(v4l2_frmivalenum& item) {
  const Mode* const mode = FindMode(item.pixel_format);
  if (mode == nullptr || item.index >= mode->intervals.size()) return -EINVAL;
  const IntervalRange& range = mode->intervals[item.index];
  const v4l2_fract min{range.min.numerator, range.min.denominator};
  const v4l2_fract max{range.max.numerator, range.max.denominator};
  if (range.min == range.max) {
    item.type = V4L2_FRMIVAL_TYPE_DISCRETE;
    item.discrete = min;
  } else {
    item.type = V4L2_FRMIVAL_TYPE_STEPWISE;
    item.stepwise = {min, max, {1, 1}};
  }
  return 0;
}

int FakeV4l2Device::TryFormat(v4l2_format& format) {
  if (format.type != type() || modes.empty()) return -EINVAL;
  const auto adapt = [&](auto& picture) {
    if (FindMode(picture.pixelformat) == nullptr) picture.pixelformat = modes.front().fourcc;
    if (only_size) {
      picture.width = static_cast<uint32_t>(only_size->width);
      picture.height = static_cast<uint32_t>(only_size->height);
    }
    const uint32_t line = BytesPerLine(picture.pixelformat, picture.width);
    return line > 0 ? line + padding : 0;
  };
  if (multi_planar()) {
    format.fmt.pix_mp.plane_fmt[0].bytesperline = adapt(format.fmt.pix_mp);
    format.fmt.pix_mp.num_planes = static_cast<uint8_t>(memory_planes);
  } else {
    format.fmt.pix.bytesperline = adapt(format.fmt.pix);
  }
  return 0;
}

int FakeV4l2Device::SetFormat(v4l2_format& format) {
  const int result = TryFormat(format);
  if (result < 0) return result;
  if (multi_planar()) {
    format_.width = format.fmt.pix_mp.width;
    format_.height = format.fmt.pix_mp.height;
    format_.pixelformat = format.fmt.pix_mp.pixelformat;
    format_.bytesperline = format.fmt.pix_mp.plane_fmt[0].bytesperline;
  } else {
    format_ = format.fmt.pix;
  }
  return 0;
}

int FakeV4l2Device::RequestBuffers(v4l2_requestbuffers& request) {
  EXPECT_TRUE(mapped_.empty()) << "buffers asked for while some are mapped";
  if (request.type != type() || request.memory != V4L2_MEMORY_MMAP) return -EINVAL;
  buffers_.assign(request.count, std::vector<uint8_t>(ImageSize(format_)));
  queued_.clear();
  filled_.clear();
  return 0;
}

int FakeV4l2Device::QueryBuffer(v4l2_buffer& buffer) {
  if (buffer.type != type() || buffer.index >= buffers_.size()) return -EINVAL;
  const uint32_t size = static_cast<uint32_t>(buffers_[buffer.index].size());
  if (multi_planar()) {
    buffer.m.planes[0].m.mem_offset = buffer.index;
    buffer.m.planes[0].length = size;
  } else {
    buffer.m.offset = buffer.index;
    buffer.length = size;
  }
  return 0;
}

int FakeV4l2Device::Queue(const v4l2_buffer& buffer) {
  if (buffer.type != type() || buffer.index >= buffers_.size()) return -EINVAL;
  EXPECT_EQ(std::count(queued_.begin(), queued_.end(), buffer.index), 0) << "queued twice";
  queued_.push_back(buffer.index);
  return 0;
}

int FakeV4l2Device::Dequeue(v4l2_buffer& buffer) {
  if (buffer.type != type() || !streaming_) return -EINVAL;
  if (filled_.empty()) return -EAGAIN;
  const auto [index, picture] = filled_.front();
  filled_.pop_front();
  buffer.index = index + captured_index_offset;
  buffer.flags = picture.flags;
  buffer.sequence = picture.sequence;
  const auto micros = picture.timestamp.count();
  buffer.timestamp.tv_sec = static_cast<decltype(buffer.timestamp.tv_sec)>(micros / 1'000'000);
  buffer.timestamp.tv_usec = static_cast<decltype(buffer.timestamp.tv_usec)>(micros % 1'000'000);
  if (multi_planar()) {
    buffer.m.planes[0].bytesused = static_cast<uint32_t>(picture.size);
    buffer.m.planes[0].data_offset = static_cast<uint32_t>(picture.data_offset);
  } else {
    buffer.bytesused = static_cast<uint32_t>(picture.size);
  }
  return 0;
}

int FakeV4l2Device::StreamOff() {
  streaming_ = false;
  queued_.clear();
  filled_.clear();
  return 0;
}

int FakeV4l2Device::QueryControl(v4l2_queryctrl& control) const {
  const uint32_t id = control.id & ~static_cast<uint32_t>(V4L2_CTRL_FLAG_NEXT_CTRL);
  const auto found = id == control.id ? controls.find(id) : controls.upper_bound(id);
  if (found == controls.end()) return -EINVAL;
  control.id = found->first;
  control.type = found->second.type;
  found->second.title.copy(reinterpret_cast<char*>(control.name), sizeof(control.name));
  control.step = found->second.step;
  control.default_value = found->second.default_value;
  control.minimum = found->second.minimum;
  control.maximum = found->second.maximum;
  control.flags = found->second.flags;
  return 0;
}

int FakeV4l2Device::QueryMenu(v4l2_querymenu& menu) const {
  const auto found = controls.find(menu.id);
  if (found == controls.end()) return -EINVAL;
  const auto choice = found->second.menu.find(menu.index);
  if (choice == found->second.menu.end()) return -EINVAL;
  if (found->second.type == V4L2_CTRL_TYPE_INTEGER_MENU) {
    menu.value = std::stoll(choice->second);
  } else {
    choice->second.copy(reinterpret_cast<char*>(menu.name), sizeof(menu.name));
  }
  return 0;
}

int FakeV4l2Device::GetControl(v4l2_control& control) const {
  const auto found = controls.find(control.id);
  if (found == controls.end()) return -EINVAL;
  if ((found->second.flags & V4L2_CTRL_FLAG_WRITE_ONLY) != 0) return -EACCES;
  control.value = found->second.value;
  return 0;
}

int FakeV4l2Device::SetControl(const v4l2_control& control) {
  const auto found = controls.find(control.id);
  if (found == controls.end()) return -EINVAL;
  if (control.value < found->second.minimum || control.value > found->second.maximum)
    return -ERANGE;
  found->second.values.push_back(control.value);
  found->second.value = control.value;
  return 0;
}

}  // namespace ocellus::drivers
