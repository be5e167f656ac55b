// SPDX-License-Identifier: Apache-2.0
// From the time that a V4L2 device puts on a picture to ours.
#pragma once

#include <linux/videodev2.h>

#include "firmware/base/time.h"

namespace ocellus::drivers {

// A picture cannot have waited longer than this, so an older timestamp is a driver's mistake.
constexpr Duration kMaxPictureAge = std::chrono::seconds(5);

// When the picture was taken, if `timestamp` is of CLOCK_MONOTONIC, on which the platform's Time
// runs as well; else `now`, which is also the answer to a timestamp that cannot be true.
inline Time CaptureTime(Time now, Duration timestamp, uint32_t buffer_flags) {
  if ((buffer_flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) != V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC) {
    return now;
  }
  const Time taken(timestamp);
  const Duration age = now - taken;
  return age < Duration::zero() || age > kMaxPictureAge ? now : taken;
}

}  // namespace ocellus::drivers
