// SPDX-License-Identifier: Apache-2.0
// A UDP port without a network: tests say what comes in, and look at what was sent.
#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "firmware/base/limits.h"
#include "hal/udp_socket.h"

namespace ocellus::hal {

class FakeUdpSocket final : public UdpSocket {
 public:
  struct Sent {
    Transmit transmit;
    std::string payload;
  };

  explicit FakeUdpSocket(uint16_t port = 8555) : port_(port) {}

  uint16_t port() const override { return port_; }

  Span<Datagram> Receive() override {
    received_ = std::exchange(waiting_, {});
    batch_.clear();
    for (Waiting& waiting : received_) {
      batch_.push_back({waiting.local, waiting.remote,
                        MutableBytes(reinterpret_cast<uint8_t*>(waiting.payload.data()),
                                     waiting.payload.size())});
    }
    return batch_;
  }
  MutableBytes SendBuffer() override { return buffer_; }
  void Send(const Transmit& transmit) override {
    sent_.push_back({transmit, std::string(AsText(Bytes(buffer_).first(transmit.size)))});
  }
  void Flush() override {}

  // A datagram comes in; all that wait make one batch.
  void Deliver(const SocketAddress& local, const SocketAddress& remote, std::string payload) {
    waiting_.push_back({local, remote, std::move(payload)});
  }
  // All that was sent since the last call.
  std::vector<Sent> TakeSent() { return std::exchange(sent_, {}); }

 private:
  struct Waiting {
    SocketAddress local;
    SocketAddress remote;
    std::string payload;
  };

  const uint16_t port_;
  std::array<uint8_t, kMaxTransmitSize> buffer_{};
  std::vector<Waiting> waiting_;
  std::vector<Waiting> received_;
  std::vector<Datagram> batch_;
  std::vector<Sent> sent_;
};

}  // namespace ocellus::hal
