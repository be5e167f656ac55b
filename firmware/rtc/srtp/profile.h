// SPDX-License-Identifier: Apache-2.0
// The SRTP protection profiles that we speak, and the keys for them: what a DTLS handshake hands to
// an SRTP session.
#pragma once

#include <array>
#include <cstdint>

#include "firmware/base/bytes.h"

namespace ocellus::srtp {

// The values are those of the use_srtp extension (RFC 5764 section 4.1.2, RFC 7714 section 14.2).
enum class Profile : uint16_t {
  kAes128CmHmacSha1_80 = 0x0001,
  kAeadAes128Gcm = 0x0007,
};

inline const char* ToString(Profile profile) {
  switch (profile) {
    case Profile::kAes128CmHmacSha1_80:
      return "AES_CM_128_HMAC_SHA1_80";
    case Profile::kAeadAes128Gcm:
      return "AEAD_AES_128_GCM";
  }
  return "unknown";
}

// Bytes. Both profiles have a 128-bit key; RFC 3711 section 8.2 gives the salt 112 bits and
// RFC 7714 section 12 gives it 96.
constexpr size_t kMasterKeySize = 16;
constexpr size_t kMaxMasterSaltSize = 14;
constexpr size_t MasterSaltSize(Profile profile) {
  return profile == Profile::kAeadAes128Gcm ? 12 : 14;
}

// The secret of one direction. Wiped when it goes.
struct MasterKey {
  std::array<uint8_t, kMasterKeySize> key{};
  std::array<uint8_t, kMaxMasterSaltSize> salt{};  // The first MasterSaltSize(profile) count.

  MasterKey() = default;
  MasterKey(const MasterKey&) = default;
  MasterKey& operator=(const MasterKey&) = default;
  ~MasterKey() {
    Wipe(key);
    Wipe(salt);
  }
};

}  // namespace ocellus::srtp
