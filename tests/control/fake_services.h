// SPDX-License-Identifier: Apache-2.0
// The rest of a camera, as the control protocol's methods see it: in memory, and as the examples of
// docs/control.md have it.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "firmware/control/services.h"
#include "firmware/control/to_json.h"
#include "hal/log_history.h"

namespace ocellus::control {

class FakeDevice final : public DeviceService {
 public:
  static constexpr std::string_view kToken = "correct-horse-battery-staple";

  json::Value Describe(Time) override {
    json::Value device = json::Value::Object();
    device.Set("name", "Ocellus").Set("version", "0.1.0").Set("camera", "USB Camera");
    return device;
  }
  json::Value ReadStatistics(Time, const Caller& caller) override {
    ++reads;
    json::Value viewer = json::Value::Object();
    viewer.Set("id", "4Fz1").Set("role", ToString(caller.role)).Set("filling", filling);
    json::Value viewers = json::Value::Array();
    viewers.Append(std::move(viewer));
    json::Value statistics = json::Value::Object();
    statistics.Set("viewers", std::move(viewers));
    return statistics;
  }
  Result<auth::Role> LogIn(Time, const Caller&, std::string_view token) override {
    if (token != kToken) return Status(StatusCode::kPermissionDenied, "a wrong token");
    return auth::Role::kAdmin;
  }
  Status Restart(Time) override {
    ++restarts;
    return restart_status;
  }

  std::string filling;  // Makes statistics large.
  Status restart_status;
  int reads = 0;
  int restarts = 0;
};

class FakeCameraService final : public CameraService {
 public:
  FakeCameraService() {
    hal::CameraControl brightness;
    brightness.name = "brightness";
    brightness.title = "Brightness";
    brightness.minimum = -64;
    brightness.maximum = 64;
    hal::CameraControl frequency;
    frequency.name = "power-line-frequency";
    frequency.title = "Power Line Frequency";
    frequency.type = hal::ControlType::kMenu;
    frequency.maximum = 1;
    frequency.value = frequency.default_value = 1;
    frequency.choices = {{0, "Disabled"}, {1, "50 Hz"}};
    hal::CameraControl flip;
    flip.name = "horizontal-flip";
    flip.title = "Mirror";
    flip.type = hal::ControlType::kBoolean;
    flip.maximum = 1;
    hal::CameraControl pan;
    pan.name = "pan";
    pan.title = "Pan, Absolute";
    list = {brightness, frequency, flip, pan};
  }

  const std::vector<hal::CameraControl>& controls() const override { return list; }
  Outcome SetControl(Ticket ticket, const std::string& name, int64_t value) override {
    sets.emplace_back(name, value);
    tickets.push_back(ticket);
    if (!status.ok()) return status;
    if (pends) return Pending{};
    for (hal::CameraControl& control : list) {
      if (control.name != name) continue;
      control.value = value;
      return ToJson(control);
    }
    return Status(StatusCode::kNotFound, "no control");
  }

  Status ResetControls(const std::string& name) override {
    resets.push_back(name);
    return status;
  }

  StreamParameters stream() const override { return parameters; }
  Outcome SetStream(Ticket ticket, const StreamParameters& wanted) override {
    tickets.push_back(ticket);
    if (!status.ok()) return status;
    parameters = wanted;
    if (pends) return Pending{};
    return ToJson(wanted);
  }
  void RequestKeyframe(Time) override { ++keyframes; }
  Outcome TakeSnapshot(Time, Ticket ticket) override {
    tickets.push_back(ticket);
    if (!status.ok()) return status;
    if (pends) return Pending{};
    json::Value json = json::Value::Object();
    json.Set("area", "snapshots").Set("name", "snapshot-20261121041500.jpg").Set("size", 81920);
    return std::move(json.Set("sha256", std::string(64, 'a')));
  }

  std::vector<hal::CameraControl> list;
  StreamParameters parameters{1280, 720, 30, DataRate::FromKilobitsPerSecond(2000)};
  Status status;       // What the next calls come to, where it is an error.
  bool pends = false;  // Whether they answer later.
  std::vector<Ticket> tickets;
  std::vector<std::pair<std::string, int64_t>> sets;
  std::vector<std::string> resets;
  int keyframes = 0;
};

class FakeSettings final : public SettingsService {
 public:
  FakeSettings() {
    Setting bitrate;
    bitrate.name = "bitrate";
    bitrate.type = Setting::Type::kInteger;
    bitrate.value = bitrate.default_value = "2000";
    bitrate.description = "Video bitrate, where the picture is encoded here.";
    bitrate.allowed = "50 to 50000";
    bitrate.minimum = 50;
    bitrate.maximum = 50'000;
    bitrate.origin = "default";
    Setting secret;
    secret.name = "turn-secret";
    secret.value = "set";
    secret.is_secret = true;
    secret.origin = "OCELLUS_TURN_SECRET";
    secret.is_fixed = true;
    settings = {bitrate, secret};
  }

  std::vector<Setting> List() const override { return settings; }
  Result<Setting> Set(Time, const std::string& name, const std::string& value) override {
    for (Setting& setting : settings) {
      if (setting.name != name) continue;
      if (setting.is_fixed) {
        return Status(StatusCode::kFailedPrecondition, "fixed by " + setting.origin);
      }
      setting.value = value;
      setting.origin = "saved";
      return setting;
    }
    return Status(StatusCode::kNotFound, "no setting \"" + name + '"');
  }
  Result<Setting> Reset(Time now, const std::string& name) override {
    for (Setting& setting : settings) {
      if (setting.name == name) return Set(now, name, setting.default_value);
    }
    return Status(StatusCode::kNotFound, "no setting \"" + name + '"');
  }

  std::vector<Setting> settings;
};

class FakeLogHistory final : public hal::LogHistory {
 public:
  void Add(std::string text) {
    lines.push_back(
        hal::LogLine{newest() + 1, 1'790'000'000'000, LogLevel::kInfo, std::move(text)});
  }
  std::vector<hal::LogLine> Read(uint64_t after, size_t most) const override {
    std::vector<hal::LogLine> found;
    for (const hal::LogLine& line : lines) {
      if (line.number > after) found.push_back(line);
    }
    if (found.size() > most) found.erase(found.begin(), found.end() - static_cast<long>(most));
    return found;
  }
  uint64_t newest() const override { return lines.empty() ? 0 : lines.back().number; }

  std::vector<hal::LogLine> lines;
};

}  // namespace ocellus::control
