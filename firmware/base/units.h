// SPDX-License-Identifier: Apache-2.0
// Quantities with their units: data sizes, data rates and NTP timestamps.
#pragma once

#include <cstdint>

#include "firmware/base/time.h"

namespace ocellus {

class DataSize {
 public:
  constexpr DataSize() = default;
  static constexpr DataSize FromBytes(int64_t bytes) { return DataSize(bytes); }
  constexpr int64_t bytes() const { return bytes_; }

  constexpr DataSize& operator+=(DataSize other) {
    bytes_ += other.bytes_;
    return *this;
  }
  friend constexpr DataSize operator+(DataSize a, DataSize b) {
    return DataSize(a.bytes_ + b.bytes_);
  }
  friend constexpr DataSize operator-(DataSize a, DataSize b) {
    return DataSize(a.bytes_ - b.bytes_);
  }
  friend constexpr bool operator==(DataSize a, DataSize b) { return a.bytes_ == b.bytes_; }
  friend constexpr bool operator!=(DataSize a, DataSize b) { return a.bytes_ != b.bytes_; }
  friend constexpr bool operator<(DataSize a, DataSize b) { return a.bytes_ < b.bytes_; }

 private:
  constexpr explicit DataSize(int64_t bytes) : bytes_(bytes) {}
  int64_t bytes_ = 0;
};

class DataRate {
 public:
  constexpr DataRate() = default;
  static constexpr DataRate FromBitsPerSecond(int64_t bits) { return DataRate(bits); }
  static constexpr DataRate FromKilobitsPerSecond(int64_t kilobits) {
    return DataRate(kilobits * 1000);
  }
  constexpr int64_t bits_per_second() const { return bits_per_second_; }

  friend constexpr bool operator==(DataRate a, DataRate b) {
    return a.bits_per_second_ == b.bits_per_second_;
  }
  friend constexpr bool operator!=(DataRate a, DataRate b) { return !(a == b); }
  friend constexpr bool operator<(DataRate a, DataRate b) {
    return a.bits_per_second_ < b.bits_per_second_;
  }

 private:
  constexpr explicit DataRate(int64_t bits) : bits_per_second_(bits) {}
  int64_t bits_per_second_ = 0;
};

constexpr DataSize operator*(DataRate rate, Duration duration) {
  return DataSize::FromBytes(rate.bits_per_second() * duration.count() / 8 / 1'000'000);
}
// The mean rate of `size` over `duration`, which must be more than zero.
constexpr DataRate operator/(DataSize size, Duration duration) {
  return DataRate::FromBitsPerSecond(size.bytes() * 8 * 1'000'000 / duration.count());
}

// RFC 5905 section 6: seconds since 1900-01-01 UTC in 32.32 fixed point.
class NtpTime {
 public:
  constexpr NtpTime() = default;
  constexpr explicit NtpTime(uint64_t value) : value_(value) {}
  // `since_epoch` is wall-clock time since 1970-01-01 UTC.
  static constexpr NtpTime FromUnix(std::chrono::microseconds since_epoch) {
    constexpr uint64_t kSecondsFrom1900To1970 = 2'208'988'800;
    const auto micros = static_cast<uint64_t>(since_epoch.count());
    const uint64_t seconds = micros / 1'000'000 + kSecondsFrom1900To1970;
    const uint64_t fraction = ((micros % 1'000'000) << 32) / 1'000'000;
    return NtpTime(seconds << 32 | fraction);
  }

  // The inverse of FromUnix from 1970 to 2106, to the nearest microsecond.
  constexpr std::chrono::microseconds ToUnix() const {
    const auto seconds = int64_t{static_cast<uint32_t>((value_ >> 32) - 2'208'988'800)};
    const uint64_t micros = ((value_ & 0xffffffff) * 1'000'000 + (uint64_t{1} << 31)) >> 32;
    return std::chrono::microseconds(seconds * 1'000'000 + static_cast<int64_t>(micros));
  }

  constexpr uint64_t value() const { return value_; }
  // The middle 32 bits, as in RTCP's LSR and DLSR (RFC 3550 section 6.4.1): 16.16 seconds.
  constexpr uint32_t middle() const { return static_cast<uint32_t>(value_ >> 16); }

  // This plus `duration`, which may be negative.
  constexpr NtpTime operator+(Duration duration) const {
    const int64_t seconds = duration.count() / 1'000'000;
    const int64_t micros = duration.count() % 1'000'000;
    return NtpTime(value_ + (static_cast<uint64_t>(seconds) << 32) +
                   static_cast<uint64_t>(micros * (int64_t{1} << 32) / 1'000'000));
  }

  friend constexpr bool operator==(NtpTime a, NtpTime b) { return a.value_ == b.value_; }
  friend constexpr bool operator!=(NtpTime a, NtpTime b) { return a.value_ != b.value_; }

 private:
  uint64_t value_ = 0;
};

// Ties the two clocks together, so that the portable code never reads the wall clock: at
// monotonic time `at`, wall-clock time was `ntp`. The platform refreshes it as the wall clock is
// stepped; only NTP fields of RTCP and abs-capture-time are made from it.
struct WallClock {
  Time at;
  NtpTime ntp;

  constexpr NtpTime ToNtp(Time time) const { return ntp + (time - at); }
};

}  // namespace ocellus
