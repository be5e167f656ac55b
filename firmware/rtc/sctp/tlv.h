// SPDX-License-Identifier: Apache-2.0
// The form that chunks, parameters and error causes share: 16 bits of type (in a chunk: type and
// flags), 16 of length, the value, and zeros up to a multiple of four (RFC 9260 sections 3.2, 3.2.1
// and 3.3.10).
#pragma once

#include <optional>

#include "firmware/rtc/sctp/chunk.h"

namespace ocellus::sctp {

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |             Type              |  Length, with this, unpadded  |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  \                             Value                             /
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
constexpr size_t kTlvHeaderSize = 4;

struct Tlv {
  uint16_t type = 0;
  Bytes value;
  Bytes whole;  // With its header, without padding.
};

// Reads one after the other from borrowed bytes.
class TlvReader {
 public:
  explicit TlvReader(Bytes bytes) : rest_(bytes) {}

  // None at the end, and when the next one's length lies: then malformed(). The last one's padding
  // may be missing.
  std::optional<Tlv> Next();
  bool malformed() const { return malformed_; }

 private:
  Bytes rest_;
  bool malformed_ = false;
};

// Writes the header when it is made and its length when it goes out of scope: what was written in
// between is the value.
class TlvFrame {
 public:
  TlvFrame(ByteWriter& out, uint16_t type);
  TlvFrame(ByteWriter& out, ChunkType type, uint8_t flags)
      : TlvFrame(out, static_cast<uint16_t>(static_cast<unsigned>(type) << 8 | flags)) {}
  ~TlvFrame();
  TlvFrame(const TlvFrame&) = delete;
  TlvFrame& operator=(const TlvFrame&) = delete;

 private:
  ByteWriter& out_;
  size_t begin_;
};

// Zeros up to a multiple of four of all that was written: a chunk begins at one.
void PadTo4(ByteWriter& out);

// A parameter or an error cause, behind the padding of what stands before it.
void WriteTlv(ByteWriter& out, uint16_t type, Bytes value);

}  // namespace ocellus::sctp
