// SPDX-License-Identifier: Apache-2.0
// All controls of the picture: those of the camera, and ours (PictureShaper) where it has none of
// that name. Video thread. Owned by VideoPipeline.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/units.h"
#include "firmware/media/picture_shaper.h"
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
  // Both are borrowed for the life of this. `camera` may be null: it has no controls.
  CameraControlSet(hal::CameraControls* camera, PictureShaper& shaper)
      : camera_(camera), shaper_(shaper) {}

  // Looks when that is due. True when the list has changed since the last call.
  bool Update(Time now, CameraOutput output);

  const std::vector<hal::CameraControl>& list() const { return list_; }

  // Sets a control of the list and looks what became of it: the control as it is then.
  // Errors: kNotFound, kUnavailable (the camera is away), and as hal::CameraControls::Set.
  Result<hal::CameraControl> Set(Time now, std::string_view name, int64_t value);
  // The same for the steps of a movement: looks when it is over.
  Status SetUnseen(Time now, std::string_view name, int64_t value);

  // Of a camera that encodes by itself: nullopt when it does not say. Errors: kUnsupported.
  std::optional<DataRate> camera_bitrate() const { return bitrate_; }
  Status SetCameraBitrate(Time now, DataRate bitrate);

 private:
  hal::CameraControl* Find(std::string_view name);
  Status Apply(std::string_view name, int64_t value);
  void Read(Time now);

  hal::CameraControls* const camera_;
  PictureShaper& shaper_;
  CameraOutput output_ = CameraOutput::kNothing;
  std::vector<hal::CameraControl> list_;
  size_t of_camera_ = 0;  // So many at the begin of the list are the camera's.
  std::optional<DataRate> bitrate_;
  bool changed_ = false;
  Time next_read_ = Time::min();
};

}  // namespace ocellus::media
