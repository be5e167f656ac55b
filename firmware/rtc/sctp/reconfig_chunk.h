// SPDX-License-Identifier: Apache-2.0
// RE-CONFIG: stream resets and additional streams (RFC 6525). See chunk.h for Parse and Write.
#pragma once

#include <array>
#include <variant>

#include "firmware/rtc/sctp/chunk.h"

namespace ocellus::sctp {

struct StreamNumber {
  static constexpr size_t kSize = 2;

  StreamId stream;

  static StreamNumber Read(ByteReader& reader) { return {StreamId(reader.ReadU16())}; }
  void Write(ByteWriter& out) const { out.WriteU16(stream.value()); }
};

// RFC 6525 section 4.1: "my outgoing streams start again at 0, once you have my data up to
// last_tsn". No streams means all.
struct OutgoingResetRequest {
  ReconfigSequence request;
  ReconfigSequence response;  // To an incoming reset request, else the last request minus one.
  Tsn last_tsn;
  RecordList<StreamNumber> streams;
};

// Section 4.2: "reset your outgoing streams, please". No streams means all.
struct IncomingResetRequest {
  ReconfigSequence request;
  RecordList<StreamNumber> streams;
};

// Section 4.3.
struct SsnTsnResetRequest {
  ReconfigSequence request;
};

// Sections 4.5 and 4.6.
struct AddOutgoingStreamsRequest {
  ReconfigSequence request;
  uint16_t count = 0;
};
struct AddIncomingStreamsRequest {
  ReconfigSequence request;
  uint16_t count = 0;
};

// Section 4.4. Parse() lets other values through.
enum class ReconfigResult : uint32_t {
  kNothingToDo = 0,
  kPerformed = 1,
  kDenied = 2,
  kWrongSsn = 3,
  kRequestInProgress = 4,
  kBadSequenceNumber = 5,
  kInProgress = 6,
};

struct ReconfigResponse {
  // Both or none; in answers to SSN/TSN reset requests only.
  struct NextTsns {
    Tsn of_sender;
    Tsn of_receiver;
  };

  ReconfigSequence request;  // That this answers.
  ReconfigResult result = ReconfigResult::kNothingToDo;
  std::optional<NextTsns> next_tsns;
};

using ReconfigParameter =
    std::variant<OutgoingResetRequest, IncomingResetRequest, SsnTsnResetRequest, ReconfigResponse,
                 AddOutgoingStreamsRequest, AddIncomingStreamsRequest>;

struct ReconfigChunk {
  ReconfigParameter first;
  std::optional<ReconfigParameter> second;  // Section 3.1: at most two.

  // Errors: also kUnsupported (the first parameter is of no type above).
  static Result<ReconfigChunk> Parse(uint8_t flags, Bytes value);
  void Write(ByteWriter& out) const;
};

}  // namespace ocellus::sctp
