// SPDX-License-Identifier: Apache-2.0
// Numbers that wrap (RFC 1982 serial arithmetic): RTP sequence numbers and timestamps.
// Comparison is meaningful for values less than half of the range apart, which is why there is no
// operator<: an order that wraps must not be used as a key.
#pragma once

#include <cstdint>
#include <type_traits>

namespace ocellus {

template <typename Tag, typename Rep>
class SerialNumber {
 public:
  using rep = Rep;
  using Difference = std::make_signed_t<Rep>;

  constexpr SerialNumber() = default;
  constexpr explicit SerialNumber(Rep value) : value_(value) {}

  constexpr Rep value() const { return value_; }

  // How far this is ahead of `other`, the short way round; negative when it is behind.
  constexpr Difference DistanceFrom(SerialNumber other) const {
    return static_cast<Difference>(static_cast<Rep>(value_ - other.value_));
  }
  constexpr bool IsNewerThan(SerialNumber other) const { return DistanceFrom(other) > 0; }

  constexpr SerialNumber operator+(Rep step) const {
    return SerialNumber(static_cast<Rep>(value_ + step));
  }
  constexpr SerialNumber operator-(Rep step) const {
    return SerialNumber(static_cast<Rep>(value_ - step));
  }
  constexpr SerialNumber& operator++() {
    ++value_;
    return *this;
  }

  friend constexpr bool operator==(SerialNumber a, SerialNumber b) { return a.value_ == b.value_; }
  friend constexpr bool operator!=(SerialNumber a, SerialNumber b) { return a.value_ != b.value_; }

 private:
  Rep value_ = 0;
};

// RFC 3550 section 5.1: one more for each packet of an SSRC, random at the start.
using SequenceNumber = SerialNumber<struct SequenceNumberTag, uint16_t>;

// RFC 3550 section 5.1: in units of the payload's clock (video: 90 kHz), random at the start.
using RtpTimestamp = SerialNumber<struct RtpTimestampTag, uint32_t>;

// Extends wrapping numbers to 64 bits that do not wrap, taking each as the one nearest to the
// highest seen.
template <typename Serial>
class Unwrapper {
 public:
  int64_t Unwrap(Serial serial) {
    if (!started_) {
      started_ = true;
      highest_ = serial.value();
      return highest_;
    }
    const Serial last(static_cast<typename Serial::rep>(highest_));
    const int64_t value = highest_ + serial.DistanceFrom(last);
    if (value > highest_) highest_ = value;
    return value;
  }

 private:
  bool started_ = false;
  int64_t highest_ = 0;
};

}  // namespace ocellus
