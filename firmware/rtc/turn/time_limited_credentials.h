// SPDX-License-Identifier: Apache-2.0
// User names and passwords that end by themselves, made from a secret that is shared with the TURN
// server ("A REST API For Access To TURN Services", draft-uberti-behave-turn-rest; coturn's
// use-auth-secret). They may be shown to viewers: who has one cannot make another. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ocellus::turn {

struct TimeLimitedCredentials {
  std::string username;  // "<unix expiry>:<name>", or "<unix expiry>" without a name.
  std::string password;  // base64(HMAC-SHA1(secret, username))
};

// `expires` in seconds of Unix time. `name` is for the server's log.
TimeLimitedCredentials MakeTimeLimitedCredentials(std::string_view secret, int64_t expires,
                                                  std::string_view name);

}  // namespace ocellus::turn
