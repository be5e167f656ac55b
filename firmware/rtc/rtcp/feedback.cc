// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtcp/feedback.h"

#include <limits>

namespace ocellus::rtcp {
namespace {

// What is left of a body as records.
template <typename Record>
Result<RecordList<Record>> ReadItems(ByteReader& reader) {
  const Bytes fci = reader.ReadRest();
  if (!reader.ok()) return StatusCode::kTruncated;
  if (fci.empty() || fci.size() % Record::kSize != 0) return StatusCode::kMalformed;
  return RecordList<Record>(fci);
}

constexpr uint32_t kRembIdentifier = 0x52454d42;  // "REMB"

// bitrate = mantissa * 2^exponent, with 18 bits of mantissa and 6 of exponent.
DataRate SaturatedBitrate(uint32_t mantissa, unsigned exponent) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  if (mantissa != 0 && (exponent >= 63 || mantissa > kMax >> exponent)) {
    return DataRate::FromBitsPerSecond(kMax);
  }
  return DataRate::FromBitsPerSecond(exponent >= 63 ? 0 : int64_t{mantissa} << exponent);
}

}  // namespace

NackItem NackItem::Read(ByteReader& reader) {
  NackItem item;
  item.first = SequenceNumber(reader.ReadU16());
  item.following = reader.ReadU16();
  return item;
}

void NackItem::Write(ByteWriter& out) const {
  out.WriteU16(first.value());
  out.WriteU16(following);
}

Result<Nack> Nack::Parse(Bytes body) {
  ByteReader reader(body);
  Nack nack;
  nack.sender = Ssrc(reader.ReadU32());
  nack.source = Ssrc(reader.ReadU32());
  const auto items = ReadItems<NackItem>(reader);
  if (!items.ok()) return items.status();
  nack.items = *items;
  return nack;
}

void Nack::Write(ByteWriter& out) const {
  PacketFrame frame(out, PacketType::kTransportFeedback, kFormat);
  out.WriteU32(sender.value());
  out.WriteU32(source.value());
  out.WriteBytes(items.bytes());
  frame.Finish();
}

Result<PictureLossIndication> PictureLossIndication::Parse(Bytes body) {
  ByteReader reader(body);
  PictureLossIndication pli;
  pli.sender = Ssrc(reader.ReadU32());
  pli.source = Ssrc(reader.ReadU32());
  if (!reader.ok()) return StatusCode::kTruncated;
  return pli;
}

void PictureLossIndication::Write(ByteWriter& out) const {
  PacketFrame frame(out, PacketType::kPayloadFeedback, kFormat);
  out.WriteU32(sender.value());
  out.WriteU32(source.value());
  frame.Finish();
}

FullIntraRequest::Entry FullIntraRequest::Entry::Read(ByteReader& reader) {
  Entry entry;
  entry.source = Ssrc(reader.ReadU32());
  entry.sequence_number = reader.ReadU8();
  reader.Skip(3);
  return entry;
}

void FullIntraRequest::Entry::Write(ByteWriter& out) const {
  out.WriteU32(source.value());
  out.WriteU8(sequence_number);
  out.WriteZeros(3);
}

Result<FullIntraRequest> FullIntraRequest::Parse(Bytes body) {
  ByteReader reader(body);
  FullIntraRequest fir;
  fir.sender = Ssrc(reader.ReadU32());
  reader.Skip(4);  // "SSRC of media source is not used and SHALL be set to 0."
  const auto entries = ReadItems<Entry>(reader);
  if (!entries.ok()) return entries.status();
  fir.entries = *entries;
  return fir;
}

void FullIntraRequest::Write(ByteWriter& out) const {
  PacketFrame frame(out, PacketType::kPayloadFeedback, kFormat);
  out.WriteU32(sender.value());
  out.WriteU32(0);
  out.WriteBytes(entries.bytes());
  frame.Finish();
}

//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |  Unique identifier 'R' 'E' 'M' 'B'                            |
//  |  Num SSRC     | BR Exp    |  BR Mantissa                      |
//  |   SSRC feedback                                               |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Result<Remb> Remb::Parse(Bytes body) {
  ByteReader reader(body);
  Remb remb;
  remb.sender = Ssrc(reader.ReadU32());
  reader.Skip(4);
  const uint32_t identifier = reader.ReadU32();
  const size_t count = reader.ReadU8();
  const uint32_t bitrate = reader.ReadU24();
  const Bytes sources = reader.ReadBytes(count * Source::kSize);
  if (!reader.ok()) return StatusCode::kTruncated;
  if (identifier != kRembIdentifier) return StatusCode::kUnsupported;
  remb.bitrate = SaturatedBitrate(bitrate & 0x3ffff, static_cast<unsigned>(bitrate >> 18));
  remb.sources = RecordList<Source>(sources);
  return remb;
}

}  // namespace ocellus::rtcp
