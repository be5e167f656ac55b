// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/camera_memory.h"

#include <algorithm>
#include <string>
#include <utility>

#include "firmware/base/limits.h"
#include "firmware/base/log.h"
#include "firmware/json/json.h"

namespace ocellus::app {
namespace {

constexpr char kControlsName[] = "camera";
constexpr char kPlaceName[] = "ptz";

Result<media::ControlValues> ParseControls(std::string_view text) {
  const Result<json::Value> stored = json::Value::Parse(text);
  if (!stored.ok()) return stored.status();
  const json::View object = stored->view();
  if (object.type() != json::Type::kObject || object.size() > kMaxKeptControls) {
    return Status(StatusCode::kMalformed, "no list of controls");
  }
  media::ControlValues controls;
  for (const json::View control : object) {
    const std::optional<int64_t> value = control.AsInteger();
    if (!value) return Status(StatusCode::kMalformed, "a control without a number");
    controls.emplace(control.name(), *value);
  }
  return controls;
}

Result<control::PtzTarget> ParsePlace(std::string_view text) {
  const Result<json::Value> stored = json::Value::Parse(text);
  if (!stored.ok()) return stored.status();
  const std::optional<control::PtzTarget> place = control::ReadPlace(stored->view());
  if (!place) return Status(StatusCode::kMalformed, "no place");
  return *place;
}

// What was kept; nothing, with an error in the log, when it is damaged.
template <typename Kept>
Kept Read(hal::Storage& storage, const char* name, Result<Kept> (*parse)(std::string_view)) {
  const Result<std::string> text = storage.Read(name);
  if (!text.ok() && text.status().code() == StatusCode::kNotFound) return {};
  Result<Kept> kept = text.ok() ? parse(*text) : Result<Kept>(text.status());
  if (kept.ok()) return std::move(*kept);
  LOG_ERROR("what was set on the camera cannot be read, and is gone: %s",
            kept.status().ToString().c_str());
  return {};
}

std::string Write(const media::ControlValues& controls) {
  json::Value object = json::Value::Object();
  for (const auto& [name, value] : controls) object.Set(name.c_str(), value);
  return object.Write();
}

std::string Write(const control::PtzTarget& place) {
  json::Value object = json::Value::Object();
  control::WritePlace(place, object);
  return object.Write();
}

}  // namespace

media::ControlValues CameraMemory::ReadControls(hal::Storage& storage) {
  return Read(storage, kControlsName, ParseControls);
}

control::PtzTarget CameraMemory::ReadPlace(hal::Storage& storage) {
  return Read(storage, kPlaceName, ParsePlace);
}

void CameraMemory::KeepControls(Time now, const media::ControlValues& controls) {
  if (controls == controls_) return;
  controls_ = controls;
  controls_changed_ = true;
  write_at_ = std::min(write_at_, now + kCameraMemoryDelay);
}

void CameraMemory::KeepPlace(Time now, const control::PtzTarget& place) {
  if (place == place_) return;
  place_ = place;
  place_changed_ = true;
  write_at_ = std::min(write_at_, now + kCameraMemoryDelay);
}

void CameraMemory::KeepStream(Time now, const media::StreamRequest& changed) {
  if (changed.width) {
    stream_.width = changed.width;
    stream_.height = changed.height;
  }
  if (changed.frames_per_second) stream_.frames_per_second = changed.frames_per_second;
  if (changed.bitrate) stream_.bitrate = changed.bitrate;
  write_at_ = std::min(write_at_, now + kCameraMemoryDelay);
}

void CameraMemory::HandleTimeout(Time now) {
  if (now >= write_at_) Flush(now);
}

void CameraMemory::Flush(Time now) {
  write_at_ = kNever;
  if (std::exchange(controls_changed_, false)) storage_.Write(kControlsName, Write(controls_));
  if (std::exchange(place_changed_, false)) storage_.Write(kPlaceName, Write(place_));
  const media::StreamRequest stream = std::exchange(stream_, {});
  if (stream.width) {
    KeepSetting(now, "width", *stream.width);
    KeepSetting(now, "height", *stream.height);
  }
  if (stream.frames_per_second) KeepSetting(now, "fps", *stream.frames_per_second);
  if (stream.bitrate) KeepSetting(now, "bitrate", stream.bitrate->bits_per_second() / 1000);
}

void CameraMemory::KeepSetting(Time now, const char* name, int64_t value) {
  const Result<control::Setting> kept = settings_.Set(now, name, std::to_string(value));
  if (!kept.ok()) {
    LOG_INFO("the stream lasts until the next restart: %s", kept.status().message().c_str());
  }
}

}  // namespace ocellus::app
