// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/udp_socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <string>

#include "tests/platform/linux/network_namespace.h"

namespace ocellus::linux_platform {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

struct Received {
  SocketAddress local;
  SocketAddress remote;
  std::string payload;
};

std::unique_ptr<UdpSocket> OpenOn(std::optional<IpAddress> listen = std::nullopt) {
  Result<std::unique_ptr<UdpSocket>> socket = UdpSocket::Open({0, listen});
  EXPECT_TRUE(socket.ok()) << socket.status().message();
  return socket.ok() ? std::move(*socket) : nullptr;
}

IpAddress Ip4(const char* text) { return *IpAddress::Parse(text); }

// What has come within a second, up to `count` datagrams.
std::vector<Received> ReceiveAll(UdpSocket& socket, size_t count) {
  std::vector<Received> all;
  while (all.size() < count) {
    std::vector<pollfd> polled;
    for (const Watch& watch : socket.watches()) polled.push_back({watch.fd, POLLIN, 0});
    if (poll(polled.data(), polled.size(), /*timeout=*/1000) <= 0) break;
    for (const Watch& watch : socket.watches()) *watch.readable = true;
    for (Span<Datagram> batch = socket.Receive(); !batch.empty(); batch = socket.Receive()) {
      for (const Datagram& datagram : batch) {
        all.push_back({datagram.local, datagram.remote, std::string(AsText(datagram.payload))});
      }
    }
  }
  return all;
}

void SendText(UdpSocket& socket, const SocketAddress& local, const SocketAddress& remote,
              const std::string& payload) {
  const MutableBytes buffer = socket.SendBuffer();
  ASSERT_GE(buffer.size(), payload.size());
  std::copy(payload.begin(), payload.end(), buffer.begin());
  socket.Send({local, remote, payload.size()});
}

std::string Packet(size_t size, size_t number) {
  std::string text = "packet " + std::to_string(number) + " ";
  text.resize(size, static_cast<char>('a' + number % 26));
  return text;
}

TEST(UdpSocket, CarriesADatagramEachWayWithItsAddresses) {
  const auto camera = OpenOn();
  const auto viewer = OpenOn();
  const SocketAddress camera_address{Ip4("127.0.0.1"), camera->port()};
  const SocketAddress viewer_address{Ip4("127.0.0.1"), viewer->port()};

  SendText(*viewer, viewer_address, camera_address, "offer");
  viewer->Flush();
  const std::vector<Received> at_camera = ReceiveAll(*camera, 1);
  ASSERT_THAT(at_camera, SizeIs(1));
  EXPECT_EQ(at_camera[0].payload, "offer");
  EXPECT_EQ(at_camera[0].local, camera_address);
  EXPECT_EQ(at_camera[0].remote, viewer_address);

  SendText(*camera, at_camera[0].local, at_camera[0].remote, "answer");
  camera->Flush();
  const std::vector<Received> at_viewer = ReceiveAll(*viewer, 1);
  ASSERT_THAT(at_viewer, SizeIs(1));
  EXPECT_EQ(at_viewer[0].payload, "answer");
  EXPECT_EQ(at_viewer[0].remote, camera_address);
}

TEST(UdpSocket, AnswersLeaveFromTheAddressThatWasAsked) {
  const auto camera = OpenOn();
  const auto viewer = OpenOn();
  const SocketAddress viewer_address{Ip4("127.0.0.9"), viewer->port()};
  for (const char* text : {"127.0.0.1", "127.0.0.2", "127.1.2.3"}) {
    const SocketAddress asked{Ip4(text), camera->port()};
    SendText(*viewer, viewer_address, asked, "to " + std::string(text));
    viewer->Flush();
    const std::vector<Received> at_camera = ReceiveAll(*camera, 1);
    ASSERT_THAT(at_camera, SizeIs(1));
    EXPECT_EQ(at_camera[0].local, asked);
    EXPECT_EQ(at_camera[0].remote, viewer_address);

    SendText(*camera, at_camera[0].local, at_camera[0].remote, "back");
    camera->Flush();
    const std::vector<Received> at_viewer = ReceiveAll(*viewer, 1);
    ASSERT_THAT(at_viewer, SizeIs(1));
    EXPECT_EQ(at_viewer[0].remote, asked);
  }
}

TEST(UdpSocket, ServesBothFamiliesOnOnePort) {
  const auto camera = OpenOn();
  const auto viewer = OpenOn();
  if (camera->watches().size() < 2) GTEST_SKIP() << "this host has no IPv6";
  for (const char* text : {"127.0.0.1", "::1"}) {
    const SocketAddress from{*IpAddress::Parse(text), viewer->port()};
    const SocketAddress to{*IpAddress::Parse(text), camera->port()};
    SendText(*viewer, from, to, "one");
    SendText(*viewer, from, to, "two");
  }
  viewer->Flush();
  std::vector<std::string> payloads;
  for (const Received& received : ReceiveAll(*camera, 4)) {
    payloads.push_back(received.local.ip.ToString() + " " + received.payload);
    EXPECT_EQ(received.local.ip, received.remote.ip);
    EXPECT_EQ(received.local.port, camera->port());
    EXPECT_EQ(received.remote.port, viewer->port());
  }
  EXPECT_THAT(payloads, ElementsAre("127.0.0.1 one", "127.0.0.1 two", "::1 one", "::1 two"));
}

TEST(UdpSocket, AFloodOverOneFamilyLeavesTheOtherItsTurn) {
  for (const char* flooded : {"127.0.0.1", "::1"}) {
    const auto camera = OpenOn();
    const auto viewer = OpenOn();
    if (camera->watches().size() < 2) GTEST_SKIP() << "this host has no IPv6";
    const IpAddress quiet = Ip4(flooded[0] == ':' ? "127.0.0.1" : "::1");
    for (size_t i = 0; i < 5 * kReceiveBatchDatagrams; ++i) {
      SendText(*viewer, {}, {Ip4(flooded), camera->port()}, Packet(50, i));
    }
    SendText(*viewer, {}, {quiet, camera->port()}, "me too");
    viewer->Flush();
    size_t served = 0;
    for (int batch = 0; batch < 2; ++batch) {
      for (const Datagram& datagram : camera->Receive()) served += datagram.remote.ip == quiet;
    }
    EXPECT_EQ(served, 1u) << flooded;
  }
}

TEST(UdpSocket, EqualDatagramsOfOnePathCostOneMessage) {
  for (const char* text : {"127.0.0.1", "::1"}) {
    const auto camera = OpenOn(*IpAddress::Parse(text));
    const auto viewer = OpenOn(*IpAddress::Parse(text));
    const SocketAddress local{*IpAddress::Parse(text), camera->port()};
    const SocketAddress remote{*IpAddress::Parse(text), viewer->port()};
    std::vector<std::string> sent;
    for (size_t i = 0; i < 10; ++i) sent.push_back(Packet(1100, i));
    sent.push_back(Packet(300, 10));  // The last of a frame is shorter.
    for (const std::string& payload : sent) SendText(*camera, local, remote, payload);
    camera->Flush();
    EXPECT_EQ(camera->stats().sent_messages, 1u) << "or this kernel has no UDP GSO";
    EXPECT_EQ(camera->stats().sent_datagrams, 11u);

    std::vector<std::string> arrived;
    for (const Received& received : ReceiveAll(*viewer, 11)) {
      EXPECT_EQ(received.remote, local);
      arrived.push_back(received.payload);
    }
    EXPECT_EQ(arrived, sent);
  }
}

TEST(UdpSocket, MergesOnlyWhatTheKernelCanCutApart) {
  const auto camera = OpenOn();
  const auto viewer = OpenOn();
  const SocketAddress one{Ip4("127.0.0.1"), camera->port()};
  const SocketAddress two{Ip4("127.0.0.2"), camera->port()};
  const SocketAddress viewer_one{Ip4("127.0.0.1"), viewer->port()};
  const SocketAddress viewer_two{Ip4("127.0.0.2"), viewer->port()};
  struct Step {
    SocketAddress local;
    SocketAddress remote;
    size_t size;
    uint64_t messages;  // Counted so far.
  };
  const Step steps[] = {
      {one, viewer_one, 500, 1}, {one, viewer_one, 500, 1},
      {one, viewer_one, 100, 1},                             // Shorter: the last of its message.
      {one, viewer_one, 100, 2}, {one, viewer_one, 500, 3},  // Longer than the first.
      {one, viewer_two, 500, 4},                             // To another address.
      {two, viewer_two, 500, 5},                             // From another address.
      {one, viewer_one, 500, 6},                             // Back, but others lie in between.
  };
  size_t number = 0;
  std::vector<std::string> sent;
  for (const Step& step : steps) {
    sent.push_back(Packet(step.size, number++));
    SendText(*camera, step.local, step.remote, sent.back());
  }
  camera->Flush();
  EXPECT_EQ(camera->stats().sent_messages, std::end(steps)[-1].messages);
  std::vector<std::string> arrived;
  for (const Received& received : ReceiveAll(*viewer, sent.size())) {
    arrived.push_back(received.payload);
  }
  EXPECT_EQ(arrived, sent);
}

TEST(UdpSocket, LongRunsBecomeSeveralMessages) {
  const auto camera = OpenOn();
  const auto viewer = OpenOn();
  const SocketAddress local{Ip4("127.0.0.1"), camera->port()};
  const SocketAddress remote{Ip4("127.0.0.1"), viewer->port()};
  for (size_t i = 0; i < 130; ++i) SendText(*camera, local, remote, Packet(100, i));
  camera->Flush();
  EXPECT_EQ(camera->stats().sent_messages, 3u) << "64 datagrams in one";
  for (size_t i = 0; i < 60; ++i) SendText(*camera, local, remote, Packet(1200, i));
  camera->Flush();
  EXPECT_EQ(camera->stats().sent_messages, 5u) << "65,000 bytes in one";
  EXPECT_THAT(ReceiveAll(*viewer, 190), SizeIs(190));
}

TEST(UdpSocket, AFullBatchGoesOutByItself) {
  const auto camera = OpenOn();
  const auto viewer = OpenOn();
  const SocketAddress remote{Ip4("127.0.0.1"), viewer->port()};
  for (size_t i = 0; i <= kSendBatchMessages; ++i) {
    const std::string address = "127.0.0." + std::to_string(1 + i % 2);
    SendText(*camera, {Ip4(address.c_str()), camera->port()}, remote, Packet(100, i));
  }
  EXPECT_EQ(camera->stats().sent_datagrams, kSendBatchMessages);
  camera->Flush();
  EXPECT_EQ(camera->stats().sent_datagrams, kSendBatchMessages + 1);

  const uint64_t before = camera->stats().sent_datagrams;
  for (size_t i = 0; i <= kSendBatchBytes / kMaxDatagramSize; ++i) {
    SendText(*camera, {Ip4("127.0.0.1"), camera->port()}, remote, Packet(kMaxDatagramSize, i));
  }
  EXPECT_EQ(camera->stats().sent_datagrams - before, kSendBatchBytes / kMaxDatagramSize);
}

// SO_NO_CHECK makes the kernel refuse GSO with EINVAL, as a device without offload does.
TEST(UdpSocket, SendsOneByOneWhereGsoIsRefused) {
  for (const char* text : {"127.0.0.1", "::1"}) {
    const auto camera = OpenOn(*IpAddress::Parse(text));
    const auto viewer = OpenOn(*IpAddress::Parse(text));
    const int on = 1;
    const bool v4 = camera->watches()[0].fd >= 0 && IpAddress::Parse(text)->is_v4();
    constexpr int kUdpNoCheck6Tx = 101;  // UDP_NO_CHECK6_TX of linux/udp.h.
    ASSERT_EQ(setsockopt(camera->watches()[0].fd, v4 ? SOL_SOCKET : IPPROTO_UDP,
                         v4 ? SO_NO_CHECK : kUdpNoCheck6Tx, &on, sizeof(on)),
              0);
    // The receiver must take datagrams without a checksum.
    constexpr int kUdpNoCheck6Rx = 102;
    if (!v4) {
      ASSERT_EQ(setsockopt(viewer->watches()[0].fd, IPPROTO_UDP, kUdpNoCheck6Rx, &on, sizeof(on)),
                0);
    }
    const SocketAddress local{*IpAddress::Parse(text), camera->port()};
    const SocketAddress remote{*IpAddress::Parse(text), viewer->port()};
    std::vector<std::string> sent;
    for (size_t i = 0; i < 5; ++i) sent.push_back(Packet(1000, i));
    sent.push_back(Packet(10, 5));
    for (const std::string& payload : sent) SendText(*camera, local, remote, payload);
    camera->Flush();
    EXPECT_EQ(camera->stats().refused_gso_messages, 1u);
    EXPECT_EQ(camera->stats().sent_datagrams, 6u);
    EXPECT_EQ(camera->stats().refused_datagrams, 0u);
    std::vector<std::string> arrived;
    for (const Received& received : ReceiveAll(*viewer, sent.size())) {
      EXPECT_EQ(received.remote, local);
      arrived.push_back(received.payload);
    }
    EXPECT_EQ(arrived, sent);

    for (size_t turn = 0; turn < 20; ++turn) {
      SendText(*camera, local, remote, Packet(1000, turn));
      SendText(*camera, local, remote, Packet(1000, turn));
      camera->Flush();
    }
    EXPECT_EQ(camera->stats().refused_gso_messages, 16u) << "after 16 it stops asking";
    EXPECT_EQ(camera->stats().sent_datagrams, 46u);
  }
}

TEST(UdpSocket, AnUnreachableViewerDoesNotHarmTheOthers) {
  const auto camera = OpenOn();
  const auto viewer = OpenOn();
  const SocketAddress local{Ip4("127.0.0.1"), camera->port()};
  const SocketAddress reachable{Ip4("127.0.0.1"), viewer->port()};
  SendText(*camera, local, reachable, "before");
  // Neither address is on this host: EINVAL, ENETUNREACH or EADDRNOTAVAIL.
  SendText(*camera, {Ip4("203.0.113.5"), camera->port()}, reachable, "from an address not ours");
  SendText(*camera, local, {Ip4("203.0.113.6"), 9}, "from loopback to the world");
  SendText(*camera, local, {Ip4("0.0.0.0"), 0}, "to port 0");
  SendText(*camera, local, reachable, "after");
  camera->Flush();
  std::vector<std::string> arrived;
  for (const Received& received : ReceiveAll(*viewer, 2)) arrived.push_back(received.payload);
  EXPECT_THAT(arrived, ElementsAre("before", "after"));
  EXPECT_EQ(camera->stats().sent_datagrams + camera->stats().refused_datagrams, 5u);
  EXPECT_GE(camera->stats().refused_datagrams, 2u);
}

TEST(UdpSocket, DatagramsOfAFamilyThatIsNotServedAreDropped) {
  const auto camera = OpenOn(Ip4("127.0.0.1"));
  SendText(*camera, {*IpAddress::Parse("::1"), camera->port()}, {*IpAddress::Parse("::1"), 9}, "x");
  camera->Flush();
  EXPECT_EQ(camera->stats().refused_datagrams, 1u);
}

TEST(UdpSocket, OversizedDatagramsAreDropped) {
  const auto camera = OpenOn(Ip4("127.0.0.1"));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(camera->port());
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const FileDescriptor sender(socket(AF_INET, SOCK_DGRAM, 0));
  for (const size_t size : {kMaxReceivedDatagramSize + 1, kMaxReceivedDatagramSize, size_t{0}}) {
    const std::string payload(size, 'x');
    ASSERT_GE(sendto(sender.get(), payload.data(), payload.size(), 0,
                     reinterpret_cast<const sockaddr*>(&to), sizeof(to)),
              0);
  }
  const std::vector<Received> received = ReceiveAll(*camera, 2);
  ASSERT_THAT(received, SizeIs(2));
  EXPECT_THAT(received[0].payload, SizeIs(kMaxReceivedDatagramSize));
  EXPECT_THAT(received[1].payload, SizeIs(0));
  EXPECT_EQ(camera->stats().oversized_datagrams, 1u);
}

TEST(UdpSocket, MoreThanABatchArrivesWhole) {
  const auto camera = OpenOn();
  const auto viewer = OpenOn();
  const SocketAddress remote{Ip4("127.0.0.1"), camera->port()};
  constexpr size_t kCount = 3 * kReceiveBatchDatagrams + 1;
  for (size_t i = 0; i < kCount; ++i) SendText(*viewer, {}, remote, Packet(50, i));
  viewer->Flush();
  EXPECT_THAT(ReceiveAll(*camera, kCount), SizeIs(kCount));
  EXPECT_TRUE(camera->Receive().empty());
}

TEST(UdpSocket, ATakenPortIsNamedWithItsFlag) {
  const auto first = OpenOn();
  const auto second = UdpSocket::Open({first->port(), std::nullopt});
  EXPECT_EQ(second.status().code(), StatusCode::kAlreadyExists);
  EXPECT_THAT(second.status().message(),
              AllOf(HasSubstr(std::to_string(first->port())), HasSubstr("--udp-port")));
}

TEST(UdpSocket, AnAddressThatIsNotOursIsRefused) {
  const auto socket = UdpSocket::Open({0, Ip4("203.0.113.5")});
  EXPECT_EQ(socket.status().code(), StatusCode::kUnavailable);
  EXPECT_THAT(socket.status().message(), HasSubstr("203.0.113.5"));
}

TEST(UdpSocket, ListenRestrictsToOneAddressOrFamily) {
  EXPECT_THAT(OpenOn(Ip4("127.0.0.2"))->watches(), SizeIs(1));
  EXPECT_THAT(OpenOn(Ip4("0.0.0.0"))->watches(), SizeIs(1));

  const auto camera = OpenOn(Ip4("127.0.0.2"));
  const auto viewer = OpenOn();
  SendText(*viewer, {}, {Ip4("127.0.0.1"), camera->port()}, "elsewhere");
  SendText(*viewer, {}, {Ip4("127.0.0.2"), camera->port()}, "here");
  viewer->Flush();
  const std::vector<Received> received = ReceiveAll(*camera, 1);
  ASSERT_THAT(received, SizeIs(1));
  EXPECT_EQ(received[0].payload, "here");
}

// Checklist 24: nothing that leaves is fragmented; what a path does not take is dropped.
TEST(UdpSocket, NothingIsFragmented) {
  IN_NETWORK_NAMESPACE([] {
    ASSERT_TRUE(Ip("link set lo up mtu 1000"));
    const auto camera = OpenOn(Ip4("127.0.0.1"));
    const auto viewer = OpenOn(Ip4("127.0.0.1"));
    const SocketAddress remote{Ip4("127.0.0.1"), viewer->port()};
    for (size_t i = 0; i < 3; ++i) SendText(*camera, {}, remote, Packet(1200, i));
    SendText(*camera, {}, remote, Packet(972, 3));
    camera->Flush();
    EXPECT_EQ(camera->stats().refused_datagrams, 3u);
    EXPECT_EQ(camera->stats().sent_datagrams, 1u);
    EXPECT_THAT(ReceiveAll(*viewer, 1), SizeIs(1));
  });
}

// Datagrams that wait for an ARP answer fill the socket's buffer.
TEST(UdpSocket, WhatTheKernelHasNoRoomForIsDroppedAndCounted) {
  IN_NETWORK_NAMESPACE([] {
    if (!Ip("link add name cam0 type veth peer name far0 && ip link set far0 up && "
            "ip addr add 192.0.2.1/24 dev cam0 && ip link set cam0 up")) {
      GTEST_SKIP() << "no veth devices here";
    }
    const auto camera = OpenOn(Ip4("192.0.2.1"));
    const int smallest = 1;
    ASSERT_EQ(
        setsockopt(camera->watches()[0].fd, SOL_SOCKET, SO_SNDBUF, &smallest, sizeof(smallest)), 0);
    for (size_t i = 0; i < 100; ++i) {
      SendText(*camera, {}, {Ip4("192.0.2.2"), 9}, Packet(1200, i));
      camera->Flush();
    }
    EXPECT_GT(camera->stats().full_datagrams, 0u);
    EXPECT_EQ(camera->stats().full_datagrams + camera->stats().sent_datagrams, 100u);
  });
}

TEST(UdpSocket, WorksOnAHostWithoutIpv6Addresses) {
  IN_NETWORK_NAMESPACE([] {
    ASSERT_TRUE(Ip("link set lo up"));
    Ip("addr del ::1/128 dev lo 2>/dev/null");
    const auto camera = OpenOn();
    const auto viewer = OpenOn();
    SendText(*viewer, {}, {Ip4("127.0.0.1"), camera->port()}, "x");
    SendText(*viewer, {}, {*IpAddress::Parse("2001:db8::1"), camera->port()}, "y");
    viewer->Flush();
    EXPECT_THAT(ReceiveAll(*camera, 1), SizeIs(1));
    EXPECT_EQ(viewer->stats().refused_datagrams, 1u);
  });
}

}  // namespace
}  // namespace ocellus::linux_platform
