// SPDX-License-Identifier: Apache-2.0
// The kernel's clocks. CLOCK_MONOTONIC, because V4L2 and ALSA stamp their buffers with it; it
// stands still while the machine sleeps, as every connection does too. Any thread.
#pragma once

#include "hal/clock.h"

namespace ocellus::linux_platform {

class LinuxClock final : public hal::Clock {
 public:
  Time Now() const override;
  WallClock Wall() const override;
};

}  // namespace ocellus::linux_platform
