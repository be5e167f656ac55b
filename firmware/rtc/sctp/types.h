// SPDX-License-Identifier: Apache-2.0
// The numbers of SCTP (RFC 9260, RFC 8260) and of the data channels above it (RFC 8831): each a
// type of its own, so that a stream is not a sequence number.
#pragma once

#include "firmware/base/serial_number.h"
#include "firmware/base/strong_id.h"

namespace ocellus::sctp {

// RFC 9260 section 3.3.1: one for each DATA chunk of an association; wraps.
using Tsn = SerialNumber<struct TsnTag, uint32_t>;

using StreamId = StrongId<struct StreamIdTag, uint16_t>;

// RFC 9260 section 3.3.1: one for each ordered message of a stream, from 0; wraps.
using StreamSequence = SerialNumber<struct StreamSequenceTag, uint16_t>;

// RFC 8260 section 2.1: its successor in I-DATA, counted apart for ordered and unordered messages.
using MessageId = SerialNumber<struct MessageIdTag, uint32_t>;

// RFC 6525 section 4: numbers the requests of RE-CONFIG chunks; wraps.
using ReconfigSequence = SerialNumber<struct ReconfigSequenceTag, uint32_t>;

// RFC 9260 section 3.1: what the receiver of a packet has chosen to know it by; 0 in INIT only.
using VerificationTag = StrongId<struct VerificationTagTag, uint32_t>;

// RFC 9260 section 3.3.1: the payload protocol identifier, carried for the application.
using Ppid = StrongId<struct PpidTag, uint32_t>;

// RFC 8831 section 8. The partial ones are deprecated ("MUST NOT be used"): old Firefoxes cut
// messages with them, and the last part has the whole message's.
constexpr Ppid kPpidDcep{50};
constexpr Ppid kPpidString{51};
constexpr Ppid kPpidBinaryPartial{52};
constexpr Ppid kPpidBinary{53};
constexpr Ppid kPpidStringPartial{54};
constexpr Ppid kPpidStringEmpty{56};
constexpr Ppid kPpidBinaryEmpty{57};

}  // namespace ocellus::sctp
