// SPDX-License-Identifier: Apache-2.0
// Brightness, contrast and saturation of the test pattern, as an image sensor would have them: each
// value of a pixel becomes the one that a table says.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "drivers/test_pattern_camera/canvas.h"
#include "hal/camera_controls.h"

namespace ocellus::drivers {

class ColourAdjustment {
 public:
  ColourAdjustment();

  const std::vector<hal::CameraControl>& controls() const { return controls_; }
  // Errors: kNotFound, kInvalidArgument (says what is allowed).
  Status Set(std::string_view name, int64_t value);

  // Whether pictures stay as they are.
  bool neutral() const;
  // Makes `to` the adjusted `from`, which has the same size.
  void Apply(const Canvas& from, Canvas& to) const;

 private:
  using Table = std::array<uint8_t, 256>;

  void FillTables();

  std::vector<hal::CameraControl> controls_;
  Table luma_{};
  Table chroma_{};
};

}  // namespace ocellus::drivers
