// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/reconfig_chunk.h"

#include "firmware/rtc/sctp/tlv.h"

namespace ocellus::sctp {
namespace {

// RFC 6525 section 4.
enum class ParameterType : uint16_t {
  kOutgoingReset = 13,
  kIncomingReset = 14,
  kSsnTsnReset = 15,
  kResponse = 16,
  kAddOutgoing = 17,
  kAddIncoming = 18,
};

// Bytes of the two TSNs that a response may end with.
constexpr size_t kNextTsnsSize = 8;

// What is left of the parameter, in whole stream numbers.
Result<RecordList<StreamNumber>> ReadStreams(ByteReader& reader) {
  if (!reader.ok()) return StatusCode::kTruncated;
  const Bytes rest = reader.ReadRest();
  if (rest.size() % StreamNumber::kSize != 0) return StatusCode::kMalformed;
  return RecordList<StreamNumber>(rest);
}

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |     Parameter Type = 13       | Length = 16 + 2 * N           |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |           Re-configuration Request Sequence Number            |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |           Re-configuration Response Sequence Number           |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                Sender's Last Assigned TSN                     |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |  Stream Number 1 (optional)   |    Stream Number 2 (optional) |
//  \                              ...                              /
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Result<ReconfigParameter> ParseOutgoingReset(ByteReader reader) {
  OutgoingResetRequest reset;
  reset.request = ReconfigSequence(reader.ReadU32());
  reset.response = ReconfigSequence(reader.ReadU32());
  reset.last_tsn = Tsn(reader.ReadU32());
  const auto streams = ReadStreams(reader);
  if (!streams.ok()) return streams.status();
  reset.streams = *streams;
  return ReconfigParameter(reset);
}

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |     Parameter Type = 14       |  Length = 8 + 2 * N           |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |          Re-configuration Request Sequence Number             |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |  Stream Number 1 (optional)   |    Stream Number 2 (optional) |
//  \                              ...                              /
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Result<ReconfigParameter> ParseIncomingReset(ByteReader reader) {
  IncomingResetRequest reset;
  reset.request = ReconfigSequence(reader.ReadU32());
  const auto streams = ReadStreams(reader);
  if (!streams.ok()) return streams.status();
  reset.streams = *streams;
  return ReconfigParameter(reset);
}

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |     Parameter Type = 15       |          Length = 8           |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |         Re-configuration Request Sequence Number              |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Result<ReconfigParameter> ParseSsnTsnReset(ByteReader reader) {
  const SsnTsnResetRequest reset{ReconfigSequence(reader.ReadU32())};
  if (!reader.ok()) return StatusCode::kTruncated;
  return ReconfigParameter(reset);
}

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |     Parameter Type = 16       |      Length = 12 or 20        |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |         Re-configuration Response Sequence Number             |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                            Result                             |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                   Sender's Next TSN (optional)                |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                  Receiver's Next TSN (optional)               |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Result<ReconfigParameter> ParseResponse(ByteReader reader) {
  ReconfigResponse response;
  response.request = ReconfigSequence(reader.ReadU32());
  response.result = static_cast<ReconfigResult>(reader.ReadU32());
  if (!reader.ok()) return StatusCode::kTruncated;
  if (reader.remaining() >= kNextTsnsSize) {
    const Tsn of_sender(reader.ReadU32());
    const Tsn of_receiver(reader.ReadU32());
    response.next_tsns = {of_sender, of_receiver};
  }
  return ReconfigParameter(response);
}

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |   Parameter Type = 17 | 18    |          Length = 12          |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |          Re-configuration Request Sequence Number             |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |      Number of new streams    |         Reserved              |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
template <typename Request>
Result<ReconfigParameter> ParseAddStreams(ByteReader reader) {
  Request add;
  add.request = ReconfigSequence(reader.ReadU32());
  add.count = reader.ReadU16();
  if (!reader.ok()) return StatusCode::kTruncated;
  return ReconfigParameter(add);
}

Result<ReconfigParameter> ParseParameter(const Tlv& parameter) {
  const ByteReader reader(parameter.value);
  switch (static_cast<ParameterType>(parameter.type)) {
    case ParameterType::kOutgoingReset:
      return ParseOutgoingReset(reader);
    case ParameterType::kIncomingReset:
      return ParseIncomingReset(reader);
    case ParameterType::kSsnTsnReset:
      return ParseSsnTsnReset(reader);
    case ParameterType::kResponse:
      return ParseResponse(reader);
    case ParameterType::kAddOutgoing:
      return ParseAddStreams<AddOutgoingStreamsRequest>(reader);
    case ParameterType::kAddIncoming:
      return ParseAddStreams<AddIncomingStreamsRequest>(reader);
  }
  return StatusCode::kUnsupported;
}

// Writes the parameter that it is called with.
class ParameterWriter {
 public:
  explicit ParameterWriter(ByteWriter& out) : out_(out) {}

