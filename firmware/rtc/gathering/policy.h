// SPDX-License-Identifier: Apache-2.0
// Which of our addresses viewers learn.
#pragma once

#include <cstdint>

namespace ocellus::gathering {

// kRelay: relayed ones only, so that nobody learns where the camera stands (RFC 8828 section 5.2
// has the same for browsers).
enum class Policy : uint8_t { kAll, kRelay };

}  // namespace ocellus::gathering
