// SPDX-License-Identifier: Apache-2.0
// Who may ask over HTTP: the role that a request's token stands for, or the response that refuses.
// io thread only.
#pragma once

#include <optional>

#include "firmware/auth/access.h"
#include "hal/http_server.h"

namespace ocellus::signaling {

// How a request without a token is asked for one (RFC 9110 section 11.6.1). Browsers answer kBasic
// by asking their user, which suits what people open by itself and nothing that a page fetches.
enum class Challenge : uint8_t { kBearer, kBasic };

struct Admission {
  std::optional<auth::Role> role;
  hal::HttpResponse refusal;  // Without a role: 401, 403 or 429.
};

Admission Admit(Time now, auth::Access& access, const hal::HttpRequest& request,
                Challenge challenge, auth::Role needed = auth::Role::kViewer);

}  // namespace ocellus::signaling
