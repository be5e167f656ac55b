// SPDX-License-Identifier: Apache-2.0
// Which SRTP profile is the cheaper one on this processor: with AES instructions AES-GCM costs a
// fifth of AES-CM with HMAC-SHA1, without them (every Raspberry Pi before the 5) it may cost more.
// So the platform measures once, at start-up, with its clock: nothing here reads one.
#pragma once

#include <functional>
#include <vector>

#include "firmware/base/random.h"
#include "firmware/base/time.h"
#include "firmware/rtc/srtp/profile.h"

namespace ocellus::srtp {

struct ProfileCost {
  Profile profile;
  Duration per_thousand_packets;  // Of 1,200 bytes, protected.
};

// Protects packets with each profile and measures with `now` how long that takes, the cheapest
// first: the order for dtls::Config. Takes some milliseconds. A profile that this build of libsrtp2
// does not have is left out. Any thread.
std::vector<ProfileCost> MeasureProfiles(Random& random, const std::function<Time()>& now);

}  // namespace ocellus::srtp
