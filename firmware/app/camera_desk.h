// SPDX-License-Identifier: Apache-2.0
// The camera as the control protocol sees it: carries calls to the video thread and its answers
// back, moves it for the PtzController, and takes snapshots for whoever asks. What people set goes
// to the CameraMemory.
//
// io thread only. Owned by CameraApp.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "firmware/app/camera_memory.h"
#include "firmware/base/log.h"
#include "firmware/control/file_library.h"
#include "firmware/control/ptz_controller.h"
#include "firmware/control/server.h"
#include "firmware/control/services.h"
#include "firmware/media/keyframe_policy.h"
#include "firmware/media/video_pipeline.h"
#include "hal/clock.h"

namespace ocellus::app {

class CameraDesk final : public control::CameraService {
 public:
  // All of them must outlive this.
  struct Parts {
    media::VideoPipeline& video;
    media::KeyframePolicy& keyframes;
    control::PtzController& ptz;
    CameraMemory& memory;
    control::FileLibrary& files;
    const hal::Clock& clock;
  };

  // `settings`: what the stream began with.
  CameraDesk(const Parts& parts, const control::StreamParameters& settings)
      : parts_(parts), settings_(settings) {}

  // --- CameraService ----------------------------------------------------------------------------
  const std::vector<hal::CameraControl>& controls() const override;
  control::Outcome SetControl(control::Ticket ticket, const std::string& name,
                              int64_t value) override;
  Status ResetControls(const std::string& name) override;
  control::StreamParameters stream() const override;
  control::Outcome SetStream(control::Ticket ticket,
                             const control::StreamParameters& wanted) override;
  void RequestKeyframe(Time now) override { parts_.keyframes.Request(now); }
  control::Outcome TakeSnapshot(Time now, control::Ticket ticket) override;

  // The settings are these now: what has changed in them changes in the stream. Nobody waits for
  // what comes of it.
  void ApplySettings(const control::StreamParameters& settings);

  // Moves the camera, and takes the video thread's answers: calls that are finished go to `server`.
  void Pump(Time now, control::Server& server);
  // A picture that the video thread was asked for, or why there is none.
  void HandleSnapshot(const media::Snapshot& snapshot, control::Server& server);
  Time next_deadline() const {
    return std::min(parts_.ptz.next_deadline(), parts_.memory.next_deadline());
  }
  // The program ends: what is to outlive it is written.
  void Flush(Time now);

 private:
  struct Command {
    control::Ticket ticket;
    media::StreamRequest kept;  // What of the resulting stream is to outlive the program.
  };

  // What of the stream would change.
  media::StreamRequest ChangesTo(const control::StreamParameters& wanted) const;
  Status Start(const Command& command, const media::StreamRequest& changes);
  void MoveCamera(Time now);
  void KeepWhatIsSet(Time now);
  void HandleResult(Time now, const media::VideoCommandResult& result, control::Server& server);
  void KeepStream(Time now, const media::StreamRequest& kept, const media::VideoStream& stream);

  const Parts parts_;
  control::StreamParameters settings_;
  uint64_t last_command_ = 0;
  // Of those that have no result yet: at most kMaxVideoCommands, and as many results.
  std::map<media::VideoCommandId, Command> commands_;
  LogLimiter failure_log_{std::chrono::seconds(10)};
  std::deque<control::Ticket> snapshot_tickets_;  // At most kMaxSnapshots. Full: refused.
};

}  // namespace ocellus::app
