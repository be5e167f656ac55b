// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/congestion_window.h"

#include <algorithm>
#include <utility>

#include "firmware/base/limits.h"

namespace ocellus::sctp {
namespace {

using std::chrono::milliseconds;

// The standing queue that is aimed at: what keeps the bottleneck busy through the gaps of our own
// acknowledgements, and less than half of what a file transfer may add to the video's delay.
constexpr Duration kMostTarget = milliseconds(8);
// And when queues as short as that lose packets.
constexpr Duration kLeastTarget = Duration(2500);
constexpr Duration kTargetStep = Duration(500);  // Back up again, each round without a loss.

// A queue shorter than this may be one packet of a slow link.
constexpr Duration kNoQueue = milliseconds(3);

// How far growing may overshoot. The queue of a window that grows by a factor of 1 + g each round
// trip is known to us 1.5 round trips late, when g * RTT has been added to it or a little more:
// so g = kOvershoot / RTT.
constexpr Duration kOvershoot = milliseconds(13);
constexpr int kLeastGrowth = 8;  // g is at least an eighth.
// RFC 3465 section 2.2: one acknowledgement counts for two packets at most while a window doubles.
constexpr size_t kDoublingPackets = 2;

// In the steady state, the queue is the least of a time that holds one picture of a video at 30
// fps: its bursts are queues that come and go.
constexpr Duration kSteadyMeasurement = milliseconds(33);
constexpr Duration kEmptyQueue = milliseconds(1);
constexpr int kRoundsBeforeGrowing = 6;

// Round trips that a round needs to be judged, and from how many on a single one may be an outlier.
constexpr size_t kLeastSamples = 2;
constexpr size_t kManySamples = 4;

constexpr Duration kBasePeriod = std::chrono::seconds(10);
// A base that was not seen for so long is looked for, by leaving the bottleneck without our queue.
constexpr Duration kDrainInterval = std::chrono::seconds(5);

// Rounds with the least window and a queue all the same before that counts as the path's length.
constexpr int kRoundsBeforeNewBase = 8;

// Loss rates are judged on so many chunks. More than an eighth of them lost is no chance.
constexpr size_t kJudgedChunks = 128;
constexpr size_t kLossDivisor = 8;

// RFC 9260 section 7.2.1: "min(4 * MTU, max(2 * MTU, 4404 bytes))" to begin with, and never less.
constexpr size_t kInitialPackets = 4;
// A queue may take it further: as many as are acknowledged at once.
constexpr size_t kLeastSteeredPackets = 2;
// A window that every path has been known to carry, RFC 6928's: reached by doubling.
constexpr size_t kUsualPackets = 10;

}  // namespace

CongestionWindow::CongestionWindow(size_t max_packet)
    : max_packet_(max_packet),
      window_(kInitialPackets * max_packet),
      doubling_below_(kUsualPackets * max_packet),
      target_(kMostTarget) {}

Duration CongestionWindow::SendingTime(Duration round_trip) const {
  // Evenly while it grows, so that the queue shows what the window makes of it; afterwards faster,
  // so that the window alone decides.
  return state_ == State::kGrowing ? round_trip : round_trip * 4 / 5;
}

Duration CongestionWindow::base_round_trip() const {
  const Duration base = std::min(base_, previous_base_);
  return base == kUnknown ? Duration() : base;
}

void CongestionWindow::Start(Duration round_trip) { most_round_trip_ = round_trip + kMostTarget; }

void CongestionWindow::HandleAcknowledged(Time now, const PathSample& sample) {
  judged_chunks_ += sample.chunks;
  most_in_flight_ = std::max(most_in_flight_, sample.in_flight_before);
  if (sample.round_trip) AddRoundTrip(now, *sample.round_trip);
  if (state_ == State::kGrowing) Grow(sample);
  if (RoundIsOver(now, sample)) EndRound(now);
}

void CongestionWindow::AddRoundTrip(Time now, Duration round_trip) {
  if (now - base_period_started_ >= kBasePeriod) {
    previous_base_ = base_;
    base_ = kUnknown;
    base_period_started_ = now;
  }
  base_ = std::min(base_, round_trip);
  if (round_trip <= base_round_trip() + milliseconds(1)) base_seen_ = now;

  if (now - round_trip < measured_from_) return;
  if (samples_ == 0) first_sample_at_ = now;
  ++samples_;
  sum_ += round_trip;
  least_ = std::min(least_, round_trip);
  last_two_ = std::min(last_, round_trip);
  last_ = round_trip;
}

bool CongestionWindow::RoundIsOver(Time now, const PathSample& sample) const {
  if (samples_ < kLeastSamples) return false;
  switch (state_) {
    case State::kGrowing:
      return sample.latest_sent_at >= round_started_ ||
             (samples_ >= kManySamples && last_two_ - base_round_trip() > QueueThatEndsGrowth());
    case State::kSteady:
      return samples_ >= kManySamples && now - first_sample_at_ >= kSteadyMeasurement;
    case State::kDraining:
      return true;
  }
  return true;
}

void CongestionWindow::StartRound(Time now) {
  round_started_ = now;
  // A growing window is judged by the newest samples there are; otherwise by what was sent after
  // the queue has become what the window makes of it.
  measured_from_ = Time();
  if (state_ == State::kSteady) measured_from_ = now + (base_round_trip() + queueing_delay_) / 2;
  if (state_ == State::kDraining) measured_from_ = now;
  first_sample_at_ = kNever;
  samples_ = 0;
  sum_ = {};
  least_ = kUnknown;
  last_ = kUnknown;
  last_two_ = kUnknown;
  most_in_flight_ = 0;
  lost_in_round_ = 0;
  if (state_ != State::kGrowing) unmeasured_ = 0;
}

void CongestionWindow::EndRound(Time now) {
  Duration standing = least_;
  if (state_ == State::kGrowing) standing = samples_ >= kManySamples ? last_two_ : last_;
  queueing_delay_ = standing - base_round_trip();
  UpdateTarget();
  UpdateLossRate();
  switch (state_) {
    case State::kGrowing:
      if (queueing_delay_ > QueueThatEndsGrowth() || standing > most_round_trip_) LeaveGrowing();
      break;
    case State::kSteady:
      if (refilling_) {
        refilling_ = false;
      } else {
        Steer(now);
      }
      break;
    case State::kDraining:
      window_ = window_before_drain_;
      base_seen_ = now;
      state_ = State::kSteady;
      refilling_ = true;
      break;
  }
  StartRound(now);
}

void CongestionWindow::UpdateTarget() {
  if (lost_in_round_ == 0) {
    target_ = std::min(kMostTarget, target_ + kTargetStep);
  } else if (queueing_delay_ > kLeastTarget) {
    // The bottleneck's buffer may be this short.
    target_ = std::max(kLeastTarget, std::min(target_, queueing_delay_) / 2);
  }
}

void CongestionWindow::UpdateLossRate() {
  if (judged_chunks_ < kJudgedChunks) return;
  loses_many_ = judged_lost_ * kLossDivisor > judged_chunks_;
  if (loses_many_) {
    state_ = State::kSteady;
    doubling_below_ = 0;
    window_ = std::max(std::min(window_, initial_window()), window_ / 10 * 7);
  }
  judged_chunks_ = 0;
  judged_lost_ = 0;
}

Duration CongestionWindow::GrowthPerRoundTrip() const {
  const Duration round_trip = base_round_trip() + queueing_delay_;
  if (window_ < doubling_below_) return round_trip;
  return std::max(std::min(kOvershoot, round_trip), round_trip / kLeastGrowth);
}

// Not without a round trip: while everything has been sent twice, none can be measured, and a
// window that grows all the same fills the bottleneck's buffer unseen.
void CongestionWindow::Grow(const PathSample& sample) {
  if (WindowIsUsed(sample.in_flight_before)) unmeasured_ += sample.bytes;
  if (!sample.round_trip) return;
  const Duration round_trip = base_round_trip() + queueing_delay_;
  const Duration growth = GrowthPerRoundTrip();
  // After lost SACKs, one acknowledges a small window at once, and would double it at once.
  const size_t most = growth < round_trip ? window_ : kDoublingPackets * max_packet_;
  const auto acknowledged = static_cast<int64_t>(std::min(std::exchange(unmeasured_, 0), most));
  const int64_t more = acknowledged * growth.count() / std::max<int64_t>(1, round_trip.count());
  window_ = std::min(window_ + static_cast<size_t>(more), kMaxSctpSendBuffer);
}

// The queue that we see is that of the window of a round trip ago.
void CongestionWindow::LeaveGrowing() {
  const Duration base = base_round_trip();
  const Duration round_trip = base + queueing_delay_;
  Scale(round_trip, round_trip + GrowthPerRoundTrip());
  Scale(base + Target(), round_trip);
  state_ = State::kSteady;
  doubling_below_ = 0;
  most_round_trip_ = kUnknown;
}

void CongestionWindow::Steer(Time now) {
  const Duration queue = queueing_delay_;
  // What passes in a mean round trip is the window, so this is the rate at which queues are filled.
  const Duration mean = sum_ / static_cast<int64_t>(samples_);
  LookForNewBase();
  if (queue > Target()) {
    // Where the queue is all ours, this leaves as much of it as we want.
    Scale(std::max(mean - (queue - Target()), mean / 2), mean);
  } else if (WindowIsUsed(most_in_flight_) && !loses_many_) {
    // Half of the way, for others may do the same; at most doubled.
    const Duration target = queue < kEmptyQueue ? kMostTarget : Target();
    Scale(mean + std::min((target - queue) / 2, mean), mean);
  }

  rounds_without_queue_ = queue < kEmptyQueue ? rounds_without_queue_ + 1 : 0;
  if (rounds_without_queue_ >= kRoundsBeforeGrowing && !loses_many_) {
    state_ = State::kGrowing;
    rounds_without_queue_ = 0;
  } else if (now - base_seen_ >= kDrainInterval) {
    StartDraining();
  }
}

// With the least window and a queue all the same, it is not ours, or the path has become longer.
void CongestionWindow::LookForNewBase() {
  const bool squeezed = window_ <= kLeastSteeredPackets * max_packet_ && queueing_delay_ > Target();
  rounds_at_minimum_ = squeezed ? rounds_at_minimum_ + 1 : 0;
  if (rounds_at_minimum_ < kRoundsBeforeNewBase) return;
  rounds_at_minimum_ = 0;
  base_ = least_;
  previous_base_ = kUnknown;
}

void CongestionWindow::StartDraining() {
  state_ = State::kDraining;
  window_before_drain_ = window_;
  const Duration base = base_round_trip();
  Scale(base, base + 2 * std::max(queueing_delay_, Target()));
}

Duration CongestionWindow::PacketTime() const {
  return (base_round_trip() + queueing_delay_) * static_cast<int64_t>(max_packet_) /
         static_cast<int64_t>(window_);
}

// On a slow link, packets of different sizes and pairs of them are apart by as much as a short
// queue.
Duration CongestionWindow::Target() const {
  return std::max(target_, std::min(kMostTarget, 2 * PacketTime()));
}

Duration CongestionWindow::QueueThatEndsGrowth() const {
  return std::max(kNoQueue, PacketTime() * 3 / 2);
}

bool CongestionWindow::WindowIsUsed(size_t in_flight) const {
  return in_flight + max_packet_ >= window_ - window_ / 4;
}

size_t CongestionWindow::initial_window() const { return kInitialPackets * max_packet_; }

void CongestionWindow::Scale(Duration numerator, Duration denominator) {
  const int64_t scaled =
      static_cast<int64_t>(window_) * numerator.count() / std::max<int64_t>(1, denominator.count());
  window_ = std::clamp(static_cast<size_t>(scaled), kLeastSteeredPackets * max_packet_,
                       kMaxSctpSendBuffer);
}

void CongestionWindow::HandleLost(size_t chunks) {
  lost_in_round_ += chunks;
  judged_lost_ += chunks;
  judged_chunks_ += chunks;
}

void CongestionWindow::HandleTimeout(Time now) {
  doubling_below_ = window_ / 2;
  window_ = initial_window();
  state_ = State::kGrowing;
  unmeasured_ = 0;
  judged_chunks_ = 0;
  judged_lost_ = 0;
  StartRound(now);
}

void CongestionWindow::HandleIdle(Duration idle, Duration timeout) {
  // RFC 9260 section 7.2.1: "cwnd [...] max(cwnd / 2, 4 * PMDCS) per RTO".
  for (; idle >= timeout && window_ > initial_window(); idle -= timeout) {
    window_ = std::max(window_ / 2, initial_window());
    state_ = State::kGrowing;
  }
}

}  // namespace ocellus::sctp
