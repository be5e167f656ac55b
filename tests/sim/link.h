// SPDX-License-Identifier: Apache-2.0
// One direction of a network path, in virtual time: decides when, how often and whether a datagram
// arrives. Everything follows from the seed.
#pragma once

#include <vector>

#include "firmware/base/time.h"
#include "firmware/base/units.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::sim {

struct LinkConditions {
  Duration delay{};   // One way.
  Duration jitter{};  // Added to delay, uniform in [0, jitter]; does not reorder by itself.

  double loss = 0;  // Probability of each datagram, alone.
  // Bursts after Gilbert and Elliott: from the good state to the bad one and back, each datagram;
  // in the bad state all are lost.
  double burst_begin = 0;
  double burst_end = 1;

  double duplicate = 0;  // Probability that a datagram arrives twice.
  double reorder = 0;    // Probability that a datagram is held back by reorder_delay.
  Duration reorder_delay = std::chrono::milliseconds(10);

  DataRate rate;                                          // 0: unlimited.
  Duration queue_limit = std::chrono::milliseconds(300);  // Drop-tail, in time at `rate`.

  bool down = false;  // Nothing arrives.
};

struct LinkStats {
  uint64_t sent = 0;
  uint64_t lost = 0;     // By chance, in a burst or because the link is down.
  uint64_t dropped = 0;  // By a full queue.
};

class Link {
 public:
  Link(const LinkConditions& conditions, uint64_t seed) : conditions_(conditions), random_(seed) {}

  LinkConditions& conditions() { return conditions_; }
  const LinkStats& stats() const { return stats_; }

  // A datagram of `size` bytes enters at `now`. Returns when it arrives: never, once or twice.
  std::vector<Time> Carry(Time now, size_t size);

 private:
  bool Lost();

  LinkConditions conditions_;
  SeededRandom random_;
  LinkStats stats_;
  bool in_burst_ = false;
  Time transmitter_free_{};
  Time last_arrival_{};
};

}  // namespace ocellus::sim
