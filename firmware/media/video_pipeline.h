// SPDX-License-Identifier: Apache-2.0
// The body of the video thread: camera -> encoder -> mailbox to the io thread. There is always a
// picture: while the camera is missing, unplugged or silent, one that says so.
//
//   camera gives        goes through
//   I420, NV12, YUYV    the encoder (in I420, where it takes nothing else)
//   MJPEG               the JPEG codec, then the encoder
//   H.264               as it is, with SPS and PPS in front of each keyframe
//
// It makes no thread: the platform runs Run() in one. The io thread talks to it through mailboxes
// and atomics, without locks. Owned by the platform's main, which outlives the thread.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <utility>

#include "firmware/base/latest.h"
#include "firmware/base/log.h"
#include "firmware/media/access_unit_normalizer.h"
#include "firmware/media/camera_control_set.h"
#include "firmware/media/camera_supervisor.h"
#include "firmware/media/encoder_supervisor.h"
#include "firmware/media/frame_outbox.h"
#include "firmware/media/picture_shaper.h"
#include "firmware/media/snapshot_taker.h"
#include "firmware/media/stream_switch.h"
#include "firmware/media/video_commands.h"
#include "firmware/media/video_status.h"
#include "firmware/media/view.h"
#include "hal/camera.h"
#include "hal/camera_controls.h"
#include "hal/clock.h"
#include "hal/jpeg_codec.h"
#include "hal/picture_transformer.h"
#include "hal/video_decoder.h"
#include "hal/video_encoder.h"
#include "hal/waker.h"

namespace ocellus::media {

// The longest that one turn waits for a picture: Stop and the "no signal" picture wait for it.
constexpr Duration kVideoTurn = std::chrono::milliseconds(200);

// Pictures of the "no signal" picture a second: enough for its clock to be seen running.
constexpr int kNoSignalFramesPerSecond = 5;

// An H.264 camera that was asked for a keyframe is asked again after this long without one.
constexpr Duration kCameraKeyframeRetry = std::chrono::milliseconds(500);

struct VideoSettings {
  hal::VideoFormat format;  // Wanted: the camera takes the nearest that it has.
  DataRate bitrate = DataRate::FromKilobitsPerSecond(2000);
  int snapshot_quality = 85;  // Of the JPEG, 1 to 100.
  ControlValues controls;     // What VideoStatus::kept_controls was when the program ended.
};

class VideoPipeline {
 public:
  // All borrowed for the life of the pipeline; the video thread's own, but clock and io_waker.
  struct Parts {
    hal::Camera& camera;
    hal::KeyframeControl* keyframe_control;  // nullptr: the camera makes none on demand.
    hal::Camera& no_signal;                  // Shown while the camera is away. Paces itself.
    hal::VideoEncoder& encoder;
    hal::VideoDecoder& decoder;
    hal::JpegCodec& jpeg;
    const hal::Clock& clock;
    hal::Waker& io_waker;
    hal::CameraControls* camera_controls = nullptr;  // nullptr: the camera has none.
    // nullptr: pictures go out as they come: no flips, rotation, digital view or scaling.
    hal::PictureTransformer* transformer = nullptr;
  };

  VideoPipeline(const Parts& parts, const VideoSettings& settings);

  // Video thread.

  // Works until Stop(), then frees the camera.
  void Run();
  // One turn: waits kVideoTurn at most (or as long as a driver blocks) for a picture and handles
  // it. True when a frame went to the io thread.
  bool RunOnce();

  // Any thread: Run returns within a turn.
  void Stop() { stop_.store(true, std::memory_order_relaxed); }

  // io thread.

  // The next encoded frame, or nullopt. Its buffer goes back with Recycle, in any order; while
  // kVideoMailboxFrames are out, pictures are dropped until a keyframe.
  std::optional<hal::EncodedFrame> PopFrame() { return outbox_.Pop(); }
  void Recycle(hal::EncodedFrame frame) { outbox_.Recycle(std::move(frame)); }
  // The next picture becomes a keyframe, unless the camera encodes and cannot. See KeyframePolicy.
  void RequestKeyframe() { keyframe_requested_.store(true, std::memory_order_relaxed); }
  // Commands to the camera. PopResult tells what came of each, with its `id`; of those with the id
  // 0 nothing is told but failures to the log, and the controls are not all read again after each:
  // for the steps of a movement. Errors: kResourceExhausted (kMaxVideoCommands wait
  // already, and there will be no result).

