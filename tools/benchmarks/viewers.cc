// SPDX-License-Identifier: Apache-2.0
// Many viewers of a camera on this machine, in one process: each with a UDP port of its own, joined
// by WHEP over plain HTTP. tools/bench runs it beside the program and reads its lines.
//
//   bench_viewers PROFILE COUNT HTTP_PORT
//
// Prints how long the joining took, and "connected" when all are; watches until a byte or the end
// comes on its standard input; then prints what was received and leaves.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "firmware/base/text.h"
#include "platform/linux/clock.h"
#include "platform/linux/event_loop.h"
#include "platform/linux/file_descriptor.h"
#include "platform/linux/random.h"
#include "platform/linux/udp_socket.h"
#include "tools/benchmarks/viewer.h"

namespace ocellus::benchmarks {
namespace {

const IpAddress kLoopback = *IpAddress::Parse("127.0.0.1");
constexpr Duration kJoiningLimit = std::chrono::seconds(60);

// POSTs an offer to the camera at `port` and returns the answer. Waits for it: the other viewers
// stand still meanwhile, for about a millisecond.
std::string PostOffer(uint16_t port, const std::string& offer) {
  const linux_platform::FileDescriptor connection(socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(connect(connection.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0,
        "no camera on port %u", static_cast<unsigned>(port));
  const std::string request =
      Format(
          "POST /whep HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/sdp\r\n"
          "Content-Length: %zu\r\nConnection: close\r\n\r\n",
          offer.size()) +
      offer;
  CHECK(write(connection.get(), request.data(), request.size()) ==
            static_cast<ssize_t>(request.size()),
        "request of %zu bytes", request.size());
  std::string response;
  char piece[4096];
  for (ssize_t size = 0; (size = read(connection.get(), piece, sizeof(piece))) > 0;) {
    response.append(piece, static_cast<size_t>(size));
  }
  CHECK(response.rfind("HTTP/1.1 201", 0) == 0, "the camera says: %s",
        response.substr(0, 300).c_str());
  return response.substr(response.find("\r\n\r\n") + 4);
}

class Audience {
 public:
  Audience(srtp::Profile profile, uint16_t http_port) : profile_(profile), http_port_(http_port) {
    auto loop = linux_platform::EventLoop::Open();
    CHECK(loop.ok(), "%s", loop.status().ToString().c_str());
    loop_ = std::move(*loop);
    CHECK(loop_->Add({STDIN_FILENO, &told_to_leave_}).ok(), "cannot watch fd %d", STDIN_FILENO);
  }

  void Join() {
    auto socket = linux_platform::UdpSocket::Open({0, kLoopback});
    CHECK(socket.ok(), "%s", socket.status().ToString().c_str());
    sockets_.push_back(std::move(*socket));
    for (const linux_platform::Watch& watch : sockets_.back()->watches()) {
      CHECK(loop_->Add(watch).ok(), "cannot watch port %u", sockets_.back()->port());
    }
    viewers_.push_back(std::make_unique<Viewer>(clock_.Now(), profile_,
                                                SocketAddress{kLoopback, sockets_.back()->port()},
                                                *sockets_.back(), random_));
    const std::string offer = viewers_.back()->Offer();
    viewers_.back()->HandleAnswer(clock_.Now(), PostOffer(http_port_, offer));
    Pump();
  }

  void Pump() {
    for (const auto& viewer : viewers_) viewer->Pump(clock_.Now());
  }
  void PumpUntilConnected() {
    const Time limit = clock_.Now() + kJoiningLimit;
    while (!AllOf([](const Viewer& viewer) { return viewer.connected(); })) {
      CHECK(clock_.Now() < limit, "%zu viewers, not all connected", viewers_.size());
      Wait();
    }
  }
  void PumpUntilTold() {
    while (!told_to_leave_) Wait();
  }

  uint64_t packets() const { return Sum(&Viewer::packets); }
  uint64_t pictures() const { return Sum(&Viewer::pictures); }

 private:
  template <typename Predicate>
  bool AllOf(Predicate predicate) const {
    return std::all_of(viewers_.begin(), viewers_.end(),
                       [&](const auto& viewer) { return predicate(*viewer); });
  }
  uint64_t Sum(uint64_t (Viewer::*count)() const) const {
    uint64_t sum = 0;
    for (const auto& viewer : viewers_) sum += ((*viewer).*count)();
    return sum;
  }
  void Wait() {
    Time deadline = kNever;
    for (const auto& viewer : viewers_) deadline = std::min(deadline, viewer->next_deadline());
    loop_->Wait(deadline);
    Pump();
  }

  const linux_platform::LinuxClock clock_;
  linux_platform::LinuxRandom random_;
  const srtp::Profile profile_;
  const uint16_t http_port_;
  bool told_to_leave_ = false;
  std::unique_ptr<linux_platform::EventLoop> loop_;
  std::vector<std::unique_ptr<linux_platform::UdpSocket>> sockets_;
  std::vector<std::unique_ptr<Viewer>> viewers_;
};

int Main(const std::vector<std::string>& arguments) {
  const bool complete = arguments.size() == 3;
  const auto profile = complete ? ParseProfile(arguments[0]) : std::nullopt;
  const auto count = complete ? ParseNumber<uint32_t>(arguments[1]) : std::nullopt;
  const auto port = complete ? ParseNumber<uint16_t>(arguments[2]) : std::nullopt;
  if (!profile || !count || !port) {
    std::fputs("usage: bench_viewers gcm|cm COUNT HTTP_PORT\n", stderr);
    return 2;
  }
  const linux_platform::LinuxClock clock;
  Audience audience(*profile, *port);
  const Time begin = clock.Now();
  for (uint32_t i = 0; i < *count; ++i) audience.Join();
  audience.PumpUntilConnected();
  std::printf("joined_in_us %lld\nconnected\n",
              static_cast<long long>((clock.Now() - begin).count()));
  std::fflush(stdout);
  audience.PumpUntilTold();
  std::printf("packets %llu\npictures %llu\n", static_cast<unsigned long long>(audience.packets()),
              static_cast<unsigned long long>(audience.pictures()));
  return 0;
}

}  // namespace
}  // namespace ocellus::benchmarks

int main(int argc, char** argv) { return ocellus::benchmarks::Main({argv + 1, argv + argc}); }
