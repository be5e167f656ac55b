// SPDX-License-Identifier: Apache-2.0
// Two ends of an SCTP association in one process, and the path between them: a queue in memory with
// a delay, which loses packets by chance with a seed. In virtual time, which costs nothing, so that
// all CPU time is that of the two ends and of one copy of each packet.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "tests/sim/seeded_random.h"
#include "tools/benchmarks/sctp_end.h"

namespace ocellus::benchmarks {

// One direction.
class PacketQueue final : public PacketSink {
 public:
  PacketQueue(Duration delay, double loss, uint64_t seed)
      : delay_(delay), loss_(loss), chance_(seed) {}

  void Carry(Time now, Bytes packet) override;

  // kNever: nothing is on its way.
  Time next_arrival() const { return on_the_way_.empty() ? kNever : on_the_way_.front()->arrives; }
  // The packet that arrives next. It is there until the next call.
  Bytes Take();

  // That have entered, lost ones included.
  uint64_t packets() const { return packets_; }

 private:
  struct Packet {
    Time arrives{};
    size_t size = 0;
    std::array<uint8_t, kSctpMtu> bytes;
  };

  const Duration delay_;
  const double loss_;
  sim::SeededRandom chance_;
  std::deque<std::unique_ptr<Packet>> on_the_way_;
  std::vector<std::unique_ptr<Packet>> spare_;
  std::unique_ptr<Packet> taken_;
  uint64_t packets_ = 0;
};

class SctpPair {
 public:
  // Makes an end whose packets go to `out`. The active one is the DTLS client of WebRTC.
  using MakeEnd = std::function<std::unique_ptr<SctpEnd>(PacketSink& out, bool is_active)>;

  static constexpr Time kStart{std::chrono::hours(1)};

  // Loss from 0 to 1, the same both ways.
  SctpPair(const MakeEnd& make_end, Duration round_trip, double loss, uint64_t seed,
           Time now = kStart);

  void Connect();
  // `bytes` in messages of `message_size` from the one end, as fast as it takes them, until all
  // have arrived at the other. Returns how long that took on the path.
  Duration Transfer(uint64_t bytes, size_t message_size);
  void RunFor(Duration duration);

  Time now() const { return now_; }
  const PacketQueue& there() const { return there_; }

 private:
  // The next thing that happens. False: not before `end`, which it is now.
  bool Step(Time end);

  PacketQueue there_;
  PacketQueue back_;
  std::unique_ptr<SctpEnd> sender_;
  std::unique_ptr<SctpEnd> receiver_;
  Time now_;
};

}  // namespace ocellus::benchmarks
