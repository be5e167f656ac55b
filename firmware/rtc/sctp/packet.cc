// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/packet.h"

#include <algorithm>

#include "firmware/rtc/sctp/crc32c.h"
#include "firmware/rtc/sctp/tlv.h"

namespace ocellus::sctp {
namespace {

constexpr size_t kChecksumOffset = 8;
constexpr size_t kChecksumSize = 4;

// RFC 9260 section 3.2: what to do about a chunk of a type that one does not know.
constexpr uint8_t kPassOverBit = 0x80;  // Else what follows is left alone.
constexpr uint8_t kReportBit = 0x40;

// Of the packet with zeros in place of its checksum.
uint32_t ChecksumOf(Bytes packet) {
  constexpr uint8_t kZeros[kChecksumSize] = {};
  uint32_t crc = Crc32c(packet.first(kChecksumOffset));
  crc = Crc32c(kZeros, crc);
  return Crc32c(packet.subspan(kChecksumOffset + kChecksumSize), crc);
}

// RFC 9260 appendix A: the register goes out with its lowest byte first.
uint32_t ReadChecksum(Bytes packet) {
  return uint32_t{packet[8]} | uint32_t{packet[9]} << 8 | uint32_t{packet[10]} << 16 |
         uint32_t{packet[11]} << 24;
}

Status CheckFraming(Bytes chunks) {
  if (chunks.empty()) return StatusCode::kTruncated;
  while (!chunks.empty()) {
    ByteReader reader(chunks);
    reader.Skip(2);
    const size_t length = reader.ReadU16();
    if (!reader.ok() || length > chunks.size()) return StatusCode::kTruncated;
    if (length < kChunkHeaderSize) return StatusCode::kMalformed;
    chunks = chunks.subspan(std::min(PaddedTo4(length), chunks.size()));
  }
  return StatusCode::kOk;
}

// Nothing when the value is malformed.
template <typename AnyChunk>
std::optional<Chunk> ToChunk(const Result<AnyChunk>& chunk) {
  if (!chunk.ok()) return std::nullopt;
  return *chunk;
}

bool IsKnown(uint8_t type) {
  switch (static_cast<ChunkType>(type)) {
    case ChunkType::kData:
    case ChunkType::kInit:
    case ChunkType::kInitAck:
    case ChunkType::kSack:
    case ChunkType::kHeartbeat:
    case ChunkType::kHeartbeatAck:
    case ChunkType::kAbort:
    case ChunkType::kShutdown:
    case ChunkType::kShutdownAck:
    case ChunkType::kError:
    case ChunkType::kCookieEcho:
    case ChunkType::kCookieAck:
    case ChunkType::kShutdownComplete:
    case ChunkType::kIData:
    case ChunkType::kReconfig:
    case ChunkType::kForwardTsn:
    case ChunkType::kIForwardTsn:
      return true;
  }
  return false;
}

// A chunk of a known type; nothing when its value is malformed.
std::optional<Chunk> ParseChunk(ChunkType type, uint8_t flags, Bytes value) {
  switch (type) {
    case ChunkType::kData:
      return ToChunk(DataChunk::ParseData(flags, value));
    case ChunkType::kIData:
      return ToChunk(DataChunk::ParseIData(flags, value));
    case ChunkType::kSack:
      return ToChunk(SackChunk::Parse(flags, value));
    case ChunkType::kForwardTsn:
      return ToChunk(ForwardTsnChunk::Parse(flags, value));
    case ChunkType::kIForwardTsn:
      return ToChunk(IForwardTsnChunk::Parse(flags, value));
    case ChunkType::kInit:
      return ToChunk(InitChunk::Parse(flags, value));
    case ChunkType::kInitAck:
      return ToChunk(InitAckChunk::Parse(flags, value));
    case ChunkType::kCookieEcho:
      return ToChunk(CookieEchoChunk::Parse(flags, value));
    case ChunkType::kCookieAck:
      return ToChunk(CookieAckChunk::Parse(flags, value));
    case ChunkType::kHeartbeat:
      return ToChunk(HeartbeatChunk::Parse(flags, value));
    case ChunkType::kHeartbeatAck:
      return ToChunk(HeartbeatAckChunk::Parse(flags, value));
    case ChunkType::kReconfig:
      return ToChunk(ReconfigChunk::Parse(flags, value));
    case ChunkType::kAbort:
      return ToChunk(AbortChunk::Parse(flags, value));
    case ChunkType::kError:
      return ToChunk(ErrorChunk::Parse(flags, value));
    case ChunkType::kShutdown:
      return ToChunk(ShutdownChunk::Parse(flags, value));
    case ChunkType::kShutdownAck:
      return ToChunk(ShutdownAckChunk::Parse(flags, value));
    case ChunkType::kShutdownComplete:
      return ToChunk(ShutdownCompleteChunk::Parse(flags, value));
  }
  return std::nullopt;
}

}  // namespace

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |     Source Port Number        |     Destination Port Number   |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                      Verification Tag                         |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                           Checksum                            |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |  Chunk Type   | Chunk  Flags  |        Chunk Length           |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  \                          Chunk Value                          /
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Result<PacketReader> PacketReader::Parse(Bytes packet, ZeroChecksum zero_checksum) {
  if (packet.size() < CommonHeader::kSize) return StatusCode::kTruncated;
  const Bytes chunks = packet.subspan(CommonHeader::kSize);
  RETURN_IF_ERROR(CheckFraming(chunks));
  const uint32_t checksum = ReadChecksum(packet);
  const bool unchecked = checksum == 0 && zero_checksum == ZeroChecksum::kAccepted;
  if (!unchecked && checksum != ChecksumOf(packet)) return StatusCode::kMalformed;

  ByteReader reader(packet);
  CommonHeader header;
  header.source_port = reader.ReadU16();
  header.destination_port = reader.ReadU16();
  header.tag = VerificationTag(reader.ReadU32());
  return PacketReader(header, chunks);
}

std::optional<Chunk> PacketReader::Next() {
  while (!rest_.empty()) {
    ByteReader reader(rest_);
    const uint8_t type = reader.ReadU8();
    const uint8_t flags = reader.ReadU8();
    const size_t length = reader.ReadU16();
    const Bytes whole = rest_.first(length);
    rest_ = rest_.subspan(std::min(PaddedTo4(length), rest_.size()));
    if (IsKnown(type)) {
      std::optional<Chunk> chunk =
          ParseChunk(static_cast<ChunkType>(type), flags, whole.subspan(kChunkHeaderSize));
      if (!chunk) {
        malformed_ = true;
        rest_ = {};
      }
      return chunk;
    }
    const bool pass_over = type & kPassOverBit;
    const bool report = type & kReportBit;
    if (!pass_over) rest_ = {};
    if (report || !pass_over) return UnknownChunk{type, report, whole};
  }
  return std::nullopt;
}

PacketWriter::PacketWriter(MutableBytes out, const CommonHeader& header) : out_(out) {
  ByteWriter writer(out_);
  writer.WriteU16(header.source_port);
  writer.WriteU16(header.destination_port);
  writer.WriteU32(header.tag.value());
  writer.WriteZeros(kChecksumSize);
  CHECK(writer.ok(), "a packet of %zu bytes has no room for its header", out_.size());
}

bool PacketWriter::Advance(ByteWriter& writer) {
  PadTo4(writer);
  if (!writer.ok()) return false;
  size_ += writer.size();
  return true;
}

size_t PacketWriter::Finish(Checksum checksum) {
  if (checksum == Checksum::kCrc32c) {
    const uint32_t crc = ChecksumOf(out_.first(size_));
    for (size_t i = 0; i < kChecksumSize; ++i) {
      out_[kChecksumOffset + i] = static_cast<uint8_t>(crc >> (8 * i));
    }
  }
  return size_;
}

}  // namespace ocellus::sctp
