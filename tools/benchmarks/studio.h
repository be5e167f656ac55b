// SPDX-License-Identifier: Apache-2.0
// A camera and its viewers in one process. What the camera does is told apart from what the viewers
// do: its heap is on the account of HeapScope, its CPU time is camera_cpu.
#pragma once

#include <memory>
#include <vector>

#include "platform/linux/random.h"
#include "tools/benchmarks/camera.h"
#include "tools/benchmarks/viewer.h"
#include "tools/benchmarks/wire.h"

namespace ocellus::benchmarks {

// CPU time of this thread.
Duration CpuTime();

// Over sockets, and in the time, of whoever owns it.
class Studio {
 public:
  explicit Studio(srtp::Profile profile);

  // Each `socket` is reached at `address` and outlives this. At first the camera.
  void AddCamera(Time now, size_t viewers, const SocketAddress& address, hal::UdpSocket& socket);
  void AddViewer(Time now, const SocketAddress& address, hal::UdpSocket& socket);

  // Does everything that is ready.
  void Pump(Time now);
  // One picture goes through the camera to its socket, and on to the viewers' sockets.
  void Film(Time now, hal::FrameType type);

  bool all_connected() const;
  uint64_t packets_sent() const { return camera_->packets_sent(); }
  uint64_t pictures_received() const;  // By all viewers together.
  // Of the camera's Pump: handshakes, checks and reports, not Film.
  Duration camera_cpu() const { return camera_cpu_; }

 private:
  linux_platform::LinuxRandom random_;
  const srtp::Profile profile_;
  const crypto::Certificate certificate_;
  std::unique_ptr<Camera> camera_;
  std::vector<std::unique_ptr<Viewer>> viewers_;
  Duration camera_cpu_{};
};

// In virtual time, over a Wire.
class VirtualStudio {
 public:
  VirtualStudio(srtp::Profile profile, size_t viewers);

  // One more viewer, or as many as there are to be.
  void Connect();
  void ConnectAll();
  void Advance(Duration duration);
  // One picture: sent, received and reported on.
  void Film(hal::FrameType type);
  // `frames` of them, the first a keyframe.
  void FilmScene(int frames);

  uint64_t packets_sent() const { return studio_.packets_sent(); }
  uint64_t pictures_received() const { return studio_.pictures_received(); }
  Duration camera_cpu() const { return studio_.camera_cpu(); }

 private:
  const size_t room_;  // For viewers.
  Time now_{std::chrono::hours(1)};
  Wire wire_;
  std::unique_ptr<WireSocket> camera_socket_;
  std::vector<std::unique_ptr<WireSocket>> viewer_sockets_;
  Studio studio_;
};

}  // namespace ocellus::benchmarks
