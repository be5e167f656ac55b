// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/stun/dtls_in_stun.h"

namespace ocellus::stun {
namespace {

// MESSAGE-INTEGRITY and FINGERPRINT, with their headers.
constexpr size_t kEndSize = kAttributeHeaderSize + 20 + kAttributeHeaderSize + 4;

// Returns its size in the message; 0 when it does not fit.
size_t AddIfItFits(AttributeType type, Bytes value, MessageWriter& writer) {
  const size_t size = kAttributeHeaderSize + (value.size() + 3) / 4 * 4;
  if (writer.room() < size + kEndSize) return 0;
  writer.Add(type, value);
  return size;
}

}  // namespace

DtlsInStun DtlsInStun::Read(const Message& message) {
  return {message.Find(AttributeType::kDtlsInStun),
          message.Find(AttributeType::kDtlsInStunAcknowledgement)};
}

size_t DtlsInStun::Write(MessageWriter& writer) const {
  size_t size = 0;
  if (acknowledgements) {
    size += AddIfItFits(AttributeType::kDtlsInStunAcknowledgement, *acknowledgements, writer);
  }
  if (datagram) size += AddIfItFits(AttributeType::kDtlsInStun, *datagram, writer);
  return size;
}

}  // namespace ocellus::stun
