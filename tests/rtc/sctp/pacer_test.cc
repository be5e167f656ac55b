// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/pacer.h"

#include <gtest/gtest.h>

namespace ocellus::sctp {
namespace {

using std::chrono::milliseconds;

// Packets of 1,000 bytes that leave in `duration`, asked for at every deadline.
int Packets(Pacer& pacer, Time& now, Duration duration, size_t window, Duration interval) {
  int packets = 0;
  const Time end = now + duration;
  while (now < end) {
    while (pacer.Allows(now)) {
      pacer.Spend(now, 1000, window, interval, /*in_pairs=*/true);
      ++packets;
    }
    now = pacer.next();
  }
  return packets;
}

TEST(Pacer, SendsAWindowInItsInterval) {
  Pacer pacer;
  Time now = Time(std::chrono::seconds(5));
  EXPECT_NEAR(Packets(pacer, now, milliseconds(1000), 50'000, milliseconds(100)), 500, 3);
}

TEST(Pacer, KeepsFractionsOfMicroseconds) {
  Pacer pacer;
  Time now = Time(std::chrono::seconds(5));
  // 1.5 us each.
  EXPECT_NEAR(Packets(pacer, now, milliseconds(30), 2'000'000, milliseconds(3)), 20'000, 1000);
}

// Packets of 1,000 bytes that leave at once, after a pause.
int Burst(Pacer& pacer, Time now, size_t window, Duration interval, bool in_pairs) {
  int packets = 0;
  for (; pacer.Allows(now); ++packets) pacer.Spend(now, 1000, window, interval, in_pairs);
  return packets;
}

TEST(Pacer, MakesUpForOneMillisecondOrOnePacketOfAPair) {
  const Time now = Time(std::chrono::seconds(5));
  Pacer fast;
  EXPECT_EQ(Burst(fast, now, 100'000, milliseconds(10), /*in_pairs=*/false), 11);  // 10 a ms.
  Pacer alone;
  EXPECT_EQ(Burst(alone, now, 4000, milliseconds(100), /*in_pairs=*/false), 1);
  EXPECT_EQ(alone.next() - now, milliseconds(24));
  Pacer paired;
  EXPECT_EQ(Burst(paired, now, 4000, milliseconds(100), /*in_pairs=*/true), 2);
  EXPECT_EQ(paired.next() - now, milliseconds(25));
}

TEST(Pacer, SurvivesAWindowOfNothing) {
  Pacer pacer;
  pacer.Spend(Time(), 1000, 0, Duration(), /*in_pairs=*/false);
  EXPECT_TRUE(pacer.Allows(Time()));
}

}  // namespace
}  // namespace ocellus::sctp
