// SPDX-License-Identifier: Apache-2.0
// What can be set on a camera while it runs: brightness, exposure, focus, pan and tilt ... A camera
// that has any offers this beside hal::Camera. Video thread only.
//
// Names are the same for all cameras (kebab-case), so that pages and presets work everywhere:
// brightness contrast saturation hue gamma sharpness gain backlight-compensation
// exposure-auto exposure-time white-balance-auto white-balance-temperature
// focus-auto focus-absolute power-line-frequency horizontal-flip vertical-flip rotate
// bitrate (bit/s; of a camera that encodes by itself: it is set with the stream)
// pan tilt zoom (absolute) and pan-speed tilt-speed zoom-speed (0: stands still).
// A control of the device that has none of these names gets one made of its title.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/status.h"

namespace ocellus::hal {

enum class ControlType : uint8_t {
  kInteger,
  kBoolean,  // 0 or 1.
  kMenu,     // One of `choices`.
};

struct ControlChoice {
  int64_t value = 0;
  std::string title;

  friend bool operator==(const ControlChoice& a, const ControlChoice& b) {
    return a.value == b.value && a.title == b.title;
  }
};

struct CameraControl {
  std::string name;   // "brightness".
  std::string title;  // For people, as the device calls it: "Brightness".
  ControlType type = ControlType::kInteger;
  int64_t minimum = 0;
  int64_t maximum = 0;
  int64_t step = 1;  // Values are minimum + n * step.
  int64_t default_value = 0;
  int64_t value = 0;
  std::vector<ControlChoice> choices;  // Of a menu.
  std::string unit;                    // "K", "arcsec", "100 us"; empty when it has none.
  // False while another control rules it out, as automatic exposure does the exposure time.
  bool active = true;

  friend bool operator==(const CameraControl& a, const CameraControl& b) {
    return a.name == b.name && a.title == b.title && a.type == b.type && a.minimum == b.minimum &&
           a.maximum == b.maximum && a.step == b.step && a.default_value == b.default_value &&
           a.value == b.value && a.choices == b.choices && a.unit == b.unit && a.active == b.active;
  }
};

// Whether a control of this name is about the picture: not a motor, which ptz.* moves, and not the
// bitrate.
inline bool IsImageControl(std::string_view name) {
  for (const char* other :
       {"pan", "tilt", "zoom", "pan-speed", "tilt-speed", "zoom-speed", "bitrate"}) {
    if (name == other) return false;
  }
  return true;
}

class CameraControls {
 public:
  virtual ~CameraControls() = default;

  // All of them with their present values, which may have changed by themselves. Empty while the
  // camera is away.
  virtual std::vector<CameraControl> List() = 0;

  // Takes the nearest value that the device has. Errors: kNotFound (no such control),
  // kInvalidArgument (out of its range; says which is allowed), kFailedPrecondition (not active,
  // and why), kUnavailable (the camera is away), kInternal (says what the device said).
  virtual Status Set(std::string_view name, int64_t value) = 0;
};

}  // namespace ocellus::hal
