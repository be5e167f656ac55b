// SPDX-License-Identifier: Apache-2.0
// The one UDP port that all viewers share, on every local address, IPv4 and IPv6.
//
// io thread only. Datagrams go out in batches: write into SendBuffer(), hand over with Send(), and
// Flush() at the end of a turn. Consecutive datagrams of one path and one size cost one system call
// where the platform can (UDP GSO), and none is copied on the way to it.
#pragma once

#include "firmware/base/datagram.h"

namespace ocellus::hal {

class UdpSocket {
 public:
  virtual ~UdpSocket() = default;

  virtual uint16_t port() const = 0;

  // The next datagrams that came in, each with the local address that it came to; empty when there
  // are none. Valid until the next call. Longer ones than kMaxReceivedDatagramSize are dropped.
  virtual Span<Datagram> Receive() = 0;

  // Room for the next datagram, at least kMaxTransmitSize. Valid until the next call of anything.
  virtual MutableBytes SendBuffer() = 0;
  // Queues the first `transmit.size` bytes of what SendBuffer() returned.
  virtual void Send(const Transmit& transmit) = 0;
  // Hands everything queued to the network. What it does not take is dropped and counted, as a
  // router would: retransmission is the protocols' business.
  virtual void Flush() = 0;
};

}  // namespace ocellus::hal
