// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/camera_control_set.h"

#include <algorithm>
#include <utility>

namespace ocellus::media {
namespace {

using hal::CameraControl;

// Of a camera that encodes by itself; it belongs to the stream, not to the picture.
constexpr char kBitrate[] = "bitrate";

auto FindIn(std::vector<CameraControl>& list, std::string_view name) {
  return std::find_if(list.begin(), list.end(),
                      [name](const CameraControl& control) { return control.name == name; });
}

}  // namespace

bool CameraControlSet::Update(Time now, CameraOutput output) {
  if (output != output_) {
    output_ = output;
    next_read_ = now;
  }
  if (now >= next_read_) Read(now);
  return std::exchange(changed_, false);
}

Result<CameraControl> CameraControlSet::Set(Time now, std::string_view name, int64_t value) {
  RETURN_IF_ERROR(Apply(name, value));
  Read(now);
  const CameraControl* control = Find(name);
  if (control == nullptr) return Status(StatusCode::kUnavailable, "the camera is away");
  return *control;
}

Status CameraControlSet::SetUnseen(Time now, std::string_view name, int64_t value) {
  RETURN_IF_ERROR(Apply(name, value));
  next_read_ = now + kControlsSettling;
  Find(name)->value = value;
  changed_ = true;
  return {};
}

Status CameraControlSet::SetCameraBitrate(Time now, DataRate bitrate) {
  if (!bitrate_) {
    return {StatusCode::kUnsupported,
            "the camera encodes by itself, and its bitrate cannot be set"};
  }
  RETURN_IF_ERROR(camera_->Set(kBitrate, bitrate.bits_per_second()));
  Read(now);
  return {};
}

CameraControl* CameraControlSet::Find(std::string_view name) {
  const auto control = FindIn(list_, name);
  return control == list_.end() ? nullptr : &*control;
}

Status CameraControlSet::Apply(std::string_view name, int64_t value) {
  if (output_ == CameraOutput::kNothing) return {StatusCode::kUnavailable, "the camera is away"};
  const CameraControl* control = Find(name);
  if (control == nullptr) {
    return {StatusCode::kNotFound, "the camera has no control \"" + std::string(name) + "\""};
  }
  const bool is_of_camera = static_cast<size_t>(control - list_.data()) < of_camera_;
  return is_of_camera ? camera_->Set(name, value) : shaper_.SetControl(name, value);
}

void CameraControlSet::Read(Time now) {
  next_read_ = now + kControlsRefresh;
  std::vector<CameraControl> list;
  bitrate_.reset();
  of_camera_ = 0;
  if (camera_ != nullptr && output_ != CameraOutput::kNothing) {
    list = camera_->List();
    const auto bitrate = FindIn(list, kBitrate);
    if (output_ == CameraOutput::kEncoded && bitrate != list.end()) {
      bitrate_ = DataRate::FromBitsPerSecond(bitrate->value);
      list.erase(bitrate);
    }
    of_camera_ = list.size();
  }
  if (output_ == CameraOutput::kPictures) {
    for (CameraControl& control : shaper_.ListControls()) {
      if (FindIn(list, control.name) == list.end()) list.push_back(std::move(control));
    }
  }
  if (list == list_) return;
  list_ = std::move(list);
  changed_ = true;
}

}  // namespace ocellus::media
