// SPDX-License-Identifier: Apache-2.0
// INIT and INIT ACK with their parameters: RFC 9260 sections 3.3.2 and 3.3.3, RFC 5061 section
// 4.2.7 (supported extensions), RFC 3758, RFC 8260, RFC 6525, RFC 9653 (zero checksum). See
// chunk.h for Parse and Write.
#pragma once

#include "firmware/rtc/sctp/chunk.h"

namespace ocellus::sctp {

// What an endpoint says that it can do.
struct Extensions {
  bool forward_tsn = false;    // Partial reliability (RFC 3758).
  bool interleaving = false;   // I-DATA and I-FORWARD-TSN (RFC 8260).
  bool reconfig = false;       // Stream reset (RFC 6525).
  bool zero_checksum = false;  // Takes packets with checksum 0, for DTLS protects them (RFC 9653).
};

struct InitChunk {
  static constexpr size_t kFixedSize = 20;  // Chunk header included.

  VerificationTag tag;  // What packets to the sender of this must carry. Parse() lets 0 through.
  uint32_t window = 0;  // a_rwnd, in bytes.
  // Parse() lets 0 streams through, which RFC 9260 section 3.3.2 forbids.
  uint16_t outbound_streams = 0;
  uint16_t inbound_streams = 0;
  Tsn initial_tsn;
  Extensions extensions;
  // As they came, so that the INIT ACK can report those that we do not know. Write() ignores it.
  Bytes parameters;

  // Errors: also kUnsupported (a host name address, which must not be used any more: RFC 9260
  // section 3.3.2.4).
  static Result<InitChunk> Parse(uint8_t flags, Bytes value);
  void Write(ByteWriter& out) const;
};

struct InitAckChunk {
  InitChunk init;
  Bytes cookie;  // Never empty from Parse().
  // The parameters of the INIT that this answers. Write() reports those among them that we do not
  // know and that ask for it (RFC 9260 section 3.2.1). Parse() leaves it empty.
  Bytes parameters_of_init;

  // Errors: also kMalformed (no state cookie).
  static Result<InitAckChunk> Parse(uint8_t flags, Bytes value);
  void Write(ByteWriter& out) const;
};

}  // namespace ocellus::sctp
