// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/turn/channel_data.h"

#include <cstring>

#include "firmware/base/byte_reader.h"
#include "firmware/base/byte_writer.h"

namespace ocellus::turn {

bool IsChannelData(Bytes message) {
  ByteReader reader(message);
  return IsChannel(reader.ReadU16()) && reader.ok();
}

std::optional<ChannelData> ParseChannelData(MutableBytes message) {
  ByteReader reader(message);
  const uint16_t channel = reader.ReadU16();
  const size_t length = reader.ReadU16();
  if (!reader.ok() || !IsChannel(channel)) return std::nullopt;
  const size_t padded = PaddedSize(kChannelDataHeaderSize + length);
  if (length > reader.remaining() || message.size() > padded) return std::nullopt;
  return ChannelData{channel, message.subspan(kChannelDataHeaderSize, length)};
}

std::optional<size_t> WrapInChannelData(uint16_t channel, TransportProtocol protocol,
                                        MutableBytes packet, size_t size) {
  const size_t whole = kChannelDataHeaderSize + size;
  const size_t sent = protocol == TransportProtocol::kUdp ? whole : PaddedSize(whole);
  if (size > 0xFFFF || sent > packet.size()) return std::nullopt;
  std::memmove(packet.data() + kChannelDataHeaderSize, packet.data(), size);
  ByteWriter writer(packet);
  writer.WriteU16(channel);
  writer.WriteU16(static_cast<uint16_t>(size));
  writer.Skip(size);
  writer.WriteZeros(sent - whole);
  return sent;
}

}  // namespace ocellus::turn
