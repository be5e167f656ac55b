// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/stun/integrity.h"

#include "firmware/rtc/stun/crc32.h"
#include "firmware/rtc/stun/message.h"

namespace ocellus::stun {

namespace {

// The header of `message`, with a length that counts an attribute of `value_size` bytes more.
std::array<uint8_t, kHeaderSize> HeaderWithAttribute(Bytes message, size_t value_size) {
  CHECK(message.size() >= kHeaderSize, "integrity of %zu bytes", message.size());
  const size_t length = message.size() - kHeaderSize + kAttributeHeaderSize + value_size;
  std::array<uint8_t, kHeaderSize> header;
  std::memcpy(header.data(), message.data(), header.size());
  header[2] = static_cast<uint8_t>(length >> 8);
  header[3] = static_cast<uint8_t>(length);
  return header;
}

}  // namespace

crypto::Sha1Digest ComputeIntegrity(Bytes message, Bytes key) {
  return crypto::HmacSha1(key, HeaderWithAttribute(message, kIntegritySize),
                          message.subspan(kHeaderSize));
}

crypto::Sha256Digest ComputeIntegritySha256(Bytes message, Bytes key, size_t size) {
  return crypto::HmacSha256(key, HeaderWithAttribute(message, size), message.subspan(kHeaderSize));
}

uint32_t ComputeFingerprint(Bytes message) {
  constexpr uint32_t kStunInAscii = 0x5354554E;
  return Crc32(message) ^ kStunInAscii;
}

}  // namespace ocellus::stun
