// SPDX-License-Identifier: Apache-2.0
// The messages that open a data channel: the Data Channel Establishment Protocol (RFC 8832 section
// 5). What they mean is DataChannels' business. Any thread.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "firmware/base/bytes.h"
#include "firmware/base/status.h"
#include "firmware/base/time.h"

namespace ocellus::sctp {

enum class DcepType : uint8_t { kAck = 0x02, kOpen = 0x03 };

struct DcepOpen {
  bool ordered = true;
  // At most one of the two. More retransmissions than 65,535 are as many as that.
  std::optional<uint16_t> max_retransmits;
  std::optional<Duration> max_lifetime;
  uint16_t priority = 0;
  std::string_view label;  // Borrowed, as is the protocol. UTF-8, unchecked; may hold anything.
  std::string_view protocol;

  // `message` has the type kOpen. Errors: kTruncated (a field, the label or the protocol is not all
  // there), kMalformed (something follows), kUnsupported (an unknown channel type).
  static Result<DcepOpen> Parse(Bytes message);
  // Label and protocol must be shorter than 2^16 bytes.
  std::vector<uint8_t> Write() const;
};

// nullopt: empty, or of no known type.
std::optional<DcepType> TypeOfDcepMessage(Bytes message);

// RFC 8832 section 5.2: one byte.
std::vector<uint8_t> WriteDcepAck();

}  // namespace ocellus::sctp
