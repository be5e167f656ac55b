// SPDX-License-Identifier: Apache-2.0
// The checksums at the end of a STUN message, computed for the reader and the writer alike.
// Each covers the header with a length that counts up to and including their own attribute, which
// is not the length that the finished message has.
#pragma once

#include "firmware/base/bytes.h"
#include "firmware/rtc/crypto/hmac.h"

namespace ocellus::stun {

constexpr size_t kIntegritySize = 20;
// RFC 8489 section 14.6: "at least 16 bytes and at most 32 bytes long", in steps of 4.
constexpr size_t kMinIntegritySha256Size = 16;
constexpr size_t kIntegritySha256Size = 32;
constexpr size_t kFingerprintSize = 4;

// `message` is everything before the MESSAGE-INTEGRITY attribute, header included. RFC 8489
// section 14.5.
crypto::Sha1Digest ComputeIntegrity(Bytes message, Bytes key);

// The same for MESSAGE-INTEGRITY-SHA256, which may be cut to its first `size` bytes (the length in
// the header counts those). RFC 8489 section 14.6.
crypto::Sha256Digest ComputeIntegritySha256(Bytes message, Bytes key,
                                            size_t size = kIntegritySha256Size);

// `message` is everything before the FINGERPRINT attribute, with the length field as it is sent
// (FINGERPRINT is last, so it is right as it stands). RFC 8489 section 14.7.
uint32_t ComputeFingerprint(Bytes message);

}  // namespace ocellus::stun
