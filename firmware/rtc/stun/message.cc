// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/stun/message.h"

#include <algorithm>

#include "firmware/base/byte_reader.h"
#include "firmware/rtc/stun/integrity.h"

namespace ocellus::stun {
namespace {

size_t Padded(size_t size) { return (size + 3) & ~size_t{3}; }

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |0 0 0 0 0 0 0 0|    Family     |           Port                |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                 Address (32 or 128 bits)                     ...
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// In the attributes whose names begin with XOR, port and address are each exclusive-ored with
// `mask`: the cookie and the transaction id, which stand at offset 4 of the message. RFC 8489
// sections 14.1 and 14.2.
std::optional<SocketAddress> ReadSocketAddress(Bytes value, Bytes mask) {
  ByteReader reader(value);
  reader.Skip(1);
  const uint8_t family = reader.ReadU8();
  const unsigned port = reader.ReadU16() ^ (unsigned{mask[0]} << 8 | mask[1]);
  const Bytes masked = reader.ReadRest();
  if (!reader.ok() || !(family == 1 ? masked.size() == 4 : family == 2 && masked.size() == 16)) {
    return std::nullopt;
  }
  std::array<uint8_t, 16> address;
  for (size_t i = 0; i < masked.size(); ++i) {
    address[i] = static_cast<uint8_t>(masked[i] ^ mask[i]);
  }
  const auto ip = IpAddress::FromBytes(Bytes(address.data(), masked.size()));
  if (!ip) return std::nullopt;
  return SocketAddress{*ip, static_cast<uint16_t>(port)};
}

}  // namespace

const char* ToString(ErrorCode code) {
  switch (code) {
    case ErrorCode::kTryAlternate:
      return "Try Alternate";
    case ErrorCode::kBadRequest:
      return "Bad Request";
    case ErrorCode::kUnauthenticated:
      return "Unauthenticated";
    case ErrorCode::kForbidden:
      return "Forbidden";
    case ErrorCode::kUnknownAttribute:
      return "Unknown Attribute";
    case ErrorCode::kAllocationMismatch:
      return "Allocation Mismatch";
    case ErrorCode::kStaleNonce:
      return "Stale Nonce";
    case ErrorCode::kAddressFamilyNotSupported:
      return "Address Family not Supported";
    case ErrorCode::kWrongCredentials:
      return "Wrong Credentials";
    case ErrorCode::kUnsupportedTransportProtocol:
      return "Unsupported Transport Protocol";
    case ErrorCode::kPeerAddressFamilyMismatch:
      return "Peer Address Family Mismatch";
    case ErrorCode::kAllocationQuotaReached:
      return "Allocation Quota Reached";
    case ErrorCode::kRoleConflict:
      return "Role Conflict";
    case ErrorCode::kServerError:
      return "Server Error";
    case ErrorCode::kInsufficientCapacity:
      return "Insufficient Capacity";
  }
  return "";
}

bool Message::LooksLikeStun(Bytes datagram) {
  ByteReader reader(datagram);
  const uint16_t type = reader.ReadU16();
  reader.Skip(2);
  return reader.ReadU32() == kMagicCookie && (type & 0xC000) == 0;
}

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |0 0|M M M M M|C|M M M|C|M M M M|         Message Length        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                         Magic Cookie                          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                     Transaction ID (96 bits)                  |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Result<Message> Message::Parse(Bytes datagram) {
  if (datagram.size() < kHeaderSize) return StatusCode::kTruncated;
  if (!LooksLikeStun(datagram)) return StatusCode::kMalformed;
  ByteReader reader(datagram);
  const unsigned type = reader.ReadU16();
  const size_t length = reader.ReadU16();
  if (length % 4 != 0) return StatusCode::kMalformed;
  if (length > datagram.size() - kHeaderSize) return StatusCode::kTruncated;
  if (length < datagram.size() - kHeaderSize) return StatusCode::kMalformed;

  Message message(datagram);
  message.class_ = static_cast<MessageClass>((type >> 7 & 2) | (type >> 4 & 1));
  message.method_ = static_cast<Method>((type >> 2 & 0xF80) | (type >> 1 & 0x070) | (type & 0x00F));
  const Status status = message.ParseAttributes();
  if (!status.ok()) return status;
  return message;
}

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |         Type                  |            Length             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                         Value, padded to 32 bits             ...
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Status Message::ParseAttributes() {
  ByteReader reader(datagram_);
  reader.Skip(kHeaderSize);
  size_t protected_end = datagram_.size();
  while (reader.remaining() > 0) {
    const size_t offset = reader.position();
    const auto type = static_cast<AttributeType>(reader.ReadU16());
    const size_t size = reader.ReadU16();
    reader.Skip(Padded(size));
    if (!reader.ok()) return StatusCode::kTruncated;
    if (fingerprint_offset_ != 0) return StatusCode::kMalformed;
    if (type == AttributeType::kFingerprint) {
      if (size != kFingerprintSize) return StatusCode::kMalformed;
      fingerprint_offset_ = offset;
      protected_end = std::min(protected_end, offset);
    } else if (integrity_sha256_offset_ != 0) {
      continue;  // Not protected.
    } else if (type == AttributeType::kMessageIntegritySha256) {
      if (size < kMinIntegritySha256Size || size > kIntegritySha256Size || size % 4 != 0) {
        return StatusCode::kMalformed;
      }
      integrity_sha256_offset_ = offset;
      protected_end = std::min(protected_end, offset);
    } else if (type == AttributeType::kMessageIntegrity && integrity_offset_ == 0) {
      if (size != kIntegritySize) return StatusCode::kMalformed;
      integrity_offset_ = offset;
      protected_end = offset;
    }
  }
  attributes_ = datagram_.subspan(kHeaderSize, protected_end - kHeaderSize);
  return StatusCode::kOk;
}

TransactionId Message::transaction_id() const {
  TransactionId id;
  std::memcpy(id.data(), datagram_.data() + 8, id.size());
  return id;
}

Attribute Message::Iterator::operator*() const {
  ByteReader reader(rest_);
  const auto type = static_cast<AttributeType>(reader.ReadU16());
  const size_t size = reader.ReadU16();
  return {type, reader.ReadBytes(size)};
}

Message::Iterator& Message::Iterator::operator++() {
  rest_ = rest_.subspan(kAttributeHeaderSize + Padded((**this).value.size()));
  return *this;
}

std::optional<Bytes> Message::Find(AttributeType type) const {
  for (const Attribute attribute : *this) {
    if (attribute.type == type) return attribute.value;
  }
  return std::nullopt;
}

std::optional<uint32_t> Message::FindU32(AttributeType type) const {
  const auto value = Find(type);
  if (!value || value->size() != 4) return std::nullopt;
  return ByteReader(*value).ReadU32();
}

std::optional<uint64_t> Message::FindU64(AttributeType type) const {
  const auto value = Find(type);
  if (!value || value->size() != 8) return std::nullopt;
  return ByteReader(*value).ReadU64();
}

std::optional<SocketAddress> Message::ReadXorAddress(Bytes value) const {
  return ReadSocketAddress(value, datagram_.subspan(4, 16));
}

std::optional<SocketAddress> Message::FindXorAddress(AttributeType type) const {
  const auto value = Find(type);
  if (!value) return std::nullopt;
  return ReadXorAddress(*value);
}

std::optional<SocketAddress> Message::FindAddress(AttributeType type) const {
  constexpr uint8_t kNoMask[16] = {};
  const auto value = Find(type);
  if (!value) return std::nullopt;
  return ReadSocketAddress(*value, kNoMask);
}

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |           Reserved, should be 0         |Class|     Number    |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |      Reason Phrase (variable)                                ...
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
std::optional<ErrorCode> Message::FindErrorCode() const {
  const auto value = Find(AttributeType::kErrorCode);
  if (!value) return std::nullopt;
  ByteReader reader(*value);
  reader.Skip(2);
  const unsigned hundreds = reader.ReadU8() & 7u;
  const unsigned number = reader.ReadU8();
  if (!reader.ok() || hundreds < 3 || hundreds > 6 || number > 99) return std::nullopt;
  return static_cast<ErrorCode>(hundreds * 100 + number);
}

bool Message::FingerprintMatches() const {
  if (!has_fingerprint()) return false;
  ByteReader reader(datagram_.subspan(fingerprint_offset_ + kAttributeHeaderSize));
  return reader.ReadU32() == ComputeFingerprint(datagram_.first(fingerprint_offset_));
}

bool Message::IntegrityMatches(Bytes key) const {
  if (!has_integrity()) return false;
  const Bytes tag = datagram_.subspan(integrity_offset_ + kAttributeHeaderSize, kIntegritySize);
  return ConstantTimeEqual(tag, ComputeIntegrity(datagram_.first(integrity_offset_), key));
}

bool Message::IntegritySha256Matches(Bytes key) const {
  if (!has_integrity_sha256()) return false;
  ByteReader reader(datagram_.subspan(integrity_sha256_offset_));
  reader.Skip(2);
  const size_t size = reader.ReadU16();
  const Bytes tag = reader.ReadBytes(size);
  const crypto::Sha256Digest whole =
      ComputeIntegritySha256(datagram_.first(integrity_sha256_offset_), key, size);
  return ConstantTimeEqual(tag, Bytes(whole).first(size));
}

}  // namespace ocellus::stun
