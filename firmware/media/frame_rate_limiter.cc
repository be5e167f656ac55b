// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/frame_rate_limiter.h"

namespace ocellus::media {

bool FrameRateLimiter::Take(Time now, int camera_frames_per_second) {
  if (OutputRate(camera_frames_per_second) == camera_frames_per_second) return true;
  const Duration period = Duration(std::chrono::seconds(1)) / *limit_;
  // A picture that comes a little early is as good: the next one would be later by more.
  const Duration early = period / 4;
  if (due_ != Time::min() && now < due_ - early) return false;
  const bool in_step = due_ != Time::min() && now < due_ + period;
  due_ = (in_step ? due_ : now) + period;
  return true;
}

}  // namespace ocellus::media
