// SPDX-License-Identifier: Apache-2.0
// A peer on a UDP socket for tests and benchmarks of data channels, and a network between them that
// loses datagrams. No picture is ever sent.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "firmware/rtc/peer/peer.h"
#include "hal/udp_socket.h"
#include "tests/sim/channel_users.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::benchmarks {

// Datagrams that are lost, independently of each other, in each direction. From 0 to 1.
struct ChannelLoss {
  double fraction = 0;
  uint64_t seed = 1;
};

class ChannelPeer {
 public:
  // `address` is where `socket` is reached. All references outlive this; `user` is told what
  // happens on the channels.
  ChannelPeer(Time now, const crypto::Certificate& certificate, const SocketAddress& address,
              hal::UdpSocket& socket, Random& random, sim::ChannelUser& user);

  peer::Peer& peer() { return peer_; }
  bool connected() const { return peer_.state() == peer::State::kConnected; }
  void SetLoss(const ChannelLoss& loss);

  // Takes the next datagrams that are there, and does all that follows from them and from the time.
  // False: there were none.
  bool Pump(Time now);
  Time next_deadline() const { return peer_.next_deadline(); }

 private:
  void HandleEvents(Time now);
  void Transmit(Time now);
  bool IsLost() { return loss_ > 0 && chance_.Fraction() < loss_; }

  const std::vector<srtp::Profile> profiles_ = {srtp::Profile::kAeadAes128Gcm,
                                                srtp::Profile::kAes128CmHmacSha1_80};
  const WallClock wall_clock_{};
  const FrameRing video_;
  hal::UdpSocket& socket_;
  sim::ChannelUser& user_;
  peer::Peer peer_;
  double loss_ = 0;
  sim::SeededRandom chance_{1};
};

}  // namespace ocellus::benchmarks
