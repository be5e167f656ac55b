// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/tcp_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/resource.h>

#include <set>
#include <string>

#include "platform/linux/clock.h"
#include "tests/hal/tcp_conformance.h"
#include "tests/platform/linux/network_namespace.h"
#include "tests/platform/linux/tcp_other_end.h"

namespace ocellus::linux_platform {
namespace {

using hal::TcpAccepted;
using hal::TcpClosed;
using hal::TcpConnected;
using hal::TcpConnectionId;
using hal::TcpData;
using hal::TcpEvent;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

IpAddress Ip4(const char* text) { return *IpAddress::Parse(text); }
const IpAddress kLoopback = Ip4("127.0.0.1");

std::unique_ptr<TcpTransport> OpenWith(const TcpTransport::Options& options) {
  Result<std::unique_ptr<TcpTransport>> transport = TcpTransport::Open(options);
  CHECK(transport.ok(), "%s", transport.status().message().c_str());
  return std::move(*transport);
}
std::unique_ptr<TcpTransport> OpenListening() { return OpenWith({/*listen_port=*/0, {}}); }

// As the event loop does it.
void WaitFor(TcpTransport& transport) {
  for (const Watch& watch : transport.watches()) {
    if (WaitUntilReadable(watch.fd)) *watch.readable = true;
  }
}

// The next event that must be a T. Nothing when none comes, or another one.
template <typename T>
T Next(TcpTransport& transport) {
  for (int attempt = 0; attempt < 50; ++attempt) {
    if (std::optional<TcpEvent> event = transport.PollEvent()) {
      if (T* expected = std::get_if<T>(&*event)) return std::move(*expected);
      ADD_FAILURE() << "an event of kind " << event->index() << " instead";
      return {};
    }
    WaitFor(transport);
  }
  ADD_FAILURE() << "no event";
  return {};
}

SocketEnd DialTo(TcpTransport& transport) {
  SocketEnd end = SocketEnd::Dial({kLoopback, transport.port()});
  CHECK(end.valid(), "connection refused");
  return end;
}

class LinuxTcpRig final : public hal::TcpRig {
 public:
  hal::TcpTransport& transport() override { return *transport_; }
  std::unique_ptr<hal::TcpOtherEnd> Dial() override {
    return std::make_unique<SocketEnd>(DialTo(*transport_));
  }
  SocketAddress server() override { return server_.address(); }
  SocketAddress nobody() override { return nobody_.address(); }
  std::unique_ptr<hal::TcpOtherEnd> TakeAtServer() override {
    return std::make_unique<SocketEnd>(server_.Accept());
  }
  void Wait() override { WaitFor(*transport_); }

 private:
  std::unique_ptr<TcpTransport> transport_ = OpenListening();
  ServerSocket server_{kLoopback};
  ServerSocket nobody_{kLoopback, /*listens=*/false};
};

}  // namespace
}  // namespace ocellus::linux_platform

namespace ocellus::hal {

INSTANTIATE_TEST_SUITE_P(Linux, TcpConformance, testing::Values([] {
                           return std::make_unique<linux_platform::LinuxTcpRig>();
                         }));

}  // namespace ocellus::hal

namespace ocellus::linux_platform {
namespace {

TEST(TcpTransport, ListensOnOnePortInBothFamilies) {
  const auto transport = OpenListening();
  std::vector<SocketEnd> viewers;
  for (const char* ip : {"127.0.0.1", "::1"}) {
    const SocketAddress camera{*IpAddress::Parse(ip), transport->port()};
    viewers.push_back(SocketEnd::Dial(camera));
    if (!viewers.back().valid()) continue;  // A host without IPv6.
    const auto accepted = Next<TcpAccepted>(*transport);
    EXPECT_EQ(accepted.local, camera);
    EXPECT_EQ(accepted.remote.ip, camera.ip);
  }
  EXPECT_GE(transport->stats().accepted, 1u);
}

TEST(TcpTransport, ListensOnOneAddressOnly) {
  const auto transport = OpenWith({0, Ip4("127.0.0.2")});
  EXPECT_TRUE(SocketEnd::Dial({Ip4("127.0.0.2"), transport->port()}).valid());
  EXPECT_FALSE(SocketEnd::Dial({kLoopback, transport->port()}).valid());
}

TEST(TcpTransport, ConnectsFromTheAddressThatItListensOn) {
  const auto transport = OpenWith({std::nullopt, Ip4("127.0.0.2")});
  ServerSocket server(kLoopback);
  transport->Connect(server.address());
  EXPECT_EQ(Next<TcpConnected>(*transport).local.ip, Ip4("127.0.0.2"));
}

TEST(TcpTransport, NeedsNoPortToConnect) {
  const auto transport = OpenWith({});
  EXPECT_EQ(transport->port(), 0);
  ServerSocket server(kLoopback);
  transport->Connect(server.address());
  EXPECT_EQ(Next<TcpConnected>(*transport).local.ip, kLoopback);
}

TEST(TcpTransport, SaysWhichPortIsTaken) {
  const auto first = OpenListening();
  const auto second = TcpTransport::Open({first->port(), {}});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), StatusCode::kAlreadyExists);
  EXPECT_THAT(second.status().message(), HasSubstr(std::to_string(first->port())));
}

