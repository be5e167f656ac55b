// SPDX-License-Identifier: Apache-2.0
// Errors over HTTP: problem details (RFC 9457), as the WHEP draft (section 4.1) proposes them.
#pragma once

#include <string_view>

#include "hal/http_server.h"

namespace ocellus::signaling {

// `detail` is for people: what was wrong, and where.
hal::HttpResponse Problem(int status, std::string_view detail);

}  // namespace ocellus::signaling
