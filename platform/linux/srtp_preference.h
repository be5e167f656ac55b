// SPDX-License-Identifier: Apache-2.0
// Which SRTP profile this CPU is quicker with: AES-GCM by far where it has instructions for it,
// AES-CM with HMAC-SHA1 on some small ones without.
#pragma once

#include <vector>

#include "firmware/base/random.h"
#include "firmware/rtc/srtp/profile.h"
#include "hal/clock.h"

namespace ocellus::linux_platform {

// Both profiles, the quicker one first. Encrypts a few hundred packets: takes some milliseconds.
std::vector<srtp::Profile> MeasureSrtpProfiles(const hal::Clock& clock, Random& random);

}  // namespace ocellus::linux_platform
