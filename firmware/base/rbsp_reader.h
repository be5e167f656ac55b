// SPDX-License-Identifier: Apache-2.0
// Reads the bits of an H.264 NAL unit's payload: fixed fields and Exp-Golomb codes (ITU-T H.264
// sections 7.2 and 9.1), with the emulation prevention bytes left out. A read past the end yields
// zeros and sets a sticky failure, so that a parser asks ok() once.
#pragma once

#include "firmware/base/bytes.h"

namespace ocellus {

class RbspReader {
 public:
  // `payload` is what follows the NAL unit's header byte; borrowed.
  explicit RbspReader(Bytes payload) : payload_(payload) {}

  bool ok() const { return ok_; }

  // `count` is at most 32.
  uint32_t ReadBits(unsigned count) {
    uint32_t value = 0;
    for (unsigned i = 0; i < count; ++i) value = value << 1 | ReadBit();
    return value;
  }
  bool ReadFlag() { return ReadBit() != 0; }

  // ue(v), up to 2^32 - 2.
  uint32_t ReadUnsigned() {
    unsigned zeros = 0;
    while (ok_ && ReadBit() == 0) {
      if (++zeros > 31) ok_ = false;
    }
    if (!ok_) return 0;
    return (uint32_t{1} << zeros) - 1 + ReadBits(zeros);
  }
  // se(v)
  int32_t ReadSigned() {
    const uint32_t code = ReadUnsigned();
    const auto magnitude = static_cast<int32_t>((code >> 1) + (code & 1));
    return (code & 1) != 0 ? magnitude : -magnitude;
  }

 private:
  uint32_t ReadBit() {
    if (bits_left_ == 0 && !NextByte()) return 0;
    --bits_left_;
    return current_ >> bits_left_ & 1u;
  }

  bool NextByte() {
    constexpr uint8_t kEmulationPrevention = 3;
    if (ok_ && zeros_ >= 2 && position_ < payload_.size() &&
        payload_[position_] == kEmulationPrevention) {
      ++position_;
      zeros_ = 0;
    }
    if (!ok_ || position_ >= payload_.size()) {
      ok_ = false;
      return false;
    }
    current_ = payload_[position_++];
    zeros_ = current_ == 0 ? zeros_ + 1 : 0;
    bits_left_ = 8;
    return true;
  }

  Bytes payload_;
  size_t position_ = 0;
  uint8_t current_ = 0;
  unsigned bits_left_ = 0;  // Of current_.
  unsigned zeros_ = 0;      // Bytes in a row, up to current_.
  bool ok_ = true;
};

}  // namespace ocellus