  void operator()(const OutgoingResetRequest& reset) const {
    const TlvFrame frame = Frame(ParameterType::kOutgoingReset);
    out_.WriteU32(reset.request.value());
    out_.WriteU32(reset.response.value());
    out_.WriteU32(reset.last_tsn.value());
    out_.WriteBytes(reset.streams.bytes());
  }
  void operator()(const IncomingResetRequest& reset) const {
    const TlvFrame frame = Frame(ParameterType::kIncomingReset);
    out_.WriteU32(reset.request.value());
    out_.WriteBytes(reset.streams.bytes());
  }
  void operator()(const SsnTsnResetRequest& reset) const {
    const TlvFrame frame = Frame(ParameterType::kSsnTsnReset);
    out_.WriteU32(reset.request.value());
  }
  void operator()(const ReconfigResponse& response) const {
    const TlvFrame frame = Frame(ParameterType::kResponse);
    out_.WriteU32(response.request.value());
    out_.WriteU32(static_cast<uint32_t>(response.result));
    if (!response.next_tsns) return;
    out_.WriteU32(response.next_tsns->of_sender.value());
    out_.WriteU32(response.next_tsns->of_receiver.value());
  }
  void operator()(const AddOutgoingStreamsRequest& add) const {
    WriteAddStreams(ParameterType::kAddOutgoing, add.request, add.count);
  }
  void operator()(const AddIncomingStreamsRequest& add) const {
    WriteAddStreams(ParameterType::kAddIncoming, add.request, add.count);
  }

 private:
  TlvFrame Frame(ParameterType type) const {
    PadTo4(out_);
    return TlvFrame(out_, static_cast<uint16_t>(type));
  }
  void WriteAddStreams(ParameterType type, ReconfigSequence request, uint16_t count) const {
    const TlvFrame frame = Frame(type);
    out_.WriteU32(request.value());
    out_.WriteU16(count);
    out_.WriteU16(0);
  }

  ByteWriter& out_;
};

}  // namespace

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  | Type = 130    |  Chunk Flags  |      Chunk Length             |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  \                  Re-configuration Parameter                   /
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  \             Re-configuration Parameter (optional)             /
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Result<ReconfigChunk> ReconfigChunk::Parse(uint8_t, Bytes value) {
  TlvReader parameters(value);
  const std::optional<Tlv> first_tlv = parameters.Next();
  if (!first_tlv) return parameters.malformed() ? StatusCode::kMalformed : StatusCode::kTruncated;
  const Result<ReconfigParameter> first = ParseParameter(*first_tlv);
  if (!first.ok()) return first.status();
  ReconfigChunk chunk{*first, std::nullopt};
  if (const std::optional<Tlv> second_tlv = parameters.Next()) {
    const Result<ReconfigParameter> second = ParseParameter(*second_tlv);
    if (!second.ok()) return second.status();
    chunk.second = *second;
  }
  if (parameters.malformed()) return StatusCode::kMalformed;
  return chunk;
}

void ReconfigChunk::Write(ByteWriter& out) const {
  const TlvFrame frame(out, ChunkType::kReconfig, 0);
  std::visit(ParameterWriter(out), first);
  if (second) std::visit(ParameterWriter(out), *second);
}

}  // namespace ocellus::sctp
