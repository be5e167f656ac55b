// SPDX-License-Identifier: Apache-2.0
// The token in an HTTP request's Authorization header. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ocellus::auth {

// `header` is the field's value: "Bearer <token>" (RFC 6750 section 2.1), or "Basic ..." (RFC
// 7617), whose password is the token and whose user name is ignored: recorders and dashboards can
// say that. nullopt when it is neither, or malformed.
std::optional<std::string> ReadHttpToken(std::string_view header);

}  // namespace ocellus::auth
