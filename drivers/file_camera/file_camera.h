// SPDX-License-Identifier: Apache-2.0
// An H.264 byte stream file (.h264, .264: ITU-T H.264 Annex B) as a camera that encodes by itself:
// played in real time, from its first keyframe to its end, again and again.
//
// The frame rate is the file's (from its SPS), else the wanted one. Streams with B-frames play, but
// their pictures come in decoding order, which a browser shows badly: a warning says so.
// Video thread only.
#pragma once

#include <optional>
#include <string>

#include "drivers/file_camera/access_unit_reader.h"
#include "hal/camera.h"
#include "hal/clock.h"
#include "hal/frame_pacer.h"
#include "hal/sleeper.h"

namespace ocellus::drivers {

class FileCamera final : public hal::Camera {
 public:
  // Clock and sleeper are borrowed for the life of the camera.
  FileCamera(std::string path, const hal::Clock& clock, hal::Sleeper& sleeper);

  std::string name() const override { return "file " + path_; }
  // kUnsupported: empty, not H.264 in Annex B form, or without a keyframe near its beginning.
  Result<hal::VideoFormat> Start(const hal::VideoFormat& wanted) override;
  Result<hal::VideoFrame> Acquire(Duration timeout) override;
  void Stop() override { reader_.reset(); }

 private:
  // Reads up to the first keyframe: what size and rate the stream has.
  Result<hal::VideoFormat> Probe(int wanted_frames_per_second);
  // The next access unit, beginning with a keyframe after each rewind.
  Result<AccessUnit> NextOfLoop();

  const std::string path_;
  hal::FramePacer pacer_;
  std::optional<AccessUnitReader> reader_;  // Set while started.
  hal::VideoFormat format_;
  bool keyframe_seen_ = false;  // Since the last rewind.
  bool warned_of_b_slices_ = false;
};

}  // namespace ocellus::drivers
