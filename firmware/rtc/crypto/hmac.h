// SPDX-License-Identifier: Apache-2.0
// HMAC-SHA1 and HMAC-SHA256 (RFC 2104): the two MESSAGE-INTEGRITY attributes of STUN (RFC 8489
// sections 14.5 and 14.6). The first is computed for every connectivity check, so they allocate
// nothing. Any thread.
#pragma once

#include "firmware/base/bytes.h"
#include "firmware/rtc/crypto/digest.h"

namespace ocellus::crypto {

// The HMAC of message1 followed by message2: in two parts, because STUN signs a header that differs
// from the one on the wire. A key of any size.
Sha1Digest HmacSha1(Bytes key, Bytes message1, Bytes message2 = {});
Sha256Digest HmacSha256(Bytes key, Bytes message1, Bytes message2 = {});

}  // namespace ocellus::crypto
