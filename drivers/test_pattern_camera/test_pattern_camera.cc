// SPDX-License-Identifier: Apache-2.0
#include "drivers/test_pattern_camera/test_pattern_camera.h"

#include <algorithm>
#include <string>

#include "drivers/test_pattern_camera/cells.h"

namespace ocellus::drivers {
namespace {

// The layout, from top to bottom, in units.
constexpr int kTextTop = 5;
constexpr int kTextHeight = 6;
constexpr int kLineHeight = 2;
constexpr int kBarsTop = kTextTop + kTextHeight;
constexpr int kRampHeight = 2;
constexpr int kDiscDiameter = 4;
constexpr int kLeastHeight = kBarsTop + kDiscDiameter + kRampHeight;

// 75 % colour bars in ITU-R BT.601 (white, yellow, cyan, green, magenta, red, blue, black).
constexpr Colour kBars[] = {{180, 128, 128}, {162, 44, 142}, {131, 156, 44}, {112, 72, 58},
                            {84, 184, 198},  {65, 100, 212}, {35, 212, 114}, {16, 128, 128}};
constexpr int kBarCount = 8;
constexpr int kRampSteps = 16;

// There and back again between 0 and `limit`, `step` by `step`.
int Bounce(uint32_t index, int step, int limit) {
  const int64_t period = 2 * int64_t{limit};
  const auto position = static_cast<int>(int64_t{index} * step % period);
  return position <= limit ? position : static_cast<int>(period) - position;
}

int Even(int value) { return value & ~1; }

}  // namespace

hal::VideoFormat NearestDrawableFormat(const hal::VideoFormat& wanted) {
  hal::VideoFormat format;
  format.pixel_format = hal::PixelFormat::kI420;
  format.width = Even(std::clamp(wanted.width, 160, 3840));
  const int least_height = kLeastHeight * LayoutOfCells(format.width).size;
  format.height = Even(std::clamp(wanted.height, least_height, std::max(2160, least_height)));
  format.frames_per_second = std::clamp(wanted.frames_per_second, 1, 60);
  return format;
}

uint64_t UnixMilliseconds(const WallClock& wall, Time time) {
  return static_cast<uint64_t>(wall.ToNtp(time).ToUnix().count() / 1000);
}

std::string TimeOfDay(uint64_t unix_milliseconds) {
  const auto milliseconds = static_cast<unsigned>(unix_milliseconds % 86'400'000);
  return Format("%02u:%02u:%02u.%03u UTC", milliseconds / 3'600'000, milliseconds / 60'000 % 60,
                milliseconds / 1000 % 60, milliseconds % 1000);
}

TestPatternCamera::TestPatternCamera(const hal::Clock& clock, hal::Sleeper& sleeper)
    : clock_(clock), pacer_(clock, sleeper) {}

Result<hal::VideoFormat> TestPatternCamera::Start(const hal::VideoFormat& wanted) {
  format_ = NearestDrawableFormat(wanted);
  unit_ = LayoutOfCells(format_.width).size;
  text_scale_ = std::max(1, (3 * unit_ + 8) / 16);
  DrawBackground();
  picture_ = background_;
  adjusted_ = background_;
  drawn_disc_ = {};
  pacer_.Start(format_.frames_per_second);
  started_ = true;
  return format_;
}

Result<hal::VideoFrame> TestPatternCamera::Acquire(Duration timeout) {
  if (!started_) return Status(StatusCode::kUnavailable, "the test pattern is not started");
  const std::optional<Time> now = pacer_.WaitForNext(timeout);
  if (!now) return StatusCode::kTimeout;
  DrawPicture(*now);
  ++frame_number_;
  if (adjustment_.neutral()) return picture_.frame(*now);
  adjustment_.Apply(picture_, adjusted_);
  return adjusted_.frame(*now);
}

std::vector<hal::CameraControl> TestPatternCamera::List() {
  if (!started_) return {};
  return adjustment_.controls();
}

Status TestPatternCamera::Set(std::string_view name, int64_t value) {
  if (!started_) return {StatusCode::kUnavailable, "the test pattern is not started"};
  return adjustment_.Set(name, value);
}

void TestPatternCamera::DrawBackground() {
  background_ = Canvas(format_.width, format_.height);
  background_.Fill({0, 0, format_.width, kBarsTop * unit_}, kGrey);
  const int ramp_top = Even(format_.height - kRampHeight * unit_);
  for (int i = 0; i < kBarCount; ++i) {
    const int left = Even(i * format_.width / kBarCount);
    const int right = Even((i + 1) * format_.width / kBarCount);
    background_.Fill({left, kBarsTop * unit_, right - left, ramp_top - kBarsTop * unit_}, kBars[i]);
  }
  for (int i = 0; i < kRampSteps; ++i) {
    const int left = Even(i * format_.width / kRampSteps);
    const int right = Even((i + 1) * format_.width / kRampSteps);
    const int luma = 16 + i * (235 - 16) / (kRampSteps - 1);
    background_.Fill({left, ramp_top, right - left, format_.height - ramp_top},
                     {static_cast<uint8_t>(luma), 128, 128});
  }
}

void TestPatternCamera::DrawPicture(Time now) {
  const uint64_t unix_milliseconds = UnixMilliseconds(clock_.Wall(), now);
  DrawCells({frame_number_, unix_milliseconds}, format_.width, picture_.luma(),
            picture_.luma_stride());

  const int left = LayoutOfCells(format_.width).left;
  const std::string lines[] = {
      TimeOfDay(unix_milliseconds), Format("FRAME %u", static_cast<unsigned>(frame_number_)),
      Format("OCELLUS %dX%d %d FPS", format_.width, format_.height, format_.frames_per_second)};
  picture_.CopyFrom(background_, {0, kTextTop * unit_, format_.width, kTextHeight * unit_});
  int y = kTextTop * unit_;
  for (const std::string& line : lines) {
    picture_.DrawText(left, y, text_scale_, line, kWhite.y);
    y += kLineHeight * unit_;
  }

  picture_.CopyFrom(background_, drawn_disc_);
  drawn_disc_ = DiscAt(frame_number_);
  picture_.FillDisc(drawn_disc_.x, drawn_disc_.y, drawn_disc_.width, kWhite);
}

Rectangle TestPatternCamera::DiscAt(uint32_t frame_number) const {
  const int diameter = kDiscDiameter * unit_;
  const int top = kBarsTop * unit_;
  const int room_x = std::max(2, format_.width - diameter);
  const int room_y = std::max(2, format_.height - kRampHeight * unit_ - diameter - top);
  const int step = std::max(2, Even(unit_ / 4));
  return {Even(Bounce(frame_number, step, room_x)), Even(top + Bounce(frame_number, 2, room_y)),
          diameter, diameter};
}

}  // namespace ocellus::drivers
