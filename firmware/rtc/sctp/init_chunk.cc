// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/init_chunk.h"

#include "firmware/rtc/sctp/tlv.h"

namespace ocellus::sctp {
namespace {

// IANA "SCTP Chunk Parameter Types".
enum class ParameterType : uint16_t {
  kIpv4Address = 5,
  kIpv6Address = 6,
  kStateCookie = 7,
  kUnrecognizedParameter = 8,
  kCookiePreservative = 9,
  kHostNameAddress = 11,
  kSupportedAddressTypes = 12,
  kZeroChecksumAcceptable = 0x8001,
  kSupportedExtensions = 0x8008,
  kForwardTsnSupported = 0xC000,
};

// RFC 9260 section 3.2.1: what to do about a parameter that one does not know.
constexpr uint16_t kPassOverBit = 0x8000;  // Else what follows is left alone.
constexpr uint16_t kReportBit = 0x4000;

// RFC 9653 section 3: the alternate error detection method "SCTP over DTLS".
constexpr uint32_t kProtectedByDtls = 1;

void ReadSupportedExtensions(Bytes chunk_types, Extensions& extensions) {
  bool data = false;
  bool forward = false;
  for (const uint8_t type : chunk_types) {
    switch (static_cast<ChunkType>(type)) {
      case ChunkType::kReconfig:
        extensions.reconfig = true;
        break;
      case ChunkType::kForwardTsn:
        extensions.forward_tsn = true;
        break;
      case ChunkType::kIData:
        data = true;
        break;
      case ChunkType::kIForwardTsn:
        forward = true;
        break;
      default:
        break;
    }
  }
  extensions.interleaving = data && forward;
}

void WriteExtensions(ByteWriter& out, const Extensions& extensions) {
  if (extensions.forward_tsn) {
    WriteTlv(out, static_cast<uint16_t>(ParameterType::kForwardTsnSupported), {});
  }
  uint8_t types[4];
  size_t count = 0;
  const auto add = [&](ChunkType type) { types[count++] = static_cast<uint8_t>(type); };
  if (extensions.reconfig) add(ChunkType::kReconfig);
  if (extensions.forward_tsn) add(ChunkType::kForwardTsn);
  if (extensions.interleaving) {
    add(ChunkType::kIData);
    add(ChunkType::kIForwardTsn);
  }
  if (count > 0) {
    WriteTlv(out, static_cast<uint16_t>(ParameterType::kSupportedExtensions), {types, count});
  }
  if (extensions.zero_checksum) {
    PadTo4(out);
    const TlvFrame frame(out, static_cast<uint16_t>(ParameterType::kZeroChecksumAcceptable));
    out.WriteU32(kProtectedByDtls);
  }
}

void WriteFixedPart(ByteWriter& out, const InitChunk& init) {
  out.WriteU32(init.tag.value());
  out.WriteU32(init.window);
  out.WriteU16(init.outbound_streams);
  out.WriteU16(init.inbound_streams);
  out.WriteU32(init.initial_tsn.value());
}

// Whether we know the type: what is of no use to us (addresses, for one) counts as known.
bool IsKnown(uint16_t type) {
  switch (static_cast<ParameterType>(type)) {
    case ParameterType::kIpv4Address:
    case ParameterType::kIpv6Address:
    case ParameterType::kStateCookie:
    case ParameterType::kUnrecognizedParameter:
    case ParameterType::kCookiePreservative:
    case ParameterType::kHostNameAddress:
    case ParameterType::kSupportedAddressTypes:
    case ParameterType::kZeroChecksumAcceptable:
    case ParameterType::kSupportedExtensions:
    case ParameterType::kForwardTsnSupported:
      return true;
  }
  return false;
}

// Those that do not fit are left out: the peer may have sent more than a packet of ours holds.
void WriteUnrecognized(ByteWriter& out, Bytes parameters) {
  TlvReader reader(parameters);
  while (const std::optional<Tlv> parameter = reader.Next()) {
    if (IsKnown(parameter->type)) continue;
    const size_t padding = PaddedTo4(out.size()) - out.size();
    const size_t size = padding + kTlvHeaderSize + parameter->whole.size();
    if ((parameter->type & kReportBit) && size <= out.remaining()) {
      WriteTlv(out, static_cast<uint16_t>(ParameterType::kUnrecognizedParameter), parameter->whole);
    }
    if (!(parameter->type & kPassOverBit)) return;
  }
}

// Both kinds; `cookie` is empty where there is none.
Status ParseInto(Bytes value, InitChunk& init, Bytes& cookie) {
  ByteReader reader(value);
  init.tag = VerificationTag(reader.ReadU32());
  init.window = reader.ReadU32();
  init.outbound_streams = reader.ReadU16();
  init.inbound_streams = reader.ReadU16();
  init.initial_tsn = Tsn(reader.ReadU32());
  if (!reader.ok()) return StatusCode::kTruncated;
  init.parameters = reader.ReadRest();

  TlvReader parameters(init.parameters);
  while (const std::optional<Tlv> parameter = parameters.Next()) {
    if (!IsKnown(parameter->type) && !(parameter->type & kPassOverBit)) return StatusCode::kOk;
    switch (static_cast<ParameterType>(parameter->type)) {
      case ParameterType::kStateCookie:
        cookie = parameter->value;
        break;
      case ParameterType::kHostNameAddress:
        return StatusCode::kUnsupported;
      case ParameterType::kSupportedExtensions:
        ReadSupportedExtensions(parameter->value, init.extensions);
        break;
      case ParameterType::kForwardTsnSupported:
        init.extensions.forward_tsn = true;
        break;
      case ParameterType::kZeroChecksumAcceptable:
        init.extensions.zero_checksum = ByteReader(parameter->value).ReadU32() == kProtectedByDtls;
        break;
      default:
        break;
    }
  }
  return parameters.malformed() ? StatusCode::kMalformed : StatusCode::kOk;
}

}  // namespace

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |  Type = 1|2   |   0           |            Length             |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                         Initiate Tag                          |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |          Advertised Receiver Window Credit (a_rwnd)           |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  | Number of Outbound Streams    |  Number of Inbound Streams    |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                          Initial TSN                          |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  \                           Parameters                          /
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Result<InitChunk> InitChunk::Parse(uint8_t, Bytes value) {
  InitChunk init;
  Bytes no_cookie;
  RETURN_IF_ERROR(ParseInto(value, init, no_cookie));
  return init;
}

void InitChunk::Write(ByteWriter& out) const {
  const TlvFrame frame(out, ChunkType::kInit, 0);
  WriteFixedPart(out, *this);
  WriteExtensions(out, extensions);
}

Result<InitAckChunk> InitAckChunk::Parse(uint8_t, Bytes value) {
  InitAckChunk ack;
  RETURN_IF_ERROR(ParseInto(value, ack.init, ack.cookie));
  if (ack.cookie.empty()) return StatusCode::kMalformed;
  return ack;
}

void InitAckChunk::Write(ByteWriter& out) const {
  const TlvFrame frame(out, ChunkType::kInitAck, 0);
  WriteFixedPart(out, init);
  WriteTlv(out, static_cast<uint16_t>(ParameterType::kStateCookie), cookie);
  WriteExtensions(out, init.extensions);
  WriteUnrecognized(out, parameters_of_init);
}

}  // namespace ocellus::sctp
