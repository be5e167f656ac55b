// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/mdns_socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <string>

#include "firmware/base/limits.h"
#include "firmware/rtc/mdns/resolver.h"
#include "platform/linux/raw_address.h"
#include "tests/platform/linux/network_namespace.h"

namespace ocellus::linux_platform {
namespace {

using ::testing::SizeIs;

struct Received {
  SocketAddress local;
  SocketAddress remote;
  std::string payload;
};

// What has come within a second, up to `count` datagrams.
std::vector<Received> ReceiveAll(MdnsSocket& socket, size_t count) {
  std::vector<Received> all;
  while (all.size() < count) {
    pollfd polled{socket.descriptor(), POLLIN, 0};
    if (poll(&polled, 1, /*timeout=*/1000) <= 0) break;
    while (const auto datagram = socket.Receive()) {
      all.push_back({datagram->local, datagram->remote, std::string(AsText(datagram->payload))});
    }
  }
  return all;
}

std::unique_ptr<MdnsSocket> OpenOne() {
  Result<std::unique_ptr<MdnsSocket>> socket = MdnsSocket::Open();
  EXPECT_TRUE(socket.ok()) << socket.status().message();
  return socket.ok() ? std::move(*socket) : nullptr;
}

// The kernel takes a moment to notice that both ends of a link are up.
bool AwaitCarrier(const std::string& interface) {
  for (int attempt = 0; attempt < 1000; ++attempt) {
    if (std::system(("ip -o link show dev " + interface + " | grep -q 'state UP'").c_str()) == 0) {
      return true;
    }
  }
  return false;
}

// Two interfaces that are each other's only neighbour, and loopback.
void MakeNetwork() {
  ASSERT_TRUE(Ip("link set lo up"));
  ASSERT_TRUE(Ip("link add left type veth peer name right"));
  ASSERT_TRUE(Ip("address add 10.99.0.1/24 dev left"));
  ASSERT_TRUE(Ip("address add fd99::1/64 dev left nodad"));
  ASSERT_TRUE(Ip("address add fe80::1/64 dev left nodad"));
  ASSERT_TRUE(Ip("link set left up"));
  ASSERT_TRUE(Ip("link set right addrgenmode none up"));
  ASSERT_TRUE(AwaitCarrier("left") && AwaitCarrier("right"));
}

// A socket as a responder on this host has one.
FileDescriptor BindAnyAddress() {
  FileDescriptor fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  constexpr int kOn = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &kOn, sizeof(kOn));
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &kOn, sizeof(kOn));
  sockaddr_in6 raw;
  const socklen_t size = ToRaw({IpAddress(), mdns::kPort}, raw);
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&raw), size) != 0) return {};
  return fd;
}

bool SomethingComesTo(const FileDescriptor& fd) {
  pollfd polled{fd.get(), POLLIN, 0};
  return poll(&polled, 1, /*timeout=*/1000) > 0;
}

TEST(MdnsSocket, ReachesListenersOnThisHostInBothFamilies) {
  IN_NETWORK_NAMESPACE([] {
    MakeNetwork();
    const auto asker = OpenOne();
    const auto responder = OpenOne();
    asker->Send(AsBytes("question"));
    const std::vector<Received> received = ReceiveAll(*responder, 2);
    ASSERT_THAT(received, SizeIs(2));
    for (const Received& one : received) {
      EXPECT_EQ(one.payload, "question");
      EXPECT_EQ(one.remote.port, mdns::kPort);
      EXPECT_EQ(one.local, one.remote.ip.is_v4() ? mdns::GroupV4() : mdns::GroupV6());
    }
    EXPECT_NE(received[0].local, received[1].local);
  });
}

TEST(MdnsSocket, ReachesNeighboursWithTheHopLimitOfRfc6762) {
  IN_NETWORK_NAMESPACE([] {
    MakeNetwork();
    const auto asker = OpenOne();
    const FileDescriptor wire(
        socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(/*ETH_P_IP*/ 0x0800)));
    ASSERT_TRUE(wire.valid());
    asker->Send(AsBytes("question"));
    uint8_t packet[2048];
    bool seen = false;
    while (!seen && SomethingComesTo(wire)) {
      const ssize_t size = recv(wire.get(), packet, sizeof(packet), 0);
      ASSERT_GT(size, 28);
      seen = AsText(Bytes(packet, static_cast<size_t>(size)).subspan(28)) == "question";
    }
    ASSERT_TRUE(seen);
    EXPECT_EQ(packet[8], 255);  // IPv4's TTL.
  });
}

TEST(MdnsSocket, SharesThePortAndTakesNoUnicastFromOthers) {
  IN_NETWORK_NAMESPACE([] {
    MakeNetwork();
    const FileDescriptor responder = BindAnyAddress();
    ASSERT_TRUE(responder.valid());
    const auto asker = OpenOne();
    ASSERT_NE(asker, nullptr);

    const FileDescriptor client(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in6 raw;
    const socklen_t size = ToRaw({*IpAddress::Parse("10.99.0.1"), mdns::kPort}, raw);
    ASSERT_GT(sendto(client.get(), "unicast", 7, 0, reinterpret_cast<sockaddr*>(&raw), size), 0);
    EXPECT_TRUE(SomethingComesTo(responder));
    EXPECT_FALSE(asker->Receive());
  });
}

TEST(MdnsSocket, LeavesNoPortOpenBehindIt) {
  IN_NETWORK_NAMESPACE([] {
    MakeNetwork();
    OpenOne().reset();
    const FileDescriptor fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in6 raw;
    const socklen_t size = ToRaw({IpAddress(), mdns::kPort}, raw);
    EXPECT_EQ(bind(fd.get(), reinterpret_cast<sockaddr*>(&raw), size), 0);  // Shares with nobody.
  });
}

TEST(MdnsSocket, DropsWhatIsLongerThanRfc6762Allows) {
  IN_NETWORK_NAMESPACE([] {
    MakeNetwork();
    const auto asker = OpenOne();
    const auto responder = OpenOne();
    asker->Send(AsBytes(std::string(kMaxMdnsMessageSize + 1, 'x')));
    asker->Send(AsBytes(std::string(kMaxMdnsMessageSize, 'y')));
    const std::vector<Received> received = ReceiveAll(*responder, 2);
    ASSERT_THAT(received, SizeIs(2));
    for (const Received& one : received) {
      EXPECT_EQ(one.payload, std::string(kMaxMdnsMessageSize, 'y'));
    }
  });
}

TEST(MdnsSocket, SaysSoWhereNothingCanMulticast) {
  IN_NETWORK_NAMESPACE([] {
    ASSERT_TRUE(Ip("link set lo up"));
    const auto socket = MdnsSocket::Open();
    EXPECT_EQ(socket.status().code(), StatusCode::kUnavailable);
  });
}

TEST(MdnsSocket, SurvivesThatItsInterfaceGoes) {
  IN_NETWORK_NAMESPACE([] {
    MakeNetwork();
    const auto socket = OpenOne();
    ASSERT_TRUE(Ip("link delete left"));
    socket->Send(AsBytes("question"));
    while (socket->Receive()) {
    }
  });
}

}  // namespace
}  // namespace ocellus::linux_platform
