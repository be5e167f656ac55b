// SPDX-License-Identifier: Apache-2.0
// How datagrams travel over a TCP connection of ICE (RFC 6544 section 3): each one behind its
// length in two bytes (RFC 4571 section 2).
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   -----------------------------------------------------------------
//   |             LENGTH            |  STUN, DTLS or SRTP packet ...|
//   -----------------------------------------------------------------
//
// io thread only. One TcpDeframer for each connection.
#pragma once

#include <array>
#include <optional>

#include "firmware/base/bytes.h"
#include "firmware/base/limits.h"

namespace ocellus::ice {

// What stands in front of each datagram, in bytes.
constexpr size_t kTcpFrameHeaderSize = 2;

// Writes the length of the datagram that lies at frame[kTcpFrameHeaderSize] in front of it, and
// returns both: what is to be sent. `datagram_size` is 1 to 65,535, and fits.
MutableBytes FrameForTcp(MutableBytes frame, size_t datagram_size);

// Cuts a stream into its datagrams, however the network has cut it. Allocates nothing.
class TcpDeframer {
 public:
  // The next datagram of `stream`, whose bytes it takes off the front. Borrowed: it lies in
  // `stream`, or in this when it came in pieces, and is good until the next call. nullopt: `stream`
  // is used up, the beginning of a datagram is kept; or the stream is broken. Frames without a
  // datagram are skipped.
  std::optional<MutableBytes> Next(MutableBytes& stream);

  // A frame is longer than kMaxReceivedDatagramSize: nothing behind it can be told apart any more,
  // and the connection is to be closed. Final; Next returns nullopt.
  bool broken() const { return broken_; }

 private:
  // Moves bytes of `stream` behind the kept ones until those are `size`. False: it has too few.
  bool KeepUpTo(size_t size, MutableBytes& stream);

  // A frame of which not everything has come: [0, kept_) of kept_bytes_, with its header.
  std::array<uint8_t, kTcpFrameHeaderSize + kMaxReceivedDatagramSize> kept_bytes_{};
  size_t kept_ = 0;
  bool broken_ = false;
};

}  // namespace ocellus::ice
