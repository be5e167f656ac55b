// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/media_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/hal/fake_tcp_transport.h"
#include "tests/hal/fake_udp_socket.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::app {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const SocketAddress kHost = *SocketAddress::Parse("192.0.2.1:8555");
const SocketAddress kViewer = *SocketAddress::Parse("198.51.100.7:40000");
const SocketAddress kServer = *SocketAddress::Parse("203.0.113.9:3478");

// Servers are asked one after the other, and the first one not at once.
constexpr Duration kSettled = milliseconds(200);

gathering::Options TcpOnly() {
  gathering::Options options;
  options.tcp = true;
  return options;
}

std::string Framed(const std::string& packet) {
  return std::string{static_cast<char>(packet.size() >> 8), static_cast<char>(packet.size())} +
         packet;
}

class MediaTransportTest : public testing::Test {
 protected:
  explicit MediaTransportTest(gathering::Options options = TcpOnly())
      : transport({udp, tcp, nullptr, random}, std::move(options)) {
    const std::vector<IpAddress> hosts = {kHost.ip};
    transport.SetHosts(now, hosts);
  }

  // What came from viewers by TCP, as text.
  std::vector<std::string> ReceiveTcp() {
    std::vector<std::string> packets;
    while (const auto datagram = transport.ReceiveTcp(now)) {
      EXPECT_EQ(datagram->protocol, TransportProtocol::kTcp);
      packets.emplace_back(AsText(datagram->payload));
      last = *datagram;
    }
    return packets;
  }

  void Send(const std::string& packet, TransportProtocol protocol, const SocketAddress& local,
            const SocketAddress& remote) {
    const MutableBytes buffer = transport.SendBuffer();
    std::copy(packet.begin(), packet.end(), buffer.begin());
    transport.Send(now, {local, remote, packet.size(), protocol});
  }

  void Wait(Duration duration) {
    now += duration;
    transport.HandleTimeout(now);
    transport.Flush(now);
  }

  hal::TcpConnectionId Connect(uint16_t port = 40'000) {
    const auto id = tcp.Accept(kHost, {kViewer.ip, port});
    EXPECT_THAT(ReceiveTcp(), IsEmpty());
    return id;
  }

  Time now{std::chrono::hours(1)};
  sim::SeededRandom random{3};
  hal::FakeUdpSocket udp{kHost.port};
  hal::FakeTcpTransport tcp{kHost.port};
  MediaTransport transport;
  Datagram last;
};

// --- Viewers' TCP connections --------------------------------------------------------------------

TEST_F(MediaTransportTest, TcpIsCutIntoItsDatagramsHoweverItComes) {
  const auto id = Connect();
  tcp.Deliver(id, Framed("one") + Framed("two") + Framed("three").substr(0, 4));
  EXPECT_THAT(ReceiveTcp(), ElementsAre("one", "two"));
  tcp.Deliver(id, Framed("three").substr(4));
  EXPECT_THAT(ReceiveTcp(), ElementsAre("three"));
  EXPECT_EQ(last.local, kHost);
  EXPECT_EQ(last.remote, kViewer);
}

TEST_F(MediaTransportTest, WhatIsSentByTcpIsFramed) {
  const auto id = Connect();
  Send("picture", TransportProtocol::kTcp, kHost, kViewer);
  EXPECT_EQ(tcp.TakeSent(id), Framed("picture"));
  EXPECT_THAT(udp.TakeSent(), IsEmpty());
}

TEST_F(MediaTransportTest, TheSameAddressByUdpIsAnotherPath) {
  const auto id = Connect();
  Send("picture", TransportProtocol::kUdp, kHost, kViewer);
  EXPECT_EQ(tcp.TakeSent(id), "");
  EXPECT_EQ(udp.TakeSent().size(), 1u);
}

TEST_F(MediaTransportTest, PacketsForSlowOrGoneConnectionsAreDroppedAndCounted) {
  const auto id = Connect();
  tcp.set_send_room(4);
  Send("picture", TransportProtocol::kTcp, kHost, kViewer);
  EXPECT_EQ(transport.stats().tcp_dropped, 1u);
  tcp.Break(id);
  EXPECT_THAT(ReceiveTcp(), IsEmpty());
  Send("picture", TransportProtocol::kTcp, kHost, kViewer);
  EXPECT_EQ(transport.stats().tcp_dropped, 2u);
}

