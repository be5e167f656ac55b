// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/units.h"

#include <gtest/gtest.h>

namespace ocellus {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(DataSize, AddsAndCompares) {
  DataSize size = DataSize::FromBytes(100);
  size += DataSize::FromBytes(50);
  EXPECT_EQ(size.bytes(), 150);
  EXPECT_EQ((size + size - DataSize::FromBytes(1)).bytes(), 299);
  EXPECT_TRUE(DataSize::FromBytes(1) < size);
  EXPECT_TRUE(size == DataSize::FromBytes(150) && size != DataSize());
}

TEST(DataRate, TimesTimeIsASize) {
  const DataRate rate = DataRate::FromKilobitsPerSecond(2000);
  EXPECT_EQ(rate.bits_per_second(), 2'000'000);
  EXPECT_EQ((rate * seconds(4)).bytes(), 1'000'000);
  EXPECT_EQ((rate * milliseconds(1)).bytes(), 250);
  EXPECT_EQ((rate * seconds(0)).bytes(), 0);
  // 10 Gbit/s over 15 minutes still fits.
  EXPECT_EQ((DataRate::FromKilobitsPerSecond(10'000'000) * std::chrono::minutes(15)).bytes(),
            1'125'000'000'000);
}

TEST(DataRate, IsASizeOverTime) {
  EXPECT_EQ(DataSize::FromBytes(250) / milliseconds(1), DataRate::FromBitsPerSecond(2'000'000));
  EXPECT_TRUE(DataRate::FromBitsPerSecond(1) < DataRate::FromBitsPerSecond(2));
  EXPECT_TRUE(DataRate() != DataRate::FromBitsPerSecond(2));
}

// RFC 5905 section 6, figure 4: 1970-01-01 is 2,208,988,800 s after the epoch of NTP.
TEST(NtpTime, CountsFrom1900) {
  constexpr uint64_t k1970 = 2'208'988'800;
  EXPECT_EQ(NtpTime::FromUnix(microseconds(0)).value(), k1970 << 32);
  EXPECT_EQ(NtpTime::FromUnix(milliseconds(500)).value(), (k1970 << 32) | 0x80000000u);
  EXPECT_EQ(NtpTime::FromUnix(microseconds(999'999)).value() >> 32, k1970);
}

// RFC 5905 section 6: era 1 begins on 2036-02-07 06:28:16 UTC.
TEST(NtpTime, WrapsIntoTheNextEra) {
  EXPECT_EQ(NtpTime::FromUnix(seconds(2'085'978'496)).value(), 0u);
}

TEST(NtpTime, ComesBackFromUnixTime) {
  for (const microseconds time :
       {microseconds(0), microseconds(1), microseconds(999'999),
        microseconds(1'795'208'400'123'456), microseconds(seconds(2'085'978'496))}) {
    EXPECT_EQ(NtpTime::FromUnix(time).ToUnix(), time) << time.count();
  }
}

TEST(NtpTime, GivesTheMiddleBitsForRtcp) {
  EXPECT_EQ(NtpTime(0x0123456789abcdef).middle(), 0x456789abu);
}

TEST(NtpTime, MovesForwardAndBack) {
  const NtpTime time = NtpTime::FromUnix(seconds(1'000));
  EXPECT_EQ(time + milliseconds(1'500), NtpTime::FromUnix(milliseconds(1'001'500)));
  EXPECT_EQ(time + milliseconds(-1'500), NtpTime::FromUnix(milliseconds(998'500)));
  EXPECT_EQ(time + seconds(0), time);
  EXPECT_NE(time + microseconds(1), time);
}

TEST(WallClock, TiesMonotonicTimeToTheWall) {
  const WallClock clock{Time(seconds(10)), NtpTime::FromUnix(seconds(1'000))};
  EXPECT_EQ(clock.ToNtp(Time(seconds(12))), NtpTime::FromUnix(seconds(1'002)));
  EXPECT_EQ(clock.ToNtp(Time(seconds(7))), NtpTime::FromUnix(seconds(997)));
}

}  // namespace
}  // namespace ocellus
