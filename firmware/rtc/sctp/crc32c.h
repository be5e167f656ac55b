// SPDX-License-Identifier: Apache-2.0
// CRC32c, the checksum of SCTP packets (RFC 9260 appendix A). With the instructions that x86-64
// (SSE 4.2, asked for at run time) and ARMv8 (where the compiler may use them) have for it, else
// eight bytes at a time by tables.
#pragma once

#include "firmware/base/bytes.h"

namespace ocellus::sctp {

// Of `bytes` that follow others whose checksum is `before`: Crc32c(b, Crc32c(a)) is that of ab.
uint32_t Crc32c(Bytes bytes, uint32_t before = 0);

// The same by tables alone, for machines without the instructions (and for tests).
uint32_t Crc32cByTables(Bytes bytes, uint32_t before = 0);

}  // namespace ocellus::sctp
