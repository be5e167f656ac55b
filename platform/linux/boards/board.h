// SPDX-License-Identifier: Apache-2.0
// What differs from board to board: its camera and codecs. Each file of this folder makes one;
// CMake takes the one that OCELLUS_BOARD names.
#pragma once

#include <memory>

#include "firmware/app/config.h"
#include "firmware/base/status.h"
#include "hal/camera.h"
#include "hal/camera_controls.h"
#include "hal/clock.h"
#include "hal/gpio.h"
#include "hal/jpeg_codec.h"
#include "hal/picture_transformer.h"
#include "hal/sleeper.h"
#include "hal/video_decoder.h"
#include "hal/video_encoder.h"

namespace ocellus::linux_platform {

struct Board {
  std::unique_ptr<hal::Camera> camera;
  hal::KeyframeControl* keyframe_control = nullptr;  // Of the camera; nullptr when it has none.
  std::unique_ptr<hal::Camera> no_signal;            // Shown while the camera is away.
  std::unique_ptr<hal::VideoEncoder> encoder;
  std::unique_ptr<hal::VideoDecoder> decoder;
  std::unique_ptr<hal::JpegCodec> jpeg;
  hal::CameraControls* camera_controls = nullptr;        // Of the camera; nullptr when it has none.
  std::unique_ptr<hal::PictureTransformer> transformer;  // nullptr: no flips, crops and scaling.
  std::unique_ptr<hal::Gpio> gpio;
};

// `clock` and `sleeper` must outlive the board. Errors: what --source names is not there and will
// not come (kInvalidArgument), or a file cannot be played; each names it. A camera that is missing
// is no error: it may be plugged in later.
Result<Board> MakeBoard(const app::Config& config, const hal::Clock& clock, hal::Sleeper& sleeper);

}  // namespace ocellus::linux_platform
