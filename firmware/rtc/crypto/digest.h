// SPDX-License-Identifier: Apache-2.0
// The hash functions that STUN's credentials are made with. MD5 and SHA-1 protect nothing by
// themselves any more; the long-term credentials of RFC 8489 section 9.2.2 are made with MD5 all
// the same. Allocates nothing. Any thread.
#pragma once

#include <array>
#include <cstdint>

#include "firmware/base/bytes.h"

namespace ocellus::crypto {

using Md5Digest = std::array<uint8_t, 16>;
using Sha1Digest = std::array<uint8_t, 20>;
using Sha256Digest = std::array<uint8_t, 32>;

Md5Digest Md5(Bytes message);
Sha256Digest Sha256(Bytes message);

}  // namespace ocellus::crypto
