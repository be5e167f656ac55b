// SPDX-License-Identifier: Apache-2.0
#include "hal/frame_pacer.h"

#include "firmware/base/check.h"

namespace ocellus::hal {

void FramePacer::Start(int frames_per_second) {
  CHECK(frames_per_second > 0, "%d frames per second", frames_per_second);
  period_ = Duration(std::chrono::seconds(1)) / frames_per_second;
  due_ = clock_.Now();
}

std::optional<Time> FramePacer::WaitForNext(Duration timeout) {
  const Time last_chance = clock_.Now() + timeout;
  if (due_ > last_chance) {
    sleeper_.SleepUntil(last_chance);
    return std::nullopt;
  }
  sleeper_.SleepUntil(due_);
  const Time now = clock_.Now();
  // One period late is caught up with, more is forgotten.
  due_ = now - due_ > period_ ? now + period_ : due_ + period_;
  return now;
}

}  // namespace ocellus::hal
