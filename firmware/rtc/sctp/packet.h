// SPDX-License-Identifier: Apache-2.0
// SCTP packets: the common header and the chunks behind it (RFC 9260 section 3). The reader checks
// the framing of the whole packet before it hands out the first chunk, and borrows everything; the
// writer builds in the caller's buffer. Nothing allocates. Any thread.
#pragma once

#include <variant>

#include "firmware/rtc/sctp/chunk.h"
#include "firmware/rtc/sctp/init_chunk.h"
#include "firmware/rtc/sctp/reconfig_chunk.h"

namespace ocellus::sctp {

struct CommonHeader {
  static constexpr size_t kSize = 12;

  uint16_t source_port = 0;
  uint16_t destination_port = 0;
  VerificationTag tag;
};

// A chunk that we do not know and that does not say that it may be passed over in silence.
// RFC 9260 section 3.2: the two highest bits of the type.
struct UnknownChunk {
  uint8_t type = 0;
  bool report = false;  // An ERROR with the cause "unrecognized chunk type" is asked for.
  Bytes chunk;          // All of it, header included: what the ERROR carries.
};

using Chunk = std::variant<DataChunk, SackChunk, ForwardTsnChunk, IForwardTsnChunk, InitChunk,
                           InitAckChunk, CookieEchoChunk, CookieAckChunk, HeartbeatChunk,
                           HeartbeatAckChunk, ReconfigChunk, AbortChunk, ErrorChunk, ShutdownChunk,
                           ShutdownAckChunk, ShutdownCompleteChunk, UnknownChunk>;

// Whether a packet with a checksum of 0 is taken unchecked: once we have said so in our INIT
// (RFC 9653).
enum class ZeroChecksum : uint8_t { kRefused, kAccepted };

class PacketReader {
 public:
  // `packet` is borrowed. Errors: kTruncated (no header, no chunk, or a chunk ends beyond the
  // packet), kMalformed (wrong checksum, or a chunk shorter than its own header).
  static Result<PacketReader> Parse(Bytes packet, ZeroChecksum zero_checksum);

  const CommonHeader& header() const { return header_; }

  // The next chunk; none at the end. Ends early at a chunk of unknown type that asks for it, after
  // handing it out, and at one with a malformed value: what follows it cannot be trusted.
  std::optional<Chunk> Next();
  // Whether Next() ended because of a malformed chunk.
  bool malformed() const { return malformed_; }

 private:
  PacketReader(const CommonHeader& header, Bytes chunks) : header_(header), rest_(chunks) {}

  CommonHeader header_;
  Bytes rest_;  // Whole chunks with right lengths; the last one's padding may be missing.
  bool malformed_ = false;
};

enum class Checksum : uint8_t { kCrc32c, kZero };

class PacketWriter {
 public:
  // `out` is borrowed and has room for the header at least.
  PacketWriter(MutableBytes out, const CommonHeader& header);

  // Bytes that a further chunk may have, header included and before its padding.
  size_t room() const { return (out_.size() - size_) & ~size_t{3}; }
  bool empty() const { return size_ == CommonHeader::kSize; }
  size_t size() const { return size_; }

  // False, and nothing is changed, when the chunk does not fit.
  template <typename AnyChunk>
  [[nodiscard]] bool Append(const AnyChunk& chunk) {
    ByteWriter writer(out_.subspan(size_, room()));
    chunk.Write(writer);
    return Advance(writer);
  }

  // Writes the checksum; returns the packet's size. The last call.
  size_t Finish(Checksum checksum);

 private:
  bool Advance(ByteWriter& writer);

  MutableBytes out_;
  size_t size_ = CommonHeader::kSize;
};

}  // namespace ocellus::sctp
