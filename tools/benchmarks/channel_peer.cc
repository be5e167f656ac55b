// SPDX-License-Identifier: Apache-2.0
#include "tools/benchmarks/channel_peer.h"

namespace ocellus::benchmarks {

ChannelPeer::ChannelPeer(Time now, const crypto::Certificate& certificate,
                         const SocketAddress& address, hal::UdpSocket& socket, Random& random,
                         sim::ChannelUser& user)
    : socket_(socket),
      user_(user),
      peer_(now, peer::PeerConfig{certificate, profiles_, wall_clock_, &video_},
            ice::HostCandidates(Span<const SocketAddress>(&address, 1)), random) {}

void ChannelPeer::SetLoss(const ChannelLoss& loss) {
  loss_ = loss.fraction;
  chance_ = sim::SeededRandom(loss.seed);
}

bool ChannelPeer::Pump(Time now) {
  const Span<Datagram> batch = socket_.Receive();
  for (const Datagram& datagram : batch) {
    if (IsLost()) continue;
    peer_.HandleDatagram(now, datagram);
    HandleEvents(now);
    Transmit(now);
  }
  if (now >= peer_.next_deadline()) {
    peer_.HandleTimeout(now);
    HandleEvents(now);
  }
  Transmit(now);
  socket_.Flush();
  return !batch.empty();
}

void ChannelPeer::HandleEvents(Time now) {
  while (const auto event = peer_.PollEvent()) user_.HandleChannelEvent(now, peer_, *event);
}

void ChannelPeer::Transmit(Time now) {
  while (const auto transmit = peer_.PollTransmit(now, socket_.SendBuffer())) {
    if (!IsLost()) socket_.Send(*transmit);
    HandleEvents(now);
  }
}

}  // namespace ocellus::benchmarks
