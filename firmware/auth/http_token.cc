// SPDX-License-Identifier: Apache-2.0
#include "firmware/auth/http_token.h"

#include "firmware/base/base64.h"
#include "firmware/base/text.h"

namespace ocellus::auth {

std::optional<std::string> ReadHttpToken(std::string_view header) {
  std::string_view rest = Trim(header);
  // RFC 9110 section 11.1: schemes are case-insensitive.
  const std::string_view scheme = TakeUntil(rest, ' ');
  rest = Trim(rest);
  if (EqualsIgnoreCase(scheme, "Bearer")) {
    return rest.empty() ? std::nullopt : std::optional(std::string(rest));
  }
  if (!EqualsIgnoreCase(scheme, "Basic")) return std::nullopt;
  const auto credentials = Base64Decode(rest);
  if (!credentials) return std::nullopt;
  std::string_view text = AsText(*credentials);
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  return std::string(text.substr(colon + 1));
}

}  // namespace ocellus::auth
