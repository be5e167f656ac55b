// SPDX-License-Identifier: Apache-2.0
#include "drivers/v4l2_camera/capture_queue.h"

#include <errno.h>
#include <linux/videodev2.h>

#include <algorithm>
#include <utility>

#include "firmware/base/limits.h"

namespace ocellus::drivers {

namespace {

// The kernel's description of one buffer. Multi-planar devices say the same things elsewhere: this
// hides where. A constructed one points into itself, so it must not be copied.
class BufferDescription {
 public:
  BufferDescription(uint32_t type, uint32_t index) : multi_planar_(V4L2_TYPE_IS_MULTIPLANAR(type)) {
    buffer_.type = type;
    buffer_.memory = V4L2_MEMORY_MMAP;
    buffer_.index = index;
    if (multi_planar_) {
      buffer_.m.planes = &plane_;
      buffer_.length = 1;
    }
  }
  BufferDescription(const BufferDescription&) = delete;
  BufferDescription& operator=(const BufferDescription&) = delete;

  v4l2_buffer* get() { return &buffer_; }
  uint32_t index() const { return buffer_.index; }
  uint32_t flags() const { return buffer_.flags; }
  uint32_t sequence() const { return buffer_.sequence; }
  Duration timestamp() const {
    return std::chrono::seconds(buffer_.timestamp.tv_sec) +
           std::chrono::microseconds(buffer_.timestamp.tv_usec);
  }
  uint32_t map_offset() const { return multi_planar_ ? plane_.m.mem_offset : buffer_.m.offset; }
  size_t map_size() const { return multi_planar_ ? plane_.length : buffer_.length; }
  // Where in the mapped memory the picture lies. May be nonsense.
  size_t data_begin() const { return multi_planar_ ? plane_.data_offset : 0; }
  size_t data_end() const { return multi_planar_ ? plane_.bytesused : buffer_.bytesused; }

 private:
  const bool multi_planar_;
  v4l2_buffer buffer_{};
  v4l2_plane plane_{};
};

}  // namespace

bool CapturedBuffer::damaged() const { return (flags & V4L2_BUF_FLAG_ERROR) != 0 || data.empty(); }

Result<std::unique_ptr<CaptureQueue>> CaptureQueue::Start(DeviceFile& device,
                                                          const std::string& path, uint32_t type) {
  v4l2_requestbuffers request{};
  request.type = type;
  request.memory = V4L2_MEMORY_MMAP;
  request.count = kV4l2Buffers;
  int result = device.Ioctl(VIDIOC_REQBUFS, &request);
  if (result < 0) return DeviceError(path, "get capture buffers", -result);

  std::unique_ptr<CaptureQueue> queue(new CaptureQueue(device, path, type));
  for (uint32_t index = 0; index < request.count; ++index) {
    RETURN_IF_ERROR(queue->MapBuffer(index));
    RETURN_IF_ERROR(queue->Requeue(index));
  }
  int stream_type = static_cast<int>(type);
  result = device.Ioctl(VIDIOC_STREAMON, &stream_type);
  if (result < 0) return DeviceError(path, "start capturing", -result);
  return {std::move(queue)};
}

CaptureQueue::~CaptureQueue() {
  int type = static_cast<int>(type_);
  device_.Ioctl(VIDIOC_STREAMOFF, &type);
  for (const Bytes memory : memory_) device_.Unmap(memory);
}

Status CaptureQueue::MapBuffer(uint32_t index) {
  BufferDescription description(type_, index);
  int result = device_.Ioctl(VIDIOC_QUERYBUF, description.get());
  if (result < 0) return DeviceError(path_, "ask for a capture buffer", -result);
  Bytes memory;
  result = device_.Map(description.map_offset(), description.map_size(), memory);
  if (result < 0) return DeviceError(path_, "map a capture buffer", -result);
  memory_.push_back(memory);
  return {};
}

Result<std::optional<CapturedBuffer>> CaptureQueue::Dequeue() {
  BufferDescription description(type_, 0);
  const int result = device_.Ioctl(VIDIOC_DQBUF, description.get());
  if (result == -EAGAIN) return std::optional<CapturedBuffer>();
  if (result < 0) return DeviceError(path_, "capture", -result);
  if (description.index() >= memory_.size()) {
    return Status(StatusCode::kUnavailable,
                  Format("%s: captured into buffer %u of %u", path_.c_str(), description.index(),
                         static_cast<unsigned>(memory_.size())));
  }
  CapturedBuffer buffer;
  buffer.index = description.index();
  buffer.flags = description.flags();
  buffer.sequence = description.sequence();
  buffer.timestamp = description.timestamp();
  const Bytes memory = memory_[buffer.index];
  const size_t end = std::min(description.data_end(), memory.size());
  const size_t begin = std::min(description.data_begin(), end);
  buffer.data = memory.subspan(begin, end - begin);
  return std::optional<CapturedBuffer>(buffer);
}

Status CaptureQueue::Requeue(uint32_t index) {
  BufferDescription description(type_, index);
  const int result = device_.Ioctl(VIDIOC_QBUF, description.get());
  if (result < 0) return DeviceError(path_, "give a buffer back", -result);
  return {};
}

}  // namespace ocellus::drivers
