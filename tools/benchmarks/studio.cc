// SPDX-License-Identifier: Apache-2.0
#include "tools/benchmarks/studio.h"

#include <time.h>

#include <algorithm>

#include "tools/benchmarks/heap_meter.h"

namespace ocellus::benchmarks {
namespace {

const SocketAddress kCameraAddress = *SocketAddress::Parse("192.0.2.1:8555");
const IpAddress kViewerIp = *IpAddress::Parse("198.51.100.7");
constexpr size_t kFirstViewerPort = 20'000;
// Room for a keyframe to 100 viewers, and for a handshake.
constexpr size_t kCameraOutbox = 5'000'000;
constexpr size_t kViewerOutbox = 16'000;
constexpr int64_t kUnixSeconds = 1'795'176'000;  // 2026-11-20 12:00:00 UTC.

crypto::Certificate MakeCertificate(Random& random) {
  auto made = crypto::Certificate::Generate(random, kUnixSeconds);
  CHECK(made.ok(), "certificate: %s", made.status().ToString().c_str());
  return std::move(*made);
}

}  // namespace

Duration CpuTime() {
  timespec used;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + Duration(used.tv_nsec / 1000);
}

// --- Studio

Studio::Studio(srtp::Profile profile) : profile_(profile), certificate_(MakeCertificate(random_)) {}

void Studio::AddCamera(Time now, size_t viewers, const SocketAddress& address,
                       hal::UdpSocket& socket) {
  const HeapScope scope;
  camera_ = std::make_unique<Camera>(now, viewers, certificate_, address, socket, random_);
}

void Studio::AddViewer(Time now, const SocketAddress& address, hal::UdpSocket& socket) {
  viewers_.push_back(std::make_unique<Viewer>(now, profile_, address, socket, random_));
  Viewer& viewer = *viewers_.back();
  const std::string offer = viewer.Offer();
  std::string answer;
  {
    const HeapScope scope;
    const Duration before = CpuTime();
    answer = camera_->Answer(now, offer);
    camera_cpu_ += CpuTime() - before;
  }
  viewer.HandleAnswer(now, answer);
}

void Studio::Pump(Time now) {
  {
    const HeapScope scope;
    const Duration before = CpuTime();
    camera_->Pump(now);
    camera_cpu_ += CpuTime() - before;
  }
  for (const auto& viewer : viewers_) viewer->Pump(now);
}

void Studio::Film(Time now, hal::FrameType type) {
  const HeapScope scope;
  camera_->Send(now, camera_->Store(now, type));
  camera_->Flush();
}

bool Studio::all_connected() const {
  return std::all_of(viewers_.begin(), viewers_.end(),
                     [](const auto& viewer) { return viewer->connected(); });
}

uint64_t Studio::pictures_received() const {
  uint64_t pictures = 0;
  for (const auto& viewer : viewers_) pictures += viewer->pictures();
  return pictures;
}

// --- VirtualStudio

VirtualStudio::VirtualStudio(srtp::Profile profile, size_t viewers)
    : room_(viewers), camera_socket_(wire_.Open(kCameraAddress, kCameraOutbox)), studio_(profile) {
  studio_.AddCamera(now_, viewers, kCameraAddress, *camera_socket_);
}

void VirtualStudio::Connect() {
  const auto port = static_cast<uint16_t>(kFirstViewerPort + viewer_sockets_.size());
  const SocketAddress address{kViewerIp, port};
  viewer_sockets_.push_back(wire_.Open(address, kViewerOutbox));
  studio_.AddViewer(now_, address, *viewer_sockets_.back());
  for (int turn = 0; !studio_.all_connected(); ++turn) {
    CHECK(turn < 1000, "no connection after %d turns", turn);
    Advance(std::chrono::milliseconds(1));
  }
}

void VirtualStudio::ConnectAll() {
  while (viewer_sockets_.size() < room_) Connect();
}

void VirtualStudio::Advance(Duration duration) {
  now_ += duration;
  studio_.Pump(now_);
}

void VirtualStudio::Film(hal::FrameType type) {
  studio_.Film(now_, type);
  Advance(kFrameInterval);
}

void VirtualStudio::FilmScene(int frames) {
  Film(hal::FrameType::kKeyframe);
  for (int i = 1; i < frames; ++i) Film(hal::FrameType::kAny);
}

}  // namespace ocellus::benchmarks
