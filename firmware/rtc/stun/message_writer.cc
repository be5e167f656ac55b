// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/stun/message_writer.h"

#include "firmware/rtc/stun/integrity.h"

namespace ocellus::stun {

MessageWriter::MessageWriter(MutableBytes out, const Header& header)
    : writer_(out), header_(header) {
  const unsigned message_class = static_cast<unsigned>(header.message_class);
  const unsigned method = static_cast<unsigned>(header.method);
  CHECK(method <= 0xFFF, "STUN method %u", method);
  writer_.WriteU16(static_cast<uint16_t>((method & 0xF80) << 2 | (method & 0x070) << 1 |
                                         (method & 0x00F) | (message_class & 2) << 7 |
                                         (message_class & 1) << 4));
  writer_.WriteU16(0);
  writer_.WriteU32(kMagicCookie);
  writer_.WriteBytes(header.transaction_id);
}

void MessageWriter::BeginAttribute(AttributeType type, size_t size) {
  CHECK(size <= 0xFFFF, "STUN attribute of %zu bytes", size);
  writer_.WriteU16(static_cast<uint16_t>(type));
  writer_.WriteU16(static_cast<uint16_t>(size));
}

void MessageWriter::Pad(size_t size) { writer_.WriteZeros((4 - size % 4) % 4); }

void MessageWriter::Add(AttributeType type, Bytes value) {
  BeginAttribute(type, value.size());
  writer_.WriteBytes(value);
  Pad(value.size());
}

void MessageWriter::AddInPlace(AttributeType type, size_t size) {
  BeginAttribute(type, size);
  writer_.Skip(size);
  Pad(size);
}

void MessageWriter::AddJoinedText(AttributeType type, std::string_view first, char joint,
                                  std::string_view second) {
  const size_t size = first.size() + 1 + second.size();
  BeginAttribute(type, size);
  writer_.WriteBytes(AsBytes(first));
  writer_.WriteU8(static_cast<uint8_t>(joint));
  writer_.WriteBytes(AsBytes(second));
  Pad(size);
}

void MessageWriter::AddU32(AttributeType type, uint32_t value) {
  BeginAttribute(type, 4);
  writer_.WriteU32(value);
}

void MessageWriter::AddU64(AttributeType type, uint64_t value) {
  BeginAttribute(type, 8);
  writer_.WriteU64(value);
}

void MessageWriter::AddXorAddress(AttributeType type, const SocketAddress& address) {
  uint8_t mask[16];
  ByteWriter mask_writer(mask);
  mask_writer.WriteU32(kMagicCookie);
  mask_writer.WriteBytes(header_.transaction_id);
  AddMaskedAddress(type, address, mask);
}

void MessageWriter::AddAddress(AttributeType type, const SocketAddress& address) {
  constexpr uint8_t kNoMask[16] = {};
  AddMaskedAddress(type, address, kNoMask);
}

void MessageWriter::AddMaskedAddress(AttributeType type, const SocketAddress& address, Bytes mask) {
  const Bytes ip = address.ip.bytes();
  BeginAttribute(type, 4 + ip.size());
  writer_.WriteU8(0);
  writer_.WriteU8(address.ip.is_v4() ? 1 : 2);
  writer_.WriteU8(static_cast<uint8_t>(address.port >> 8 ^ mask[0]));
  writer_.WriteU8(static_cast<uint8_t>((address.port & 0xFF) ^ mask[1]));
  for (size_t i = 0; i < ip.size(); ++i) {
    writer_.WriteU8(static_cast<uint8_t>(ip[i] ^ mask[i]));
  }
}

void MessageWriter::AddErrorCode(ErrorCode code) {
  const unsigned number = static_cast<unsigned>(code);
  BeginAttribute(AttributeType::kErrorCode, 4);
  writer_.WriteU16(0);
  writer_.WriteU8(static_cast<uint8_t>(number / 100));
  writer_.WriteU8(static_cast<uint8_t>(number % 100));
}

void MessageWriter::AddUnknownAttributes(Span<const AttributeType> types) {
  BeginAttribute(AttributeType::kUnknownAttributes, 2 * types.size());
  for (const AttributeType type : types) writer_.WriteU16(static_cast<uint16_t>(type));
  Pad(2 * types.size());
}

void MessageWriter::AddIntegrity(Bytes key) {
  if (!writer_.ok()) return;
  Add(AttributeType::kMessageIntegrity, ComputeIntegrity(writer_.written(), key));
}

void MessageWriter::AddIntegritySha256(Bytes key) {
  if (!writer_.ok()) return;
  Add(AttributeType::kMessageIntegritySha256, ComputeIntegritySha256(writer_.written(), key));
}

void MessageWriter::AddFingerprint() {
  if (!writer_.ok()) return;
  PatchLength(kAttributeHeaderSize + kFingerprintSize);
  AddU32(AttributeType::kFingerprint, ComputeFingerprint(writer_.written()));
}

void MessageWriter::PatchLength(size_t upcoming) {
  writer_.PatchU16(2, static_cast<uint16_t>(writer_.size() - kHeaderSize + upcoming));
}

std::optional<size_t> MessageWriter::Finish() {
  if (!writer_.ok()) return std::nullopt;
  PatchLength(0);
  return writer_.size();
}

}  // namespace ocellus::stun
