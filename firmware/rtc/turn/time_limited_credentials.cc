// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/turn/time_limited_credentials.h"

#include "firmware/base/base64.h"
#include "firmware/rtc/crypto/hmac.h"

namespace ocellus::turn {

TimeLimitedCredentials MakeTimeLimitedCredentials(std::string_view secret, int64_t expires,
                                                  std::string_view name) {
  TimeLimitedCredentials credentials;
  credentials.username = std::to_string(expires);
  if (!name.empty()) credentials.username.append(":").append(name);
  credentials.password =
      Base64Encode(crypto::HmacSha1(AsBytes(secret), AsBytes(credentials.username)));
  return credentials;
}

}  // namespace ocellus::turn
