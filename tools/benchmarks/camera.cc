// SPDX-License-Identifier: Apache-2.0
#include "tools/benchmarks/camera.h"

namespace ocellus::benchmarks {
Camera::Camera(Time now, size_t viewers, const crypto::Certificate& certificate,
               const SocketAddress& address, hal::UdpSocket& socket, Random& random)
    : wall_clock_{now, NtpTime()},
      film_(ring_, {kFrameInterval, kFrameSize, kKeyframeSize}),
      socket_(socket),
      sender_(socket),
      sessions_(viewers, peer::PeerConfig{certificate, profiles_, wall_clock_, &ring_}, random) {
  sessions_.SetLocalCandidates(now, ice::HostCandidates({{address}}));
}

std::string Camera::Answer(Time now, std::string_view offer) {
  auto accepted = sessions_.Accept(now, {}, offer);
  CHECK(accepted.ok(), "offer: %s", accepted.status().ToString().c_str());
  return std::move(accepted->answer_sdp);
}

void Camera::Pump(Time now) {
  while (true) {
    const Span<Datagram> batch = socket_.Receive();
    if (batch.empty()) break;
    for (const Datagram& datagram : batch) sessions_.HandleDatagram(now, datagram);
  }
  sessions_.HandleTimeout(now);
  sessions_.Transmit(now, sender_);
  socket_.Flush();
}

FrameId Camera::Store(Time now, hal::FrameType type) {
  return film_.Shoot(now, type == hal::FrameType::kKeyframe);
}

// Not inlined: callgrind counts from its first to its last instruction.
__attribute__((noinline)) void Camera::Send(Time now, FrameId frame) {
  sessions_.EnqueueFrame(now, frame);
  sessions_.Transmit(now, sender_);
}

}  // namespace ocellus::benchmarks
