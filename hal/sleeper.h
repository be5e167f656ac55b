// SPDX-License-Identifier: Apache-2.0
// Lets a driver's thread wait for a time: apart from Clock, because only drivers that make their
// own pace (files, test patterns) may block, and because a test's sleeper just moves its clock on.
#pragma once

#include "firmware/base/time.h"

namespace ocellus::hal {

class Sleeper {
 public:
  virtual ~Sleeper() = default;

  // Returns when Clock::Now() has reached `time`, at once when it has already. Any thread.
  virtual void SleepUntil(Time time) = 0;
};

}  // namespace ocellus::hal
