// SPDX-License-Identifier: Apache-2.0
// The way of commands from the io thread to the video thread and of their results back. Owned by
// VideoPipeline.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "firmware/base/limits.h"
#include "firmware/base/mailbox.h"
#include "firmware/media/video_status.h"
#include "firmware/media/view.h"
#include "hal/waker.h"

namespace ocellus::media {

struct ControlCommand {
  std::string name;
  int64_t value = 0;
};

// The default values of one control, or of all about the image (name is empty).
struct ResetCommand {
  std::string name;
};

struct VideoCommand {
  VideoCommandId id;
  std::variant<ControlCommand, ResetCommand, StreamRequest> what;
};

class VideoCommands {
 public:
  // `io_waker` is woken for each result; borrowed.
  explicit VideoCommands(hal::Waker& io_waker) : io_waker_(io_waker) {}

  // io thread.

  // Errors: kResourceExhausted (the video thread is late: kMaxVideoCommands wait already).
  Status Push(VideoCommand command) {
    if (commands_.Push(command)) return {};
    return {StatusCode::kResourceExhausted, "the camera is busy with earlier commands"};
  }
  std::optional<VideoCommandResult> PopResult() { return results_.Pop(); }
  // The newest one counts.
  void SetView(const View& view) { view_.store(Pack(view), std::memory_order_relaxed); }

  // Video thread.

  // The next command. None while a result waits for its room: no command is without its answer.
  std::optional<VideoCommand> Pop() {
    if (!SendWaiting()) return std::nullopt;
    return commands_.Pop();
  }
  // Of the command that Pop gave last.
  void Finish(VideoCommandResult result) {
    waiting_ = std::move(result);
    SendWaiting();
  }
  View view() const { return Unpack(view_.load(std::memory_order_relaxed)); }

 private:
  // One atomic holds the zoom and the centre, so that they belong together.
  static constexpr double kZoomScale = 4096;
  static constexpr double kCenterScale = 65535;

  static uint64_t Scale(double value, double most, double scale) {
    return static_cast<uint64_t>(std::lround(std::clamp(value, 0.0, most) * scale));
  }
  static uint64_t Pack(const View& view) {
    return Scale(view.zoom, kMaxDigitalZoom, kZoomScale) << 32 |
           Scale(view.center_x, 1, kCenterScale) << 16 | Scale(view.center_y, 1, kCenterScale);
  }
  static View Unpack(uint64_t packed) {
    return {std::max(1.0, static_cast<double>(packed >> 32) / kZoomScale),
            static_cast<double>(packed >> 16 & 0xffff) / kCenterScale,
            static_cast<double>(packed & 0xffff) / kCenterScale};
  }

  bool SendWaiting() {
    if (!waiting_) return true;
    if (!results_.Push(*waiting_)) return false;
    waiting_.reset();
    io_waker_.Wake();
    return true;
  }

  hal::Waker& io_waker_;
  Mailbox<VideoCommand, kMaxVideoCommands> commands_;
  Mailbox<VideoCommandResult, kMaxVideoCommands> results_;  // Full: commands wait.
  std::atomic<uint64_t> view_{Pack(View())};

  std::optional<VideoCommandResult> waiting_;  // Video thread.
};

}  // namespace ocellus::media
