// SPDX-License-Identifier: Apache-2.0
// The sending half of the program, without devices and HTTP: frames of a chosen size go through
// packetizer, ring and SessionManager to a socket.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "firmware/app/session_manager.h"
#include "hal/udp_socket.h"
#include "tests/sim/film.h"
#include "tools/benchmarks/udp_sender.h"

namespace ocellus::benchmarks {

// 720p30 at 2 Mbit/s: a keyframe of 40 KB, then 8,333 bytes a picture.
constexpr size_t kKeyframeSize = 40'000;
constexpr size_t kFrameSize = 2'000'000 / 8 / 30;
constexpr Duration kFrameInterval(1'000'000 / 30);

class Camera {
 public:
  // Offers both SRTP profiles. All borrowed but the address, where `socket` is reached.
  Camera(Time now, size_t viewers, const crypto::Certificate& certificate,
         const SocketAddress& address, hal::UdpSocket& socket, Random& random);

  // CHECKs that the offer is accepted.
  std::string Answer(Time now, std::string_view offer);

  // Datagrams, timers and packets, as CameraApp::Pump does them.
  void Pump(Time now);

  // The path of a frame: into the ring, and to every viewer's packets in the socket's buffer.
  FrameId Store(Time now, hal::FrameType type);
  void Send(Time now, FrameId frame);
  void Flush() { socket_.Flush(); }

  size_t viewers() const { return sessions_.viewer_count(); }
  uint64_t packets_sent() const { return sessions_.totals().packets_sent; }

 private:
  const std::vector<srtp::Profile> profiles_ = {srtp::Profile::kAeadAes128Gcm,
                                                srtp::Profile::kAes128CmHmacSha1_80};
  WallClock wall_clock_;
  FrameRing ring_;
  sim::Film film_;
  hal::UdpSocket& socket_;
  UdpSender sender_;
  app::SessionManager sessions_;
};

}  // namespace ocellus::benchmarks
