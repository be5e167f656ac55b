// SPDX-License-Identifier: Apache-2.0
// Viewers' packets to a UDP socket and nowhere else: no relays, no TCP.
#pragma once

#include "firmware/app/packet_sender.h"
#include "hal/udp_socket.h"

namespace ocellus::benchmarks {

class UdpSender : public app::PacketSender {
 public:
  explicit UdpSender(hal::UdpSocket& socket) : socket_(socket) {}

  MutableBytes SendBuffer() override { return socket_.SendBuffer(); }
  void Send(Time, const Transmit& transmit) override { socket_.Send(transmit); }

 private:
  hal::UdpSocket& socket_;
};

}  // namespace ocellus::benchmarks