TEST_F(MediaTransportTest, ASlowConnectionStillTakesWhatKeepsItAlive) {
  const auto id = Connect();
  tcp.set_send_room(4000);
  const std::string media = "\x80" + std::string(999, 'm');
  const std::string check(100, '\0');
  for (int i = 0; i < 5; ++i) Send(media, TransportProtocol::kTcp, kHost, kViewer);
  EXPECT_EQ(transport.stats().tcp_dropped, 3u);
  Send(check, TransportProtocol::kTcp, kHost, kViewer);
  EXPECT_EQ(transport.stats().tcp_dropped, 3u);
  EXPECT_EQ(tcp.TakeSent(id), Framed(media) + Framed(media) + Framed(check));
}

TEST_F(MediaTransportTest, StrangersWhoAreSilentAreClosed) {
  const auto id = Connect();
  Wait(kUnprovenLifetime - milliseconds(1));
  EXPECT_TRUE(tcp.is_open(id));
  Wait(milliseconds(1));
  EXPECT_FALSE(tcp.is_open(id));
}

TEST_F(MediaTransportTest, ViewersWhoHaveProvenThemselvesStayForAsLongAsTheySpeak) {
  const auto id = Connect();
  for (int i = 0; i < 20; ++i) {
    tcp.Deliver(id, Framed("check"));
    EXPECT_THAT(ReceiveTcp(), ElementsAre("check"));
    transport.HandleAuthenticated(now, last);
    Wait(seconds(6));
    ASSERT_TRUE(tcp.is_open(id)) << i;
  }
  Wait(kSilentLifetime);
  EXPECT_FALSE(tcp.is_open(id));
}

