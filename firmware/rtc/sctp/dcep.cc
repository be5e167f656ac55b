// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/dcep.h"

#include <algorithm>
#include <limits>

#include "firmware/base/byte_reader.h"
#include "firmware/base/byte_writer.h"

namespace ocellus::sctp {
namespace {

// RFC 8832 section 5.1: the channel type is one of these, and this bit when it is unordered.
constexpr uint8_t kReliable = 0x00;
constexpr uint8_t kLimitedRetransmits = 0x01;
constexpr uint8_t kLimitedLifetime = 0x02;
constexpr uint8_t kUnordered = 0x80;

// Bytes of an OPEN before its label.
constexpr size_t kFixedSize = 12;

}  // namespace

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Message Type |  Channel Type |            Priority           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                    Reliability Parameter                      |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |         Label Length          |       Protocol Length         |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                             Label                             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                            Protocol                           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Result<DcepOpen> DcepOpen::Parse(Bytes message) {
  ByteReader reader(message);
  reader.Skip(1);
  DcepOpen open;
  const uint8_t type = reader.ReadU8();
  open.priority = reader.ReadU16();
  const uint32_t reliability = reader.ReadU32();
  const uint16_t label_size = reader.ReadU16();
  const uint16_t protocol_size = reader.ReadU16();
  open.label = AsText(reader.ReadBytes(label_size));
  open.protocol = AsText(reader.ReadBytes(protocol_size));
  if (!reader.ok()) return StatusCode::kTruncated;
  if (reader.remaining() > 0) return StatusCode::kMalformed;

  open.ordered = (type & kUnordered) == 0;
  switch (type & ~kUnordered) {
    case kReliable:  // "MUST be set to 0 on the sending side and be ignored on the receiving side".
      return open;
    case kLimitedRetransmits:
      open.max_retransmits = static_cast<uint16_t>(
          std::min<uint32_t>(reliability, std::numeric_limits<uint16_t>::max()));
      return open;
    case kLimitedLifetime:
      open.max_lifetime = std::chrono::milliseconds(reliability);
      return open;
    default:
      return StatusCode::kUnsupported;
  }
}

std::vector<uint8_t> DcepOpen::Write() const {
  constexpr int64_t kMaxParameter = std::numeric_limits<uint32_t>::max();
  uint8_t type = kReliable;
  uint32_t reliability = 0;
  if (max_retransmits) {
    type = kLimitedRetransmits;
    reliability = *max_retransmits;
  } else if (max_lifetime) {
    type = kLimitedLifetime;
    reliability =
        static_cast<uint32_t>(std::clamp<int64_t>(ToMilliseconds(*max_lifetime), 0, kMaxParameter));
  }
  if (!ordered) type |= kUnordered;

  std::vector<uint8_t> message(kFixedSize + label.size() + protocol.size());
  ByteWriter writer(message);
  writer.WriteU8(static_cast<uint8_t>(DcepType::kOpen));
  writer.WriteU8(type);
  writer.WriteU16(priority);
  writer.WriteU32(reliability);
  writer.WriteU16(static_cast<uint16_t>(label.size()));
  writer.WriteU16(static_cast<uint16_t>(protocol.size()));
  writer.WriteBytes(AsBytes(label));
  writer.WriteBytes(AsBytes(protocol));
  return message;
}

std::optional<DcepType> TypeOfDcepMessage(Bytes message) {
  if (message.empty()) return std::nullopt;
  switch (static_cast<DcepType>(message[0])) {
    case DcepType::kAck:
      return DcepType::kAck;
    case DcepType::kOpen:
      return DcepType::kOpen;
  }
  return std::nullopt;
}

std::vector<uint8_t> WriteDcepAck() { return {static_cast<uint8_t>(DcepType::kAck)}; }

}  // namespace ocellus::sctp
