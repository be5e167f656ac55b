// SPDX-License-Identifier: Apache-2.0
// How fast a Sender is and how little it fills queues, on paths of every kind. The tables that they
// print are the figures of firmware/README.md.
#include <gtest/gtest.h>

#include <cstdio>
#include <tuple>

#include "tests/rtc/sctp/sender_world.h"

namespace ocellus::sctp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr StreamId kFile{2};

double Milliseconds(Duration duration) { return ToSeconds(duration) * 1e3; }

struct Figures {
  double utilization = 0;  // Payload received, of the link's rate.
  Duration queue_p95{};
  Duration queue_worst{};
};

// The goodput is that of the last `duration`, after `start`; the queue counts from the beginning.
Figures Transfer(const WorldOptions& options, Duration start, Duration duration) {
  SenderWorld world(options);
  world.KeepFull(kFile, 16 * 1024);
  world.Run(start);
  const uint64_t received_before = world.received_bytes();
  world.Run(duration);
  const auto received = static_cast<int64_t>(world.received_bytes() - received_before);
  Figures figures;
  figures.utilization =
      static_cast<double>((DataSize::FromBytes(received) / duration).bits_per_second()) /
      static_cast<double>(options.there.rate.bits_per_second());
  figures.queue_p95 = Percentile(world.queueing(), 95);
  figures.queue_worst = Percentile(world.queueing(), 100);
  std::printf("%6.0f | %6.0f | %6.0f | %4.0f %% | %5.1f | %5.1f | %5llu\n",
              static_cast<double>(options.there.rate.bits_per_second()) / 1e6,
              Milliseconds(options.there.delay * 2), options.there.loss * 100,
              figures.utilization * 100, Milliseconds(figures.queue_p95),
              Milliseconds(figures.queue_worst),
              static_cast<unsigned long long>(world.sender().stats().timeouts));
  return figures;
}

// Of each 1,148 bytes on the wire, 1,092 are payload: 95 %.
TEST(SenderThroughput, FillsTheLinkAndNotItsQueueAtAnyRateRoundTripAndLoss) {
  std::printf("Mbit/s | RTT ms | loss %% | goodput | queue p95 | worst ms | timeouts\n");
  for (const int64_t kilobits : {2'000, 4'000, 20'000, 100'000, 1'000'000}) {
    for (const int round_trip : {1, 50}) {
      for (const double loss : {0.0, 0.01, 0.05}) {
        SCOPED_TRACE(testing::Message()
                     << kilobits << " kbit/s, RTT " << round_trip << " ms, loss " << loss);
        // Here the buffers are the limit: see below.
        if (kilobits == 1'000'000 && round_trip == 50) continue;
        const auto rate = DataRate::FromKilobitsPerSecond(kilobits);
        const auto options = Symmetric(milliseconds(round_trip), rate, loss);
        // As many packets as it takes to be sure.
        const Duration start = round_trip == 1 ? milliseconds(200) : milliseconds(1200);
        const Duration duration = kilobits > 100'000  ? milliseconds(200)
                                  : kilobits > 20'000 ? milliseconds(2000)
                                                      : milliseconds(8000);
        const Figures figures = Transfer(options, start, duration);
        // What is lost three times stalls the send buffer at the last of these.
        const bool stalls = kilobits == 100'000 && round_trip == 50 && loss == 0.05;
        EXPECT_GT(figures.utilization, (stalls ? 0.65 : 0.8) * (1 - loss));
        EXPECT_LE(figures.queue_p95, milliseconds(20));
        // Packets of 4.6 ms at 2 Mbit/s, and those stalls.
        EXPECT_LE(figures.queue_worst, milliseconds(30));
      }
    }
  }
}

TEST(SenderThroughput, IsLimitedByItsBufferOnALongFastPath) {
  for (const double loss : {0.0, 0.01, 0.05}) {
    const auto gigabit = DataRate::FromKilobitsPerSecond(1'000'000);
    const Figures figures =
        Transfer(Symmetric(milliseconds(50), gigabit, loss), milliseconds(1500), seconds(1));
    EXPECT_GT(figures.utilization, loss == 0 ? 0.3 : 0.08);
  }
}