TEST_F(MediaTransportTest, AFullHouseOfStrangersMakesRoom) {
  const auto proven = Connect(1);
  tcp.Deliver(proven, Framed("check"));
  ReceiveTcp();
  transport.HandleAuthenticated(now, last);
  const auto oldest = Connect(2);
  for (size_t i = 2; i < kMaxViewerTcpConnections; ++i) {
    Wait(milliseconds(1));
    Connect(static_cast<uint16_t>(i + 1));
  }
  EXPECT_TRUE(tcp.is_open(oldest));
  const auto newest = Connect(50'000);
  EXPECT_FALSE(tcp.is_open(oldest));
  EXPECT_TRUE(tcp.is_open(newest));
  EXPECT_TRUE(tcp.is_open(proven));
}

TEST_F(MediaTransportTest, AFullHouseOfViewersRefusesTheNext) {
  for (size_t i = 0; i < kMaxViewerTcpConnections; ++i) {
    const auto id = Connect(static_cast<uint16_t>(i + 1));
    tcp.Deliver(id, Framed("check"));
    ReceiveTcp();
    transport.HandleAuthenticated(now, last);
  }
  EXPECT_FALSE(tcp.is_open(Connect(50'000)));
  EXPECT_EQ(transport.stats().tcp_refused, 1u);
  EXPECT_EQ(tcp.open_connections(), kMaxViewerTcpConnections);
}

TEST_F(MediaTransportTest, AFrameThatIsTooLongClosesItsConnectionAlone) {
  const auto good = Connect(1);
  const auto bad = Connect(2);
  tcp.Deliver(bad, std::string("\xff\xff", 2) + std::string(3000, 'x'));
  tcp.Deliver(good, Framed("check"));
  EXPECT_THAT(ReceiveTcp(), ElementsAre("check"));
  EXPECT_FALSE(tcp.is_open(bad));
  EXPECT_TRUE(tcp.is_open(good));
}

TEST_F(MediaTransportTest, OneOpenTcpPortIsACandidate) {
  bool found = false;
  for (const ice::LocalCandidate& candidate : transport.candidates()) {
    found = found || (candidate.protocol == TransportProtocol::kTcp && candidate.address == kHost);
  }
  EXPECT_TRUE(found);
}

// --- UDP -----------------------------------------------------------------------------------------

TEST_F(MediaTransportTest, DatagramsOfViewersPassInTheirOrder) {
  for (const char* packet : {"one", "two", "three"}) udp.Deliver(kHost, kViewer, packet);
  std::vector<std::string> packets;
  for (const Datagram& datagram : transport.ReceiveUdp(now)) {
    packets.emplace_back(AsText(datagram.payload));
  }
  EXPECT_THAT(packets, ElementsAre("one", "two", "three"));
  EXPECT_TRUE(transport.ReceiveUdp(now).empty());
}

TEST_F(MediaTransportTest, ANewNetworkReachesTheConnections) {
  const std::vector<IpAddress> other = {*IpAddress::Parse("192.0.2.2")};
  const int before = tcp.network_changes();
  transport.SetHosts(now, other);
  EXPECT_EQ(tcp.network_changes(), before + 1);
  EXPECT_TRUE(transport.TakeChanged());
}

// --- Relays only ---------------------------------------------------------------------------------

gathering::Options RelayOnly() {
  gathering::Options options;
  options.servers = {*gathering::ServerUrl::Parse("turn:203.0.113.9")};
  options.policy = gathering::Policy::kRelay;
  options.credentials = gathering::StaticCredentials{"camera", "a password"};
  return options;
}

class RelayOnlyTest : public MediaTransportTest {
 protected:
  RelayOnlyTest() : MediaTransportTest(RelayOnly()) {}
};

// Checklist 64.
TEST_F(RelayOnlyTest, NoAddressOfOursIsOfferedAndNothingPassesDirectly) {
  EXPECT_THAT(transport.candidates(), IsEmpty());
  udp.Deliver(kHost, kViewer, "a check from somebody who has found us");
  EXPECT_TRUE(transport.ReceiveUdp(now).empty());
  EXPECT_EQ(transport.stats().direct_dropped, 1u);
  Wait(seconds(1));
  udp.TakeSent();
  Send("picture", TransportProtocol::kUdp, kHost, kViewer);
  EXPECT_THAT(udp.TakeSent(), IsEmpty());
}

TEST_F(RelayOnlyTest, TheServerIsAskedFromTheMediaPort) {
  Wait(kSettled);
  const auto sent = udp.TakeSent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].transmit.local, kHost);
  EXPECT_EQ(sent[0].transmit.remote, kServer);
}

// --- TURN servers over TCP -----------------------------------------------------------------------

gathering::Options RelayOverTcp(const char* url) {
  gathering::Options options = RelayOnly();
  options.servers = {*gathering::ServerUrl::Parse(url)};
  return options;
}

class RelayOverTcpTest : public MediaTransportTest {
 protected:
  RelayOverTcpTest() : MediaTransportTest(RelayOverTcp("turn:203.0.113.9?transport=tcp")) {
    Wait(kSettled);
    CHECK(tcp.connects().size() == 1, "%zu connections", tcp.connects().size());
  }
};

TEST_F(RelayOverTcpTest, TheServerIsAskedOnceTheConnectionIsThere) {
  EXPECT_EQ(tcp.connects()[0].remote, kServer);
  const auto id = tcp.connects()[0].id;
  tcp.FinishConnect(id, {kHost.ip, 50'000});
  EXPECT_THAT(ReceiveTcp(), IsEmpty());
  Wait(kSettled);
  const std::string request = tcp.TakeSent(id);
  ASSERT_GE(request.size(), 20u);
  EXPECT_EQ(request.substr(0, 2), std::string("\x00\x03", 2)) << "Allocate";
  EXPECT_THAT(udp.TakeSent(), IsEmpty());
}

TEST_F(RelayOverTcpTest, AConnectionThatBreaksIsMadeAgain) {
  tcp.Break(tcp.connects()[0].id);
  EXPECT_THAT(ReceiveTcp(), IsEmpty());
  for (int i = 0; i < 100; ++i) Wait(milliseconds(100));
  EXPECT_GE(tcp.connects().size(), 2u);
  ASSERT_EQ(transport.servers().size(), 1u);
  EXPECT_NE(transport.servers()[0].error, "");
}

TEST_F(RelayOverTcpTest, ServersThatSpeakAnythingElseAreLeft) {
  const auto id = tcp.connects()[0].id;
  tcp.FinishConnect(id, {kHost.ip, 50'000});
  ReceiveTcp();
  tcp.Deliver(id, std::string(100, '\xff'));
  EXPECT_THAT(ReceiveTcp(), IsEmpty());
  Wait(kSettled);
  EXPECT_FALSE(tcp.is_open(id));
}

class RelayOverTlsTest : public MediaTransportTest {
 protected:
  RelayOverTlsTest() : MediaTransportTest(RelayOverTcp("turns:203.0.113.9")) { Wait(kSettled); }
};

TEST_F(RelayOverTlsTest, WithoutAuthoritiesNoServerIsTrusted) {
  EXPECT_THAT(tcp.connects(), IsEmpty());
  ASSERT_EQ(transport.servers().size(), 1u);
  EXPECT_THAT(transport.servers()[0].error, testing::HasSubstr("trusted"));
}

}  // namespace
}  // namespace ocellus::app
