// SPDX-License-Identifier: Apache-2.0
// Cuts what comes from a TURN server over TCP or TLS into its messages, STUN and ChannelData: both
// say how long they are, and ChannelData is padded to four bytes (RFC 8656 section 12.5). What we
// send needs no framing: Client pads.
// io thread only. One for each connection.
#pragma once

#include <array>
#include <optional>

#include "firmware/base/bytes.h"
#include "firmware/base/limits.h"

namespace ocellus::turn {

class StreamFramer {
 public:
  // The next message of `stream`, whose bytes it takes off the front; in whatever pieces it came.
  // Good until the next call, and may be changed in place. nullopt: `stream` is used up, or broken.
  std::optional<MutableBytes> Next(Bytes& stream);

  // This is not a TURN server's stream, or no more: where the next message begins cannot be known,
  // and the connection is to be closed. Final.
  bool broken() const { return broken_; }

  // Messages longer than kMaxTurnMessageSize: a peer may send large packets, and the server hands
  // them on. They are passed over.
  uint32_t skipped() const { return skipped_; }

 private:
  // Bytes that tell how long a message is.
  static constexpr size_t kPrefixSize = 4;

  // Bytes of the message, padding included, whose first kPrefixSize bytes are there. nullopt: it is
  // neither STUN nor ChannelData.
  static std::optional<size_t> SizeOf(Bytes prefix);
  // Moves bytes of `stream` behind the kept ones until those are `size`. False: it has too few.
  bool KeepUpTo(size_t size, Bytes& stream);

  std::array<uint8_t, kMaxTurnMessageSize> message_{};
  size_t kept_ = 0;
  size_t to_skip_ = 0;
  uint32_t skipped_ = 0;
  bool broken_ = false;
};

}  // namespace ocellus::turn
