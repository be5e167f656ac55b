// SPDX-License-Identifier: Apache-2.0
// SRTP written down once more, straight from RFC 3711 and RFC 7714 with OpenSSL's ciphers and no
// state at all: what Session is compared with.
#pragma once

#include <cstdint>
#include <vector>

#include "firmware/base/bytes.h"
#include "firmware/rtc/srtp/profile.h"

namespace ocellus::srtp {

using ByteVector = std::vector<uint8_t>;

struct SessionKeys {
  ByteVector cipher_key;
  ByteVector salt;
  ByteVector auth_key;  // Empty with AES-GCM.
};

// RFC 3711 section 4.1.1: `size` bytes of the AES-CM key stream from `iv` (16 bytes) on.
ByteVector AesCounterStream(Bytes key, Bytes iv, size_t size);

// RFC 3711 section 4.3.1, with a key derivation rate of 0.
ByteVector DeriveKey(Bytes master_key, Bytes master_salt, uint8_t label, size_t size);
SessionKeys DeriveRtpKeys(Profile profile, const MasterKey& master);
SessionKeys DeriveRtcpKeys(Profile profile, const MasterKey& master);

// `packet` begins with a fixed RTP header of 12 bytes without anything more.
ByteVector ProtectRtp(Profile profile, const SessionKeys& keys, Bytes packet, uint32_t roc);
ByteVector ProtectRtcp(Profile profile, const SessionKeys& keys, Bytes packet, uint32_t index);

}  // namespace ocellus::srtp
