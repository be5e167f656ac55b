// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/picture_shaper.h"

#include <algorithm>
#include <cmath>

namespace ocellus::media {
namespace {

using hal::CameraControl;
using hal::ControlType;
using hal::PictureArea;
using hal::PictureTransform;
using hal::Rotation;
using hal::VideoFrame;

constexpr char kHorizontalFlip[] = "horizontal-flip";
constexpr char kVerticalFlip[] = "vertical-flip";
constexpr char kRotate[] = "rotate";

// A view that is so near to where it glides is there: less than two pixels of 1280.
constexpr double kViewTolerance = 0.001;

// The smallest part of a picture that is shown: a macroblock.
constexpr int kLeastArea = 16;

int ToEven(double value) { return 2 * static_cast<int>(std::lround(value / 2)); }

CameraControl FlipControl(const char* name, const char* title, bool value) {
  CameraControl control;
  control.name = name;
  control.title = title;
  control.type = ControlType::kBoolean;
  control.maximum = 1;
  control.value = value ? 1 : 0;
  return control;
}

PictureSize Swapped(PictureSize size) { return {size.height, size.width}; }

// The largest area in the middle of `picture` that has the shape of `shape`.
PictureArea LargestArea(PictureSize picture, PictureSize shape) {
  PictureArea area{0, 0, picture.width, picture.height};
  const int64_t across = int64_t{picture.width} * shape.height;
  const int64_t down = int64_t{picture.height} * shape.width;
  if (across > down) {
    area.width = std::clamp(ToEven(static_cast<double>(down) / shape.height), 2, picture.width);
  } else if (down > across) {
    area.height = std::clamp(ToEven(static_cast<double>(across) / shape.width), 2, picture.height);
  }
  area.x = (picture.width - area.width) / 4 * 2;
  area.y = (picture.height - area.height) / 4 * 2;
  return area;
}

// Where `length` pixels around `center` (in parts of `whole`) begin, inside of it.
int BeginOf(double center, int length, int whole) {
  return std::clamp(ToEven(center * whole - length / 2.0), 0, whole - length);
}

}  // namespace

std::vector<CameraControl> PictureShaper::ListControls() const {
  if (!can_transform()) return {};
  CameraControl rotate;
  rotate.name = kRotate;
  rotate.title = "Rotate";
  rotate.type = ControlType::kMenu;
  rotate.maximum = 270;
  rotate.step = 90;
  rotate.value = 90 * static_cast<int>(rotation_);
  rotate.unit = "degrees";
  rotate.choices = {{0, "No"}, {90, "To the right"}, {180, "Upside down"}, {270, "To the left"}};
  return {FlipControl(kHorizontalFlip, "Flip left and right", flip_horizontally_),
          FlipControl(kVerticalFlip, "Flip top and bottom", flip_vertically_), rotate};
}

Status PictureShaper::SetControl(std::string_view name, int64_t value) {
  const bool flips = name == kHorizontalFlip || name == kVerticalFlip;
  if (!can_transform() || (!flips && name != kRotate)) return StatusCode::kNotFound;
  if (flips && value != 0 && value != 1) {
    return {StatusCode::kInvalidArgument, "a flip is 0 or 1"};
  }
  if (name == kHorizontalFlip) {
    flip_horizontally_ = value == 1;
  } else if (name == kVerticalFlip) {
    flip_vertically_ = value == 1;
  } else if (value == 0 || value == 90 || value == 180 || value == 270) {
    rotation_ = static_cast<Rotation>(value / 90);
  } else {
    return {StatusCode::kInvalidArgument, "rotate is 0, 90, 180 or 270 degrees"};
  }
  return {};
}

PictureSize PictureShaper::OutputSize(PictureSize captured) const {
  PictureSize size = captured;
  if (!can_transform()) return size;
  if (wanted_ && wanted_->width <= captured.width && wanted_->height <= captured.height) {
    size = *wanted_;
  }
  return sideways() ? Swapped(size) : size;
}

VideoFrame PictureShaper::Shape(Time now, const VideoFrame& picture, PictureSize output) {
  if (!can_transform()) return picture;
  Glide(now);
  PictureTransform transform;
  transform.area = AreaOf({picture.width, picture.height}, output);
  transform.flip_horizontally = flip_horizontally_;
  transform.flip_vertically = flip_vertically_;
  transform.rotation = rotation_;
  transform.width = output.width;
  transform.height = output.height;
  const bool turned = flip_horizontally_ || flip_vertically_ || rotation_ != Rotation::k0;
  const PictureArea whole{0, 0, picture.width, picture.height};
  if (!turned && transform.area == whole && output == PictureSize{picture.width, picture.height}) {
    return picture;
  }
  const Result<VideoFrame> shaped = transformer_->Transform(picture, transform);
  if (shaped.ok()) return *shaped;
  if (error_log_.Allow(now)) {
    LOG_ERROR("video: a picture cannot be transformed: %s", shaped.status().ToString().c_str());
  }
  return picture;
}

void PictureShaper::Glide(Time now) {
  const double elapsed = ToSeconds(now - glided_at_);
  glided_at_ = now;
  if (shown_ == view_) return;
  const double part = elapsed / (elapsed + ToSeconds(kViewGlide));
  // Zoom goes by factors, so that it looks even.
  shown_.zoom *= std::pow(view_.zoom / shown_.zoom, part);
  shown_.center_x += (view_.center_x - shown_.center_x) * part;
  shown_.center_y += (view_.center_y - shown_.center_y) * part;
  const double distance =
      std::max({std::abs(view_.zoom / shown_.zoom - 1), std::abs(view_.center_x - shown_.center_x),
                std::abs(view_.center_y - shown_.center_y)});
  if (distance < kViewTolerance) shown_ = view_;
}

PictureArea PictureShaper::AreaOf(PictureSize picture, PictureSize output) const {
  PictureArea area = LargestArea(picture, sideways() ? Swapped(output) : output);
  if (shown_.zoom <= 1) return area;
  // Back from what viewers see to what the camera sees.
  double x = shown_.center_x;
  double y = shown_.center_y;
  switch (rotation_) {
    case Rotation::k0:
      break;
    case Rotation::k90:
      x = shown_.center_y;
      y = 1 - shown_.center_x;
      break;
    case Rotation::k180:
      x = 1 - shown_.center_x;
      y = 1 - shown_.center_y;
      break;
    case Rotation::k270:
      x = 1 - shown_.center_y;
      y = shown_.center_x;
      break;
  }
  if (flip_horizontally_) x = 1 - x;
  if (flip_vertically_) y = 1 - y;
  const int width =
      std::clamp(ToEven(area.width / shown_.zoom), std::min(kLeastArea, area.width), area.width);
  const int height =
      std::clamp(ToEven(area.height / shown_.zoom), std::min(kLeastArea, area.height), area.height);
  return {area.x + BeginOf(x, width, area.width), area.y + BeginOf(y, height, area.height), width,
          height};
}

}  // namespace ocellus::media
