// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtcp/report.h"

namespace ocellus::rtcp {
namespace {

// RFC 3550 section 6.5: item types.
constexpr uint8_t kEndOfChunk = 0;
constexpr uint8_t kCname = 1;

struct Chunk {
  Ssrc ssrc;
  std::optional<std::string_view> cname;
};

// A chunk is an SSRC and items of type, length and text; a null byte ends it, and more of them
// fill its last word. Errors end in a failed reader.
Chunk ReadChunk(ByteReader& reader) {
  const size_t begin = reader.position();
  Chunk chunk;
  chunk.ssrc = Ssrc(reader.ReadU32());
  while (reader.ok()) {
    const uint8_t type = reader.ReadU8();
    if (type == kEndOfChunk) break;
    const Bytes text = reader.ReadBytes(reader.ReadU8());
    if (type == kCname) chunk.cname = AsText(text);
  }
  const size_t size = reader.position() - begin;
  reader.Skip((4 - size % 4) % 4);
  return chunk;
}

template <typename Record>
RecordList<Record> ReadList(ByteReader& reader, size_t count) {
  return RecordList<Record>(reader.ReadBytes(count * Record::kSize));
}

}  // namespace

ReportBlock ReportBlock::Read(ByteReader& reader) {
  ReportBlock block;
  block.source = Ssrc(reader.ReadU32());
  block.fraction_lost = reader.ReadU8();
  const auto lost = static_cast<int32_t>(reader.ReadU24());
  block.cumulative_lost = lost >= 1 << 23 ? lost - (1 << 24) : lost;
  block.highest_sequence = reader.ReadU32();
  block.jitter = reader.ReadU32();
  block.last_sender_report = reader.ReadU32();
  block.delay_since_last = reader.ReadU32();
  return block;
}

void ReportBlock::Write(ByteWriter& out) const {
  out.WriteU32(source.value());
  out.WriteU8(fraction_lost);
  out.WriteU24(static_cast<uint32_t>(cumulative_lost));
  out.WriteU32(highest_sequence);
  out.WriteU32(jitter);
  out.WriteU32(last_sender_report);
  out.WriteU32(delay_since_last);
}

Result<SenderReport> SenderReport::Parse(uint8_t count, Bytes body) {
  ByteReader reader(body);
  SenderReport report;
  report.sender = Ssrc(reader.ReadU32());
  report.ntp = NtpTime(reader.ReadU64());
  report.timestamp = RtpTimestamp(reader.ReadU32());
  report.packet_count = reader.ReadU32();
  report.octet_count = reader.ReadU32();
  report.blocks = ReadList<ReportBlock>(reader, count);
  if (!reader.ok()) return StatusCode::kTruncated;
  return report;
}

void SenderReport::Write(ByteWriter& out) const {
  PacketFrame frame(out, PacketType::kSenderReport, static_cast<uint8_t>(blocks.size()));
  out.WriteU32(sender.value());
  out.WriteU64(ntp.value());
  out.WriteU32(timestamp.value());
  out.WriteU32(packet_count);
  out.WriteU32(octet_count);
  out.WriteBytes(blocks.bytes());
  frame.Finish();
}

Result<ReceiverReport> ReceiverReport::Parse(uint8_t count, Bytes body) {
  ByteReader reader(body);
  ReceiverReport report;
  report.sender = Ssrc(reader.ReadU32());
  report.blocks = ReadList<ReportBlock>(reader, count);
  if (!reader.ok()) return StatusCode::kTruncated;
  return report;
}

void ReceiverReport::Write(ByteWriter& out) const {
  PacketFrame frame(out, PacketType::kReceiverReport, static_cast<uint8_t>(blocks.size()));
  out.WriteU32(sender.value());
  out.WriteBytes(blocks.bytes());
  frame.Finish();
}

Result<SourceDescription> SourceDescription::Parse(uint8_t count, Bytes body) {
  ByteReader reader(body);
  for (uint8_t i = 0; i < count; ++i) ReadChunk(reader);
  if (!reader.ok()) return StatusCode::kTruncated;
  return SourceDescription{count, body};
}

std::optional<std::string_view> SourceDescription::FindCname(Ssrc ssrc) const {
  ByteReader reader(chunks);
  for (uint8_t i = 0; i < chunk_count; ++i) {
    const Chunk chunk = ReadChunk(reader);
    if (chunk.ssrc == ssrc && chunk.cname) return chunk.cname;
  }
  return std::nullopt;
}

void SourceDescription::Write(Ssrc ssrc, std::string_view cname, ByteWriter& out) {
  CHECK(cname.size() <= 255, "CNAME of %zu bytes", cname.size());
  PacketFrame frame(out, PacketType::kSourceDescription, 1);
  out.WriteU32(ssrc.value());
  out.WriteU8(kCname);
  out.WriteU8(static_cast<uint8_t>(cname.size()));
  out.WriteBytes(AsBytes(cname));
  out.WriteZeros(4 - (2 + cname.size()) % 4);  // At least one: the end of the chunk.
  frame.Finish();
}

bool Bye::Names(Ssrc ssrc) const {
  for (size_t i = 0; i < sources.size(); ++i) {
    if (sources[i].ssrc == ssrc) return true;
  }
  return false;
}

Result<Bye> Bye::Parse(uint8_t count, Bytes body) {
  ByteReader reader(body);
  Bye bye{ReadList<Source>(reader, count)};
  if (!reader.ok()) return StatusCode::kTruncated;
  return bye;
}

void Bye::Write(ByteWriter& out) const {
  PacketFrame frame(out, PacketType::kBye, static_cast<uint8_t>(sources.size()));
  out.WriteBytes(sources.bytes());
  frame.Finish();
}

}  // namespace ocellus::rtcp
