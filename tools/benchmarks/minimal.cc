// SPDX-License-Identifier: Apache-2.0
// The smallest camera that streams to a browser, for the size in docs/benchmarks.md: no HTTP, codec
// or configuration. An offer comes on standard input up to its end, the answer goes to standard
// output, and then a keyframe from a file is sent 30 times a second until a signal comes.
//
//   bench_minimal FILE.h264 ADDRESS <offer >answer
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "firmware/app/session_manager.h"
#include "firmware/base/annexb.h"
#include "firmware/media/h264_packetizer.h"
#include "platform/linux/clock.h"
#include "platform/linux/event_loop.h"
#include "platform/linux/random.h"
#include "platform/linux/udp_socket.h"
#include "tools/benchmarks/udp_sender.h"

namespace ocellus::benchmarks {
namespace {

constexpr Duration kFrameInterval(1'000'000 / 30);

std::string ReadAll(std::FILE* file) {
  std::string text;
  char piece[4096];
  for (size_t size = 0; (size = std::fread(piece, 1, sizeof(piece), file)) > 0;) {
    text.append(piece, size);
  }
  return text;
}

hal::EncodedFrame ReadKeyframe(const char* path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path, "rb"), std::fclose);
  CHECK(file != nullptr, "cannot read %s", path);
  const std::string data = ReadAll(file.get());
  hal::EncodedFrame frame;
  frame.keyframe = true;
  frame.data.assign(data.begin(), data.end());
  FindNals(frame.data, frame.nals);
  return frame;
}

int Main(const char* path, const IpAddress& ip) {
  const linux_platform::LinuxClock clock;
  linux_platform::LinuxRandom random;
  const WallClock wall = clock.Wall();
  const auto certificate = crypto::Certificate::Generate(random, /*unix_seconds=*/1'795'176'000);
  const auto loop = linux_platform::EventLoop::Open();
  const auto socket = linux_platform::UdpSocket::Open({0, ip});
  CHECK(certificate.ok() && loop.ok() && socket.ok(), "cannot open what %s needs", path);
  for (const linux_platform::Watch& watch : (*socket)->watches()) {
    CHECK((*loop)->Add(watch).ok(), "cannot watch port %u", (*socket)->port());
  }

  const std::vector<srtp::Profile> profiles = {srtp::Profile::kAeadAes128Gcm,
                                               srtp::Profile::kAes128CmHmacSha1_80};
  FrameRing ring;
  media::H264Packetizer packetizer(ring);
  app::SessionManager sessions(1, peer::PeerConfig{*certificate, profiles, wall, &ring}, random);
  const std::vector<SocketAddress> addresses = {{ip, (*socket)->port()}};
  sessions.SetLocalCandidates(clock.Now(), ice::HostCandidates(addresses));
  UdpSender sender(**socket);
  const auto accepted = sessions.Accept(clock.Now(), {}, ReadAll(stdin));
  CHECK(accepted.ok(), "%s", accepted.status().ToString().c_str());
  std::fputs(accepted->answer_sdp.c_str(), stdout);
  std::fflush(stdout);

  hal::EncodedFrame frame = ReadKeyframe(path);
  Time next_frame = clock.Now();
  do {
    const Time now = clock.Now();
    for (const Datagram& datagram : (*socket)->Receive()) sessions.HandleDatagram(now, datagram);
    if (now >= next_frame) {
      frame.captured_at = now;
      next_frame += kFrameInterval;
      const auto id = packetizer.Push(frame);
      CHECK(id.ok(), "%s is not one keyframe", path);
      sessions.EnqueueFrame(now, *id);
    }
    sessions.HandleTimeout(now);
    sessions.Transmit(now, sender);
    (*socket)->Flush();
  } while ((*loop)->Wait(std::min(next_frame, sessions.next_deadline())) !=
           linux_platform::EventLoop::Wakeup::kStop);
  return 0;
}

}  // namespace
}  // namespace ocellus::benchmarks

int main(int argc, char** argv) {
  const auto ip = argc == 3 ? ocellus::IpAddress::Parse(argv[2]) : std::nullopt;
  if (!ip) {
    std::fputs("usage: bench_minimal FILE.h264 ADDRESS <offer >answer\n", stderr);
    return 2;
  }
  return ocellus::benchmarks::Main(argv[1], *ip);
}
