// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtcp/transport_feedback.h"

#include <algorithm>

namespace ocellus::rtcp {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr Duration kReferenceStep = milliseconds(64);
constexpr Duration kDeltaStep = microseconds(250);

// The packet status symbols of section 3.1.1.
constexpr unsigned kNotReceived = 0;
constexpr unsigned kSmallDelta = 1;
constexpr unsigned kLargeDelta = 2;

// A packet status chunk (sections 3.1.3 and 3.1.4):
//   0                   1
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |0| S |       run length        |   S, so many times
//  |1|0|       14 of 1 bit         |   not received, or small delta
//  |1|1|       7 of 2 bits         |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
struct Chunk {
  unsigned count = 0;
  unsigned symbol_bits = 0;  // 0: a run of one symbol.
  uint16_t symbols = 0;      // The next one in the upper bits; of a run, the symbol itself.
};

Chunk Decode(uint16_t chunk) {
  if (chunk >> 15 == 0) {
    return {chunk & 0x1fffu, 0, static_cast<uint16_t>(chunk >> 13 & 3)};
  }
  const unsigned bits = chunk >> 14 & 1 ? 2 : 1;
  return {14 / bits, bits, static_cast<uint16_t>(chunk << 2)};
}

size_t DeltaSize(unsigned symbol) {
  return symbol == kSmallDelta ? 1 : symbol == kLargeDelta ? 2 : 0;
}

}  // namespace

//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |      base sequence number     |      packet status count      |
//  |                 reference time                | fb pkt. count |
//  |          packet chunk         |  ...  recv delta  ...         |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Result<TransportFeedback> TransportFeedback::Parse(Bytes body) {
  ByteReader reader(body);
  TransportFeedback feedback;
  feedback.sender = Ssrc(reader.ReadU32());
  feedback.source = Ssrc(reader.ReadU32());
  feedback.base = TransportSequenceNumber(reader.ReadU16());
  feedback.packet_status_count = reader.ReadU16();
  const auto reference = static_cast<int32_t>(reader.ReadU24());
  feedback.reference_time =
      kReferenceStep * (reference >= 1 << 23 ? reference - (1 << 24) : reference);
  feedback.feedback_count = reader.ReadU8();
  if (!reader.ok()) return StatusCode::kTruncated;
  if (feedback.packet_status_count == 0) return StatusCode::kMalformed;

  const Bytes rest = body.subspan(reader.position());
  size_t delta_bytes = 0;
  for (unsigned left = feedback.packet_status_count; left > 0;) {
    Chunk chunk = Decode(reader.ReadU16());
    if (!reader.ok()) return StatusCode::kTruncated;
    // A run of no packets would make no progress through the count, only through the bytes.
    const unsigned used = std::min(chunk.count, left);
    for (unsigned i = 0; i < used && chunk.symbol_bits != 0; ++i) {
      const unsigned symbol = static_cast<unsigned>(chunk.symbols >> (16 - chunk.symbol_bits));
      if (symbol > kLargeDelta) return StatusCode::kMalformed;
      delta_bytes += DeltaSize(symbol);
      chunk.symbols = static_cast<uint16_t>(chunk.symbols << chunk.symbol_bits);
    }
    if (chunk.symbol_bits == 0) {
      if (chunk.symbols > kLargeDelta) return StatusCode::kMalformed;
      delta_bytes += used * DeltaSize(chunk.symbols);
    }
    left -= used;
  }
  if (delta_bytes > reader.remaining()) return StatusCode::kTruncated;
  feedback.chunks_ = rest.first(rest.size() - reader.remaining());
  feedback.deltas_ = reader.ReadBytes(delta_bytes);
  return feedback;
}

TransportFeedback::Cursor::Cursor(const TransportFeedback& feedback)
    : chunks_(feedback.chunks_),
      deltas_(feedback.deltas_),
      remaining_(feedback.packet_status_count),
      next_(feedback.base),
      arrival_(feedback.reference_time) {}

std::optional<TransportFeedback::PacketStatus> TransportFeedback::Cursor::Next() {
  if (remaining_ == 0) return std::nullopt;
  --remaining_;
  while (run_ == 0) {
    const Chunk chunk = Decode(chunks_.ReadU16());
    CHECK(chunks_.ok(), "Parse left %u statuses without a chunk", remaining_ + 1);
    run_ = chunk.count;
    symbol_bits_ = chunk.symbol_bits;
    symbols_ = chunk.symbols;
  }
  --run_;
  unsigned symbol = symbols_;
  if (symbol_bits_ != 0) {
    symbol = static_cast<unsigned>(symbols_ >> (16 - symbol_bits_));
    symbols_ = static_cast<uint16_t>(symbols_ << symbol_bits_);
  }

  PacketStatus status{next_, std::nullopt};
  ++next_;
  if (symbol == kNotReceived) return status;
  // A small delta is unsigned, a large one may go back.
  const int delta =
      symbol == kSmallDelta ? deltas_.ReadU8() : static_cast<int16_t>(deltas_.ReadU16());
  arrival_ += kDeltaStep * delta;
  status.arrival = arrival_;
  return status;
}

}  // namespace ocellus::rtcp
