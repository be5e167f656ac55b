// SPDX-License-Identifier: Apache-2.0
// What the gatherer sends: a datagram, or bytes of a stream. io thread only.
#pragma once

#include <optional>

#include "firmware/base/datagram.h"
#include "firmware/rtc/gathering/stream.h"

namespace ocellus::gathering {

// The first `transmit.size` bytes of the buffer. Where `stream` is set they are to be written to
// it, all or none of them, and of `transmit` only the size counts.
struct Outgoing {
  Transmit transmit;
  std::optional<StreamId> stream;
};

}  // namespace ocellus::gathering
