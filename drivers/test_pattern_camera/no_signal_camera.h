// SPDX-License-Identifier: Apache-2.0
// The picture that is shown while there is none: a line of text and the running time, so that a
// viewer sees that the device lives. It has no cells, lest a reader take it for the camera.
// Video thread only.
#pragma once

#include "drivers/test_pattern_camera/canvas.h"
#include "hal/camera.h"
#include "hal/clock.h"
#include "hal/frame_pacer.h"
#include "hal/sleeper.h"

namespace ocellus::drivers {

class NoSignalCamera final : public hal::Camera {
 public:
  // Clock and sleeper are borrowed for the life of the camera. `text` is one line, in capitals.
  NoSignalCamera(const hal::Clock& clock, hal::Sleeper& sleeper, std::string text = "NO SIGNAL");

  std::string name() const override { return "no signal"; }
  // As TestPatternCamera.
  Result<hal::VideoFormat> Start(const hal::VideoFormat& wanted) override;
  Result<hal::VideoFrame> Acquire(Duration timeout) override;
  void Stop() override { started_ = false; }

 private:
  void DrawCentred(int y, int scale, std::string_view text);

  const hal::Clock& clock_;
  hal::FramePacer pacer_;
  const std::string text_;
  hal::VideoFormat format_;
  bool started_ = false;
  Canvas picture_;
};

}  // namespace ocellus::drivers
