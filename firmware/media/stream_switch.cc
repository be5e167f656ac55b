// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/stream_switch.h"

#include <algorithm>
#include <cstdlib>

#include "firmware/base/limits.h"
#include "firmware/base/log.h"

namespace ocellus::media {
namespace {

constexpr int kLeastSize = 16;
constexpr int kMostWidth = 3840;
constexpr int kMostHeight = 2160;
constexpr int kMostFramesPerSecond = 120;
constexpr int64_t kLeastBitrate = 50'000;
constexpr int64_t kMostBitrate = 50'000'000;

bool IsWithin(const std::optional<int>& value, int least, int most) {
  return !value || (*value >= least && *value <= most);
}

Status Check(const StreamRequest& request) {
  if (request.width.has_value() != request.height.has_value()) {
    return {StatusCode::kInvalidArgument, "a size has a width and a height"};
  }
  // A rotated stream is as high as others are wide.
  const bool sizes_fit = IsWithin(request.width, kLeastSize, kMostWidth) &&
                         IsWithin(request.height, kLeastSize, kMostWidth) &&
                         (!request.width || int64_t{*request.width} * *request.height <=
                                                int64_t{kMostWidth} * kMostHeight);
  if (!sizes_fit || request.width.value_or(0) % 2 != 0 || request.height.value_or(0) % 2 != 0) {
    return {StatusCode::kInvalidArgument, Format("sizes are even, from %dx%d to %dx%d", kLeastSize,
                                                 kLeastSize, kMostWidth, kMostHeight)};
  }
  if (!IsWithin(request.frames_per_second, 1, kMostFramesPerSecond)) {
    return {StatusCode::kInvalidArgument,
            Format("1 to %d frames per second", kMostFramesPerSecond)};
  }
  if (request.bitrate && (request.bitrate->bits_per_second() < kLeastBitrate ||
                          request.bitrate->bits_per_second() > kMostBitrate)) {
    return {StatusCode::kInvalidArgument,
            Format("bitrates are from %d to %d kbit/s", static_cast<int>(kLeastBitrate / 1000),
                   static_cast<int>(kMostBitrate / 1000))};
  }
  return {};
}

// Whether they have the same shape, but for the rounding to even numbers.
bool SameShape(PictureSize a, PictureSize b) {
  const int64_t difference = int64_t{a.width} * b.height - int64_t{a.height} * b.width;
  return std::abs(difference) <= 2 * std::max(b.width, b.height);
}

}  // namespace

std::optional<VideoCommandResult> StreamSwitch::Change(Time now, VideoCommandId id,
                                                       const StreamRequest& request) {
  const Status status = Apply(now, id, request);
  if (restart_) return std::nullopt;
  return VideoCommandResult{id, status, {}, stream()};
}

Status StreamSwitch::Apply(Time now, VideoCommandId id, const StreamRequest& request) {
  RETURN_IF_ERROR(Check(request));
  if (request.bitrate) {
    if (encodes()) RETURN_IF_ERROR(parts_.controls.SetCameraBitrate(now, *request.bitrate));
    bitrate_ = *request.bitrate;
  }
  const VideoStream now_is = stream();
  PictureSize size = upright();
  if (request.width) {
    size = {*request.width, *request.height};
    if (parts_.shaper.sideways()) size = {size.height, size.width};
  }
  const int frames_per_second = request.frames_per_second.value_or(now_is.frames_per_second);
  if (size == upright() && frames_per_second == now_is.frames_per_second) return {};

  if (parts_.camera.state() == CameraState::kRunning && !CanServe(size, frames_per_second)) {
    restart_ = PendingRestart{id, size, frames_per_second};
    return {};
  }
  parts_.shaper.SetSize(size);
  limiter_.SetLimit(frames_per_second);
  if (parts_.camera.state() != CameraState::kRunning) {
    parts_.camera.Stop();
    parts_.camera.SetWanted(size.width, size.height, frames_per_second);
  }
  return {};
}

VideoCommandResult StreamSwitch::Restart() {
  CHECK(restart_, "no restart is due");
  const PendingRestart wanted = *restart_;
  restart_.reset();
  parts_.shaper.SetSize(wanted.size);
  limiter_.SetLimit(wanted.frames_per_second);
  parts_.camera.SetWanted(wanted.size.width, wanted.size.height, wanted.frames_per_second);
  Status status = parts_.camera.Restart();
  if (held_state_ == Held::kBeforeRestart) held_state_ = Held::kAfterRestart;
  const VideoStream is = stream();
  if (status.ok()) {
    LOG_INFO("video: the camera is started anew: %dx%d at %d fps", is.width, is.height,
             is.frames_per_second);
  }
  return {wanted.id, std::move(status), {}, is};
}

bool StreamSwitch::Take(Time now) {
  return restart_ || limiter_.Take(now, parts_.camera.format().frames_per_second);
}

void StreamSwitch::HandlePicture(const hal::VideoFrame& picture) {
  // Without a copy, nothing is repeated: the picture stands still at the viewers.
  held_state_ = restart_ && held_.Assign(picture).ok() ? Held::kBeforeRestart : Held::kNothing;
}

std::optional<hal::VideoFrame> StreamSwitch::held(Time now) const {
  if (held_state_ != Held::kAfterRestart) return std::nullopt;
  hal::VideoFrame picture = held_.frame();
  picture.captured_at = now;
  return picture;
}

VideoStream StreamSwitch::stream() const {
  VideoStream stream;
  const int captured_rate = parts_.camera.format().frames_per_second;
  if (encodes()) {
    stream.width = captured().width;
    stream.height = captured().height;
    stream.frames_per_second = captured_rate;
    stream.bitrate = parts_.controls.camera_bitrate().value_or(DataRate());
    return stream;
  }
  const PictureSize size = parts_.shaper.OutputSize(captured());
  stream.width = size.width;
  stream.height = size.height;
  stream.sideways = parts_.shaper.sideways();
  stream.frames_per_second = limiter_.OutputRate(captured_rate);
  stream.bitrate = bitrate_;
  return stream;
}

bool StreamSwitch::CanServe(PictureSize size, int frames_per_second) const {
  const int captured_rate = parts_.camera.format().frames_per_second;
  if (encodes()) return size == captured() && frames_per_second == captured_rate;
  if (frames_per_second > captured_rate) return false;
  if (size == captured()) return true;
  return parts_.shaper.can_transform() && size.width <= captured().width &&
         size.height <= captured().height && SameShape(size, captured());
}

bool StreamSwitch::encodes() const {
  return parts_.camera.format().pixel_format == hal::PixelFormat::kH264;
}

PictureSize StreamSwitch::captured() const {
  return {parts_.camera.format().width, parts_.camera.format().height};
}

PictureSize StreamSwitch::upright() const {
  if (encodes()) return captured();
  const PictureSize size = parts_.shaper.OutputSize(captured());
  return parts_.shaper.sideways() ? PictureSize{size.height, size.width} : size;
}

}  // namespace ocellus::media
