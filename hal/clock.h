// SPDX-License-Identifier: Apache-2.0
// The two clocks. Only thread bodies (video, audio) and the platform's loop read them; everything
// else is told the time.
#pragma once

#include "firmware/base/time.h"
#include "firmware/base/units.h"

namespace ocellus::hal {

class Clock {
 public:
  virtual ~Clock() = default;

  // Any thread. Never steps back. Captured pictures are dated by it, so it is the clock that the
  // platform's cameras use, even where that one stands still while the machine sleeps.
  virtual Time Now() const = 0;
  // Any thread. Where the wall clock stands now; it may have been stepped since the last call.
  virtual WallClock Wall() const = 0;
};

}  // namespace ocellus::hal
