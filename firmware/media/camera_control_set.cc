// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/camera_control_set.h"

#include <algorithm>
#include <utility>

#include "firmware/base/limits.h"
#include "firmware/base/log.h"

namespace ocellus::media {
namespace {

using hal::CameraControl;

// Of a camera that encodes by itself; it belongs to the stream, not to the picture.
constexpr char kBitrate[] = "bitrate";

// Setting one control may rule in another: a mode its value, and what chooses the mode before.
constexpr int kPasses = 3;

auto FindIn(std::vector<CameraControl>& list, std::string_view name) {
  return std::find_if(list.begin(), list.end(),
                      [name](const CameraControl& control) { return control.name == name; });
}

}  // namespace

bool CameraControlSet::Update(Time now, CameraOutput output) {
  if (output != output_) {
    output_ = output;
    Read(now);
    if (output != CameraOutput::kNothing) Restore(now);
  } else if (now >= next_read_) {
    Look(now);
  }
  return std::exchange(changed_, false);
}

Result<CameraControl> CameraControlSet::Set(Time now, std::string_view name, int64_t value) {
  RETURN_IF_ERROR(Apply(name, value));
  const bool is_default = value == Find(name)->default_value;
  Keep(name, is_default ? std::nullopt : std::optional(value));
  Look(now);
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

Status CameraControlSet::Reset(Time now, std::string_view name) {
  if (output_ == CameraOutput::kNothing) return {StatusCode::kUnavailable, "the camera is away"};
  const auto is_meant = [name](std::string_view other) {
    return name.empty() ? hal::IsImageControl(other) : other == name;
  };
  ControlValues defaults;
  for (const CameraControl& control : list_) {
    if (is_meant(control.name)) defaults[control.name] = control.default_value;
  }
  for (const auto& [kept, value] : ControlValues(kept_)) {
    if (is_meant(kept)) Keep(kept, std::nullopt);
  }
  ControlValues values = RuledOut();  // A mode's default may rule it in.
  values.insert(defaults.begin(), defaults.end());
  const std::string refused = ApplyAll(now, values);
  if (!refused.empty()) return {StatusCode::kInternal, refused};
  return {};
}

Status CameraControlSet::SetCameraBitrate(Time now, DataRate bitrate) {
  if (!bitrate_) {
    return {StatusCode::kUnsupported,
            "the camera encodes by itself, and its bitrate cannot be set"};
  }
  RETURN_IF_ERROR(camera_->Set(kBitrate, bitrate.bits_per_second()));
  Keep(kBitrate, bitrate.bits_per_second());
  Look(now);
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

// A control that another one rules out is passed over, and so it does not matter in which order the
// values come. Cameras that do not say what rules out what refuse a value, or change it again: it
// is set once more when the others are.
std::string CameraControlSet::ApplyAll(Time now, const ControlValues& values) {
  std::string refused;
  for (int pass = 0; pass < kPasses; ++pass) {
    bool any = false;
    refused.clear();
    for (const auto& [name, value] : values) {
      const CameraControl* control = Find(name);
      if (control != nullptr && (!control->active || control->value == value)) continue;
      const Status status = Apply(name, value);
      any = any || status.ok();
      if (!status.ok()) refused += (refused.empty() ? "" : "; ") + status.message();
    }
    if (!any) break;
    Read(now);
  }
  return refused;
}

void CameraControlSet::Restore(Time now) {
  ControlValues values = kept_;
  const auto bitrate = values.find(kBitrate);
  if (bitrate != values.end()) {
    if (bitrate_ && !camera_->Set(kBitrate, bitrate->second).ok()) {
      LOG_WARN("video: the camera does not take the bitrate that was set");
    }
    values.erase(bitrate);
    Read(now);
  }
  const std::string refused = ApplyAll(now, values);
  if (!refused.empty()) {
    LOG_WARN("video: not all that was set is set again: %s", refused.c_str());
  }
}

ControlValues CameraControlSet::RuledOut() const {
  ControlValues waiting;
  for (const CameraControl& control : list_) {
    const auto kept = kept_.find(control.name);
    if (!control.active && kept != kept_.end()) waiting.insert(*kept);
  }
  return waiting;
}

void CameraControlSet::Look(Time now) {
  const ControlValues waiting = RuledOut();
  Read(now);
  const std::string refused = ApplyAll(now, waiting);
  if (!refused.empty()) LOG_WARN("video: what was set is not set again: %s", refused.c_str());
}

void CameraControlSet::Keep(std::string_view name, std::optional<int64_t> value) {
  const auto kept = kept_.find(name);
  const bool is_new = kept == kept_.end();
  if (is_new ? !value.has_value() : value == kept->second) return;
  if (!value) {
    kept_.erase(kept);
  } else if (!is_new) {
    kept->second = *value;
  } else if (kept_.size() < kMaxKeptControls) {
    kept_.emplace(name, *value);
  } else {
    LOG_WARN("video: too many controls are kept: %.*s is lost with the next restart",
             static_cast<int>(name.size()), name.data());
    return;
  }
  changed_ = true;
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
