// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/camera_supervisor.h"

#include <algorithm>

#include "firmware/base/log.h"

namespace ocellus::media {

const char* ToString(CameraState state) {
  switch (state) {
    case CameraState::kStarting:
      return "starting";
    case CameraState::kRunning:
      return "running";
    case CameraState::kLost:
      return "lost";
  }
  return "unknown";
}

CameraSupervisor::CameraSupervisor(hal::Camera& camera, const hal::Clock& clock,
                                   const hal::VideoFormat& wanted)
    : camera_(camera), clock_(clock), wanted_(wanted), format_(wanted) {}

std::optional<hal::VideoFrame> CameraSupervisor::Acquire(Duration timeout) {
  if (!started_) {
    const Time now = clock_.Now();
    if (now < next_start_) return std::nullopt;
    Start(now);
    if (!started_) return std::nullopt;
  }
  Result<hal::VideoFrame> picture = camera_.Acquire(timeout);
  if (picture.ok()) return *picture;
  const Time now = clock_.Now();
  if (picture.status().code() == StatusCode::kTimeout) {
    HandleSilence(now);
  } else if (picture.status().code() == StatusCode::kMalformed) {
    HandleDamaged(picture.status());
  } else {
    Stop();
    next_start_ = now + kCameraRetryInterval;
    Lose(picture.status().message());
  }
  return std::nullopt;
}

void CameraSupervisor::HandleUsable(const hal::VideoFrame& picture) {
  const Time now = clock_.Now();
  alive_at_ = now;
  restarted_ = false;
  damage_.clear();
  format_.pixel_format = picture.pixel_format;
  format_.width = picture.width;
  format_.height = picture.height;
  if (state_ == CameraState::kRunning) return;
  if (state_ == CameraState::kLost) {
    LOG_INFO("video: %s is back after %.1f s: %s %dx%d at %d fps", camera_.name().c_str(),
             ToSeconds(now - lost_at_), ToString(format_.pixel_format), format_.width,
             format_.height, format_.frames_per_second);
  } else {
    LOG_INFO("video: %s runs: %s %dx%d at %d fps", camera_.name().c_str(),
             ToString(format_.pixel_format), format_.width, format_.height,
             format_.frames_per_second);
  }
  state_ = CameraState::kRunning;
  reason_.clear();
}

void CameraSupervisor::HandleDamaged(const Status& damage) {
  ++damaged_;
  damage_ = damage.ToString();
  HandleSilence(clock_.Now());
}

void CameraSupervisor::HandleUnseen() {
  if (damage_.empty()) alive_at_ = clock_.Now();
}

void CameraSupervisor::SetWanted(int width, int height, int frames_per_second) {
  wanted_.width = width;
  wanted_.height = height;
  wanted_.frames_per_second = frames_per_second;
  if (!started_) format_ = wanted_;
}

Status CameraSupervisor::Restart() {
  Stop();
  Start(clock_.Now());
  restarted_ = started_;
  if (!started_) return {StatusCode::kUnavailable, reason_};
  return {};
}

void CameraSupervisor::Stop() {
  if (started_) camera_.Stop();
  started_ = false;
}

void CameraSupervisor::Start(Time now) {
  next_start_ = now + kCameraRetryInterval;
  Result<hal::VideoFormat> format = camera_.Start(wanted_);
  if (!format.ok()) {
    camera_.Stop();
    Lose(format.status().message());
    return;
  }
  started_ = true;
  restarted_ = false;
  format_ = *format;
  alive_at_ = clock_.Now();
}

void CameraSupervisor::HandleSilence(Time now) {
  const Duration silence = now - alive_at_;
  if (silence < silence_limit()) return;
  if (damage_.empty()) {
    Lose("the camera delivers no pictures");
  } else {
    Lose("the camera delivers damaged pictures only: " + damage_);
  }
  if (silence < std::max(kCameraPatience, silence_limit())) return;
  Stop();
  next_start_ = now;
}

void CameraSupervisor::Lose(std::string reason) {
  if (reason.empty()) reason = "the camera is unavailable";
  if (state_ != CameraState::kLost) lost_at_ = clock_.Now();
  if (state_ != CameraState::kLost || reason != reason_) {
    LOG_WARN("video: %s is lost: %s; shown is \"no signal\" until it is back",
             camera_.name().c_str(), reason.c_str());
  }
  state_ = CameraState::kLost;
  reason_ = std::move(reason);
}

Duration CameraSupervisor::silence_limit() const {
  const int frames_per_second = std::max(format_.frames_per_second, 1);
  const Duration limit = restarted_ ? kCameraRestartPatience : kCameraSilenceLimit;
  return std::max(limit, 3 * Duration(std::chrono::seconds(1)) / frames_per_second);
}

}  // namespace ocellus::media
