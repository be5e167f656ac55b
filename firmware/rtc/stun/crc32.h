// SPDX-License-Identifier: Apache-2.0
// CRC-32 as ITU V.42 and IEEE 802.3 define it, for STUN's FINGERPRINT (RFC 8489 section 14.7).
// Works in nibbles: a table of 64 bytes, two look-ups a byte.
#pragma once

#include "firmware/base/bytes.h"

namespace ocellus::stun {

uint32_t Crc32(Bytes bytes);

}  // namespace ocellus::stun
