// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtp/packet.h"

#include "firmware/base/byte_reader.h"

namespace ocellus::rtp {
namespace {

constexpr uint8_t kPaddingId = 0;
constexpr uint8_t kReservedId = 15;  // RFC 8285 section 4.2: ends the processing.

struct Element {
  uint8_t id = kPaddingId;
  Bytes data;
};

// One-byte form: 4 bits of id, 4 bits of length minus one. A zero byte is padding.
Element ReadOneByteElement(ByteReader& reader) {
  const uint8_t header = reader.ReadU8();
  if (header >> 4 == kPaddingId) return {};
  return {static_cast<uint8_t>(header >> 4), reader.ReadBytes((header & 0xfu) + 1)};
}

// Two-byte form: a byte of id, a byte of length. An id of zero is padding, without a length.
Element ReadTwoByteElement(ByteReader& reader) {
  const uint8_t id = reader.ReadU8();
  if (id == kPaddingId) return {};
  return {id, reader.ReadBytes(reader.ReadU8())};
}

// Calls `visit(Element)` until it returns false. False when an element passes the end.
template <typename Visit>
bool ForEachElement(const HeaderExtensions& extensions, Visit&& visit) {
  const bool one_byte = extensions.profile == HeaderExtensions::kOneByteProfile;
  if (!one_byte && (extensions.profile & 0xfff0) != HeaderExtensions::kTwoByteProfile) return true;
  ByteReader reader(extensions.block);
  while (reader.remaining() > 0) {
    if (one_byte && extensions.block[reader.position()] >> 4 == kReservedId) return true;
    const Element element = one_byte ? ReadOneByteElement(reader) : ReadTwoByteElement(reader);
    if (!reader.ok()) return false;
    if (element.id != kPaddingId && !visit(element)) return true;
  }
  return true;
}

}  // namespace

std::optional<Bytes> HeaderExtensions::Find(ExtensionId id) const {
  std::optional<Bytes> found;
  ForEachElement(*this, [&](const Element& element) {
    if (element.id == id.value()) found = element.data;
    return !found;
  });
  return found;
}

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |V=2|P|X|  CC   |M|     PT      |       sequence number         |
//  |                           timestamp                           |
//  |           synchronization source (SSRC) identifier            |
//  |            contributing source (CSRC) identifiers, CC of them |
//  |      defined by profile       |   length in words             |  if X
//  |                        header extension                       |
Result<Packet> Packet::Parse(Bytes datagram) {
  ByteReader reader(datagram);
  const uint8_t first = reader.ReadU8();
  const uint8_t second = reader.ReadU8();
  Packet packet;
  packet.marker = (second & 0x80) != 0;
  packet.payload_type = PayloadType(second & 0x7f);
  packet.sequence_number = SequenceNumber(reader.ReadU16());
  packet.timestamp = RtpTimestamp(reader.ReadU32());
  packet.ssrc = Ssrc(reader.ReadU32());
  packet.csrcs = reader.ReadBytes((first & 0xfu) * 4);
  if (first & 0x10) {
    packet.extensions.profile = reader.ReadU16();
    packet.extensions.block = reader.ReadBytes(size_t{reader.ReadU16()} * 4);
  }
  packet.payload = reader.ReadRest();
  if (!reader.ok()) return StatusCode::kTruncated;
  if (first >> 6 != 2) return StatusCode::kMalformed;
  if (first & 0x20) {
    if (packet.payload.empty()) return StatusCode::kMalformed;
    packet.padding = packet.payload[packet.payload.size() - 1];
    if (packet.padding == 0 || packet.padding > packet.payload.size()) {
      return StatusCode::kMalformed;
    }
    packet.payload = packet.payload.first(packet.payload.size() - packet.padding);
  }
  if (!ForEachElement(packet.extensions, [](const Element&) { return true; })) {
    return StatusCode::kMalformed;
  }
  return packet;
}

void Packet::WriteHeader(ByteWriter& out) const {
  CHECK(csrcs.size() % 4 == 0 && csrcs.size() <= 60, "%zu bytes of CSRCs", csrcs.size());
  CHECK(extensions.block.size() % 4 == 0, "extension block of %zu bytes", extensions.block.size());
  const bool has_extensions = !extensions.block.empty();
  out.WriteU8(static_cast<uint8_t>(2 << 6 | (padding > 0 ? 1 << 5 : 0) |
                                   (has_extensions ? 1 << 4 : 0) | csrcs.size() / 4));
  out.WriteU8(static_cast<uint8_t>((marker ? 1 << 7 : 0) | payload_type.value()));
  out.WriteU16(sequence_number.value());
  out.WriteU32(timestamp.value());
  out.WriteU32(ssrc.value());
  out.WriteBytes(csrcs);
  if (!has_extensions) return;
  out.WriteU16(extensions.profile);
  out.WriteU16(static_cast<uint16_t>(extensions.block.size() / 4));
  out.WriteBytes(extensions.block);
}

void Packet::Write(ByteWriter& out) const {
  WriteHeader(out);
  out.WriteBytes(payload);
  if (padding == 0) return;
  out.WriteZeros(padding - 1u);
  out.WriteU8(padding);
}

bool ExtensionWriter::Add(ExtensionId id, Bytes data, size_t limit) {
  CHECK(id.value() >= 1 && id.value() < kReservedId, "extension id %u",
        static_cast<unsigned>(id.value()));
  CHECK(data.size() >= 1 && data.size() <= 16, "extension %u of %zu bytes",
        static_cast<unsigned>(id.value()), data.size());
  CHECK(limit <= kMaxBlockSize, "extension block of up to %zu bytes", limit);
  const size_t padded_size = (size_ + 1 + data.size() + 3) / 4 * 4;
  if (padded_size > limit) return false;
  block_[size_] = static_cast<uint8_t>(size_t{id.value()} << 4 | (data.size() - 1));
  std::memcpy(block_.data() + size_ + 1, data.data(), data.size());
  size_ += 1 + data.size();
  return true;
}

HeaderExtensions ExtensionWriter::extensions() const {
  const size_t padded_size = (size_ + 3) / 4 * 4;
  return {HeaderExtensions::kOneByteProfile, Bytes(block_).first(padded_size)};
}

}  // namespace ocellus::rtp
