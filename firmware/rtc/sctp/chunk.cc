// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/chunk.h"

#include "firmware/rtc/sctp/tlv.h"

namespace ocellus::sctp {
namespace {

// Flags of DATA and I-DATA.
constexpr uint8_t kImmediateFlag = 8;
constexpr uint8_t kUnorderedFlag = 4;
constexpr uint8_t kBeginningFlag = 2;
constexpr uint8_t kEndFlag = 1;

// T bit of ABORT and SHUTDOWN COMPLETE.
constexpr uint8_t kTagReflectedFlag = 1;

// RFC 9260 section 3.3.5: the only parameter of HEARTBEAT and HEARTBEAT ACK.
constexpr uint16_t kHeartbeatInfo = 1;

// I-FORWARD-TSN: the skipped message is an unordered one.
constexpr uint16_t kSkippedUnorderedFlag = 1;

// Nothing but the header.
void WriteEmpty(ByteWriter& out, ChunkType type, uint8_t flags = 0) {
  const TlvFrame frame(out, type, flags);
}

DataChunk WithFlags(uint8_t flags) {
  DataChunk data;
  data.immediate = flags & kImmediateFlag;
  data.unordered = flags & kUnorderedFlag;
  data.beginning = flags & kBeginningFlag;
  data.end = flags & kEndFlag;
  return data;
}

uint8_t FlagsOf(const DataChunk& data) {
  return static_cast<uint8_t>((data.immediate ? kImmediateFlag : 0) |
                              (data.unordered ? kUnorderedFlag : 0) |
                              (data.beginning ? kBeginningFlag : 0) | (data.end ? kEndFlag : 0));
}

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |   Type = 4|5  |   0           |            Length             |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |   Heartbeat Info Type = 1     |         Info Length           |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  \                      Heartbeat information                    /
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Result<Bytes> ParseHeartbeatInfo(Bytes value) {
  TlvReader parameters(value);
  const std::optional<Tlv> info = parameters.Next();
  if (!info || info->type != kHeartbeatInfo) return StatusCode::kMalformed;
  return info->value;
}

void WriteHeartbeat(ByteWriter& out, ChunkType type, Bytes info) {
  const TlvFrame frame(out, type, 0);
  WriteTlv(out, kHeartbeatInfo, info);
}

// Error causes have the form of parameters (RFC 9260 section 3.3.10). Nothing for none at all.
Result<std::optional<ErrorCause>> ParseFirstCause(Bytes value) {
  if (value.empty()) return std::optional<ErrorCause>();
  const std::optional<Tlv> cause = TlvReader(value).Next();
  if (!cause) return StatusCode::kMalformed;
  return std::optional<ErrorCause>({static_cast<CauseCode>(cause->type), cause->value});
}

void WriteCause(ByteWriter& out, const ErrorCause& cause) {
  WriteTlv(out, static_cast<uint16_t>(cause.code), cause.info);
}

// What is left of the chunk, in whole records.
template <typename Record>
Result<RecordList<Record>> ReadRecords(ByteReader& reader) {
  if (!reader.ok()) return StatusCode::kTruncated;
  const Bytes rest = reader.ReadRest();
  if (rest.size() % Record::kSize != 0) return StatusCode::kMalformed;
  return RecordList<Record>(rest);
}

}  // namespace

const char* ToString(CauseCode code) {
  switch (code) {
    case CauseCode::kInvalidStreamIdentifier:
      return "invalid stream identifier";
    case CauseCode::kMissingMandatoryParameter:
      return "missing mandatory parameter";
    case CauseCode::kStaleCookie:
      return "stale cookie";
    case CauseCode::kOutOfResource:
      return "out of resource";
    case CauseCode::kUnresolvableAddress:
      return "unresolvable address";
    case CauseCode::kUnrecognizedChunkType:
      return "unrecognized chunk type";
    case CauseCode::kInvalidMandatoryParameter:
      return "invalid mandatory parameter";
    case CauseCode::kUnrecognizedParameters:
      return "unrecognized parameters";
    case CauseCode::kNoUserData:
      return "no user data";
    case CauseCode::kCookieReceivedWhileShuttingDown:
      return "cookie received while shutting down";
    case CauseCode::kRestartWithNewAddresses:
      return "restart with new addresses";
    case CauseCode::kUserInitiatedAbort:
      return "user-initiated abort";
    case CauseCode::kProtocolViolation:
      return "protocol violation";
  }
  return "unknown cause";
}

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |   Type = 0    |  Res  |I|U|B|E|            Length             |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                              TSN                              |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |      Stream Identifier        |   Stream Sequence Number      |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                  Payload Protocol Identifier                  |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  \                           User Data                           /
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Result<DataChunk> DataChunk::ParseData(uint8_t flags, Bytes value) {
  DataChunk data = WithFlags(flags);
  ByteReader reader(value);
  data.tsn = Tsn(reader.ReadU32());
  data.stream = StreamId(reader.ReadU16());
  data.sequence = StreamSequence(reader.ReadU16());
  data.ppid = Ppid(reader.ReadU32());
  if (!reader.ok()) return StatusCode::kTruncated;
  data.payload = reader.ReadRest();
  return data;
}

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |   Type = 64   |  Res  |I|U|B|E|            Length             |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                              TSN                              |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |      Stream Identifier        |           Reserved            |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                      Message Identifier                       |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |  B set: Payload Protocol Identifier; else: Fragment Sequence  |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  \                           User Data                           /
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Result<DataChunk> DataChunk::ParseIData(uint8_t flags, Bytes value) {
  DataChunk data = WithFlags(flags);
  data.interleaved = true;
  ByteReader reader(value);
  data.tsn = Tsn(reader.ReadU32());
  data.stream = StreamId(reader.ReadU16());
  reader.Skip(2);
  data.message_id = MessageId(reader.ReadU32());
  if (data.beginning) {
    data.ppid = Ppid(reader.ReadU32());
  } else {
    data.fragment = reader.ReadU32();
  }
  if (!reader.ok()) return StatusCode::kTruncated;
  data.payload = reader.ReadRest();
  return data;
}

void DataChunk::Write(ByteWriter& out) const {
  const TlvFrame frame(out, interleaved ? ChunkType::kIData : ChunkType::kData, FlagsOf(*this));
  out.WriteU32(tsn.value());
  out.WriteU16(stream.value());
  if (interleaved) {
    out.WriteU16(0);
    out.WriteU32(message_id.value());
    out.WriteU32(beginning ? ppid.value() : fragment);
  } else {
    out.WriteU16(sequence.value());
    out.WriteU32(ppid.value());
  }
  out.WriteBytes(payload);
}

GapBlock GapBlock::Read(ByteReader& reader) {
  GapBlock block;
  block.first = reader.ReadU16();
  block.last = reader.ReadU16();
  return block;
}

void GapBlock::Write(ByteWriter& out) const {
  out.WriteU16(first);
  out.WriteU16(last);
}

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |   Type = 3    |   0           |            Length             |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                      Cumulative TSN Ack                       |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |          Advertised Receiver Window Credit (a_rwnd)           |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  | Number of Gap Ack Blocks = N  |  Number of Duplicate TSNs = M |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |       Gap Ack Block #1 Start  |        Gap Ack Block #1 End   |
//  \                              ...                              /
//  |                        Duplicate TSN 1                        |
//  \                              ...                              /
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Result<SackChunk> SackChunk::Parse(uint8_t, Bytes value) {
  ByteReader reader(value);
  SackChunk sack;
  sack.cumulative_tsn = Tsn(reader.ReadU32());
  sack.window = reader.ReadU32();
  const size_t gap_count = reader.ReadU16();
  const size_t duplicate_count = reader.ReadU16();
  sack.gaps = RecordList<GapBlock>(reader.ReadBytes(gap_count * GapBlock::kSize));
  sack.duplicates =
      RecordList<DuplicateTsn>(reader.ReadBytes(duplicate_count * DuplicateTsn::kSize));
  if (!reader.ok()) return StatusCode::kTruncated;
  if (reader.remaining() > 0) return StatusCode::kMalformed;
  return sack;
}

void SackChunk::Write(ByteWriter& out) const {
  const TlvFrame frame(out, ChunkType::kSack, 0);
  out.WriteU32(cumulative_tsn.value());
  out.WriteU32(window);
  out.WriteU16(static_cast<uint16_t>(gaps.size()));
  out.WriteU16(static_cast<uint16_t>(duplicates.size()));
  out.WriteBytes(gaps.bytes());
  out.WriteBytes(duplicates.bytes());
}

Result<HeartbeatChunk> HeartbeatChunk::Parse(uint8_t, Bytes value) {
  const Result<Bytes> info = ParseHeartbeatInfo(value);
  if (!info.ok()) return info.status();
  return HeartbeatChunk{*info};
}

void HeartbeatChunk::Write(ByteWriter& out) const {
  WriteHeartbeat(out, ChunkType::kHeartbeat, info);
}

Result<HeartbeatAckChunk> HeartbeatAckChunk::Parse(uint8_t, Bytes value) {
  const Result<Bytes> info = ParseHeartbeatInfo(value);
  if (!info.ok()) return info.status();
  return HeartbeatAckChunk{*info};
}

void HeartbeatAckChunk::Write(ByteWriter& out) const {
  WriteHeartbeat(out, ChunkType::kHeartbeatAck, info);
}

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |   Type = 6    |   0         |T|            Length             |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  \                   zero or more Error Causes                   /
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Result<AbortChunk> AbortChunk::Parse(uint8_t flags, Bytes value) {
  const Result<std::optional<ErrorCause>> cause = ParseFirstCause(value);
  // The peer is gone, however badly it says why.
  return AbortChunk{(flags & kTagReflectedFlag) != 0, cause.ok() ? *cause : std::nullopt};
}

void AbortChunk::Write(ByteWriter& out) const {
  const TlvFrame frame(out, ChunkType::kAbort, tag_reflected ? kTagReflectedFlag : 0);
  if (cause) WriteCause(out, *cause);
}

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |   Type = 9    |   0           |            Length             |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  \                   one or more Error Causes                    /
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Result<ErrorChunk> ErrorChunk::Parse(uint8_t, Bytes value) {
  const Result<std::optional<ErrorCause>> cause = ParseFirstCause(value);
  if (!cause.ok()) return cause.status();
  if (!*cause) return StatusCode::kTruncated;
  return ErrorChunk{**cause};
}

void ErrorChunk::Write(ByteWriter& out) const {
  const TlvFrame frame(out, ChunkType::kError, 0);
  WriteCause(out, cause);
}

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |   Type = 7    |   0           |          Length = 8           |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                      Cumulative TSN Ack                       |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Result<ShutdownChunk> ShutdownChunk::Parse(uint8_t, Bytes value) {
  ByteReader reader(value);
  const ShutdownChunk shutdown{Tsn(reader.ReadU32())};
  if (!reader.ok()) return StatusCode::kTruncated;
  return shutdown;
}

void ShutdownChunk::Write(ByteWriter& out) const {
  const TlvFrame frame(out, ChunkType::kShutdown, 0);
  out.WriteU32(cumulative_tsn.value());
}

Result<ShutdownAckChunk> ShutdownAckChunk::Parse(uint8_t, Bytes) { return ShutdownAckChunk(); }

void ShutdownAckChunk::Write(ByteWriter& out) const { WriteEmpty(out, ChunkType::kShutdownAck); }

Result<ShutdownCompleteChunk> ShutdownCompleteChunk::Parse(uint8_t flags, Bytes) {
  return ShutdownCompleteChunk{(flags & kTagReflectedFlag) != 0};
}

void ShutdownCompleteChunk::Write(ByteWriter& out) const {
  WriteEmpty(out, ChunkType::kShutdownComplete, tag_reflected ? kTagReflectedFlag : 0);
}

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |   Type = 10   |   0           |            Length             |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  \                            Cookie                             /
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Result<CookieEchoChunk> CookieEchoChunk::Parse(uint8_t, Bytes value) {
  return CookieEchoChunk{value};
}

void CookieEchoChunk::Write(ByteWriter& out) const {
  const TlvFrame frame(out, ChunkType::kCookieEcho, 0);
  out.WriteBytes(cookie);
}

Result<CookieAckChunk> CookieAckChunk::Parse(uint8_t, Bytes) { return CookieAckChunk(); }

void CookieAckChunk::Write(ByteWriter& out) const { WriteEmpty(out, ChunkType::kCookieAck); }

SkippedSequence SkippedSequence::Read(ByteReader& reader) {
  SkippedSequence skipped;
  skipped.stream = StreamId(reader.ReadU16());
  skipped.sequence = StreamSequence(reader.ReadU16());
  return skipped;
}

void SkippedSequence::Write(ByteWriter& out) const {
  out.WriteU16(stream.value());
  out.WriteU16(sequence.value());
}

SkippedMessage SkippedMessage::Read(ByteReader& reader) {
  SkippedMessage skipped;
  skipped.stream = StreamId(reader.ReadU16());
  skipped.unordered = reader.ReadU16() & kSkippedUnorderedFlag;
  skipped.message_id = MessageId(reader.ReadU32());
  return skipped;
}

void SkippedMessage::Write(ByteWriter& out) const {
  out.WriteU16(stream.value());
  out.WriteU16(unordered ? kSkippedUnorderedFlag : 0);
  out.WriteU32(message_id.value());
}

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |   Type = 192  |   0           |            Length             |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                      New Cumulative TSN                       |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |         Stream 1              |       Stream Sequence 1       |
//  \                              ...                              /
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Result<ForwardTsnChunk> ForwardTsnChunk::Parse(uint8_t, Bytes value) {
  ByteReader reader(value);
  const Tsn new_cumulative_tsn(reader.ReadU32());
  const auto skipped = ReadRecords<SkippedSequence>(reader);
  if (!skipped.ok()) return skipped.status();
  return ForwardTsnChunk{new_cumulative_tsn, *skipped};
}

void ForwardTsnChunk::Write(ByteWriter& out) const {
  const TlvFrame frame(out, ChunkType::kForwardTsn, 0);
  out.WriteU32(new_cumulative_tsn.value());
  out.WriteBytes(skipped.bytes());
}

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |   Type = 194  |   0           |            Length             |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                      New Cumulative TSN                       |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |       Stream Identifier       |          Reserved           |U|
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                      Message Identifier                       |
//  \                              ...                              /
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Result<IForwardTsnChunk> IForwardTsnChunk::Parse(uint8_t, Bytes value) {
  ByteReader reader(value);
  const Tsn new_cumulative_tsn(reader.ReadU32());
  const auto skipped = ReadRecords<SkippedMessage>(reader);
  if (!skipped.ok()) return skipped.status();
  return IForwardTsnChunk{new_cumulative_tsn, *skipped};
}

void IForwardTsnChunk::Write(ByteWriter& out) const {
  const TlvFrame frame(out, ChunkType::kIForwardTsn, 0);
  out.WriteU32(new_cumulative_tsn.value());
  out.WriteBytes(skipped.bytes());
}

}  // namespace ocellus::sctp
