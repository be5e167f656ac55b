// SPDX-License-Identifier: Apache-2.0
// The kernel's random numbers: getrandom(2), which waits at boot until they are unpredictable.
// Any thread.
#pragma once

#include "firmware/base/random.h"

namespace ocellus::linux_platform {

class LinuxRandom final : public Random {
 public:
  void Fill(MutableBytes out) override;
};

}  // namespace ocellus::linux_platform
