// SPDX-License-Identifier: Apache-2.0
// What people set on the camera, for the next start of the program: image controls and where a
// digital view looks as a document each, the stream as the settings that it begins with. Whatever
// changes is written together, some time after the first change: a slider that is dragged costs the
// flash a write now and then.
//
// io thread only. Owned by ControlRoom.
#pragma once

#include <utility>

#include "firmware/base/time.h"
#include "firmware/control/ptz_presets.h"
#include "firmware/control/services.h"
#include "firmware/media/video_status.h"
#include "hal/storage.h"

namespace ocellus::app {

// From a change to its write, at most. A power cut costs no more than that.
constexpr Duration kCameraMemoryDelay = std::chrono::seconds(2);

class CameraMemory {
 public:
  // The controls that were kept, for VideoSettings. Blocks. Those that cannot be read or are
  // damaged are an error in the log, and gone with the next that is kept.
  static media::ControlValues ReadControls(hal::Storage& storage);
  // The place that was kept, for PtzController. As ReadControls.
  static control::PtzTarget ReadPlace(hal::Storage& storage);

  // Both are borrowed for the life of this. `controls` and `place` are those that were read.
  CameraMemory(hal::Storage& storage, control::SettingsService& settings,
               media::ControlValues controls, const control::PtzTarget& place = {})
      : storage_(storage), settings_(settings), controls_(std::move(controls)), place_(place) {}

  // All that are to be kept, as VideoStatus tells.
  void KeepControls(Time now, const media::ControlValues& controls);
  // As PtzController tells.
  void KeepPlace(Time now, const control::PtzTarget& place);
  // What somebody has changed in the stream, before its rotation. A setting that is fixed by a flag
  // or the environment stays as it is.
  void KeepStream(Time now, const media::StreamRequest& changed);

  void HandleTimeout(Time now);
  Time next_deadline() const { return write_at_; }
  // The program ends.
  void Flush(Time now);

 private:
  void KeepSetting(Time now, const char* name, int64_t value);

  hal::Storage& storage_;
  control::SettingsService& settings_;
  media::ControlValues controls_;
  bool controls_changed_ = false;
  control::PtzTarget place_;
  bool place_changed_ = false;
  media::StreamRequest stream_;  // Not written yet.
  Time write_at_ = kNever;
};

}  // namespace ocellus::app
