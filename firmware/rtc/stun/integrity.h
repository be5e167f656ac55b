// SPDX-License-Identifier: Apache-2.0
// The two checksums at the end of a STUN message, computed for the reader and the writer alike.
// Both cover the header with a length that counts up to and including their own attribute, which
// is not the length that the finished message has.
#pragma once

#include "firmware/base/bytes.h"
#include "firmware/rtc/crypto/hmac.h"

namespace ocellus::stun {

constexpr size_t kIntegritySize = 20;
constexpr size_t kFingerprintSize = 4;

// `message` is everything before the MESSAGE-INTEGRITY attribute, header included. RFC 8489
// section 14.5.
crypto::Sha1Digest ComputeIntegrity(Bytes message, Bytes key);

// `message` is everything before the FINGERPRINT attribute, with the length field as it is sent
// (FINGERPRINT is last, so it is right as it stands). RFC 8489 section 14.7.
uint32_t ComputeFingerprint(Bytes message);

}  // namespace ocellus::stun
