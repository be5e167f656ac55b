// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/admin_token.h"

#include "firmware/auth/access.h"
#include "firmware/base/text.h"

namespace ocellus::app {

Result<AdminToken> LoadOrMakeAdminToken(hal::Storage& storage, Random& random) {
  const Result<std::string> kept = storage.Read(kAdminTokenName);
  if (kept.ok()) {
    std::string_view token = *kept;
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.remove_suffix(1);
    if (token.size() < auth::kMinTokenSize || token.size() > auth::kMaxTokenSize) {
      return Status(StatusCode::kMalformed,
                    Format("the stored admin-token is no token of %zu to %zu characters: delete it "
                           "for a new one",
                           auth::kMinTokenSize, auth::kMaxTokenSize));
    }
    return AdminToken{std::string(token), false};
  }
  if (kept.status().code() != StatusCode::kNotFound) return kept.status();
  AdminToken made{random.UrlChars(auth::kGeneratedTokenSize), true};
  storage.Write(kAdminTokenName, made.token + '\n');
  return made;
}

}  // namespace ocellus::app
