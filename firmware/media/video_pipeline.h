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

#include "firmware/base/log.h"
#include "firmware/base/mailbox.h"
#include "firmware/media/access_unit_normalizer.h"
#include "firmware/media/camera_supervisor.h"
#include "firmware/media/encoder_supervisor.h"
#include "firmware/media/frame_outbox.h"
#include "firmware/media/snapshot_taker.h"
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
  // Of the encoder, from the next frame. Does nothing to a camera that encodes by itself.
  void SetBitrate(DataRate bitrate) {
    bitrate_.store(bitrate.bits_per_second(), std::memory_order_relaxed);
  }
  // Sets one of VideoStatus::controls. PopResult tells what came of it, with the same `id`.
  // Errors: kResourceExhausted (kMaxVideoCommands wait already; there will be no result).
  // Of the result: as hal::CameraControls::Set.
  Status SetControl(VideoCommandId id, std::string name, int64_t value) {
    return commands_.Push({id, ControlCommand{std::move(name), value}});
  }
  // Changes the stream while it runs; the nearest that the camera has. A new bitrate needs no
  // keyframe, a new size or frame rate begins with one. See StreamShaper for what it costs.
  // Errors: as SetControl. Of the result: kInvalidArgument (says what is allowed), kUnavailable
  // (the camera is away), kUnsupported (what a camera that encodes by itself cannot).
  Status SetStream(VideoCommandId id, const StreamRequest& wanted) {
    return commands_.Push({id, wanted});
  }
  // One for each command, in their order.
  std::optional<VideoCommandResult> PopResult() { return commands_.PopResult(); }
  // What viewers see of the picture, where VideoStatus::digital_view says that this can be chosen;
  // nothing otherwise. The picture glides there within some frames.
  void SetView(const View& view) { commands_.SetView(view); }
  // Asks for a JPEG of the next picture. Requests that wait become one, and get one answer within
  // kSnapshotTimeout and a turn, failures too.
  void RequestSnapshot() { snapshots_.Request(); }
  std::optional<Snapshot> PopSnapshot() { return snapshots_.Pop(); }
  // What the video thread told last: at each change of state, and every second.
  const VideoStatus& status();

 private:
  enum class Source { kNone, kCamera, kNoSignal };

  bool HandleCameraPicture(const hal::VideoFrame& picture);
  bool ShowNoSignal();
  bool ForwardAccessUnit(const hal::VideoFrame& picture);
  bool EncodePicture(const hal::VideoFrame& picture, int frames_per_second);
  bool Send(hal::EncodedFrame frame);
  void HandleDamaged(const Status& damage);
  // Only a keyframe connects the pictures of one source to those of another.
  void SwitchTo(Source source);
  void AskCameraForKeyframe(Time now);
  void UpdateStatus();

  const Parts parts_;
  const VideoSettings settings_;

  std::atomic<bool> stop_{false};
  std::atomic<bool> keyframe_requested_{false};
  std::atomic<int64_t> bitrate_;      // Bits per second.
  Mailbox<VideoStatus, 4> statuses_;  // Full: the next one is told when there is room.
  VideoStatus io_status_;             // io thread's copy.
  VideoCommands commands_;
  FrameOutbox outbox_;
  SnapshotTaker snapshots_;

  // Video thread.
  CameraSupervisor camera_;
  EncoderSupervisor encoder_;
  AccessUnitNormalizer normalizer_;
  Source source_ = Source::kNone;
  bool no_signal_started_ = false;
  bool keyframe_wanted_ = true;  // Until one went out.
  Time next_camera_keyframe_request_ = Time::min();
  LogLimiter damage_log_{std::chrono::seconds(10)};

  VideoStatus status_;
  bool status_changed_ = true;  // Not told yet.
  Time second_began_at_{};
  unsigned frames_this_second_ = 0;
};

}  // namespace ocellus::media
