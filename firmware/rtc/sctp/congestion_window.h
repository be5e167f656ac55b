// SPDX-License-Identifier: Apache-2.0
// How much may be in flight. The signal is delay: the window keeps a standing queue of some
// milliseconds at the bottleneck, enough to use all of it and too little for the video beside it to
// notice. Chance losses change nothing; losses with a queue make the queue smaller, and many losses
// the window. Why not RFC 9260 section 7.2: it fills the bottleneck's buffer, which delays the
// video by as much, and 5 % of chance loss bring it down to some packets. Does not pace (Pacer) and
// does not find losses (LossDetector). io thread only. Owned by Sender.
//
// State: kGrowing (by a factor each round, until there is a queue) -> kSteady (towards the target;
// kGrowing again when there has been no queue for some rounds) -> kDraining (for one round now and
// then, to see the path without our queue) -> kSteady.
#pragma once

#include <optional>

#include "firmware/base/time.h"

namespace ocellus::sctp {

// What a SACK says about the path.
struct PathSample {
  size_t bytes = 0;  // Newly acknowledged.
  size_t chunks = 0;
  size_t in_flight_before = 0;         // Bytes, before this SACK.
  Time latest_sent_at{};               // Of the acknowledged chunks.
  std::optional<Duration> round_trip;  // When one of them was sent once.
};

class CongestionWindow {
 public:
  // `max_packet` in bytes.
  explicit CongestionWindow(size_t max_packet);

  // The round trip of the handshake. Its packets were small, so that it is no base; but a path on
  // which ours take much longer has a queue before we begin.
  void Start(Duration round_trip);

  void HandleAcknowledged(Time now, const PathSample& sample);
  void HandleLost(size_t chunks);
  // The retransmission timer ran out: we know nothing of the path any more.
  void HandleTimeout(Time now);
  // Something is sent again after nothing was in flight for `idle`.
  void HandleIdle(Duration idle, Duration timeout);

  // Bytes that may be in flight.
  size_t window() const { return window_; }
  // By a factor each round trip, as at the start and after a pause.
  bool growing() const { return state_ == State::kGrowing; }
  // In what part of a round trip the window may be sent.
  Duration SendingTime(Duration round_trip) const;
  // The least round trip of the last ten seconds or so; 0 before the first.
  Duration base_round_trip() const;
  // The part of the last round's trips that stood in queues.
  Duration queueing_delay() const { return queueing_delay_; }

 private:
  enum class State : uint8_t { kGrowing, kSteady, kDraining };

  void AddRoundTrip(Time now, Duration round_trip);
  bool RoundIsOver(Time now, const PathSample& sample) const;
  void StartRound(Time now);
  void EndRound(Time now);
  void UpdateTarget();
  void UpdateLossRate();
  void LeaveGrowing();
  void Grow(const PathSample& sample);
  void Steer(Time now);
  void LookForNewBase();
  void StartDraining();
  // Otherwise nobody needs more.
  bool WindowIsUsed(size_t in_flight) const;
  size_t initial_window() const;
  // By how much of a round trip the window may grow in one.
  Duration GrowthPerRoundTrip() const;
  // One packet's, at the rate of the window.
  Duration PacketTime() const;
  // The standing queue that is aimed at.
  Duration Target() const;
  Duration QueueThatEndsGrowth() const;
  // Multiplies the window by the ratio, within its bounds.
  void Scale(Duration numerator, Duration denominator);

  const size_t max_packet_;
  State state_ = State::kGrowing;
  size_t window_;
  size_t window_before_drain_ = 0;
  size_t doubling_below_;  // Up to here the path is taken to carry it.

  Duration most_round_trip_ = kUnknown;  // At which the window may grow by a factor.

  // The least round trip of this period and of the one before.
  Duration base_ = kUnknown;
  Duration previous_base_ = kUnknown;
  Time base_period_started_{};
  Time base_seen_{};  // When a round trip was as short as the base.

  Time round_started_{};
  Time measured_from_{};           // What was sent before is not looked at.
  Time first_sample_at_ = kNever;  // Of this round.
  size_t samples_ = 0;
  Duration sum_{};                // Of the samples.
  Duration least_ = kUnknown;     // Of the samples.
  Duration last_ = kUnknown;      // The newest sample.
  Duration last_two_ = kUnknown;  // The smaller of the newest two.
  size_t most_in_flight_ = 0;
  size_t lost_in_round_ = 0;
  size_t unmeasured_ = 0;  // Bytes acknowledged since the last sample, for which it may grow.

  Duration target_;  // Before what slow links need.
  Duration queueing_delay_{};
  bool refilling_ = false;  // After a drain: the queue is not yet what the window makes of it.
  int rounds_without_queue_ = 0;
  int rounds_at_minimum_ = 0;
  size_t judged_chunks_ = 0;  // For the loss rate: acknowledged and lost.
  size_t judged_lost_ = 0;
  bool loses_many_ = false;  // As judged last: the window does not grow.

  static constexpr Duration kUnknown = Duration::max();
};

}  // namespace ocellus::sctp
