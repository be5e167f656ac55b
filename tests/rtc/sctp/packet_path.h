// SPDX-License-Identifier: Apache-2.0
// Two ends of an SCTP association and the simulated path between them, in virtual time. Everything
// follows from the seed.
#pragma once

#include <functional>
#include <optional>
#include <queue>
#include <vector>

#include "firmware/base/bytes.h"
#include "firmware/base/time.h"
#include "tests/sim/link.h"

namespace ocellus::sctp {

// Whoever sends and receives SCTP packets.
class PathEnd {
 public:
  virtual ~PathEnd() = default;
  virtual void HandlePacket(Time now, Bytes packet) = 0;
  virtual void HandleTimeout(Time now) = 0;
  virtual std::optional<size_t> PollTransmit(Time now, MutableBytes out) = 0;
  virtual Time next_deadline() const = 0;
};

class PacketPath {
 public:
  static constexpr Time kStart{std::chrono::hours(1)};

  // The same conditions both ways. The ends must outlive this.
  PacketPath(PathEnd& a, PathEnd& b, const sim::LinkConditions& conditions, uint64_t seed);

  Time now() const { return now_; }
  sim::Link& from(const PathEnd& end) { return &end == &a_ ? a_to_b_ : b_to_a_; }
  // Sees each packet before it enters the path; true loses it.
  std::function<bool(const PathEnd& from, Bytes packet)> lose;

  void RunFor(Duration duration) {
    Run(now_ + duration, [] { return false; });
  }
  // Until `done` after an event. False when that takes longer than `most`.
  bool RunUntil(const std::function<bool()>& done, Duration most) { return Run(now_ + most, done); }
  // Nothing is on its way and nobody waits for a time before `most` has passed.
  bool RunUntilQuiet(Duration most);

 private:
  struct Arrival {
    Time at;
    uint64_t number;  // Of two at once, the one that left first.
    PathEnd* to;
    std::vector<uint8_t> packet;
    bool operator>(const Arrival& other) const {
      return at != other.at ? at > other.at : number > other.number;
    }
  };

  bool Run(Time end, const std::function<bool()>& done);
  void Transmit(PathEnd& from, PathEnd& to, sim::Link& link);
  Time next_event() const;

  PathEnd& a_;
  PathEnd& b_;
  sim::Link a_to_b_;
  sim::Link b_to_a_;
  Time now_ = kStart;
  uint64_t carried_ = 0;
  std::priority_queue<Arrival, std::vector<Arrival>, std::greater<>> arrivals_;
};

}  // namespace ocellus::sctp
