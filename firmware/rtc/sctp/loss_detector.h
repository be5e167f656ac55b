// SPDX-License-Identifier: Apache-2.0
// Finds lost chunks by time (RACK, RFC 8985): what was sent before a chunk that has arrived, by
// more than the reordering of the path explains, is lost. A retransmission is judged as any other
// transmission, so a lost one is found without a timeout. io thread only. Owned by Sender.
#pragma once

#include <optional>

#include "firmware/rtc/sctp/outstanding_data.h"

namespace ocellus::sctp {

class LossDetector {
 public:
  // Something new was acknowledged; `base_round_trip` is the least of late.
  void HandleAcknowledged(Time now, const Acknowledged& acknowledged, Duration base_round_trip);
  // The peer has got a retransmission besides what it replaced: it was only late. The window for
  // reordering grows.
  void HandleSpuriousRetransmission();

  // Marks what is lost by now. Returns how many chunks.
  size_t Detect(Time now, Duration smoothed_round_trip, OutstandingData& data);

  // When a chunk will be lost that is only late so far; kNever when there is none.
  Time next_deadline() const { return deadline_; }

 private:
  // RFC 8985 section 6.2 step 4: "RACK.reo_wnd = min(RACK.reo_wnd_mult * RACK.min_RTT / 4, SRTT)".
  Duration ReorderingWindow(Duration smoothed_round_trip) const;

  std::optional<Transmission> latest_;  // Of all that have arrived.
  Duration round_trip_{};               // Of latest_.
  Duration base_round_trip_{};
  int quarters_ = 1;  // Of the base round trip, that chunks may be late.
  Time quarters_changed_{};
  Time deadline_ = kNever;
};

}  // namespace ocellus::sctp