TEST(TcpTransport, TakesThePortAgainAtOnceAfterARestart) {
  uint16_t port = 0;
  {
    const auto transport = OpenListening();
    port = transport->port();
    const SocketEnd viewer = DialTo(*transport);
    transport->Close(Next<TcpAccepted>(*transport).id);  // Leaves TIME-WAIT behind.
  }
  const auto again = TcpTransport::Open({port, {}});
  EXPECT_TRUE(again.ok()) << again.status().message();
}

TEST(TcpTransport, SaysThatTheOtherEndHasClosed) {
  const auto transport = OpenListening();
  SocketEnd viewer = DialTo(*transport);
  const auto accepted = Next<TcpAccepted>(*transport);
  viewer.Close();
  EXPECT_EQ(Next<TcpClosed>(*transport).why.message(),
            accepted.remote.ToString() + " has closed the connection");
}

TEST(TcpTransport, SaysThatTheOtherEndHasReset) {
  const auto transport = OpenListening();
  SocketEnd viewer = DialTo(*transport);
  const auto accepted = Next<TcpAccepted>(*transport);
  viewer.Reset();
  const Status why = Next<TcpClosed>(*transport).why;
  EXPECT_EQ(why.code(), StatusCode::kUnavailable);
  EXPECT_EQ(why.message(), accepted.remote.ToString() + ": Connection reset by peer");
}

TEST(TcpTransport, NoticesInSendingThatTheOtherEndHasReset) {
  const auto transport = OpenListening();
  SocketEnd viewer = DialTo(*transport);
  const auto accepted = Next<TcpAccepted>(*transport);
  viewer.Reset();
  EXPECT_FALSE(transport->Send(accepted.id, AsBytes("media"), hal::TcpRoom::kAll));
  EXPECT_FALSE(transport->Send(accepted.id, AsBytes("media"), hal::TcpRoom::kAll));
  EXPECT_EQ(Next<TcpClosed>(*transport).id, accepted.id);
  EXPECT_FALSE(transport->PollEvent());
}

TEST(TcpTransport, SaysThatNobodyListens) {
  const auto transport = OpenWith({});
  const ServerSocket nobody(kLoopback, /*listens=*/false);
  transport->Connect(nobody.address());
  EXPECT_EQ(Next<TcpClosed>(*transport).why.message(),
            nobody.address().ToString() + ": Connection refused");
}

TEST(TcpTransport, GivesUpOnAServerThatDoesNotAnswer) {
  // A full backlog: the kernel drops further SYNs.
  ServerSocket server(kLoopback, /*listens=*/true, /*backlog=*/0);
  const SocketEnd fills_it = SocketEnd::Dial(server.address());
  const auto transport = OpenWith({std::nullopt, {}, milliseconds(30)});
  const TcpConnectionId id = transport->Connect(server.address());
  const auto closed = Next<TcpClosed>(*transport);
  EXPECT_EQ(closed.id, id);
  EXPECT_EQ(closed.why.code(), StatusCode::kTimeout);
  EXPECT_EQ(closed.why.message(), server.address().ToString() + " does not answer");
}

TEST(TcpTransport, AConnectCanBeCalledOff) {
  ServerSocket server(kLoopback, /*listens=*/true, /*backlog=*/0);
  const SocketEnd fills_it = SocketEnd::Dial(server.address());
  const auto transport = OpenWith({std::nullopt, {}, milliseconds(30)});
  transport->Close(transport->Connect(server.address()));
  WaitFor(*transport);
  EXPECT_FALSE(transport->PollEvent());
}

