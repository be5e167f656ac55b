// SPDX-License-Identifier: Apache-2.0
#include "drivers/v4l2_camera/image_controls.h"

#include <errno.h>
#include <linux/videodev2.h>

#include <algorithm>
#include <optional>
#include <string>
#include <system_error>

#include "firmware/base/limits.h"
#include "firmware/base/text.h"

namespace ocellus::drivers {
namespace {

struct KnownControl {
  uint32_t id;
  const char* name;
  const char* unit;
};

// Units as V4L2's documentation has them.
constexpr KnownControl kKnownControls[] = {
    {V4L2_CID_BRIGHTNESS, "brightness", ""},
    {V4L2_CID_CONTRAST, "contrast", ""},
    {V4L2_CID_SATURATION, "saturation", ""},
    {V4L2_CID_HUE, "hue", ""},
    {V4L2_CID_GAMMA, "gamma", ""},
    {V4L2_CID_SHARPNESS, "sharpness", ""},
    {V4L2_CID_GAIN, "gain", ""},
    {V4L2_CID_BACKLIGHT_COMPENSATION, "backlight-compensation", ""},
    {V4L2_CID_EXPOSURE_AUTO, "exposure-auto", ""},
    {V4L2_CID_EXPOSURE_ABSOLUTE, "exposure-time", "100 us"},
    {V4L2_CID_AUTO_WHITE_BALANCE, "white-balance-auto", ""},
    {V4L2_CID_WHITE_BALANCE_TEMPERATURE, "white-balance-temperature", "K"},
    {V4L2_CID_FOCUS_AUTO, "focus-auto", ""},
    {V4L2_CID_FOCUS_ABSOLUTE, "focus-absolute", ""},
    {V4L2_CID_POWER_LINE_FREQUENCY, "power-line-frequency", ""},
    {V4L2_CID_HFLIP, "horizontal-flip", ""},
    {V4L2_CID_VFLIP, "vertical-flip", ""},
    {V4L2_CID_ROTATE, "rotate", "degrees"},
    {V4L2_CID_PAN_ABSOLUTE, "pan", "arcsec"},
    {V4L2_CID_TILT_ABSOLUTE, "tilt", "arcsec"},
    {V4L2_CID_ZOOM_ABSOLUTE, "zoom", ""},
    {V4L2_CID_PAN_SPEED, "pan-speed", ""},
    {V4L2_CID_TILT_SPEED, "tilt-speed", ""},
    {V4L2_CID_ZOOM_CONTINUOUS, "zoom-speed", ""},
    {V4L2_CID_MPEG_VIDEO_BITRATE, "bitrate", "bit/s"},
};

const KnownControl* FindKnown(uint32_t id) {
  for (const KnownControl& known : kKnownControls) {
    if (known.id == id) return &known;
  }
  return nullptr;
}

// The text of a field of the kernel's, which may fill it to the end.
template <size_t kSize>
std::string TextOf(const __u8 (&field)[kSize]) {
  const auto* text = reinterpret_cast<const char*>(field);
  return {text, std::find(text, text + kSize, '\0')};
}

// "Backlight Compensation" -> "backlight-compensation".
std::string NameFromTitle(std::string_view title) {
  std::string name;
  for (const char c : title) {
    const char lower = ToLowerAscii(c);
    const bool kept = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
    if (kept) name += lower;
    if (!kept && !name.empty() && name.back() != '-') name += '-';
  }
  while (!name.empty() && name.back() == '-') name.pop_back();
  return name;
}

bool IsForPeople(const v4l2_queryctrl& control) {
  const uint32_t unusable =
      V4L2_CTRL_FLAG_DISABLED | V4L2_CTRL_FLAG_READ_ONLY | V4L2_CTRL_FLAG_WRITE_ONLY;
  if ((control.flags & unusable) != 0 || control.minimum > control.maximum) return false;
  const bool of_class = V4L2_CTRL_ID2CLASS(control.id) == V4L2_CTRL_CLASS_USER ||
                        V4L2_CTRL_ID2CLASS(control.id) == V4L2_CTRL_CLASS_CAMERA;
  if (!of_class && FindKnown(control.id) == nullptr) return false;
  return control.type == V4L2_CTRL_TYPE_INTEGER || control.type == V4L2_CTRL_TYPE_BOOLEAN ||
         control.type == V4L2_CTRL_TYPE_MENU || control.type == V4L2_CTRL_TYPE_INTEGER_MENU;
}

std::vector<hal::ControlChoice> ListChoices(DeviceFile& device, const v4l2_queryctrl& control) {
  std::vector<hal::ControlChoice> choices;
  for (int64_t index = std::max(control.minimum, 0);
       index <= control.maximum && choices.size() < kMaxControlChoices; ++index) {
    v4l2_querymenu menu{};
    menu.id = control.id;
    menu.index = static_cast<uint32_t>(index);
    if (device.Ioctl(VIDIOC_QUERYMENU, &menu) < 0) continue;  // Menus may have gaps.
    const bool is_number = control.type == V4L2_CTRL_TYPE_INTEGER_MENU;
    choices.push_back({index, is_number ? std::to_string(menu.value) : TextOf(menu.name)});
  }
  return choices;
}

// One of the device's controls, as it is now; nullopt when it cannot be read or shown.
std::optional<hal::CameraControl> Describe(DeviceFile& device, const v4l2_queryctrl& query) {
  v4l2_control present{};
  present.id = query.id;
  if (device.Ioctl(VIDIOC_G_CTRL, &present) < 0) return std::nullopt;

  hal::CameraControl control;
  const KnownControl* known = FindKnown(query.id);
  control.title = TextOf(query.name);
  control.name = known != nullptr ? known->name : NameFromTitle(control.title);
  if (control.name.empty()) return std::nullopt;
  control.unit = known != nullptr ? known->unit : "";
  control.minimum = query.minimum;
  control.maximum = query.maximum;
  control.step = std::max(query.step, 1);
  control.default_value = query.default_value;
  control.value = present.value;
  control.active = (query.flags & V4L2_CTRL_FLAG_INACTIVE) == 0;
  if (query.type == V4L2_CTRL_TYPE_BOOLEAN) control.type = hal::ControlType::kBoolean;
  if (query.type == V4L2_CTRL_TYPE_MENU || query.type == V4L2_CTRL_TYPE_INTEGER_MENU) {
    control.type = hal::ControlType::kMenu;
    control.choices = ListChoices(device, query);
    if (control.choices.empty()) return std::nullopt;
  }
  return control;
}

struct DeviceControl {
  uint32_t id = 0;
  hal::CameraControl control;
};

// A device that counts on for ever does not keep us.
constexpr int kMaxEnumerated = 512;

std::vector<DeviceControl> ListAll(DeviceFile& device) {
  std::vector<DeviceControl> controls;
  v4l2_queryctrl query{};
  uint32_t id = 0;
  for (int i = 0; i < kMaxEnumerated && controls.size() < kMaxCameraControls; ++i) {
    query = {};
    query.id = id | V4L2_CTRL_FLAG_NEXT_CTRL;
    if (device.Ioctl(VIDIOC_QUERYCTRL, &query) < 0 || query.id <= id) break;
    id = query.id;
    if (!IsForPeople(query)) continue;
    auto control = Describe(device, query);
    if (!control) continue;
    // Two that would have one name: the first has it.
    const bool taken = std::any_of(
        controls.begin(), controls.end(),
        [&](const DeviceControl& other) { return other.control.name == control->name; });
    if (!taken) controls.push_back({id, std::move(*control)});
  }
  return controls;
}

// Of minimum, minimum + step ... the nearest to `value`, which is within the range.
int64_t Nearest(const hal::CameraControl& control, int64_t value) {
  const int64_t steps = (value - control.minimum + control.step / 2) / control.step;
  const int64_t nearest = control.minimum + steps * control.step;
  return nearest > control.maximum ? nearest - control.step : nearest;
}

Status CheckValue(const hal::CameraControl& control, int64_t value) {
  if (!control.active) {
    return {StatusCode::kFailedPrecondition,
            control.name + " cannot be set while the camera sets it by itself"};
  }
  if (control.type == hal::ControlType::kMenu) {
    for (const hal::ControlChoice& choice : control.choices) {
      if (choice.value == value) return {};
    }
    return {StatusCode::kInvalidArgument,
            Format("%s has no choice %lld", control.name.c_str(), static_cast<long long>(value))};
  }
  if (value >= control.minimum && value <= control.maximum) return {};
  return {StatusCode::kInvalidArgument,
          Format("%s takes %lld to %lld, not %lld", control.name.c_str(),
                 static_cast<long long>(control.minimum), static_cast<long long>(control.maximum),
                 static_cast<long long>(value))};
}

}  // namespace

std::vector<hal::CameraControl> ListImageControls(DeviceFile& device) {
  std::vector<hal::CameraControl> list;
  for (DeviceControl& control : ListAll(device)) list.push_back(std::move(control.control));
  return list;
}

Status SetImageControl(DeviceFile& device, std::string_view name, int64_t value) {
  for (const DeviceControl& found : ListAll(device)) {
    if (found.control.name != name) continue;
    RETURN_IF_ERROR(CheckValue(found.control, value));
    v4l2_control control{};
    control.id = found.id;
    control.value = static_cast<int32_t>(
        found.control.type == hal::ControlType::kMenu ? value : Nearest(found.control, value));
    const int result = device.Ioctl(VIDIOC_S_CTRL, &control);
    if (result >= 0) return {};
    const StatusCode code = result == -ENODEV ? StatusCode::kUnavailable : StatusCode::kInternal;
    return {code, found.control.name + ": " + std::generic_category().message(-result)};
  }
  return {StatusCode::kNotFound, "the camera has no control " + std::string(name)};
}

}  // namespace ocellus::drivers
