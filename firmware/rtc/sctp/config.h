// SPDX-License-Identifier: Apache-2.0
// What one SCTP association is told before it starts: the part of it that SDP negotiates (RFC 8841)
// and the size of packets that DTLS carries.
#pragma once

#include <cstddef>
#include <cstdint>

#include "firmware/base/limits.h"

namespace ocellus::sctp {

// Bytes of an SCTP packet when nobody says better: a datagram of ours without the largest overhead
// of a DTLS 1.2 record (header 13, explicit IV 16, MAC 32, padding up to 16), in whole words.
constexpr size_t kDefaultMtu = (kMaxDatagramSize - 13 - 16 - 32 - 16) / 4 * 4;

// RFC 8841 section 6.1: what a peer accepts whose SDP has no a=max-message-size.
constexpr size_t kDefaultPeerMaxMessageSize = 65'536;

struct Config {
  uint16_t local_port = 5000;  // Ours in a=sctp-port.
  uint16_t peer_port = 5000;   // And the peer's.
  // Bytes of an SCTP packet, header included: dtls::Transport::max_message_size().
  size_t mtu = kDefaultMtu;
  // Bytes of the largest message that we accept: ours in a=max-message-size. Larger ones are
  // dropped and counted.
  size_t max_message_size = kMaxChannelMessageSize;
  // The peer's in a=max-message-size; 0: it accepts any size.
  size_t peer_max_message_size = kDefaultPeerMaxMessageSize;
};

}  // namespace ocellus::sctp