TEST(TcpTransport, TurnsAwayWhoComesOnTopOfTheLimit) {
  const auto transport = OpenListening();
  std::vector<SocketEnd> viewers;
  TcpConnectionId first = 0;
  for (size_t i = 0; i < kMaxTcpAccepted; ++i) {
    viewers.push_back(DialTo(*transport));
    const TcpConnectionId id = Next<TcpAccepted>(*transport).id;
    if (i == 0) first = id;
  }
  SocketEnd one_too_many = DialTo(*transport);
  WaitFor(*transport);
  EXPECT_FALSE(transport->PollEvent());
  EXPECT_TRUE(one_too_many.IsClosed());
  EXPECT_EQ(transport->stats().turned_away, 1u);

  // Who was accepted has left room for our own connections, and makes room for others.
  ServerSocket server(kLoopback);
  transport->Connect(server.address());
  Next<TcpConnected>(*transport);
  transport->Close(first);
  EXPECT_TRUE(viewers[0].IsClosed());
  const SocketEnd next = DialTo(*transport);
  EXPECT_NE(Next<TcpAccepted>(*transport).id, 0u);
}

TEST(TcpTransport, ConnectsToABoundedNumberOfServers) {
  ServerSocket server(kLoopback, /*listens=*/true, /*backlog=*/64);
  const auto transport = OpenWith({});
  for (size_t i = 0; i < kMaxTcpConnects; ++i) {
    transport->Connect(server.address());
    Next<TcpConnected>(*transport);
  }
  const TcpConnectionId id = transport->Connect(server.address());
  const auto closed = Next<TcpClosed>(*transport);
  EXPECT_EQ(closed.id, id);
  EXPECT_EQ(closed.why.code(), StatusCode::kResourceExhausted);
}

TEST(TcpTransport, ConnectionsTakeTurns) {
  const auto transport = OpenListening();
  SocketEnd greedy = DialTo(*transport);
  const TcpConnectionId greedy_id = Next<TcpAccepted>(*transport).id;
  SocketEnd modest = DialTo(*transport);
  const TcpConnectionId modest_id = Next<TcpAccepted>(*transport).id;
  greedy.Send(std::string(4 * kTcpReadSize, 'g'));
  modest.Send("check");
  // All of it has come to the kernel once the first byte has: this is loopback.
  WaitFor(*transport);
  size_t from_greedy = 0;
  for (TcpData data = Next<TcpData>(*transport); data.id == greedy_id && !data.bytes.empty();
       data = Next<TcpData>(*transport)) {
    from_greedy += data.bytes.size();
  }
  EXPECT_LE(from_greedy, kTcpReadSize) << "before " << modest_id << " had its turn";
}

TEST(TcpTransport, WakesTheLoopForWorkAndForNothingElse) {
  const LinuxClock clock;
  const auto loop = std::move(*EventLoop::Open());
  const auto transport = OpenListening();
  for (const Watch& watch : transport->watches()) ASSERT_TRUE(loop->Add(watch).ok());
  const auto sleeps = [&] {
    while (transport->PollEvent()) {
    }
    const Time deadline = clock.Now() + milliseconds(5);
    loop->Wait(deadline);
    return clock.Now() >= deadline;
  };
  EXPECT_TRUE(sleeps()) << "with nobody there";
  SocketEnd viewer = DialTo(*transport);
  loop->Wait(kNever);
  const TcpConnectionId id = std::get<TcpAccepted>(*transport->PollEvent()).id;
  EXPECT_TRUE(sleeps()) << "with an idle connection";

  viewer.Send(std::string(kTcpReadSize + 1, 'x'));
  for (size_t read = 0; read <= kTcpReadSize;) {
    loop->Wait(kNever);
    while (const std::optional<TcpEvent> event = transport->PollEvent()) {
      read += std::get<TcpData>(*event).bytes.size();
    }
  }
  EXPECT_TRUE(sleeps()) << "when all has been read";

  // The kernel makes some more room while its window grows; then it stays asleep.
  const std::string packet(1000, 'v');
  int turns = 0;
  do {
    while (transport->Send(id, AsBytes(packet), hal::TcpRoom::kAll)) {
    }
  } while (!sleeps() && ++turns < 1000);
  EXPECT_LT(turns, 1000) << "while the viewer reads nothing";

  while (!viewer.Receive(64 * 1024 * 1024).empty()) {
    WaitFor(*transport);
    EXPECT_FALSE(transport->PollEvent());
  }
  EXPECT_TRUE(sleeps()) << "when all has been sent";
  EXPECT_TRUE(transport->Send(id, AsBytes(packet), hal::TcpRoom::kAll));

  // What was refused without asking the kernel wakes the loop once.
  for (size_t i = 0; i <= kMaxTcpConnects; ++i) transport->Connect({Ip4("127.0.0.1"), 1});
  loop->Wait(kNever);
  size_t closed = 0;
  while (closed <= kMaxTcpConnects) {
    WaitFor(*transport);
    while (transport->PollEvent()) ++closed;
  }
  EXPECT_TRUE(sleeps()) << "when all has been refused";
}

