// SPDX-License-Identifier: Apache-2.0
// What goes in and out of the protocol objects' five verbs:
//
//   void HandleDatagram(Time now, const Datagram& in);
//   void HandleTimeout(Time now);                                    // when now >= next_deadline()
//   std::optional<Transmit> PollTransmit(Time now, MutableBytes out);
//   std::optional<Event> PollEvent();
//   Time next_deadline() const;                                      // kNever when idle
#pragma once

#include "firmware/base/bytes.h"
#include "firmware/base/socket_address.h"

namespace ocellus {

// What carries a datagram. Over TCP each one is framed by its length (RFC 4571), so that it stays
// one; the two have port numbers of their own.
enum class TransportProtocol : uint8_t { kUdp, kTcp };

// A datagram that came in. The payload is borrowed for the call and may be changed in place
// (SRTP is unprotected where it lies).
struct Datagram {
  SocketAddress local;  // The address of ours that it came to (IP_PKTINFO): never unspecified.
  SocketAddress remote;
  MutableBytes payload;
  TransportProtocol protocol = TransportProtocol::kUdp;
};

// A datagram that PollTransmit wrote into the first `size` bytes of the caller's buffer.
struct Transmit {
  SocketAddress local;  // To be sent from this address of ours.
  SocketAddress remote;
  size_t size = 0;
  TransportProtocol protocol = TransportProtocol::kUdp;
};

}  // namespace ocellus
