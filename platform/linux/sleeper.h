// SPDX-License-Identifier: Apache-2.0
// hal::Sleeper on the clock of LinuxClock. Any thread.
#pragma once

#include "hal/sleeper.h"

namespace ocellus::linux_platform {

class LinuxSleeper final : public hal::Sleeper {
 public:
  void SleepUntil(Time time) override;
};

}  // namespace ocellus::linux_platform
