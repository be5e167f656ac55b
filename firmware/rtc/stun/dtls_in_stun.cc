// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/stun/dtls_in_stun.h"

namespace ocellus::stun {
namespace {

// MESSAGE-INTEGRITY and FINGERPRINT, with their headers.
constexpr size_t kEndSize = kAttributeHeaderSize + 20 + kAttributeHeaderSize + 4;

bool AddIfItFits(AttributeType type, Bytes value, MessageWriter& writer) {
  const size_t padded = (value.size() + 3) / 4 * 4;
  if (writer.room() < kAttributeHeaderSize + padded + kEndSize) return false;
  writer.Add(type, value);
  return true;
}

}  // namespace

DtlsInStun DtlsInStun::Read(const Message& message) {
  return {message.Find(AttributeType::kDtlsInStun),
          message.Find(AttributeType::kDtlsInStunAcknowledgement)};
}

DtlsInStun DtlsInStun::Write(MessageWriter& writer) const {
  DtlsInStun written;
  if (acknowledgements &&
      AddIfItFits(AttributeType::kDtlsInStunAcknowledgement, *acknowledgements, writer)) {
    written.acknowledgements = acknowledgements;
  }
  if (datagram && AddIfItFits(AttributeType::kDtlsInStun, *datagram, writer)) {
    written.datagram = datagram;
  }
  return written;
}

}  // namespace ocellus::stun