  // Sets one of VideoStatus::controls, and keeps the value unless the id is 0. Of the result: as
  // hal::CameraControls::Set.
  Status SetControl(VideoCommandId id, std::string name, int64_t value) {
    return commands_.Push({id, ControlCommand{std::move(name), value}});
  }
  // Gives a control its default value, or all that are about the image (empty `name`), and keeps
  // none.
  Status ResetControls(VideoCommandId id, std::string name) {
    return commands_.Push({id, ResetCommand{std::move(name)}});
  }
  // Changes the stream while it runs, to the nearest that the camera has. A new bitrate needs no
  // keyframe; a new size or frame rate begins with one, within 500 ms: see StreamSwitch.
  // Of the result: kInvalidArgument (says what is allowed), kUnavailable (the camera is away, and
  // why), kUnsupported (a camera that encodes by itself and does not take a bitrate).
  Status SetStream(VideoCommandId id, const StreamRequest& wanted) {
    return commands_.Push({id, wanted});
  }
  // In the order of the commands. The status has by then what has changed.
  std::optional<VideoCommandResult> PopResult() { return commands_.PopResult(); }
  // What viewers see of the picture, where VideoStatus::digital_view says that this can be chosen;
  // nothing otherwise. The picture glides there within some frames.
  void SetView(const View& view) { commands_.SetView(view); }
  // Asks for a JPEG of the next picture. Requests that wait become one, and get one answer within
  // kSnapshotTimeout and a turn, failures too.
  void RequestSnapshot() { snapshots_.Request(); }
  std::optional<Snapshot> PopSnapshot() { return snapshots_.Pop(); }
  // What the video thread told last: at each change of state, and every second. Valid until the
  // next call.
  const VideoStatus& status() { return told_status_.Load(); }

 private:
  enum class Source { kNone, kPictures, kAccessUnits, kNoSignal };

  void HandleCommands();
  VideoCommandResult SetCameraControl(VideoCommandId id, const ControlCommand& command);
  void RestartCamera();
  void Finish(VideoCommandResult result);
  bool HandleCameraPicture(const hal::VideoFrame& picture);
  // A picture of a camera that captures `captured`.
  bool ShowPicture(const hal::VideoFrame& picture, PictureSize captured);
  bool ShowHeldPicture();
  bool ShowNoSignal();
  bool ForwardAccessUnit(const hal::VideoFrame& picture);
  bool EncodePicture(const hal::VideoFrame& picture, int frames_per_second);
  bool Send(hal::EncodedFrame frame);
  void HandleUsable(const hal::VideoFrame& picture);
  void HandleDamaged(const Status& damage);
  // Only a keyframe connects the pictures of one source to those of another.
  void SwitchTo(Source source);
  void StopNoSignal();
  void AskCameraForKeyframe(Time now);
  void UpdateControls();
  void UpdateStatus();
  CameraOutput output() const;

  const Parts parts_;
  const VideoSettings settings_;

  std::atomic<bool> stop_{false};
  std::atomic<bool> keyframe_requested_{false};
  Latest<VideoStatus> told_status_;
  VideoCommands commands_;
  FrameOutbox outbox_;
  SnapshotTaker snapshots_;

  // Video thread.
  CameraSupervisor camera_;
  PictureShaper shaper_;
  CameraControlSet controls_;
  StreamSwitch stream_;
  EncoderSupervisor encoder_;
  AccessUnitNormalizer normalizer_;
  Source source_ = Source::kNone;
  bool no_signal_started_ = false;
  bool keyframe_wanted_ = true;  // Until one went out.
  Time next_camera_keyframe_request_ = Time::min();
  LogLimiter damage_log_{std::chrono::seconds(10)};
  LogLimiter command_log_{std::chrono::seconds(10)};

  VideoStatus status_;
  bool status_changed_ = true;  // Not told yet.
  Time second_began_at_{};
  unsigned frames_this_second_ = 0;
};

}  // namespace ocellus::media
