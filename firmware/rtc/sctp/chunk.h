// SPDX-License-Identifier: Apache-2.0
// The chunks of SCTP that WebRTC uses, a struct each: RFC 9260 section 3.3, RFC 3758 (FORWARD-TSN),
// RFC 8260 (I-DATA, I-FORWARD-TSN); RE-CONFIG is in reconfig_chunk.h and INIT in init_chunk.h.
// Whole packets are in packet.h.
//
// Parse() takes the chunk's value (what is behind the chunk header, without padding) and its flags;
// what it returns borrows those bytes. Errors of all of them: kTruncated (fields are missing),
// kMalformed (lengths inside that lie). Write() writes the whole chunk with its header, without
// padding; the writer fails where it does not fit. Allocates nothing. Any thread.
#pragma once

#include <optional>

#include "firmware/base/status.h"
#include "firmware/rtc/sctp/record_list.h"
#include "firmware/rtc/sctp/types.h"

namespace ocellus::sctp {

// RFC 9260 section 3.2 and IANA "SCTP Chunk Types".
enum class ChunkType : uint8_t {
  kData = 0,
  kInit = 1,
  kInitAck = 2,
  kSack = 3,
  kHeartbeat = 4,
  kHeartbeatAck = 5,
  kAbort = 6,
  kShutdown = 7,
  kShutdownAck = 8,
  kError = 9,
  kCookieEcho = 10,
  kCookieAck = 11,
  kShutdownComplete = 14,
  kIData = 64,
  kReconfig = 130,
  kForwardTsn = 192,
  kIForwardTsn = 194,
};

constexpr size_t kChunkHeaderSize = 4;

// Chunks begin at multiples of four; their length field does not count the zeros between.
constexpr size_t PaddedTo4(size_t size) { return (size + 3) & ~size_t{3}; }

// One fragment of a message: DATA, or I-DATA once both sides have agreed on interleaving.
struct DataChunk {
  // Bytes before the payload, chunk header included.
  static constexpr size_t kDataHeaderSize = 16;
  static constexpr size_t kIDataHeaderSize = 20;

  bool interleaved = false;  // I-DATA.
  bool immediate = false;    // I bit: the receiver is to acknowledge without delay (RFC 7053).
  bool unordered = false;
  bool beginning = false;
  bool end = false;
  Tsn tsn;
  StreamId stream;
  StreamSequence sequence;  // DATA only; meaningless when unordered.
  MessageId message_id;     // I-DATA only.
  uint32_t fragment = 0;    // I-DATA only: the fragment's number within its message, from 0.
  Ppid ppid;                // In every fragment of DATA, in the first one of I-DATA.
  Bytes payload;            // Never empty from a peer that keeps to RFC 9260 section 3.3.1.

  static Result<DataChunk> ParseData(uint8_t flags, Bytes value);
  static Result<DataChunk> ParseIData(uint8_t flags, Bytes value);
  void Write(ByteWriter& out) const;
};

// TSNs that came beyond a gap: cumulative_tsn + first to cumulative_tsn + last, both included.
struct GapBlock {
  static constexpr size_t kSize = 4;

  uint16_t first = 0;
  uint16_t last = 0;

  static GapBlock Read(ByteReader& reader);
  void Write(ByteWriter& out) const;
};

// A TSN that came more than once.
struct DuplicateTsn {
  static constexpr size_t kSize = 4;

  Tsn tsn;

  static DuplicateTsn Read(ByteReader& reader) { return {Tsn(reader.ReadU32())}; }
  void Write(ByteWriter& out) const { out.WriteU32(tsn.value()); }
};

struct SackChunk {
  static constexpr size_t kFixedSize = 16;  // Chunk header included.

  Tsn cumulative_tsn;   // This one and all before it have come.
  uint32_t window = 0;  // a_rwnd, in bytes.
  // As the peer wrote them: blocks may be empty, overlap, go backwards or beyond what was sent.
  RecordList<GapBlock> gaps;
  RecordList<DuplicateTsn> duplicates;

  static Result<SackChunk> Parse(uint8_t flags, Bytes value);
  void Write(ByteWriter& out) const;
};

// `info` comes back as it is in the HEARTBEAT ACK.
struct HeartbeatChunk {
  Bytes info;

