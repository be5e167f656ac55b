// SPDX-License-Identifier: Apache-2.0
// HMAC-SHA1 (RFC 2104), the MESSAGE-INTEGRITY of STUN (RFC 8489 section 14.5): computed for every
// connectivity check, so it allocates nothing. Any thread.
#pragma once

#include <array>
#include <cstdint>

#include "firmware/base/bytes.h"

namespace ocellus::crypto {

using Sha1Digest = std::array<uint8_t, 20>;

// The HMAC of message1 followed by message2: in two parts, because STUN signs a header that differs
// from the one on the wire. A key of any size.
Sha1Digest HmacSha1(Bytes key, Bytes message1, Bytes message2 = {});

}  // namespace ocellus::crypto
