// SPDX-License-Identifier: Apache-2.0
// A camera that needs no device: colour bars, a moving disc, the time and the number of each
// picture as text, and as machine-readable cells (cells.h). What stands still is drawn once, so
// that a picture costs less than encoding any part of it. Its brightness, contrast and saturation
// can be set: at extreme values, the cells cannot be read any more. Video thread only.
#pragma once

#include <string_view>
#include <vector>

#include "drivers/test_pattern_camera/canvas.h"
#include "drivers/test_pattern_camera/colour_adjustment.h"
#include "hal/camera.h"
#include "hal/camera_controls.h"
#include "hal/clock.h"
#include "hal/frame_pacer.h"
#include "hal/sleeper.h"

namespace ocellus::drivers {

class TestPatternCamera final : public hal::Camera, public hal::CameraControls {
 public:
  // Both are borrowed for the life of the camera. The clock's wall time is drawn into the picture.
  TestPatternCamera(const hal::Clock& clock, hal::Sleeper& sleeper);

  std::string name() const override { return "test pattern"; }
  // Any even size from 160 to 3840 pixels wide, up to 2160 high and not much flatter than 2:1, with
  // 1 to 60 frames per second; else the nearest. I420.
  Result<hal::VideoFormat> Start(const hal::VideoFormat& wanted) override;
  Result<hal::VideoFrame> Acquire(Duration timeout) override;
  void Stop() override { started_ = false; }

  // brightness, contrast and saturation. They keep their values when the camera is started again.
  std::vector<hal::CameraControl> List() override;
  Status Set(std::string_view name, int64_t value) override;

 private:
  void DrawBackground();
  void DrawPicture(Time now);
  Rectangle DiscAt(uint32_t frame_number) const;

  const hal::Clock& clock_;
  hal::FramePacer pacer_;
  hal::VideoFormat format_;
  bool started_ = false;
  uint32_t frame_number_ = 0;  // Of the next picture; runs on when the camera is started again.

  Canvas background_;
  Canvas picture_;
  Canvas adjusted_;  // Of picture_, when adjustment_ is not neutral.
  ColourAdjustment adjustment_;
  int unit_ = 0;        // Pixels: the edge of a cell. The layout is made of it.
  int text_scale_ = 0;  // Pixels of the picture for a pixel of the font.
  Rectangle drawn_disc_;
};

// The size and rate nearest to `wanted` that a drawn picture can have, in I420.
hal::VideoFormat NearestDrawableFormat(const hal::VideoFormat& wanted);

// Milliseconds since 1970-01-01 UTC at `time`.
uint64_t UnixMilliseconds(const WallClock& wall, Time time);

// "12:34:56.789 UTC".
std::string TimeOfDay(uint64_t unix_milliseconds);

}  // namespace ocellus::drivers
