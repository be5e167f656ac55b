// SPDX-License-Identifier: Apache-2.0
// The pace of cameras without hardware that gives one: a fixed rate without drift, and no burst
// after a stall. Owned by the camera; its thread.
#pragma once

#include <optional>

#include "hal/clock.h"
#include "hal/sleeper.h"

namespace ocellus::hal {

class FramePacer {
 public:
  // Both are borrowed for the life of the pacer.
  FramePacer(const Clock& clock, Sleeper& sleeper) : clock_(clock), sleeper_(sleeper) {}

  // The first picture is due now. `frames_per_second` is more than 0.
  void Start(int frames_per_second);

  // Sleeps until the next picture is due and returns the time then; nullopt when that is not
  // within `timeout`, which it has slept for instead.
  std::optional<Time> WaitForNext(Duration timeout);

 private:
  const Clock& clock_;
  Sleeper& sleeper_;
  Duration period_{};
  Time due_{};
};

}  // namespace ocellus::hal