TEST(SenderThroughput, GrowsToAHundredMegabitsInASecond) {
  SenderWorld world(Symmetric(milliseconds(50), DataRate::FromKilobitsPerSecond(100'000), 0));
  world.KeepFull(kFile, 16 * 1024);
  world.Run(milliseconds(1300));
  world.ResetCounters();
  world.Run(seconds(1));
  EXPECT_GT(world.received_bytes() * 8, 90'000'000u);
}

// What a file beside a video of constant rate does to it in 13 s.
struct BesideVideo {
  std::vector<Duration> added;  // To the delay of each of the video's packets.
  double share = 0;             // The file's, of what the video leaves.
};

BesideVideo SendBesideVideo(const WorldOptions& options) {
  SenderWorld world(options);
  world.Run(seconds(2));
  world.ResetCounters();
  world.KeepFull(kFile, 16 * 1024);
  world.Run(seconds(13));
  const double left =
      static_cast<double>(options.there.rate.bits_per_second() - options.video.bits_per_second());
  return {world.added_to_video(), static_cast<double>(world.received_bytes()) * 8 / 13 / left};
}

TEST(SenderThroughput, AddsLessThan20MillisecondsToTheVideosDelay) {
  std::printf("Mbit/s | video | RTT ms | loss %% | added p50 | p95 | worst ms | share\n");
  for (const auto& [link, video] : {std::pair(3'000, 2'000), std::pair(4'000, 2'000),
                                    std::pair(6'000, 2'000), std::pair(10'000, 4'000)}) {
    for (const int round_trip : {1, 50}) {
      for (const double loss : {0.0, 0.05}) {
        WorldOptions options =
            Symmetric(milliseconds(round_trip), DataRate::FromKilobitsPerSecond(link), loss);
        options.video = DataRate::FromKilobitsPerSecond(video);
        const auto [added, share] = SendBesideVideo(options);
        std::printf("%6.1f | %5.1f | %6d | %6.0f | %9.1f | %4.1f | %8.1f | %3.0f %%\n", link / 1e3,
                    video / 1e3, round_trip, loss * 100, Milliseconds(Percentile(added, 50)),
                    Milliseconds(Percentile(added, 95)), Milliseconds(Percentile(added, 100)),
                    share * 100);
        SCOPED_TRACE(testing::Message()
                     << link << " kbit/s, RTT " << round_trip << " ms, loss " << loss);
        EXPECT_LE(Percentile(added, 100), milliseconds(20));
        EXPECT_GT(share, 0.5);
      }
    }
  }
}

// In some of these, what is lost at the start leaves little to measure, or everything after a
// timeout has to be sent again.
TEST(SenderThroughput, AddsLittleToTheVideosDelayWhateverIsLost) {
  constexpr unsigned kSeeds = 60;
  std::printf("%u seeds at 5 %% loss\n", kSeeds);
  std::printf("Mbit/s | video | RTT ms | added p50 |   p95 |   p99 | worst ms | share\n");
  for (const auto& [link, video, round_trip] :
       {std::tuple(2'500, 1'500, 1), std::tuple(3'000, 2'000, 1), std::tuple(3'000, 2'000, 100)}) {
    SCOPED_TRACE(testing::Message() << link << " kbit/s, RTT " << round_trip << " ms");
    BesideVideo all;
    for (unsigned seed = 1; seed <= kSeeds; ++seed) {
      WorldOptions options =
          Symmetric(milliseconds(round_trip), DataRate::FromKilobitsPerSecond(link), 0.05);
      options.seed = seed;
      options.video = DataRate::FromKilobitsPerSecond(video);
      const BesideVideo one = SendBesideVideo(options);
      EXPECT_LE(Percentile(one.added, 95), milliseconds(20)) << "seed " << seed;
      EXPECT_GT(one.share, 0.5) << "seed " << seed;
      all.added.insert(all.added.end(), one.added.begin(), one.added.end());
      all.share += one.share / kSeeds;
    }
    std::printf("%6.1f | %5.1f | %6d | %9.1f | %5.1f | %5.1f | %8.1f | %3.0f %%\n", link / 1e3,
                video / 1e3, round_trip, Milliseconds(Percentile(all.added, 50)),
                Milliseconds(Percentile(all.added, 95)), Milliseconds(Percentile(all.added, 99)),
                Milliseconds(Percentile(all.added, 100)), all.share * 100);
    EXPECT_LE(Percentile(all.added, 99), milliseconds(20));
    EXPECT_LE(Percentile(all.added, 100), milliseconds(35));
    EXPECT_GT(all.share, 0.75);
  }
}

TEST(SenderThroughput, MakesRoomWhenTheLinkBecomesNarrow) {
  auto options = Symmetric(milliseconds(50), DataRate::FromKilobitsPerSecond(20'000), 0);
  SenderWorld world(options);
  world.KeepFull(kFile, 16 * 1024);
  world.Run(seconds(5));
  world.there().conditions().rate = DataRate::FromKilobitsPerSecond(4'000);
  world.Run(seconds(2));
  world.ResetCounters();
  world.Run(seconds(5));
  EXPECT_LE(Percentile(world.queueing(), 95), milliseconds(20));
  EXPECT_GT(world.received_bytes() * 8, 5u * 4'000'000 * 85 / 100);
}

TEST(SenderThroughput, TakesWhatBecomesFree) {
  auto options = Symmetric(milliseconds(50), DataRate::FromKilobitsPerSecond(4'000), 0);
  SenderWorld world(options);
  world.KeepFull(kFile, 16 * 1024);
  world.Run(seconds(5));
  world.there().conditions().rate = DataRate::FromKilobitsPerSecond(40'000);
  world.Run(seconds(4));
  world.ResetCounters();
  world.Run(seconds(5));
  EXPECT_LE(Percentile(world.queueing(), 95), milliseconds(20));
  EXPECT_GT(world.received_bytes() * 8, 5u * 40'000'000 * 85 / 100);
}

TEST(SenderThroughput, GetsUsedToALongerPath) {
  auto options = Symmetric(milliseconds(10), DataRate::FromKilobitsPerSecond(20'000), 0);
  SenderWorld world(options);
  world.KeepFull(kFile, 16 * 1024);
  world.Run(seconds(5));
  world.there().conditions().delay = milliseconds(60);
  world.Run(seconds(10));
  world.ResetCounters();
  world.Run(seconds(5));
  EXPECT_GT(world.received_bytes() * 8, 5u * 20'000'000 * 80 / 100);
}

// A queue of ours that is always there would be taken for the path after a while.
TEST(SenderThroughput, KeepsItsQueueShortForMinutes) {
  auto options = Symmetric(milliseconds(20), DataRate::FromKilobitsPerSecond(4'000), 0.001);
  SenderWorld world(options);
  world.KeepFull(kFile, 16 * 1024);
  world.Run(seconds(120));
  world.ResetCounters();
  world.Run(seconds(30));
  EXPECT_LE(Percentile(world.queueing(), 95), milliseconds(20));
  EXPECT_GT(world.received_bytes() * 8, 30u * 4'000'000 * 85 / 100);
}

TEST(SenderThroughput, LosesLittleInAShortBuffer) {
  auto options = Symmetric(milliseconds(20), DataRate::FromKilobitsPerSecond(10'000), 0);
  options.there.queue_limit = milliseconds(6);
  SenderWorld world(options);
  world.KeepFull(kFile, 16 * 1024);
  world.Run(seconds(20));
  const auto& link = world.there().stats();
  EXPECT_LT(link.dropped * 100, link.sent * 3);
  EXPECT_GT(world.received_bytes() * 8, 20u * 10'000'000 * 80 / 100);
}

TEST(SenderThroughput, GivesWayWhereManyPacketsAreLost) {
  auto options = Symmetric(milliseconds(20), DataRate::FromKilobitsPerSecond(10'000), 0.3);
  SenderWorld world(options);
  world.KeepFull(kFile, 16 * 1024);
  world.Run(seconds(20));
  EXPECT_LT(world.packets_sent() * SenderWorld::kMaxPacket * 8, 20u * 10'000'000 / 2);
  EXPECT_GT(world.received_bytes(), 100'000u);
}

TEST(SenderThroughput, SurvivesReorderingAndDuplicates) {
  auto options = Symmetric(milliseconds(50), DataRate::FromKilobitsPerSecond(20'000), 0.01);
  options.there.reorder = 0.05;
  options.there.duplicate = 0.02;
  options.back.reorder = 0.05;
  options.back.duplicate = 0.02;
  SenderWorld world(options);
  world.KeepFull(kFile, 16 * 1024);
  world.Run(seconds(10));
  EXPECT_GT(world.received_bytes() * 8, 10u * 20'000'000 * 75 / 100);
  EXPECT_EQ(world.sender().stats().timeouts, 0u);
}

TEST(SenderThroughput, BurstsOfLossNeedNoTimeout) {
  auto options = Symmetric(milliseconds(50), DataRate::FromKilobitsPerSecond(10'000), 0);
  options.there.burst_begin = 0.004;
  options.there.burst_end = 0.2;
  SenderWorld world(options);
  world.KeepFull(kFile, 16 * 1024);
  world.Run(seconds(20));
  EXPECT_GT(world.received_bytes() * 8, 20u * 10'000'000 * 70 / 100);
  EXPECT_LE(world.sender().stats().timeouts, 2u);
}

}  // namespace
}  // namespace ocellus::sctp
