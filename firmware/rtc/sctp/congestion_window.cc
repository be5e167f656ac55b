// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/congestion_window.h"

#include <algorithm>

#include "firmware/base/limits.h"

namespace ocellus::sctp {
namespace {

using std::chrono::milliseconds;

// The standing queue that is aimed at: what keeps the bottleneck busy through the gaps of our own
// acknowledgements, and half of what a file transfer may add to the video's delay.
constexpr Duration kMostTarget = milliseconds(10);
// And when queues as short as that lose packets.
constexpr Duration kLeastTarget = Duration(2500);
constexpr Duration kTargetStep = Duration(500);  // Back up again, each round without a loss.

// A queue shorter than this may be one packet of a slow link.
constexpr Duration kNoQueue = milliseconds(3);

// How far growing may overshoot. The queue of a window that grows by a factor of 1 + g each round
// trip is known to us 1.5 round trips late, when g * RTT has been added to it or a little more:
// so g = kOvershoot / RTT.
constexpr Duration kOvershoot = milliseconds(13);
constexpr int kLeastGrowthDivisor = 8;  // g is at least an eighth.

// In the steady state, the queue is the least round trip of a time that holds one picture of a
// video at 30 fps: its bursts are queues that come and go.
constexpr Duration kLeastSteadyRound = milliseconds(33);
constexpr int kRoundsBeforeGrowing = 3;

constexpr Duration kBasePeriod = std::chrono::seconds(10);
// A base that was not seen for so long is looked for, by leaving the bottleneck without our queue.
constexpr Duration kDrainInterval = std::chrono::seconds(5);
// Rounds with the least window and a queue all the same: it is not ours, or the path is longer.
constexpr int kRoundsBeforeNewBase = 8;

// Loss rates are judged on so many chunks. More than an eighth of them lost is no chance.
constexpr size_t kJudgedChunks = 128;
constexpr size_t kLossDivisor = 8;

// RFC 9260 section 7.2.1: "min(4 * MTU, max(2 * MTU, 4404 bytes))" to begin with, and never less.
constexpr size_t kLeastPackets = 4;
// A window that every path has been known to carry, RFC 6928's: reached by doubling.
constexpr size_t kUsualPackets = 10;

}  // namespace

CongestionWindow::CongestionWindow(size_t max_packet)
    : max_packet_(max_packet),
      window_(kLeastPackets * max_packet),
      doubling_below_(kUsualPackets * max_packet),
      target_(kMostTarget) {}

size_t CongestionWindow::window() const { return window_; }

Duration CongestionWindow::base_round_trip() const {
  const Duration base = std::min(base_, previous_base_);
  return base == kUnknown ? Duration() : base;
}

void CongestionWindow::HandleAcknowledged(Time now, const PathSample& sample) {
  judged_chunks_ += sample.chunks;
  most_in_flight_ = std::max(most_in_flight_, sample.in_flight_before);
  if (sample.round_trip) AddRoundTrip(now, *sample.round_trip);

  // A round is over when something that was sent in it is acknowledged.
  const Duration least = state_ == State::kSteady ? kLeastSteadyRound : Duration();
  if (sample.latest_sent_at >= round_started_ && now - round_started_ >= least) {
    EndRound(now);
  } else if (state_ == State::kGrowing && samples_ >= recent_.size() &&
             *std::min_element(recent_.begin(), recent_.end()) > base_round_trip() + target_) {
    EndRound(now);
  }
}

void CongestionWindow::AddRoundTrip(Time now, Duration round_trip) {
  if (now - base_period_started_ >= kBasePeriod) {
    previous_base_ = base_;
    base_ = kUnknown;
    base_period_started_ = now;
  }
  base_ = std::min(base_, round_trip);
  if (round_trip <= base_round_trip() + milliseconds(1)) base_seen_ = now;
  round_least_ = std::min(round_least_, round_trip);
  if (now - round_started_ >= base_round_trip() / 2) {
    late_least_ = std::min(late_least_, round_trip);
  }
  recent_[samples_ % recent_.size()] = round_trip;
  ++samples_;
}

void CongestionWindow::StartRound(Time now) {
  round_started_ = now;
  round_least_ = kUnknown;
  late_least_ = kUnknown;
  samples_ = 0;
  most_in_flight_ = 0;
  lost_in_round_ = 0;
}

std::optional<Duration> CongestionWindow::StandingQueue() const {
  if (samples_ == 0) return std::nullopt;
  // While the window grows the queue does too: its end counts, and the latest samples know it.
  Duration least = round_least_;
  if (state_ == State::kGrowing) {
    if (late_least_ != kUnknown) least = late_least_;
    if (samples_ >= recent_.size()) {
      least = std::max(least, *std::min_element(recent_.begin(), recent_.end()));
    }
  }
  return least - base_round_trip();
}

void CongestionWindow::EndRound(Time now) {
  const std::optional<Duration> queue = StandingQueue();
  if (queue) {
    queueing_delay_ = *queue;
    UpdateTarget();
    UpdateLossRate();
    Adjust(now);
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
  if (judged_lost_ * kLossDivisor > judged_chunks_) {
    state_ = State::kSteady;
    doubling_below_ = 0;
    window_ = std::max(kLeastPackets * max_packet_, window_ / 10 * 7);
  }
  judged_chunks_ = 0;
  judged_lost_ = 0;
}

void CongestionWindow::Adjust(Time now) {
  const Duration base = base_round_trip();
  const Duration queue = queueing_delay_;

  if (state_ == State::kDraining) {
    window_ = window_before_drain_;
    base_seen_ = now;
    state_ = State::kSteady;
    return;
  }
  if (state_ == State::kGrowing && queue > kNoQueue) state_ = State::kSteady;

  const bool at_minimum = window_ <= kLeastPackets * max_packet_;
  rounds_at_minimum_ = at_minimum && queue > target_ ? rounds_at_minimum_ + 1 : 0;
  if (rounds_at_minimum_ >= kRoundsBeforeNewBase) {
    base_ = base + queue;
    previous_base_ = kUnknown;
    rounds_at_minimum_ = 0;
    return;
  }

  if (queue > target_) {
    // Where the queue is all ours, this leaves as much of it as we want.
    Scale(std::max(base + target_, (base + queue) / 2), base + queue);
    doubling_below_ = std::min(doubling_below_, window_);
  } else if (most_in_flight_ >= window_ - window_ / 4) {
    const Duration least_growth = (base + queue) / kLeastGrowthDivisor;
    Duration growth = std::clamp(kOvershoot, least_growth, std::max(least_growth, base + queue));
    if (state_ == State::kGrowing && window_ < doubling_below_) growth = base + queue;
    if (state_ == State::kSteady) growth = std::min(growth, (target_ - queue) / 2);
    Scale(base + queue + growth, base + queue);
  }

  rounds_without_queue_ = queue < kLeastTarget ? rounds_without_queue_ + 1 : 0;
  if (state_ == State::kSteady && rounds_without_queue_ >= kRoundsBeforeGrowing &&
      lost_in_round_ == 0) {
    state_ = State::kGrowing;
  }
  if (state_ == State::kSteady && now - base_seen_ >= kDrainInterval) StartDraining();
}

void CongestionWindow::StartDraining() {
  state_ = State::kDraining;
  window_before_drain_ = window_;
  const Duration base = base_round_trip();
  Scale(base, base + 2 * std::max(queueing_delay_, target_));
}

void CongestionWindow::Scale(Duration numerator, Duration denominator) {
  const int64_t scaled =
      static_cast<int64_t>(window_) * numerator.count() / std::max<int64_t>(1, denominator.count());
  window_ =
      std::clamp(static_cast<size_t>(scaled), kLeastPackets * max_packet_, kMaxSctpSendBuffer);
}

void CongestionWindow::HandleLost(size_t chunks) {
  lost_in_round_ += chunks;
  judged_lost_ += chunks;
  judged_chunks_ += chunks;
}

void CongestionWindow::HandleTimeout(Time now) {
  doubling_below_ = window_ / 2;
  window_ = kLeastPackets * max_packet_;
  state_ = State::kGrowing;
  judged_chunks_ = 0;
  judged_lost_ = 0;
  StartRound(now);
}

void CongestionWindow::HandleIdle(Duration idle, Duration timeout) {
  // RFC 9260 section 7.2.1: "cwnd [...] max(cwnd / 2, 4 * PMDCS) per RTO".
  for (; idle >= timeout && window_ > kLeastPackets * max_packet_; idle -= timeout) {
    window_ = std::max(window_ / 2, kLeastPackets * max_packet_);
    state_ = State::kGrowing;
  }
}

}  // namespace ocellus::sctp
