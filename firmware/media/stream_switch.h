// SPDX-License-Identifier: Apache-2.0
// Changes the size, the frame rate and the bitrate of the stream while it runs. Video thread. Owned
// by VideoPipeline.
//
//   wanted                              how                                  viewers see
//   bitrate                             the encoder is told                  nothing
//   a size of the captured shape,       pictures are scaled                  a keyframe, no gap
//     not larger
//   fewer pictures a second             pictures are left out                a keyframe, no gap
//   any other size or rate              the camera is started anew, and      the last picture
//   stands
//                                       its last picture repeated until      still for as long as
//                                       it delivers                          the camera takes
//
// A camera takes 50 to 500 ms to start anew, and its first picture up to seconds. Only while its
// driver blocks in Stop and Start nothing can be sent: pictures keep coming within 500 ms as long
// as that takes no more than 450 ms. A camera that encodes by itself is started anew for every
// change but the bitrate; the last picture then stands still at the viewers. While the camera is
// away, what is wanted is noted, and takes effect when it is back.
#pragma once

#include <optional>

#include "firmware/media/camera_control_set.h"
#include "firmware/media/camera_supervisor.h"
#include "firmware/media/frame_rate_limiter.h"
#include "firmware/media/i420_buffer.h"
#include "firmware/media/picture_shaper.h"
#include "firmware/media/video_status.h"

namespace ocellus::media {

class StreamSwitch {
 public:
  // All borrowed for the life of this.
  struct Parts {
    CameraSupervisor& camera;
    PictureShaper& shaper;
    CameraControlSet& controls;
  };
  StreamSwitch(const Parts& parts, DataRate bitrate) : parts_(parts), bitrate_(bitrate) {}

  // Changes what can be at once. nullopt: the camera must be started anew; it is asked for one more
  // picture before, and the result comes from Restart. Errors: kInvalidArgument (says what is
  // allowed), kUnsupported and others as CameraControlSet::SetCameraBitrate; nothing is changed
  // then.
  std::optional<VideoCommandResult> Change(Time now, VideoCommandId id,
                                           const StreamRequest& request);
  bool restart_due() const { return restart_.has_value(); }
  // Blocks as long as the camera takes.
  VideoCommandResult Restart();

  // Whether the picture that came is shown: of a camera that gives more than are wanted, not all.
  bool Take(Time now);
  // A usable, uncompressed picture that is shown. The last one before a restart is kept.
  void HandlePicture(const hal::VideoFrame& picture);
  // The last picture from before the restart, dated `now`, while none came since; borrowed until
  // the next call.
  std::optional<hal::VideoFrame> held(Time now) const;
  // Something else is shown meanwhile.
  void DropHeld() { held_state_ = Held::kNothing; }

  // The stream as it is. Its bitrate is 0 when the camera encodes by itself and does not say.
  VideoStream stream() const;
  // Of the encoder.
  DataRate bitrate() const { return bitrate_; }

 private:
  struct PendingRestart {
    VideoCommandId id;
    PictureSize size;
    int frames_per_second = 0;
  };
  enum class Held : uint8_t { kNothing, kBeforeRestart, kAfterRestart };

  Status Apply(Time now, VideoCommandId id, const StreamRequest& request);
  bool CanServe(PictureSize size, int frames_per_second) const;
  bool encodes() const;
  PictureSize captured() const;
  // Before the rotation.
  PictureSize upright() const;

  const Parts parts_;
  DataRate bitrate_;
  FrameRateLimiter limiter_;
  std::optional<PendingRestart> restart_;
  I420Buffer held_;
  Held held_state_ = Held::kNothing;
};

}  // namespace ocellus::media
