// SPDX-License-Identifier: Apache-2.0
// What the video thread tells about itself, and what can be asked of its stream.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "firmware/base/strong_id.h"
#include "firmware/base/units.h"
#include "firmware/media/camera_supervisor.h"
#include "hal/camera_controls.h"
#include "hal/video_format.h"

namespace ocellus::media {

// Values of controls by their names.
using ControlValues = std::map<std::string, int64_t, std::less<>>;

// The pictures that viewers get, cut, scaled and rotated.
struct VideoStream {
  int width = 0;
  int height = 0;
  bool sideways = false;  // Rotated: width and height are those of the camera in turn.
  int frames_per_second = 0;
  DataRate bitrate;

  friend bool operator==(const VideoStream& a, const VideoStream& b) {
    return a.width == b.width && a.height == b.height && a.sideways == b.sideways &&
           a.frames_per_second == b.frames_per_second && a.bitrate == b.bitrate;
  }
  friend bool operator!=(const VideoStream& a, const VideoStream& b) { return !(a == b); }
};

// What is absent stays as it is. A size has both: a width alone is refused.
struct StreamRequest {
  std::optional<int> width;
  std::optional<int> height;
  std::optional<int> frames_per_second;
  std::optional<DataRate> bitrate;
};

struct VideoStatus {
  CameraState state = CameraState::kStarting;
  std::string reason;              // Why the camera is lost, for people; empty otherwise.
  std::string camera;              // Its name.
  std::string encoder;             // Its name; empty while the camera encodes by itself.
  hal::VideoFormat format;         // As the camera delivers; as wanted until it runs.
  VideoStream stream;              // As viewers get it; as wanted until the camera runs.
  unsigned frames_sent = 0;        // To the io thread, ever; "no signal" pictures too.
  unsigned frames_per_second = 0;  // Sent in the last full second.
  unsigned frames_dropped = 0;     // The io thread was late, or a keyframe had to come first.
  unsigned pictures_damaged = 0;   // The camera delivered them, nobody can decode them.
  unsigned encoder_errors = 0;
  // The camera's, and where it has none of them, ours: horizontal-flip, vertical-flip, rotate.
  // Empty while the camera is away.
  std::vector<hal::CameraControl> controls;
  // What people have set, and is set again whenever the camera comes: see CameraControlSet.
  ControlValues kept_controls;
  bool digital_view = false;         // SetView has an effect.
  bool keyframes_on_demand = false;  // So has RequestKeyframe: not with every encoding camera.
};

// Names a command to the video thread, so that its result can be told from others.
using VideoCommandId = StrongId<struct VideoCommandIdTag, uint64_t>;

struct VideoCommandResult {
  VideoCommandId id;
  Status status;
  std::optional<hal::CameraControl> control;  // Of SetControl, as it is now.
  std::optional<VideoStream> stream;          // Of SetStream, as it is now.
};

}  // namespace ocellus::media
