// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/loss_detector.h"

#include <algorithm>

namespace ocellus::sctp {
namespace {

// RFC 8985 forgets reordering after 16 recoveries; in time, so that a quiet path forgets too.
constexpr Duration kReorderingRemembered = std::chrono::seconds(10);
constexpr int kMaxQuarters = 16;

}  // namespace

void LossDetector::HandleAcknowledged(Time now, const Acknowledged& acknowledged,
                                      Duration base_round_trip) {
  base_round_trip_ = base_round_trip;
  if (!acknowledged.latest) return;
  const Duration round_trip = now - acknowledged.latest->sent_at;
  // RFC 8985 section 6.2 step 2: quicker than the path, so what arrived is the original.
  if (acknowledged.latest_was_retransmitted && round_trip < base_round_trip) return;
  if (latest_ && !acknowledged.latest->IsLaterThan(*latest_)) return;
  latest_ = acknowledged.latest;
  round_trip_ = round_trip;
}

void LossDetector::HandleSpuriousRetransmission() {
  quarters_ = std::min(quarters_ + 1, kMaxQuarters);
}

Duration LossDetector::ReorderingWindow(Duration smoothed_round_trip) const {
  return std::min(quarters_ * base_round_trip_ / 4, smoothed_round_trip);
}

size_t LossDetector::Detect(Time now, Duration smoothed_round_trip, OutstandingData& data) {
  deadline_ = kNever;
  if (!latest_) return 0;
  if (now - quarters_changed_ >= kReorderingRemembered) {
    quarters_ = std::max(1, quarters_ - 1);
    quarters_changed_ = now;
  }
  const Duration patience = round_trip_ + ReorderingWindow(smoothed_round_trip);
  size_t lost = 0;
  // In the order of transmission: the first that may still come ends the search.
  while (const std::optional<Tsn> tsn = data.oldest_in_flight()) {
    const OutstandingChunk& chunk = data[*tsn];
    if (!latest_->IsLaterThan({chunk.sent_at, *tsn})) break;
    if (now < chunk.sent_at + patience) {
      deadline_ = chunk.sent_at + patience;
      break;
    }
    data.MarkLost(*tsn);
    ++lost;
  }
  return lost;
}

}  // namespace ocellus::sctp
