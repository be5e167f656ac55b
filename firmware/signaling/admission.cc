// SPDX-License-Identifier: Apache-2.0
#include "firmware/signaling/admission.h"

#include <string>

#include "firmware/auth/http_token.h"
#include "firmware/signaling/problem.h"

namespace ocellus::signaling {
namespace {

hal::HttpResponse Unauthorized(std::string_view why, Challenge challenge) {
  hal::HttpResponse response = Problem(401, why);
  response.headers.emplace_back(
      "WWW-Authenticate",
      challenge == Challenge::kBasic ? "Basic realm=\"Ocellus\", charset=\"UTF-8\"" : "Bearer");
  return response;
}

// RFC 6585 section 4.
hal::HttpResponse TooManyAttempts(std::string_view why, Duration wait) {
  hal::HttpResponse response = Problem(429, why);
  response.headers.emplace_back("Retry-After", std::to_string(ToMilliseconds(wait) / 1000 + 1));
  return response;
}

}  // namespace

Admission Admit(Time now, auth::Access& access, const hal::HttpRequest& request,
                Challenge challenge, auth::Role needed) {
  std::optional<std::string> token;
  if (const auto header = request.header("authorization")) {
    token = auth::ReadHttpToken(*header);
    // Something that we cannot read is a wrong token, not none.
    if (!token)
      return {std::nullopt, Unauthorized("the Authorization header has no token", challenge)};
  }
  const Result<auth::Role> role = access.Check(now, request.remote.ip, token);
  if (role.status().code() == StatusCode::kResourceExhausted) {
    return {std::nullopt,
            TooManyAttempts(role.status().message(), access.retry_after(now, request.remote.ip))};
  }
  if (!role.ok()) return {std::nullopt, Unauthorized(role.status().message(), challenge)};
  if (!auth::Includes(*role, needed)) {
    return {std::nullopt, Problem(403, std::string("This needs the role ") + ToString(needed))};
  }
  return {*role, {}};
}

}  // namespace ocellus::signaling
