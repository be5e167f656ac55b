// SPDX-License-Identifier: Apache-2.0
// Places that the camera remembers, under a name and a number each. They outlive the program:
// every change is written to storage as JSON. io thread only. Owned by PtzController.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/limits.h"
#include "firmware/base/status.h"
#include "firmware/base/strong_id.h"
#include "firmware/json/json.h"
#include "hal/storage.h"

namespace ocellus::control {

// 1 to kMaxPtzPresets.
using PresetId = StrongId<struct PresetIdTag, uint32_t>;

// A place, or with PtzController::Step, a way to go. Absent axes stay where they are.
struct PtzTarget {
  std::optional<double> pan;   // -1 to 1.
  std::optional<double> tilt;  // -1 to 1.
  std::optional<double> zoom;  // 0 to 1.

  friend bool operator==(const PtzTarget& a, const PtzTarget& b) {
    return a.pan == b.pan && a.tilt == b.tilt && a.zoom == b.zoom;
  }
};

// Adds the axes that `place` has to an object.
void WritePlace(const PtzTarget& place, json::Value& object);
// nullopt: an axis is no number within its range.
std::optional<PtzTarget> ReadPlace(json::View object);

struct PtzPreset {
  PresetId id;
  std::string name;  // UTF-8 without control characters, 1 to kMaxPtzPresetName bytes.
  PtzTarget place;   // Of the axes that had one.

  friend bool operator==(const PtzPreset& a, const PtzPreset& b) {
    return a.id == b.id && a.name == b.name && a.place == b.place;
  }
};

class PtzPresets {
 public:
  // Reads what was kept, which blocks. What cannot be read or is damaged is an error in the log,
  // and replaced by what is saved next. `storage` is borrowed for the life of this.
  explicit PtzPresets(hal::Storage& storage);

  // By id.
  const std::vector<PtzPreset>& list() const { return list_; }
  // nullptr: there is none.
  const PtzPreset* Find(PresetId id) const;

  // By `id`, instead of what was there, or by the least free one. Errors: kInvalidArgument (name or
  // id), kResourceExhausted (all of kMaxPtzPresets are taken).
  Result<PresetId> Save(std::string_view name, std::optional<PresetId> id, const PtzTarget& place);
  // Errors: kNotFound.
  Status Delete(PresetId id);

 private:
  void Insert(PtzPreset preset);
  void Write();

  hal::Storage& storage_;
  std::vector<PtzPreset> list_;
};

}  // namespace ocellus::control
