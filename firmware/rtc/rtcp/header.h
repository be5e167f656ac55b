// SPDX-License-Identifier: Apache-2.0
// What all RTCP packets share: the common header and lists of fixed-size records
// (RFC 3550 section 6.4, RFC 4585 section 6.1).
//
// Parsed packets borrow the datagram that they were parsed from. Nothing allocates.
#pragma once

#include <array>

#include "firmware/base/byte_reader.h"
#include "firmware/base/byte_writer.h"
#include "firmware/base/status.h"
#include "firmware/base/strong_id.h"

namespace ocellus::rtcp {

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |V=2|P|  count  |      type     |   length in words, minus 1    |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
constexpr size_t kHeaderSize = 4;

// IANA "RTCP Control Packet Types".
enum class PacketType : uint8_t {
  kSenderReport = 200,
  kReceiverReport = 201,
  kSourceDescription = 202,
  kBye = 203,
  kTransportFeedback = 205,  // RTPFB; the count field says which.
  kPayloadFeedback = 206,    // PSFB; the count field says which.
};

// One packet of a compound, not yet looked into.
struct RawPacket {
  uint8_t type = 0;
  uint8_t count = 0;  // 5 bits: a number of records, or the feedback message type.
  Bytes body;         // Behind the common header, without padding.
};

// Takes one packet off `reader`. Errors: kTruncated (ends before its length), kMalformed (not
// version 2, padding longer than the packet).
Result<RawPacket> ReadRawPacket(ByteReader& reader);

// Writes the common header when it is made, and its length when Finish is called. A ByteWriter
// that runs out of room stays failed, as usual.
class PacketFrame {
 public:
  PacketFrame(ByteWriter& out, PacketType type, uint8_t count);
  void Finish();  // The packet must be whole words by now.

 private:
  ByteWriter& out_;
  size_t begin_;
};

// Records of one size, borrowed, decoded on access. A Record has kSize, Read and Write.
template <typename Record>
class RecordList {
 public:
  RecordList() = default;
  // `bytes` are whole records.
  explicit RecordList(Bytes bytes) : bytes_(bytes) {
    CHECK(bytes.size() % Record::kSize == 0, "%zu bytes of records of %zu", bytes.size(),
          Record::kSize);
  }

  size_t size() const { return bytes_.size() / Record::kSize; }
  bool empty() const { return bytes_.empty(); }
  Record operator[](size_t index) const {
    ByteReader reader(bytes_.subspan(index * Record::kSize, Record::kSize));
    return Record::Read(reader);
  }
  Bytes bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

// Where records are collected to be written.
template <typename Record, size_t kCapacity>
class RecordBuffer {
 public:
  // False when it is full.
  [[nodiscard]] bool Add(const Record& record) {
    if (size_ == bytes_.size()) return false;
    ByteWriter writer(MutableBytes(bytes_).subspan(size_, Record::kSize));
    record.Write(writer);
    size_ += Record::kSize;
    return true;
  }
  // Borrowed from this; good until the next Add.
  RecordList<Record> list() const { return RecordList<Record>(Bytes(bytes_).first(size_)); }

 private:
  std::array<uint8_t, kCapacity * Record::kSize> bytes_{};
  size_t size_ = 0;
};

// An SSRC in a list of them (BYE, REMB).
struct Source {
  static constexpr size_t kSize = 4;

  Ssrc ssrc;

  static Source Read(ByteReader& reader) { return {Ssrc(reader.ReadU32())}; }
  void Write(ByteWriter& out) const { out.WriteU32(ssrc.value()); }
};

}  // namespace ocellus::rtcp
