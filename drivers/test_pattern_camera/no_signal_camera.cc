// SPDX-License-Identifier: Apache-2.0
#include "drivers/test_pattern_camera/no_signal_camera.h"

#include <algorithm>
#include <utility>

#include "drivers/test_pattern_camera/test_pattern_camera.h"

namespace ocellus::drivers {
namespace {

// The largest scale at which `text` takes at most `width`, but 1 at least.
int ScaleToFit(std::string_view text, int width) {
  return std::max(1, width / std::max(1, TextWidth(text, 1)));
}

}  // namespace

NoSignalCamera::NoSignalCamera(const hal::Clock& clock, hal::Sleeper& sleeper, std::string text)
    : clock_(clock), pacer_(clock, sleeper), text_(std::move(text)) {}

Result<hal::VideoFormat> NoSignalCamera::Start(const hal::VideoFormat& wanted) {
  format_ = NearestDrawableFormat(wanted);
  picture_ = Canvas(format_.width, format_.height);
  picture_.Fill({0, 0, format_.width, format_.height}, kGrey);
  const int scale = ScaleToFit(text_, format_.width * 2 / 3);
  DrawCentred(format_.height / 2 - TextHeight(scale), scale, text_);
  pacer_.Start(format_.frames_per_second);
  started_ = true;
  return format_;
}

Result<hal::VideoFrame> NoSignalCamera::Acquire(Duration timeout) {
  if (!started_) return Status(StatusCode::kUnavailable, "the picture is not started");
  const std::optional<Time> now = pacer_.WaitForNext(timeout);
  if (!now) return StatusCode::kTimeout;
  const std::string time = TimeOfDay(UnixMilliseconds(clock_.Wall(), *now));
  const int scale = ScaleToFit(time, format_.width / 3);
  const int y = format_.height * 5 / 8 & ~1;
  picture_.Fill({0, y, format_.width, (TextHeight(scale) + 2) & ~1}, kGrey);
  DrawCentred(y, scale, time);
  return picture_.frame(*now);
}

void NoSignalCamera::DrawCentred(int y, int scale, std::string_view text) {
  picture_.DrawText((format_.width - TextWidth(text, scale)) / 2, y, scale, text, kWhite.y);
}

}  // namespace ocellus::drivers
