// SPDX-License-Identifier: Apache-2.0
// Writes big-endian fields into borrowed bytes. A write past the end is not made and sets a sticky
// failure, so a codec writes a whole message and asks ok() once.
#pragma once

#include <utility>

#include "firmware/base/bytes.h"

namespace ocellus {

class ByteWriter {
 public:
  explicit ByteWriter(MutableBytes bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  size_t size() const { return position_; }
  size_t remaining() const { return bytes_.size() - position_; }
  MutableBytes written() const { return bytes_.first(position_); }

  void WriteU8(uint8_t value) { WriteBigEndian(value, std::make_index_sequence<1>()); }
  void WriteU16(uint16_t value) { WriteBigEndian(value, std::make_index_sequence<2>()); }
  void WriteU24(uint32_t value) { WriteBigEndian(value, std::make_index_sequence<3>()); }
  void WriteU32(uint32_t value) { WriteBigEndian(value, std::make_index_sequence<4>()); }
  void WriteU64(uint64_t value) { WriteBigEndian(value, std::make_index_sequence<8>()); }

  void WriteBytes(Bytes bytes) {
    if (!Take(bytes.size()) || bytes.empty()) return;
    std::memcpy(bytes_.data() + position_ - bytes.size(), bytes.data(), bytes.size());
  }
  void WriteZeros(size_t count) {
    if (Take(count) && count > 0) std::memset(bytes_.data() + position_ - count, 0, count);
  }

  // Passes over bytes that stand there already.
  void Skip(size_t count) { Take(count); }

  // Overwrites two bytes already written: for length fields that are known only at the end.
  void PatchU16(size_t position, uint16_t value) {
    CHECK(position + 2 <= position_, "patch at %zu of %zu", position, position_);
    bytes_[position] = static_cast<uint8_t>(value >> 8);
    bytes_[position + 1] = static_cast<uint8_t>(value);
  }

 private:
  bool Take(size_t size) {
    if (!ok_ || size > remaining()) {
      ok_ = false;
      return false;
    }
    position_ += size;
    return true;
  }

  // As many bytes as there are indices. Written out, so that the compiler makes one store of them.
  template <size_t... kIndex>
  void WriteBigEndian(uint64_t value, std::index_sequence<kIndex...>) {
    constexpr size_t kSize = sizeof...(kIndex);
    if (!Take(kSize)) return;
    uint8_t* byte = bytes_.data() + position_ - kSize;
    ((byte[kIndex] = static_cast<uint8_t>(value >> (8 * (kSize - 1 - kIndex)))), ...);
  }

  MutableBytes bytes_;
  size_t position_ = 0;
  bool ok_ = true;
};

}  // namespace ocellus
