// SPDX-License-Identifier: Apache-2.0
// Lists of fixed-size records within a chunk: gap blocks, duplicates, skipped streams, streams to
// reset. Borrowed and decoded on access, so that a packet of any length costs no memory.
#pragma once

#include <array>

#include "firmware/base/byte_reader.h"
#include "firmware/base/byte_writer.h"

namespace ocellus::sctp {

// A Record has kSize, Read and Write.
template <typename Record>
class RecordList {
 public:
  RecordList() = default;
  // `bytes` are whole records, borrowed.
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
  static constexpr size_t capacity() { return kCapacity; }
  size_t size() const { return size_ / Record::kSize; }
  bool full() const { return size_ == bytes_.size(); }

  // False when it is full.
  [[nodiscard]] bool Add(const Record& record) {
    if (full()) return false;
    ByteWriter writer(MutableBytes(bytes_).subspan(size_, Record::kSize));
    record.Write(writer);
    size_ += Record::kSize;
    return true;
  }
  void Clear() { size_ = 0; }

  // Borrowed from this; good until the next change.
  RecordList<Record> list() const { return RecordList<Record>(Bytes(bytes_).first(size_)); }

 private:
  std::array<uint8_t, kCapacity * Record::kSize> bytes_;
  size_t size_ = 0;
};

}  // namespace ocellus::sctp
