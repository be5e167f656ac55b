// SPDX-License-Identifier: Apache-2.0
// How fast a Sender is, and how little it fills queues, on paths of every kind.
#include <gtest/gtest.h>

#include <cstdio>

#include "tests/rtc/sctp/sender_world.h"

namespace ocellus::sctp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr StreamId kFile{2};

struct Figures {
  double megabits = 0;
  Duration p95{};
  Duration worst{};
  SenderStats stats;
};

Figures Transfer(const WorldOptions& options, Duration duration) {
  SenderWorld world(options);
  world.KeepFull(kFile, 16 * 1024);
  world.Run(duration);
  Figures figures;
  figures.megabits = static_cast<double>(world.received_bytes()) * 8e-6 / ToSeconds(duration);
  figures.p95 = Percentile(world.queueing(), 95);
  figures.worst = Percentile(world.queueing(), 100);
  figures.stats = world.sender().stats();
  return figures;
}

TEST(SenderThroughput, Table) {
  std::printf("Mbit/s  RTT ms  loss %%  goodput  of capacity  queue p95  max ms  retransmitted  timeouts\n");
  for (const int megabits : {2, 4, 20, 100, 1000}) {
    for (const int round_trip : {1, 50}) {
      for (const double loss : {0.0, 0.01, 0.05}) {
        const auto rate = DataRate::FromKilobitsPerSecond(megabits * 1000);
        auto options = Symmetric(milliseconds(round_trip), rate, loss);
        const Duration duration = megabits > 100 ? seconds(3) : seconds(10);
        const Figures f = Transfer(options, duration);
        std::printf("%6d  %6d  %6.0f  %7.2f  %11.2f  %9.1f  %6.1f  %13llu  %8llu\n", megabits, round_trip,
                    loss * 100, f.megabits, f.megabits / megabits,
                    ToSeconds(f.p95) * 1e3, ToSeconds(f.worst) * 1e3,
                    static_cast<unsigned long long>(f.stats.retransmissions),
                    static_cast<unsigned long long>(f.stats.timeouts));
      }
    }
  }
}

}  // namespace
}  // namespace ocellus::sctp
