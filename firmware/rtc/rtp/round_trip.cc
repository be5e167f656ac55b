// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtp/round_trip.h"

#include <algorithm>

namespace ocellus::rtp {

void RoundTrip::HandleReportSent(Time now, NtpTime ntp) {
  sent_.PushDroppingOldest({now, ntp.middle()});
}

void RoundTrip::HandleReportBlock(Time now, const rtcp::ReportBlock& block) {
  if (block.last_sender_report == 0) return;
  for (size_t i = sent_.size(); i-- > 0;) {
    if (sent_[i].ntp_middle != block.last_sender_report) continue;
    const Duration held(static_cast<int64_t>(uint64_t{block.delay_since_last} * 1'000'000 >> 16));
    const Duration sample = std::max(now - sent_[i].at - held, kShortest);
    // An eighth of each sample, as TCP does (RFC 6298 section 2).
    smoothed_ = smoothed_ ? (*smoothed_ * 7 + sample) / 8 : sample;
    return;
  }
}

}  // namespace ocellus::rtp