TEST(TcpTransport, WithoutFileDescriptorsItWaitsInsteadOfSpinning) {
  const LinuxClock clock;
  const auto loop = std::move(*EventLoop::Open());
  const auto transport = OpenListening();
  for (const Watch& watch : transport->watches()) ASSERT_TRUE(loop->Add(watch).ok());
  SocketEnd viewer = DialTo(*transport);

  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  int turns = 0;
  for (const Time end = clock.Now() + milliseconds(30); clock.Now() < end; ++turns) {
    EXPECT_FALSE(transport->PollEvent());
    loop->Wait(end);
  }
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_LE(turns, 3);
  EXPECT_EQ(transport->stats().accept_pauses, 1u);
  // Nobody is lost by it.
  EXPECT_NE(Next<TcpAccepted>(*transport).id, 0u);
}

// A viewer whose cable is pulled says nothing: its connection must not stay for hours.
TEST(TcpTransport, ConnectionsOfBothDirectionsNoticeSilenceAndDoNotHoldSmallPacketsBack) {
  const auto transport = OpenListening();
  const SocketEnd viewer = DialTo(*transport);
  ServerSocket server(kLoopback);
  Next<TcpAccepted>(*transport);
  transport->Connect(server.address());
  const uint16_t outgoing_port = Next<TcpConnected>(*transport).local.port;

  int found = 0;
  for (int fd = 3; fd < 100; ++fd) {
    sockaddr_in6 raw{};
    socklen_t size = sizeof(raw);
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&raw), &size) != 0) continue;
    size = sizeof(raw);
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&raw), &size) != 0) continue;
    const uint16_t port = FromRaw(raw).port;
    if (port != transport->port() && port != outgoing_port) continue;
    ++found;
    const auto option = [fd](int level, int name) {
      int value = -1;
      socklen_t length = sizeof(value);
      getsockopt(fd, level, name, &value, &length);
      return value;
    };
    EXPECT_EQ(option(SOL_SOCKET, SO_KEEPALIVE), 1);
    EXPECT_EQ(option(IPPROTO_TCP, TCP_USER_TIMEOUT), 30'000);
    EXPECT_EQ(option(IPPROTO_TCP, TCP_KEEPIDLE), 30);
    EXPECT_EQ(option(IPPROTO_TCP, TCP_NODELAY), 1);
    EXPECT_EQ(option(IPPROTO_TCP, TCP_NOTSENT_LOWAT), kTcpUnsentBytes);
  }
  EXPECT_EQ(found, 2);
}

TEST(TcpTransport, ClosesWhatHasLostItsAddress) {
  IN_NETWORK_NAMESPACE([] {
    ASSERT_TRUE(Ip("link set lo up && ip addr add 192.0.2.1/32 dev lo"));
    const auto transport = OpenListening();
    SocketEnd stays = DialTo(*transport);
    const TcpConnectionId staying = Next<TcpAccepted>(*transport).id;
    SocketEnd goes = SocketEnd::Dial({Ip4("192.0.2.1"), transport->port()});
    const TcpConnectionId going = Next<TcpAccepted>(*transport).id;

    transport->HandleNetworkChange();
    EXPECT_FALSE(transport->PollEvent());
    ASSERT_TRUE(Ip("addr del 192.0.2.1/32 dev lo"));
    transport->HandleNetworkChange();
    const auto closed = Next<TcpClosed>(*transport);
    EXPECT_EQ(closed.id, going);
    EXPECT_THAT(closed.why.message(), HasSubstr("our address 192.0.2.1 is gone"));
    EXPECT_FALSE(transport->PollEvent());
    EXPECT_TRUE(transport->Send(staying, AsBytes("still here"), hal::TcpRoom::kAll));
  });
}

}  // namespace
}  // namespace ocellus::linux_platform
