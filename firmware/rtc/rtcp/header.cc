// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtcp/header.h"

namespace ocellus::rtcp {

Result<RawPacket> ReadRawPacket(ByteReader& reader) {
  const uint8_t first = reader.ReadU8();
  RawPacket packet;
  packet.type = reader.ReadU8();
  packet.count = first & 0x1f;
  packet.body = reader.ReadBytes(size_t{reader.ReadU16()} * 4);
  if (!reader.ok()) return StatusCode::kTruncated;
  if (first >> 6 != 2) return StatusCode::kMalformed;
  if (first & 0x20) {
    // RFC 3550 asks for a multiple of four, but browsers pad transport feedback by 1 to 3 bytes.
    const size_t padding = packet.body.empty() ? 0 : packet.body[packet.body.size() - 1];
    if (padding == 0 || padding > packet.body.size()) return StatusCode::kMalformed;
    packet.body = packet.body.first(packet.body.size() - padding);
  }
  return packet;
}

PacketFrame::PacketFrame(ByteWriter& out, PacketType type, uint8_t count)
    : out_(out), begin_(out.size()) {
  CHECK(count < 32, "RTCP count %u", static_cast<unsigned>(count));
  out_.WriteU8(static_cast<uint8_t>(2 << 6 | count));
  out_.WriteU8(static_cast<uint8_t>(type));
  out_.WriteU16(0);
}

void PacketFrame::Finish() {
  if (!out_.ok()) return;
  const size_t size = out_.size() - begin_;
  CHECK(size % 4 == 0, "RTCP packet of %zu bytes", size);
  out_.PatchU16(begin_ + 2, static_cast<uint16_t>(size / 4 - 1));
}

}  // namespace ocellus::rtcp
