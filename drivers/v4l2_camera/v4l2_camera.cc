// SPDX-License-Identifier: Apache-2.0
#include "drivers/v4l2_camera/v4l2_camera.h"

#include <dirent.h>
#include <errno.h>
#include <linux/videodev2.h>
#include <poll.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "drivers/v4l2_camera/capabilities.h"
#include "drivers/v4l2_camera/capture_time.h"
#include "drivers/v4l2_camera/h264_controls.h"
#include "drivers/v4l2_camera/image_controls.h"
#include "drivers/v4l2_camera/picture_layout.h"
#include "firmware/base/log.h"
#include "firmware/base/text.h"

namespace ocellus::drivers {

namespace {

// The numbers of the nodes /dev/video<number>, in order.
std::vector<unsigned> ListNodeNumbers() {
  constexpr std::string_view kPrefix = "video";
  std::vector<unsigned> numbers;
  DIR* const directory = opendir("/dev");
  if (directory == nullptr) return numbers;
  while (const dirent* const entry = readdir(directory)) {
    const std::string_view name = entry->d_name;
    if (!StartsWith(name, kPrefix)) continue;
    const std::optional<unsigned> number = ParseNumber<unsigned>(name.substr(kPrefix.size()));
    if (number) numbers.push_back(*number);
  }
  closedir(directory);
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

bool MayBeCamera(const std::string& path) {
  const std::unique_ptr<DeviceFile> device = MakeDeviceFile();
  const int opened = device->Open(path);
  if (opened < 0) return opened == -EACCES || opened == -EPERM || opened == -EBUSY;
  v4l2_capability capability{};
  return device->Ioctl(VIDIOC_QUERYCAP, &capability) >= 0 && CaptureTypeOf(capability) &&
         !NeedsMediaController(capability);
}

}  // namespace

V4l2Camera::V4l2Camera(std::string path, const hal::Clock& clock)
    : V4l2Camera(std::move(path), clock, MakeDeviceFile()) {}

V4l2Camera::V4l2Camera(std::string path, const hal::Clock& clock,
                       std::unique_ptr<DeviceFile> device)
    : path_(std::move(path)), clock_(clock), device_(std::move(device)) {}

V4l2Camera::~V4l2Camera() { Stop(); }

std::vector<std::string> V4l2Camera::ListNodes() {
  std::vector<std::string> paths;
  for (const unsigned number : ListNodeNumbers()) {
    std::string path = Format("/dev/video%u", number);
    if (MayBeCamera(path)) paths.push_back(std::move(path));
  }
  return paths;
}

std::string V4l2Camera::name() const {
  return card_.empty() ? "V4L2 " + path_ : "V4L2 " + path_ + " (" + card_ + ")";
}

Result<hal::VideoFormat> V4l2Camera::Start(const hal::VideoFormat& wanted) {
  Stop();
  Status status = OpenAndStream(wanted);
  if (!status.ok()) {
    Stop();
    return status;
  }
  LOG_INFO("%s: %dx%d at %d frames/s, %s", name().c_str(), format_.width, format_.height,
           format_.frames_per_second, hal::ToString(format_.pixel_format));
  return format_;
}

Status V4l2Camera::OpenAndStream(const hal::VideoFormat& wanted) {
  const int opened = device_->Open(path_);
  if (opened < 0) return DeviceError(path_, "open", -opened);

  v4l2_capability capability{};
  const int asked = device_->Ioctl(VIDIOC_QUERYCAP, &capability);
  if (asked == -ENODEV) return DeviceError(path_, "ask for its abilities", ENODEV);
  if (asked < 0) {
    return Status(StatusCode::kUnsupported, Format("%s is not a V4L2 device", path_.c_str()));
  }
  card_ = CardName(capability);
  const std::optional<uint32_t> type = CaptureTypeOf(capability);
  if (!type) {
    return Status(StatusCode::kUnsupported,
                  Format("%s (%s) is not a camera", path_.c_str(), card_.c_str()));
  }
  RETURN_IF_ERROR(SetMode(*type, wanted));

  Result<std::unique_ptr<CaptureQueue>> queue = CaptureQueue::Start(*device_, path_, *type);
  if (!queue.ok()) return queue.status();
  queue_ = *std::move(queue);
  return {};
}

Status V4l2Camera::SetMode(uint32_t type, const hal::VideoFormat& wanted) {
  const std::vector<CaptureMode> modes = ListModes(*device_, type, wanted);
  const CaptureMode* const mode = BestMode(modes, wanted, AskKeyframeSupport(*device_));
  if (mode == nullptr) {
    return Status(StatusCode::kUnsupported,
                  Format("%s (%s) has no pixel format that Ocellus knows, only: %s", path_.c_str(),
                         card_.c_str(), ListPixelFormatNames(*device_, type).c_str()));
  }
  PictureFormat picture;
  picture.fourcc = mode->fourcc;
  picture.size = {mode->format.width, mode->format.height};
  const int result = NegotiateFormat(*device_, VIDIOC_S_FMT, type, picture);
  if (result < 0) return DeviceError(path_, "set the picture format", -result);
  if (picture.fourcc != mode->fourcc || picture.memory_planes != 1 || picture.size.width <= 0 ||
      picture.size.height <= 0 || picture.size.width % 2 != 0 || picture.size.height % 2 != 0) {
    return Status(StatusCode::kUnsupported,
                  Format("%s (%s) does not do %s as it says", path_.c_str(), card_.c_str(),
                         hal::ToString(mode->format.pixel_format)));
  }
  format_ = {mode->format.pixel_format, picture.size.width, picture.size.height, 0};
  format_.frames_per_second = SetFrameRate(type, *mode);
  stride_ = picture.stride;
  if (format_.pixel_format == hal::PixelFormat::kH264) ConfigureForLiveViewing(*device_, format_);
  return {};
}

int V4l2Camera::SetFrameRate(uint32_t type, const CaptureMode& mode) {
  const FrameInterval asked = mode.interval.value_or(
      FrameInterval{1, static_cast<uint32_t>(mode.format.frames_per_second)});
  v4l2_streamparm parameters{};
  parameters.type = type;
  parameters.parm.capture.timeperframe = {asked.numerator, asked.denominator};
  if (device_->Ioctl(VIDIOC_S_PARM, &parameters) < 0) return mode.format.frames_per_second;
  const v4l2_fract& got = parameters.parm.capture.timeperframe;
  if (got.numerator == 0 || got.denominator == 0) return mode.format.frames_per_second;
  return FrameInterval{got.numerator, got.denominator}.frames_per_second();
}

Result<hal::VideoFrame> V4l2Camera::Acquire(Duration timeout) {
  if (queue_ == nullptr) {
    return Status(StatusCode::kUnavailable, Format("%s is not started", path_.c_str()));
  }
  if (borrowed_) {
    const uint32_t index = borrowed_->index;
    borrowed_.reset();
    RETURN_IF_ERROR(queue_->Requeue(index));
  }
  if (behind_gap_) {
    borrowed_ = std::exchange(behind_gap_, std::nullopt);
  } else {
    Result<CapturedBuffer> buffer = WaitForBuffer(timeout);
    const bool every_picture_counts = format_.pixel_format == hal::PixelFormat::kH264;
    if (buffer.ok() && !every_picture_counts) buffer = SkipToNewest(*buffer);
    if (!buffer.ok()) return buffer.status();
    if (const uint32_t lost = every_picture_counts ? CountLost(*buffer) : 0; lost > 0) {
      behind_gap_ = *buffer;
      return Status(StatusCode::kMalformed,
                    Format("%s: lost %u pictures", path_.c_str(), static_cast<unsigned>(lost)));
    }
    borrowed_ = *buffer;
  }
  if (borrowed_->damaged()) {
    return Status(StatusCode::kMalformed, Format("%s: damaged picture", path_.c_str()));
  }
  hal::VideoFrame frame;
  frame.pixel_format = format_.pixel_format;
  frame.width = format_.width;
  frame.height = format_.height;
  frame.captured_at = CaptureTime(clock_.Now(), borrowed_->timestamp, borrowed_->flags);
  RETURN_IF_ERROR(LayOutPlanes(borrowed_->data, stride_, frame));
  return frame;
}

Result<CapturedBuffer> V4l2Camera::WaitForBuffer(Duration timeout) {
  const Time deadline = clock_.Now() + timeout;
  for (;;) {
    const int events = device_->Poll(deadline - clock_.Now());
    if (events < 0) return DeviceError(path_, "wait for a picture", -events);
    // Asked even without an event: it tells more about an error than poll can.
    const Result<std::optional<CapturedBuffer>> buffer = queue_->Dequeue();
    if (!buffer.ok()) return buffer.status();
    if (*buffer) return **buffer;
    if ((events & (POLLERR | POLLHUP | POLLNVAL)) != 0) {
      return Status(StatusCode::kUnavailable,
                    Format("%s: cannot capture: the device reports an error", path_.c_str()));
    }
    if (clock_.Now() >= deadline) {
      return Status(StatusCode::kTimeout, Format("%s: no picture for %lld ms", path_.c_str(),
                                                 static_cast<long long>(ToMilliseconds(timeout))));
    }
  }
}

uint32_t V4l2Camera::CountLost(const CapturedBuffer& buffer) {
  // Drivers that do not count say 0 each time; what goes backwards is a counter that starts anew.
  const uint32_t step = buffer.sequence - last_sequence_.value_or(buffer.sequence);
  last_sequence_ = buffer.sequence;
  return step > 1 && step < 1u << 31 ? step - 1 : 0;
}

Result<CapturedBuffer> V4l2Camera::SkipToNewest(CapturedBuffer buffer) {
  for (;;) {
    const Result<std::optional<CapturedBuffer>> next = queue_->Dequeue();
    // An error comes again at the next Acquire; this picture is still good.
    if (!next.ok() || !*next) return buffer;
    const bool keep = (*next)->damaged() && !buffer.damaged();
    const uint32_t overtaken = keep ? (*next)->index : buffer.index;
    if (!keep) buffer = **next;
    RETURN_IF_ERROR(queue_->Requeue(overtaken));
  }
}

void V4l2Camera::Stop() {
  borrowed_.reset();
  behind_gap_.reset();
  last_sequence_.reset();
  queue_.reset();
  device_->Close();
}

void V4l2Camera::RequestKeyframe() {
  if (queue_ != nullptr && format_.pixel_format == hal::PixelFormat::kH264) {
    ForceKeyframe(*device_);
  }
}

std::vector<hal::CameraControl> V4l2Camera::List() {
  return queue_ == nullptr ? std::vector<hal::CameraControl>() : ListImageControls(*device_);
}

Status V4l2Camera::Set(std::string_view name, int64_t value) {
  if (queue_ == nullptr) return {StatusCode::kUnavailable, path_ + " is away"};
  return SetImageControl(*device_, name, value);
}

}  // namespace ocellus::drivers
