// SPDX-License-Identifier: Apache-2.0
// What a camera costs without devices and HTTP: it and its viewers in one process. tools/bench runs
// it and reads its lines of name and value.
//
//   bench_in_process instructions PROFILE VIEWERS  streams 5 s without a kernel, for callgrind, to
//                                                  collect inside of Camera::Send only
//   bench_in_process connects PROFILE VIEWERS      CPU time of setting a viewer up
//   bench_in_process latency PROFILE VIEWERS       frame in -> last packet with the kernel: over
//                                                  real sockets, in real time
//
// PROFILE is gcm or cm: see ParseProfile.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "firmware/base/text.h"
#include "platform/linux/clock.h"
#include "platform/linux/event_loop.h"
#include "platform/linux/udp_socket.h"
#include "tools/benchmarks/studio.h"

namespace ocellus::benchmarks {
namespace {

constexpr int kSceneFrames = 150;    // 5 s, from a keyframe to the next.
constexpr int kLatencyFrames = 600;  // Enough for a 99th percentile.
const IpAddress kLoopback = *IpAddress::Parse("127.0.0.1");

void MeasureInstructions(srtp::Profile profile, size_t viewers) {
  VirtualStudio studio(profile, viewers);
  studio.ConnectAll();
  const uint64_t before = studio.packets_sent();
  studio.FilmScene(kSceneFrames);
  CHECK(studio.pictures_received() == kSceneFrames * viewers, "%llu pictures to %zu viewers",
        static_cast<unsigned long long>(studio.pictures_received()), viewers);
  std::printf("packets %llu\n", static_cast<unsigned long long>(studio.packets_sent() - before));
}

void MeasureConnects(srtp::Profile profile, size_t viewers) {
  VirtualStudio studio(profile, viewers + 1);
  studio.Connect();  // What libraries set up once is there then.
  const Duration camera_before = studio.camera_cpu();
  const Duration before = CpuTime();
  studio.ConnectAll();
  const auto count = static_cast<double>(viewers);
  const auto per_viewer = [count](Duration duration) {
    return static_cast<double>(duration.count()) / count;
  };
  std::printf("both_ends_us %.0f\ncamera_us %.0f\n", per_viewer(CpuTime() - before),
              per_viewer(studio.camera_cpu() - camera_before));
}

// A camera and viewers over loopback.
class RealStudio {
 public:
  RealStudio(srtp::Profile profile, size_t viewers) : loop_(OpenLoop()), studio_(profile) {
    const SocketAddress address = OpenSocket();
    studio_.AddCamera(clock_.Now(), viewers, address, *sockets_.back());
    for (size_t i = 0; i < viewers; ++i) {
      const SocketAddress viewer_address = OpenSocket();
      studio_.AddViewer(clock_.Now(), viewer_address, *sockets_.back());
      while (!studio_.all_connected()) RunFor(std::chrono::milliseconds(2));
    }
  }

  void RunFor(Duration duration) {
    const Time end = clock_.Now() + duration;
    for (Time now = clock_.Now(); now < end; now = clock_.Now()) {
      studio_.Pump(now);
      loop_->Wait(std::min(end, now + std::chrono::milliseconds(5)));
    }
  }
  // In nanoseconds.
  int64_t TimeOneFrame(hal::FrameType type) {
    timespec begin;
    timespec end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    studio_.Film(clock_.Now(), type);
    clock_gettime(CLOCK_MONOTONIC, &end);
    return (end.tv_sec - begin.tv_sec) * 1'000'000'000 + end.tv_nsec - begin.tv_nsec;
  }
  uint64_t pictures_received() const { return studio_.pictures_received(); }

 private:
  static std::unique_ptr<linux_platform::EventLoop> OpenLoop() {
    auto loop = linux_platform::EventLoop::Open();
    CHECK(loop.ok(), "%s", loop.status().ToString().c_str());
    return std::move(*loop);
  }
  SocketAddress OpenSocket() {
    auto socket = linux_platform::UdpSocket::Open({0, kLoopback});
    CHECK(socket.ok(), "%s", socket.status().ToString().c_str());
    sockets_.push_back(std::move(*socket));
    for (const linux_platform::Watch& watch : sockets_.back()->watches()) {
      CHECK(loop_->Add(watch).ok(), "cannot watch port %u", sockets_.back()->port());
    }
    return {kLoopback, sockets_.back()->port()};
  }

  const linux_platform::LinuxClock clock_;
  std::unique_ptr<linux_platform::EventLoop> loop_;
  std::vector<std::unique_ptr<linux_platform::UdpSocket>> sockets_;
  Studio studio_;
};

void MeasureLatency(srtp::Profile profile, size_t viewers) {
  RealStudio studio(profile, viewers);
  std::vector<int64_t> times;
  for (int i = 0; i < kLatencyFrames; ++i) {
    times.push_back(studio.TimeOneFrame(i % kSceneFrames == 0 ? hal::FrameType::kKeyframe
                                                              : hal::FrameType::kAny));
    studio.RunFor(kFrameInterval / 2);  // Half of real time is long enough for the viewers.
  }
  std::sort(times.begin(), times.end());
  for (const size_t percent : {50, 99}) {
    std::printf("p%zu_us %.0f\n", percent,
                static_cast<double>(times[times.size() * percent / 100]) / 1000);
  }
  std::printf("pictures_lost %lld\n",
              static_cast<long long>(kLatencyFrames * viewers - studio.pictures_received()));
}

int Main(const std::vector<std::string>& arguments) {
  using Measure = void (*)(srtp::Profile, size_t);
  const std::pair<const char*, Measure> measures[] = {{"instructions", MeasureInstructions},
                                                      {"connects", MeasureConnects},
                                                      {"latency", MeasureLatency}};
  if (arguments.size() == 3) {
    const auto profile = ParseProfile(arguments[1]);
    const auto viewers = ParseNumber<uint32_t>(arguments[2]);
    for (const auto& [name, measure] : measures) {
      if (arguments[0] != name || !profile || !viewers || *viewers == 0) continue;
      measure(*profile, *viewers);
      return 0;
    }
  }
  std::fputs("usage: bench_in_process instructions|connects|latency gcm|cm VIEWERS\n", stderr);
  return 2;
}

}  // namespace
}  // namespace ocellus::benchmarks

int main(int argc, char** argv) { return ocellus::benchmarks::Main({argv + 1, argv + argc}); }
