// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/ptz_presets.h"

#include <algorithm>
#include <utility>

#include "firmware/base/log.h"
#include "firmware/json/json.h"
#include "firmware/json/utf8.h"

namespace ocellus::control {
namespace {

constexpr char kStored[] = "presets";

Status NotFound(PresetId id) {
  return {StatusCode::kNotFound,
          Format("there is no preset %u", static_cast<unsigned>(id.value()))};
}

bool IsValidId(PresetId id) { return id.value() >= 1 && id.value() <= kMaxPtzPresets; }

bool IsValidName(std::string_view name) {
  if (name.empty() || name.size() > kMaxPtzPresetName) return false;
  while (!name.empty()) {
    const size_t size = json::Utf8SequenceSize(name);
    const auto first = static_cast<unsigned char>(name[0]);
    if (size == 0 || first < 0x20 || first == 0x7f) return false;
    name.remove_prefix(size);
  }
  return true;
}

// An axis of a stored place: absent, or a number within its range.
bool ReadAxis(json::View value, double least, std::optional<double>& axis) {
  if (!value.exists()) return true;
  axis = value.AsNumber();
  return axis && *axis >= least && *axis <= 1;
}

// nullopt: damaged.
std::optional<PtzPreset> ReadPreset(json::View value) {
  const std::optional<double> id = value["id"].AsNumber();
  const std::optional<std::string_view> name = value["name"].AsString();
  if (!id || !(*id >= 1 && *id <= kMaxPtzPresets) || !name || !IsValidName(*name)) {
    return std::nullopt;
  }
  const std::optional<PtzTarget> place = ReadPlace(value);
  if (!place) return std::nullopt;
  return PtzPreset{PresetId(static_cast<uint32_t>(*id)), std::string(*name), *place};
}

Result<std::vector<PtzPreset>> ReadPresets(std::string_view text) {
  const Result<json::Value> stored = json::Value::Parse(text);
  if (!stored.ok()) return stored.status();
  const json::View presets = stored->view()["presets"];
  if (presets.type() != json::Type::kArray || presets.size() > kMaxPtzPresets) {
    return Status(StatusCode::kMalformed, "no list of presets");
  }
  std::vector<PtzPreset> list;
  for (size_t i = 0; i < presets.size(); ++i) {
    std::optional<PtzPreset> preset = ReadPreset(presets.at(i));
    if (!preset) {
      return Status(StatusCode::kMalformed, Format("preset %u", static_cast<unsigned>(i + 1)));
    }
    list.push_back(std::move(*preset));
  }
  return list;
}

}  // namespace

void WritePlace(const PtzTarget& place, json::Value& object) {
  if (place.pan) object.Set("pan", *place.pan);
  if (place.tilt) object.Set("tilt", *place.tilt);
  if (place.zoom) object.Set("zoom", *place.zoom);
}

std::optional<PtzTarget> ReadPlace(json::View object) {
  PtzTarget place;
  if (!ReadAxis(object["pan"], -1, place.pan) || !ReadAxis(object["tilt"], -1, place.tilt) ||
      !ReadAxis(object["zoom"], 0, place.zoom)) {
    return std::nullopt;
  }
  return place;
}

PtzPresets::PtzPresets(hal::Storage& storage) : storage_(storage) {
  const Result<std::string> text = storage_.Read(kStored);
  if (!text.ok() && text.status().code() == StatusCode::kNotFound) return;
  Result<std::vector<PtzPreset>> list =
      text.ok() ? ReadPresets(*text) : Result<std::vector<PtzPreset>>(text.status());
  if (!list.ok()) {
    LOG_ERROR("the presets cannot be read, and are gone: %s", list.status().ToString().c_str());
    return;
  }
  for (PtzPreset& preset : *list) Insert(std::move(preset));
}

const PtzPreset* PtzPresets::Find(PresetId id) const {
  const auto found = std::find_if(list_.begin(), list_.end(),
                                  [id](const PtzPreset& preset) { return preset.id == id; });
  return found == list_.end() ? nullptr : &*found;
}

Result<PresetId> PtzPresets::Save(std::string_view name, std::optional<PresetId> id,
                                  const PtzTarget& place) {
  if (!IsValidName(name)) {
    return Status(StatusCode::kInvalidArgument,
                  Format("the name of a preset is of 1 to %d bytes without control characters",
                         static_cast<int>(kMaxPtzPresetName)));
  }
  if (!id) {
    id = PresetId(1);
    while (Find(*id) != nullptr) id = PresetId(id->value() + 1);
    if (!IsValidId(*id)) {
      return Status(StatusCode::kResourceExhausted,
                    Format("there are %d presets already", static_cast<int>(kMaxPtzPresets)));
    }
  }
  if (!IsValidId(*id)) {
    return Status(StatusCode::kInvalidArgument,
                  Format("presets have ids from 1 to %d", static_cast<int>(kMaxPtzPresets)));
  }
  Insert({*id, std::string(name), place});
  Write();
  return *id;
}

Status PtzPresets::Delete(PresetId id) {
  const PtzPreset* preset = Find(id);
  if (preset == nullptr) return NotFound(id);
  list_.erase(list_.begin() + (preset - list_.data()));
  Write();
  return {};
}

void PtzPresets::Insert(PtzPreset preset) {
  const auto at = std::lower_bound(list_.begin(), list_.end(), preset.id,
                                   [](const PtzPreset& a, PresetId id) { return a.id < id; });
  if (at != list_.end() && at->id == preset.id) {
    *at = std::move(preset);
  } else {
    list_.insert(at, std::move(preset));
  }
}

void PtzPresets::Write() {
  json::Value presets = json::Value::Array();
  for (const PtzPreset& preset : list_) {
    json::Value value = json::Value::Object();
    value.Set("id", preset.id.value()).Set("name", preset.name);
    WritePlace(preset.place, value);
    presets.Append(std::move(value));
  }
  json::Value stored = json::Value::Object();
  stored.Set("presets", std::move(presets));
  storage_.Write(kStored, stored.Write());
}

}  // namespace ocellus::control
