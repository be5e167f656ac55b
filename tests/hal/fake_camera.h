// SPDX-License-Identifier: Apache-2.0
// A camera that does what a test tells it: any pixel format, and every fault of the field.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "hal/camera.h"
#include "hal/frame_pacer.h"
#include "tests/hal/manual_clock.h"

namespace ocellus::hal {

class FakeCamera final : public Camera, public KeyframeControl {
 public:
  explicit FakeCamera(ManualClock& clock) : clock_(clock), pacer_(clock, clock) {}

  // Faults, until they are cleared.
  Status start_error;    // Start fails so.
  Status acquire_error;  // Acquire fails so, at a picture's time; the camera needs a new Start
                         // unless it is kMalformed.
  bool hangs = false;    // Acquire waits for its timeout.

  // What it delivers; nullopt: what Start is asked for.
  std::optional<VideoFormat> format;
  // The data of compressed pictures, in turn, and again from the first.
  std::vector<std::vector<uint8_t>> images;
  Duration time_error{};  // Added to captured_at.
  // How long Start blocks, and how long the first picture takes afterwards.
  Duration start_takes{};
  Duration first_picture_takes{};

  // What happened.
  int starts = 0;
  int stops = 0;
  std::vector<VideoFormat> wanted;  // Of each start.
  int pictures = 0;
  int keyframe_requests = 0;

  std::string name() const override { return "fake camera"; }

  Result<VideoFormat> Start(const VideoFormat& wanted_format) override {
    ++starts;
    wanted.push_back(wanted_format);
    clock_.Advance(start_takes);
    if (!start_error.ok()) return start_error;
    current_ = format.value_or(wanted_format);
    const auto pixels = static_cast<size_t>(current_.width) * static_cast<size_t>(current_.height);
    pixels_.assign(2 * pixels, 128);
    pacer_.Start(current_.frames_per_second);
    first_picture_at_ = clock_.Now() + first_picture_takes;
    started_ = true;
    return current_;
  }

  Result<VideoFrame> Acquire(Duration timeout) override {
    if (!started_) return Status(StatusCode::kUnavailable, "not started");
    if (hangs || clock_.Now() + timeout < first_picture_at_) {
      clock_.Advance(timeout);
      return StatusCode::kTimeout;
    }
    clock_.SleepUntil(first_picture_at_);
    const std::optional<Time> now = pacer_.WaitForNext(timeout);
    if (!now) return StatusCode::kTimeout;
    if (!acquire_error.ok()) {
      started_ = acquire_error.code() == StatusCode::kMalformed;
      return acquire_error;
    }
    if (format) current_ = *format;
    return MakeFrame(*now + time_error);
  }

  void Stop() override {
    ++stops;
    started_ = false;
  }

  void RequestKeyframe() override { ++keyframe_requests; }

 private:
  VideoFrame MakeFrame(Time captured_at) {
    VideoFrame frame;
    frame.pixel_format = current_.pixel_format;
    frame.width = current_.width;
    frame.height = current_.height;
    frame.captured_at = captured_at;
    const auto width = static_cast<size_t>(current_.width);
    const size_t luma = width * static_cast<size_t>(current_.height);
    pixels_.resize(2 * luma, 128);
    const Bytes all(pixels_);
    switch (current_.pixel_format) {
      case PixelFormat::kI420:
        frame.planes = {Plane{all.first(luma), width},
                        Plane{all.subspan(luma, luma / 4), width / 2},
                        Plane{all.subspan(luma + luma / 4, luma / 4), width / 2}};
        break;
      case PixelFormat::kNv12:
        frame.planes[0] = {all.first(luma), width};
        frame.planes[1] = {all.subspan(luma, luma / 2), width};
        break;
      case PixelFormat::kYuyv:
        frame.planes[0] = {all, 2 * width};
        break;
      case PixelFormat::kMjpeg:
      case PixelFormat::kH264:
        CHECK(!images.empty(), "a fake camera of %s needs images", ToString(frame.pixel_format));
        frame.planes[0].data = images[static_cast<size_t>(pictures) % images.size()];
        break;
    }
    ++pictures;
    return frame;
  }

  ManualClock& clock_;
  FramePacer pacer_;
  VideoFormat current_;
  bool started_ = false;
  Time first_picture_at_{};
  std::vector<uint8_t> pixels_;
};

}  // namespace ocellus::hal
