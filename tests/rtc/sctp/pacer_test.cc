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
      pacer.Spend(now, 1000, window, interval);
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

TEST(Pacer, MakesUpForOneMillisecondOrOnePacket) {
  Pacer pacer;
  Time now = Time(std::chrono::seconds(5));
  int burst = 0;
  for (; pacer.Allows(now); ++burst) pacer.Spend(now, 1000, 100'000, milliseconds(10));
  EXPECT_EQ(burst, 11);  // 10 packets a millisecond.

  Pacer slow;
  burst = 0;
  for (; slow.Allows(now); ++burst) slow.Spend(now, 1000, 4000, milliseconds(100));
  EXPECT_EQ(burst, 2);
  EXPECT_EQ(slow.next() - now, milliseconds(25));
}

TEST(Pacer, SurvivesAWindowOfNothing) {
  Pacer pacer;
  pacer.Spend(Time(), 1000, 0, Duration());
  EXPECT_TRUE(pacer.Allows(Time()));
}

}  // namespace
}  // namespace ocellus::sctp
