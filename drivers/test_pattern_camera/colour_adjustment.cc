// SPDX-License-Identifier: Apache-2.0
#include "drivers/test_pattern_camera/colour_adjustment.h"

#include <algorithm>

namespace ocellus::drivers {
namespace {

enum Index : size_t { kBrightness, kContrast, kSaturation };

constexpr int kMiddleLuma = 126;
constexpr int kMiddleChroma = 128;

hal::CameraControl MakeControl(const char* name, const char* title, int minimum, int maximum,
                               int default_value) {
  hal::CameraControl control;
  control.name = name;
  control.title = title;
  control.minimum = minimum;
  control.maximum = maximum;
  control.default_value = default_value;
  control.value = default_value;
  control.unit = "%";
  return control;
}

}  // namespace

ColourAdjustment::ColourAdjustment()
    : controls_{MakeControl("brightness", "Brightness", -100, 100, 0),
                MakeControl("contrast", "Contrast", 0, 200, 100),
                MakeControl("saturation", "Saturation", 0, 200, 100)} {
  FillTables();
}

Status ColourAdjustment::Set(std::string_view name, int64_t value) {
  for (hal::CameraControl& control : controls_) {
    if (control.name != name) continue;
    if (value < control.minimum || value > control.maximum) {
      return {StatusCode::kInvalidArgument,
              Format("%s is from %d to %d", control.name.c_str(), static_cast<int>(control.minimum),
                     static_cast<int>(control.maximum))};
    }
    control.value = value;
    FillTables();
    return {};
  }
  return {StatusCode::kNotFound, "the test pattern has no control of that name"};
}

bool ColourAdjustment::neutral() const {
  return std::all_of(controls_.begin(), controls_.end(), [](const hal::CameraControl& control) {
    return control.value == control.default_value;
  });
}

void ColourAdjustment::Apply(const Canvas& from, Canvas& to) const {
  const auto look_up = [](Bytes in, MutableBytes out, const Table& table) {
    std::transform(in.begin(), in.end(), out.begin(), [&table](uint8_t v) { return table[v]; });
  };
  look_up(from.luma(), to.luma(), luma_);
  look_up(from.chroma(), to.chroma(), chroma_);
}

void ColourAdjustment::FillTables() {
  // 100 % of brightness is the way from the middle to black or white.
  const auto brightness = static_cast<int>(controls_[kBrightness].value) * (235 - kMiddleLuma);
  const auto contrast = static_cast<int>(controls_[kContrast].value);
  const auto saturation = static_cast<int>(controls_[kSaturation].value);
  for (int i = 0; i < 256; ++i) {
    const int luma = kMiddleLuma + ((i - kMiddleLuma) * contrast + brightness) / 100;
    const int chroma = kMiddleChroma + (i - kMiddleChroma) * saturation / 100;
    luma_[static_cast<size_t>(i)] = static_cast<uint8_t>(std::clamp(luma, 16, 235));
    chroma_[static_cast<size_t>(i)] = static_cast<uint8_t>(std::clamp(chroma, 16, 240));
  }
}

}  // namespace ocellus::drivers
