// SPDX-License-Identifier: Apache-2.0
// How long to wait for an acknowledgement: smoothed round-trip time, retransmission timeout and its
// back-off (RFC 9260 section 6.3), and the earlier probe of the last packets (RFC 8985 section 7).
// io thread only. Owned by Sender.
#pragma once

#include <algorithm>

#include "firmware/base/time.h"

namespace ocellus::sctp {

// RFC 9260 section 16: "RTO.Initial: 1 second".
constexpr Duration kInitialRto = std::chrono::seconds(1);

// RFC 9260 has 1 s, for peers whose acknowledgements wait 200 ms by rule (section 6.2). We ask for
// them at once where it matters (I bit), and 200 ms (TCP's of Linux) still covers who does wait.
constexpr Duration kMinRto = std::chrono::milliseconds(200);

// RFC 9260 has 60 s. A camera's path is dead after 30 s without ICE's consent; one that comes back
// before should not wait for a timer.
constexpr Duration kMaxRto = std::chrono::seconds(4);

class RetransmissionTimeout {
 public:
  // A round trip was measured on a chunk that was sent once (Karn's algorithm).
  void HandleSample(Duration round_trip) {
    if (!has_sample_) {
      smoothed_ = round_trip;
      variation_ = round_trip / 2;
      has_sample_ = true;
      return;
    }
    const Duration error = round_trip > smoothed_ ? round_trip - smoothed_ : smoothed_ - round_trip;
    variation_ += (error - variation_) / 4;
    smoothed_ += (round_trip - smoothed_) / 8;
  }

  // The timer ran out. RFC 9260 section 6.3.3 rule E2: "RTO <- RTO * 2".
  void BackOff() { back_off_ = std::min(back_off_ + 1, kMaxBackOff); }
  // Something new was acknowledged.
  void EndBackOff() { back_off_ = 0; }

  bool has_sample() const { return has_sample_; }
  Duration smoothed() const { return smoothed_; }

  Duration timeout() const {
    const Duration once =
        has_sample_ ? std::clamp(smoothed_ + 4 * variation_, kMinRto, kMaxRto) : kInitialRto;
    return std::min(once * (1 << back_off_), kMaxRto);
  }

  // When to probe, because the last packets or their acknowledgements may be lost. RFC 8985 section
  // 7.2: "PTO = 2 * SRTT"; more where the round trip varies, and 10 ms for the timers of both.
  Duration probe_timeout() const {
    if (!has_sample_ || back_off_ > 0) return timeout();
    return std::min(smoothed_ + std::max(smoothed_, 4 * variation_) + std::chrono::milliseconds(10),
                    timeout());
  }

 private:
  static constexpr int kMaxBackOff = 8;

  bool has_sample_ = false;
  Duration smoothed_{};
  Duration variation_{};
  int back_off_ = 0;  // Timeouts since the last acknowledgement.
};

}  // namespace ocellus::sctp
