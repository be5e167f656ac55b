// SPDX-License-Identifier: Apache-2.0
// When the next RTCP report is due.
#pragma once

#include "firmware/base/random.h"
#include "firmware/base/time.h"

namespace ocellus::rtcp {

// RFC 3550 section 6.2 allows a "reduced minimum" of 360 s / (session bandwidth in kbit/s): 0.2 s
// at 2 Mbit/s. A second is what browsers do, and keeps reports below 0.1 % of the media.
constexpr Duration kReportInterval = std::chrono::seconds(1);

// RFC 3550 section 6.2: "varied randomly over the range [0.5,1.5] times the calculated interval to
// avoid unintended synchronization". Two participants need no timer reconsideration.
inline Duration NextReportInterval(Random& random) {
  const auto steps = static_cast<uint32_t>(kReportInterval.count());
  return kReportInterval / 2 + Duration(random.Below(steps + 1));
}

}  // namespace ocellus::rtcp
