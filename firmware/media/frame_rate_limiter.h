// SPDX-License-Identifier: Apache-2.0
// Leaves out pictures of a camera that captures more of them than are wanted, as evenly as its own
// rate allows. Video thread. Owned by VideoPipeline.
#pragma once

#include <optional>

#include "firmware/base/time.h"

namespace ocellus::media {

class FrameRateLimiter {
 public:
  // nullopt: all pictures pass. At least 1.
  void SetLimit(std::optional<int> frames_per_second) {
    limit_ = frames_per_second;
    due_ = Time::min();
  }

  // What comes out of a camera with so many.
  int OutputRate(int frames_per_second) const {
    return limit_ && *limit_ < frames_per_second ? *limit_ : frames_per_second;
  }

  // Whether the picture that came now passes.
  bool Take(Time now, int camera_frames_per_second);

 private:
  std::optional<int> limit_;
  Time due_ = Time::min();
};

}  // namespace ocellus::media
