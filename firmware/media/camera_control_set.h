// SPDX-License-Identifier: Apache-2.0
// All controls of the picture: those of the camera, and ours (PictureShaper) where it has none of
// that name. Video thread. Owned by VideoPipeline.
//
// What people set is kept, and set again whenever the camera comes: at the start of the program,
// plugged in again, or started anew. Defaults are not kept, nor is what the camera chooses by
// itself. A kept value that another control rules out, as automatic exposure does the exposure
// time, waits until it does so no more. One that the camera does not take, for it has no such
// control or another range, is left out, with a line in the log, and kept for the camera that does.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "firmware/base/units.h"
#include "firmware/media/picture_shaper.h"
#include "firmware/media/video_status.h"
#include "hal/camera_controls.h"

namespace ocellus::media {

// Between two looks at values that the camera may have changed by itself. Each value costs a USB
// camera a transfer, so rarely.
constexpr Duration kControlsRefresh = std::chrono::seconds(10);

// After the last step of a movement, which nobody waits for: where it has led to.
constexpr Duration kControlsSettling = std::chrono::milliseconds(500);

enum class CameraOutput : uint8_t {
  kNothing,   // The camera is away.
  kPictures,  // Which we encode, and so can transform.
  kEncoded,   // By the camera.
};

class CameraControlSet {
 public:
  // `camera` (may be null: it has no controls) and `shaper` are borrowed for the life of this.
  CameraControlSet(hal::CameraControls* camera, PictureShaper& shaper, ControlValues kept = {})
      : camera_(camera), shaper_(shaper), kept_(std::move(kept)) {}

  // Looks when that is due; sets what is kept when the camera has come. True when list() or kept()
  // have changed since the last call.
  bool Update(Time now, CameraOutput output);

  // The camera was started anew, and may have forgotten its values: as if it had come.
  void HandleRestart() { output_ = CameraOutput::kNothing; }

  const std::vector<hal::CameraControl>& list() const { return list_; }
  // At most kMaxKeptControls.
  const ControlValues& kept() const { return kept_; }

  // Sets a control of the list, keeps its value, and looks what became of it: the control as it is
  // then. Errors: kNotFound, kUnavailable (the camera is away), and as hal::CameraControls::Set.
  Result<hal::CameraControl> Set(Time now, std::string_view name, int64_t value);
  // For the steps of a movement: looks when it is over, and keeps nothing.
  Status SetUnseen(Time now, std::string_view name, int64_t value);
  // Gives a control its default value, or all that are about the image (empty `name`), and keeps
  // none. Where another control rules one out, it stays as it is. Errors: kInternal (says what the
  // camera has refused).
  Status Reset(Time now, std::string_view name);

  // Of a camera that encodes by itself: nullopt when it does not say. Errors: kUnsupported.
  std::optional<DataRate> camera_bitrate() const { return bitrate_; }
  // Keeps it, too.
  Status SetCameraBitrate(Time now, DataRate bitrate);

 private:
  hal::CameraControl* Find(std::string_view name);
  Status Apply(std::string_view name, int64_t value);
  // Those of `values` that can be set. Returns what the camera has refused, and why; or nothing.
  std::string ApplyAll(Time now, const ControlValues& values);
  void Restore(Time now);
  // What is kept of controls that are ruled out.
  ControlValues RuledOut() const;
  // Reads, and sets what is kept of those that are ruled out no more.
  void Look(Time now);
  // nullopt: forgets what was kept.
  void Keep(std::string_view name, std::optional<int64_t> value);
  void Read(Time now);

  hal::CameraControls* const camera_;
  PictureShaper& shaper_;
  CameraOutput output_ = CameraOutput::kNothing;
  std::vector<hal::CameraControl> list_;
  size_t of_camera_ = 0;  // So many at the begin of the list are the camera's.
  std::optional<DataRate> bitrate_;
  ControlValues kept_;
  bool changed_ = false;
  Time next_read_ = Time::min();
};

}  // namespace ocellus::media
