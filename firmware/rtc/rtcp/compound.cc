// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtcp/compound.h"

namespace ocellus::rtcp {
namespace {

template <typename T>
Result<Packet> Wrap(Result<T> parsed) {
  if (!parsed.ok()) return parsed.status();
  return Packet(*parsed);
}

// Error kUnsupported: a type or format that we skip.
Result<Packet> ParsePacket(const RawPacket& raw) {
  switch (static_cast<PacketType>(raw.type)) {
    case PacketType::kSenderReport:
      return Wrap(SenderReport::Parse(raw.count, raw.body));
    case PacketType::kReceiverReport:
      return Wrap(ReceiverReport::Parse(raw.count, raw.body));
    case PacketType::kSourceDescription:
      return Wrap(SourceDescription::Parse(raw.count, raw.body));
    case PacketType::kBye:
      return Wrap(Bye::Parse(raw.count, raw.body));
    case PacketType::kTransportFeedback:
      if (raw.count == Nack::kFormat) return Wrap(Nack::Parse(raw.body));
      if (raw.count == TransportFeedback::kFormat) return Wrap(TransportFeedback::Parse(raw.body));
      break;
    case PacketType::kPayloadFeedback:
      if (raw.count == PictureLossIndication::kFormat) {
        return Wrap(PictureLossIndication::Parse(raw.body));
      }
      if (raw.count == FullIntraRequest::kFormat) return Wrap(FullIntraRequest::Parse(raw.body));
      if (raw.count == Remb::kFormat) return Wrap(Remb::Parse(raw.body));
      break;
  }
  return StatusCode::kUnsupported;
}

}  // namespace

Result<CompoundReader> CompoundReader::Parse(Bytes datagram) {
  // RFC 3550 appendix A.2: the lengths of the packets must add up to the datagram's.
  ByteReader reader(datagram);
  do {
    const Result<RawPacket> packet = ReadRawPacket(reader);
    if (!packet.ok()) return packet.status();
  } while (reader.remaining() > 0);
  return CompoundReader(datagram);
}

std::optional<Packet> CompoundReader::Next() {
  while (reader_.remaining() > 0) {
    const Result<RawPacket> raw = ReadRawPacket(reader_);
    CHECK(raw.ok(), "Parse has read %zu bytes more", reader_.remaining());
    const Result<Packet> packet = ParsePacket(*raw);
    if (packet.ok()) return *packet;
    if (packet.status().code() != StatusCode::kUnsupported) ++malformed_;
  }
  return std::nullopt;
}

}  // namespace ocellus::rtcp
