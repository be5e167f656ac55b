// SPDX-License-Identifier: Apache-2.0
// Keeps a camera going: starts it, notices when it is gone or silent, and tries again until it is
// back. Says so once per change, to the log and in state(). Video thread. Owned by VideoPipeline.
//
//   kStarting -> kRunning  the first picture came
//   kStarting -> kLost     Start failed, or no picture within the silence limit
//   kRunning  -> kLost     the device is gone, or silent for the silence limit
//   kLost     -> kRunning  a picture came
//
// A camera that fails is stopped and started again every kCameraRetryInterval; one that is only
// silent stays open until kCameraPatience, since some need seconds for the first picture.
#pragma once

#include <optional>
#include <string>

#include "hal/camera.h"
#include "hal/clock.h"

namespace ocellus::media {

// Between two attempts to start a camera that is away: the picture is back within two seconds.
constexpr Duration kCameraRetryInterval = std::chrono::seconds(1);

// A running camera is lost when no picture came for this long, or for three pictures' time if that
// is longer: viewers see "no signal" within a second.
constexpr Duration kCameraSilenceLimit = std::chrono::milliseconds(800);

// A silent camera is stopped and started anew after this long without a picture.
constexpr Duration kCameraPatience = std::chrono::seconds(4);

// A camera that was started anew in another format may take so long to its first picture before it
// is lost: until then, the last picture of before is shown.
constexpr Duration kCameraRestartPatience = std::chrono::seconds(2);

enum class CameraState : uint8_t { kStarting, kRunning, kLost };

const char* ToString(CameraState state);

class CameraSupervisor {
 public:
  // Both are borrowed for the life of this.
  CameraSupervisor(hal::Camera& camera, const hal::Clock& clock, const hal::VideoFormat& wanted);

  // The next picture, waited for at most `timeout`; borrowed until the next call. nullopt when
  // none came, also at once when the camera is away. Starts the camera when that is due, which may
  // take as long as the device takes.
  std::optional<hal::VideoFrame> Acquire(Duration timeout);

  // What became of the picture that Acquire gave: only usable ones are signs of life.
  void HandleUsable(const hal::VideoFrame& picture);
  void HandleDamaged(const Status& damage);

  // A picture came that nobody looked at: a sign of life, unless the last ones were damaged.
  void HandleUnseen();

  // What is wanted of the camera, from its next start.
  void SetWanted(int width, int height, int frames_per_second);
  // Stops the camera and starts it anew, which takes as long as the device takes. Errors: as
  // hal::Camera::Start; the camera is then lost, and tried again.
  Status Restart();

  // Frees the camera. The next Acquire starts it again.
  void Stop();

  CameraState state() const { return state_; }
  // Why the camera is lost, for people; empty otherwise.
  const std::string& reason() const { return reason_; }
  // What the camera delivers; what is wanted until it was started.
  const hal::VideoFormat& format() const { return format_; }
  // Pictures that were damaged, ever.
  unsigned damaged() const { return damaged_; }

 private:
  void Start(Time now);
  void HandleSilence(Time now);
  void Lose(std::string reason);
  Duration silence_limit() const;

  hal::Camera& camera_;
  const hal::Clock& clock_;
  hal::VideoFormat wanted_;

  CameraState state_ = CameraState::kStarting;
  std::string reason_;
  hal::VideoFormat format_;
  bool started_ = false;
  bool restarted_ = false;  // No picture came since Restart.
  Time next_start_{};
  Time alive_at_{};  // The last usable picture, or the last start.
  Time lost_at_{};
  std::string damage_;
  unsigned damaged_ = 0;
};

}  // namespace ocellus::media
