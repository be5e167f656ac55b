// SPDX-License-Identifier: Apache-2.0
// Any Linux machine: a V4L2 camera, and everything else in software.
#include <utility>

#include "drivers/file_camera/file_camera.h"
#include "drivers/libyuv_picture_transformer/libyuv_picture_transformer.h"
#include "drivers/linux_gpio/linux_gpio.h"
#include "drivers/openh264_decoder/openh264_decoder.h"
#include "drivers/openh264_encoder/openh264_encoder.h"
#include "drivers/test_pattern_camera/no_signal_camera.h"
#include "drivers/test_pattern_camera/test_pattern_camera.h"
#include "drivers/turbojpeg_codec/turbojpeg_codec.h"
#include "drivers/v4l2_camera/v4l2_camera.h"
#include "firmware/base/log.h"
#include "platform/linux/boards/board.h"
#include "platform/linux/video_source.h"

namespace ocellus::linux_platform {
namespace {

// How long a camera may take to its first picture, and how many damaged ones may come before it:
// USB cameras often begin with half a picture.
constexpr Duration kFirstPictureTimeout = std::chrono::seconds(3);
constexpr int kFirstPictureAttempts = 5;

hal::VideoFormat WantedFormat(const app::Config& config) {
  hal::VideoFormat format;
  format.width = static_cast<int>(config.width);
  format.height = static_cast<int>(config.height);
  format.frames_per_second = static_cast<int>(config.fps);
  return format;
}

// Whether a picture comes from it, which is the only proof that a camera works.
Status TryCamera(hal::Camera& camera, const hal::VideoFormat& wanted) {
  const Result<hal::VideoFormat> format = camera.Start(wanted);
  if (!format.ok()) return format.status();
  Status status;
  for (int attempt = 0; attempt < kFirstPictureAttempts; ++attempt) {
    status = camera.Acquire(kFirstPictureTimeout).status();
    if (status.code() != StatusCode::kMalformed) break;
  }
  camera.Stop();
  return status;
}

void UseV4l2Camera(std::unique_ptr<drivers::V4l2Camera> camera, Board& board) {
  board.keyframe_control = camera.get();
  board.camera_controls = camera.get();
  board.camera = std::move(camera);
}

void UseTestPattern(const hal::Clock& clock, hal::Sleeper& sleeper, Board& board) {
  auto camera = std::make_unique<drivers::TestPatternCamera>(clock, sleeper);
  board.camera_controls = camera.get();
  board.camera = std::move(camera);
}

void UseFirstCameraThatWorks(const app::Config& config, const hal::Clock& clock,
                             hal::Sleeper& sleeper, Board& board) {
  for (const std::string& path : drivers::V4l2Camera::ListNodes()) {
    auto camera = std::make_unique<drivers::V4l2Camera>(path, clock);
    const Status status = TryCamera(*camera, WantedFormat(config));
    if (status.ok()) return UseV4l2Camera(std::move(camera), board);
    LOG_WARN("%s does not work: %s", path.c_str(), status.message().c_str());
  }
  LOG_INFO("no camera that works: showing the test pattern");
  UseTestPattern(clock, sleeper, board);
}

Status UseFile(const app::Config& config, const hal::Clock& clock, hal::Sleeper& sleeper,
               Board& board) {
  auto camera = std::make_unique<drivers::FileCamera>(config.source, clock, sleeper);
  // A file that cannot be played now never will be: better to say so before anybody looks.
  const Result<hal::VideoFormat> format = camera->Start(WantedFormat(config));
  if (!format.ok()) return format.status();
  camera->Stop();
  board.camera = std::move(camera);
  return {};
}

}  // namespace

Result<Board> MakeBoard(const app::Config& config, const hal::Clock& clock, hal::Sleeper& sleeper) {
  const Result<VideoSource> source = ParseVideoSource(config.source);
  if (!source.ok()) return source.status();
  Board board;
  board.no_signal = std::make_unique<drivers::NoSignalCamera>(clock, sleeper);
  board.encoder = std::make_unique<drivers::OpenH264Encoder>();
  board.decoder = std::make_unique<drivers::OpenH264Decoder>();
  board.jpeg = std::make_unique<drivers::TurboJpegCodec>();
  board.transformer = std::make_unique<drivers::LibyuvPictureTransformer>();
  board.gpio = std::make_unique<drivers::LinuxGpio>();
  switch (*source) {
    case VideoSource::kAuto:
      UseFirstCameraThatWorks(config, clock, sleeper, board);
      break;
    case VideoSource::kTestPattern:
      UseTestPattern(clock, sleeper, board);
      break;
    case VideoSource::kV4l2:
      UseV4l2Camera(std::make_unique<drivers::V4l2Camera>(config.source, clock), board);
      break;
    case VideoSource::kFile:
      RETURN_IF_ERROR(UseFile(config, clock, sleeper, board));
      break;
  }
  return board;
}

}  // namespace ocellus::linux_platform
