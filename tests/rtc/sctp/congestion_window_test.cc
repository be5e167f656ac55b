// SPDX-License-Identifier: Apache-2.0
// What the window does with one sample after another; what comes of it on a path is in
// sender_throughput_test.cc.
#include "firmware/rtc/sctp/congestion_window.h"

#include <gtest/gtest.h>

#include "firmware/base/limits.h"

namespace ocellus::sctp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr size_t kPacket = 1000;

class CongestionWindowTest : public testing::Test {
 protected:
  // A window's worth of packets is acknowledged, evenly, in one round trip of `round_trip`.
  void RoundTrip(Duration round_trip, bool used = true) {
    const size_t packets = window_.window() / kPacket;
    for (size_t i = 0; i < packets; ++i) {
      now_ += round_trip / static_cast<int64_t>(packets);
      PathSample sample;
      sample.bytes = kPacket;
      sample.chunks = 1;
      sample.in_flight_before = used ? window_.window() : kPacket;
      sample.round_trip = round_trip;
      sample.latest_sent_at = now_ - round_trip;
      window_.HandleAcknowledged(now_, sample);
    }
  }
  void RoundTrips(int count, Duration round_trip) {
    for (int i = 0; i < count; ++i) RoundTrip(round_trip);
  }

  // Of a window that is used.
  PathSample Sample(size_t bytes, std::optional<Duration> round_trip) const {
    PathSample sample;
    sample.bytes = bytes;
    sample.chunks = bytes / kPacket;
    sample.in_flight_before = window_.window();
    sample.round_trip = round_trip;
    sample.latest_sent_at = now_ - round_trip.value_or(milliseconds(20));
    return sample;
  }

  Time now_ = Time(seconds(50));
  CongestionWindow window_{kPacket};
};

// RFC 9260 section 7.2.1.
TEST_F(CongestionWindowTest, BeginsWithFourPackets) { EXPECT_EQ(window_.window(), 4 * kPacket); }

TEST_F(CongestionWindowTest, DoublesOnAShortPath) {
  RoundTrips(5, milliseconds(5));
  const size_t before = window_.window();
  RoundTrip(milliseconds(5));
  EXPECT_NEAR(static_cast<double>(window_.window()) / static_cast<double>(before), 2.0, 0.2);
}

TEST_F(CongestionWindowTest, GrowsByLessOnALongPath) {
  RoundTrips(20, milliseconds(100));
  const size_t before = window_.window();
  RoundTrip(milliseconds(100));
  // 13 ms of a round trip of 100 ms.
  EXPECT_NEAR(static_cast<double>(window_.window()) / static_cast<double>(before), 1.13, 0.02);
}

TEST_F(CongestionWindowTest, StopsGrowingAtTheFirstQueue) {
  RoundTrips(10, milliseconds(20));
  const size_t before = window_.window();
  RoundTrips(4, milliseconds(30));
  EXPECT_LE(window_.window(), before + before / 20);
  EXPECT_NEAR(ToSeconds(window_.queueing_delay()), 0.010, 0.001);
}

TEST_F(CongestionWindowTest, TakesALongQueueAway) {
  RoundTrips(10, milliseconds(20));
  const size_t before = window_.window();
  RoundTrips(8, milliseconds(60));
  EXPECT_LT(window_.window(), before / 2);
}

// What has been sent twice has no round trip (Karn's algorithm).
TEST_F(CongestionWindowTest, DoesNotGrowWhileNothingIsMeasured) {
  RoundTrips(3, milliseconds(20));
  const size_t before = window_.window();
  for (int i = 0; i < 100; ++i) {
    now_ += milliseconds(5);
    window_.HandleAcknowledged(now_, Sample(kPacket, std::nullopt));
  }
  EXPECT_EQ(window_.window(), before);
  // What was acknowledged until then counts, for no more than a window.
  now_ += milliseconds(5);
  window_.HandleAcknowledged(now_, Sample(kPacket, milliseconds(20)));
  EXPECT_GT(window_.window(), before);
  EXPECT_LE(window_.window(), 2 * before);
}

// RFC 3465 section 2.2.
TEST_F(CongestionWindowTest, OneAcknowledgementDoesNotDoubleIt) {
  window_.HandleAcknowledged(now_, Sample(4 * kPacket, milliseconds(20)));
  EXPECT_EQ(window_.window(), 6 * kPacket);
}

TEST_F(CongestionWindowTest, DoesNotGrowWhileNobodyUsesIt) {
  RoundTrips(5, milliseconds(20));
  const size_t before = window_.window();
  for (int i = 0; i < 10; ++i) RoundTrip(milliseconds(20), false);
  EXPECT_EQ(window_.window(), before);
}

TEST_F(CongestionWindowTest, BearsFivePercentOfChanceLoss) {
  RoundTrips(20, milliseconds(20));
  const size_t before = window_.window();
  for (int i = 0; i < 20; ++i) {
    window_.HandleLost(window_.window() / kPacket / 20);
    RoundTrip(milliseconds(20));
  }
  EXPECT_GE(window_.window(), before);
}

TEST_F(CongestionWindowTest, GivesWayToAFifthLost) {
  RoundTrips(20, milliseconds(20));
  const size_t before = window_.window();
  for (int i = 0; i < 40; ++i) {
    window_.HandleLost(window_.window() / kPacket / 4 + 1);
    RoundTrip(milliseconds(20));
  }
  EXPECT_LT(window_.window(), before / 2);
  EXPECT_GE(window_.window(), 4 * kPacket);
}

TEST_F(CongestionWindowTest, BeginsAnewAfterATimeoutButGetsBackFast) {
  RoundTrips(20, milliseconds(50));
  const size_t before = window_.window();
  window_.HandleTimeout(now_);
  EXPECT_EQ(window_.window(), 4 * kPacket);
  RoundTrips(8, milliseconds(50));
  EXPECT_GE(window_.window(), before / 2);
}

TEST_F(CongestionWindowTest, HalvesForEachTimeoutOfIdleness) {
  RoundTrips(20, milliseconds(20));
  const size_t before = window_.window();
  window_.HandleIdle(milliseconds(199), milliseconds(200));
  EXPECT_EQ(window_.window(), before);
  window_.HandleIdle(milliseconds(400), milliseconds(200));
  EXPECT_EQ(window_.window(), before / 4);
  window_.HandleIdle(seconds(1000), milliseconds(200));
  EXPECT_EQ(window_.window(), 4 * kPacket);
}

TEST_F(CongestionWindowTest, LooksForTheBaseNowAndThen) {
  RoundTrips(5, milliseconds(20));
  RoundTrips(60, milliseconds(30));  // Our own queue, as intended.
  size_t least = window_.window();
  for (int i = 0; i < 300; ++i) {
    RoundTrip(milliseconds(30));
    least = std::min(least, window_.window());
  }
  EXPECT_LT(least, window_.window() * 7 / 10);
}

TEST_F(CongestionWindowTest, IsNeverLargerThanTheSendBuffer) {
  RoundTrips(60, milliseconds(1));
  EXPECT_EQ(window_.window(), kMaxSctpSendBuffer);
}

}  // namespace
}  // namespace ocellus::sctp
