// SPDX-License-Identifier: Apache-2.0
// A message on its way into a Sender.
#pragma once

#include <optional>
#include <vector>

#include "firmware/base/time.h"
#include "firmware/rtc/sctp/types.h"

namespace ocellus::sctp {

// How a message is sent. With both limits absent it is sent until it arrives; with one of them it
// is given up when the limit is reached (RFC 8831 section 6.4), if the peer supports that.
struct SendOptions {
  bool ordered = true;
  std::optional<uint16_t> max_retransmits;  // RFC 7496: of each of its chunks.
  std::optional<Duration> max_lifetime;     // From Enqueue on.
};

struct OutgoingMessage {
  StreamId stream;
  Ppid ppid;
  std::vector<uint8_t> payload;  // Not empty: RFC 9260 section 3.3.1 has no empty messages.
  SendOptions options;
};

}  // namespace ocellus::sctp