  static Result<HeartbeatChunk> Parse(uint8_t flags, Bytes value);
  void Write(ByteWriter& out) const;
};

struct HeartbeatAckChunk {
  Bytes info;

  static Result<HeartbeatAckChunk> Parse(uint8_t flags, Bytes value);
  void Write(ByteWriter& out) const;
};

// RFC 9260 section 3.3.10.
enum class CauseCode : uint16_t {
  kInvalidStreamIdentifier = 1,
  kMissingMandatoryParameter = 2,
  kStaleCookie = 3,
  kOutOfResource = 4,
  kUnresolvableAddress = 5,
  kUnrecognizedChunkType = 6,
  kInvalidMandatoryParameter = 7,
  kUnrecognizedParameters = 8,
  kNoUserData = 9,
  kCookieReceivedWhileShuttingDown = 10,
  kRestartWithNewAddresses = 11,
  kUserInitiatedAbort = 12,
  kProtocolViolation = 13,
};

// "protocol violation"; "unknown cause" for a code that is not above.
const char* ToString(CauseCode code);

struct ErrorCause {
  CauseCode code = CauseCode::kProtocolViolation;
  Bytes info;  // What the code says: text, a chunk, a parameter. Often empty.
};

struct AbortChunk {
  bool tag_reflected = false;       // T bit: the packet's tag is our own.
  std::optional<ErrorCause> cause;  // The first one.

  static Result<AbortChunk> Parse(uint8_t flags, Bytes value);
  void Write(ByteWriter& out) const;
};

struct ErrorChunk {
  ErrorCause cause;  // The first one.

  static Result<ErrorChunk> Parse(uint8_t flags, Bytes value);
  void Write(ByteWriter& out) const;
};

struct ShutdownChunk {
  Tsn cumulative_tsn;

  static Result<ShutdownChunk> Parse(uint8_t flags, Bytes value);
  void Write(ByteWriter& out) const;
};

struct ShutdownAckChunk {
  static Result<ShutdownAckChunk> Parse(uint8_t flags, Bytes value);
  void Write(ByteWriter& out) const;
};

struct ShutdownCompleteChunk {
  bool tag_reflected = false;  // T bit.

  static Result<ShutdownCompleteChunk> Parse(uint8_t flags, Bytes value);
  void Write(ByteWriter& out) const;
};

struct CookieEchoChunk {
  Bytes cookie;

  static Result<CookieEchoChunk> Parse(uint8_t flags, Bytes value);
  void Write(ByteWriter& out) const;
};

struct CookieAckChunk {
  static Result<CookieAckChunk> Parse(uint8_t flags, Bytes value);
  void Write(ByteWriter& out) const;
};

// RFC 3758 section 3.2: the last ordered message of a stream that is skipped.
struct SkippedSequence {
  static constexpr size_t kSize = 4;

  StreamId stream;
  StreamSequence sequence;

  static SkippedSequence Read(ByteReader& reader);
  void Write(ByteWriter& out) const;
};

// RFC 8260 section 2.3.1: the last message of a stream that is skipped.
struct SkippedMessage {
  static constexpr size_t kSize = 8;

  StreamId stream;
  bool unordered = false;
  MessageId message_id;

  static SkippedMessage Read(ByteReader& reader);
  void Write(ByteWriter& out) const;
};

// "Do not wait for what is missing up to here."
struct ForwardTsnChunk {
  static constexpr size_t kFixedSize = 8;  // Chunk header included.

  Tsn new_cumulative_tsn;
  RecordList<SkippedSequence> skipped;

  static Result<ForwardTsnChunk> Parse(uint8_t flags, Bytes value);
  void Write(ByteWriter& out) const;
};

struct IForwardTsnChunk {
  static constexpr size_t kFixedSize = 8;  // Chunk header included.

  Tsn new_cumulative_tsn;
  RecordList<SkippedMessage> skipped;

  static Result<IForwardTsnChunk> Parse(uint8_t flags, Bytes value);
  void Write(ByteWriter& out) const;
};

}  // namespace ocellus::sctp
