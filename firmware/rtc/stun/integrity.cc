// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/stun/integrity.h"

#include "firmware/rtc/stun/crc32.h"
#include "firmware/rtc/stun/message.h"

namespace ocellus::stun {

crypto::Sha1Digest ComputeIntegrity(Bytes message, Bytes key) {
  CHECK(message.size() >= kHeaderSize, "integrity of %zu bytes", message.size());
  const size_t length = message.size() - kHeaderSize + kAttributeHeaderSize + kIntegritySize;
  std::array<uint8_t, kHeaderSize> header;
  std::memcpy(header.data(), message.data(), header.size());
  header[2] = static_cast<uint8_t>(length >> 8);
  header[3] = static_cast<uint8_t>(length);
  return crypto::HmacSha1(key, header, message.subspan(kHeaderSize));
}

uint32_t ComputeFingerprint(Bytes message) {
  constexpr uint32_t kStunInAscii = 0x5354554E;
  return Crc32(message) ^ kStunInAscii;
}

}  // namespace ocellus::stun
