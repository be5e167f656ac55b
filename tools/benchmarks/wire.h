// SPDX-License-Identifier: Apache-2.0
// UDP in memory, for the benchmarks that measure everything but the kernel: what a socket flushes
// is at once in the inbox of the socket at the other address. No loss, no delay, and all memory is
// there from the beginning, so that none of it counts as the camera's.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "hal/udp_socket.h"

namespace ocellus::benchmarks {

class WireSocket;

// Must outlive its sockets.
class Wire {
 public:
  // `outbox_bytes` hold what is sent between two flushes; when full, it is flushed.
  std::unique_ptr<WireSocket> Open(const SocketAddress& address, size_t outbox_bytes);

 private:
  friend class WireSocket;
  std::unordered_map<SocketAddress, WireSocket*> sockets_;
};

class WireSocket final : public hal::UdpSocket {
 public:
  WireSocket(Wire& wire, const SocketAddress& address, size_t outbox_bytes);
  ~WireSocket() override;

  uint16_t port() const override { return address_.port; }
  Span<Datagram> Receive() override;
  MutableBytes SendBuffer() override;
  void Send(const Transmit& transmit) override;
  void Flush() override;

 private:
  struct Letter {
    SocketAddress from;
    SocketAddress to;
    size_t offset = 0;  // In the bytes beside it.
    size_t size = 0;
  };
  struct Mail {
    std::vector<uint8_t> bytes;
    std::vector<Letter> letters;
  };

  void Deliver(const Letter& letter, Bytes payload);

  Wire& wire_;
  const SocketAddress address_;
  Mail outbox_;
  size_t used_ = 0;  // Of the outbox's bytes.
  Mail inbox_;
  Mail opened_;  // What Receive lent out.
  std::vector<Datagram> received_;
};

}  // namespace ocellus::benchmarks
