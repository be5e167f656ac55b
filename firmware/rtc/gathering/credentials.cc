// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/gathering/credentials.h"

#include <algorithm>

#include "firmware/rtc/turn/time_limited_credentials.h"

namespace ocellus::gathering {

std::optional<Login> MakeLogin(const Credentials& credentials,
                               const std::optional<WallClock>& wall_clock, Time now) {
  if (const auto* user = std::get_if<StaticCredentials>(&credentials)) {
    return Login{user->username, user->password};
  }
  const auto* shared = std::get_if<SharedSecret>(&credentials);
  if (shared == nullptr) return Login();
  if (!wall_clock) return std::nullopt;
  const Duration today = wall_clock->ToNtp(now).ToUnix();
  const Duration lifetime = std::max<Duration>(shared->lifetime, std::chrono::seconds(1));
  const Duration expires = (today / lifetime + 2) * lifetime;
  const auto user = turn::MakeTimeLimitedCredentials(
      shared->secret, std::chrono::duration_cast<std::chrono::seconds>(expires).count(),
      shared->name);
  return Login{user.username, user.password, now + (expires - today) - lifetime / 2};
}

}  // namespace ocellus::gathering
