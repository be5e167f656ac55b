// SPDX-License-Identifier: Apache-2.0
// Reads big-endian fields from borrowed bytes. A read past the end yields zeros and sets a sticky
// failure, so a parser reads a whole header and asks ok() once.
#pragma once

#include <utility>

#include "firmware/base/bytes.h"

namespace ocellus {

class ByteReader {
 public:
  explicit ByteReader(Bytes bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  size_t position() const { return position_; }
  size_t remaining() const { return bytes_.size() - position_; }

  uint8_t ReadU8() { return static_cast<uint8_t>(ReadBigEndian(std::make_index_sequence<1>())); }
  uint16_t ReadU16() { return static_cast<uint16_t>(ReadBigEndian(std::make_index_sequence<2>())); }
  uint32_t ReadU24() { return static_cast<uint32_t>(ReadBigEndian(std::make_index_sequence<3>())); }
  uint32_t ReadU32() { return static_cast<uint32_t>(ReadBigEndian(std::make_index_sequence<4>())); }
  uint64_t ReadU64() { return ReadBigEndian(std::make_index_sequence<8>()); }

  // The next `size` bytes, borrowed; empty (and failed) when there are fewer.
  Bytes ReadBytes(size_t size) {
    if (!Take(size)) return {};
    return bytes_.subspan(position_ - size, size);
  }
  Bytes ReadRest() { return ReadBytes(remaining()); }
  void Skip(size_t size) { Take(size); }

 private:
  bool Take(size_t size) {
    if (!ok_ || size > remaining()) {
      ok_ = false;
      return false;
    }
    position_ += size;
    return true;
  }

  // As many bytes as there are indices. Written out, so that the compiler makes one load of them.
  template <size_t... kIndex>
  uint64_t ReadBigEndian(std::index_sequence<kIndex...>) {
    constexpr size_t kSize = sizeof...(kIndex);
    if (!Take(kSize)) return 0;
    const uint8_t* byte = bytes_.data() + position_ - kSize;
    return (... | (uint64_t{byte[kIndex]} << (8 * (kSize - 1 - kIndex))));
  }

  Bytes bytes_;
  size_t position_ = 0;
  bool ok_ = true;
};

}  // namespace ocellus
