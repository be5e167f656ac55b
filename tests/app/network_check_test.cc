// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/network_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "tests/hal/fake_name_resolver.h"
#include "tests/hal/fake_tcp_transport.h"
#include "tests/hal/fake_udp_socket.h"
#include "tests/hal/manual_clock.h"
#include "tests/sim/nat.h"
#include "tests/sim/network.h"
#include "tests/sim/seeded_random.h"
#include "tests/sim/turn_server.h"

namespace ocellus::app {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

const IpAddress kHost = *IpAddress::Parse("192.0.2.1");

class OneHost : public hal::Network {
 public:
  std::vector<IpAddress> Addresses() const override { return {kHost}; }
  bool TakeChanged() override { return false; }
};

// The check's three ports on the simulated network.
class Host : public sim::Node {
 public:
  void HandleDatagram(Time, const Datagram& in) override {
    for (hal::FakeUdpSocket* socket : {&media, &mapping, &filtering}) {
      if (socket->port() != in.local.port) continue;
      socket->Deliver(in.local, in.remote, std::string(AsText(in.payload)));
    }
  }
  void HandleTimeout(Time) override {}
  std::optional<Transmit> PollTransmit(Time, MutableBytes out) override {
    for (hal::FakeUdpSocket* socket : {&media, &mapping, &filtering}) {
      for (auto& sent : socket->TakeSent()) sent_.push_back(std::move(sent));
    }
    if (sent_.empty()) return std::nullopt;
    const auto sent = std::move(sent_.front());
    sent_.pop_front();
    std::copy(sent.payload.begin(), sent.payload.end(), out.begin());
    return sent.transmit;
  }
  Time next_deadline() const override { return kNever; }

  hal::FakeUdpSocket media{40'001};
  hal::FakeUdpSocket mapping{40'002};
  hal::FakeUdpSocket filtering{40'003};

 private:
  std::deque<hal::FakeUdpSocket::Sent> sent_;
};

class NetworkCheckTest : public testing::Test {
 protected:
  NetworkCheckTest() {
    network_.Attach(host_, {kHost});
    sim::LinkConditions conditions;
    conditions.delay = milliseconds(20);
    network_.SetDefaultConditions(conditions);
  }

  std::string Check(const std::vector<const char*>& urls) {
    gathering::Options options;
    for (const char* url : urls) options.servers.push_back(*gathering::ServerUrl::Parse(url));
    options.credentials = gathering::StaticCredentials{"camera", "a password"};
    NetworkCheck check(
        clock_.Now(), 8555, options,
        {host_.media, host_.mapping, host_.filtering, tcp_, resolver_, hosts_, clock_, random_});
    while (!check.done()) {
      clock_.Advance(milliseconds(5));
      network_.RunUntil(clock_.Now());
      check.Pump(clock_.Now());
    }
    took_ = clock_.Now() - hal::ManualClock::kStart;
    return check.Report();
  }

  hal::ManualClock clock_;
  sim::Network network_{3, hal::ManualClock::kStart};
  sim::SeededRandom random_{4};
  Host host_;
  OneHost hosts_;
  hal::FakeTcpTransport tcp_;
  hal::FakeNameResolver resolver_;
  Duration took_{};
};

TEST_F(NetworkCheckTest, WithoutServersItIsDoneAtOnce) {
  const std::string report = Check({});
  EXPECT_THAT(report, HasSubstr("192.0.2.1"));
  EXPECT_THAT(report, HasSubstr("port 8555"));
  EXPECT_LT(took_, milliseconds(100));
}

TEST_F(NetworkCheckTest, AServerThatAnswersIsReadyWithItsRelay) {
  sim::TurnServer server(network_, {}, 5);
  resolver_.Set("turn.example.net", std::vector<IpAddress>{server.address().ip});
  const std::string report = Check({"turn:turn.example.net"});
  EXPECT_THAT(report, HasSubstr("turn:turn.example.net"));
  EXPECT_THAT(report, HasSubstr("ready"));
  EXPECT_THAT(report, Not(HasSubstr("a password")));
  EXPECT_LT(took_, seconds(6));
}

TEST_F(NetworkCheckTest, AServerThatIsSilentIsNamedWithinTheLimit) {
  const std::string report = Check({"stun:203.0.113.200"});
  EXPECT_THAT(report, HasSubstr("stun:203.0.113.200"));
  EXPECT_LE(took_, kNetworkCheckLimit + milliseconds(5));
}

TEST_F(NetworkCheckTest, ANameThatNobodyKnowsIsNamed) {
  resolver_.Set("nowhere.example.net",
                Status(StatusCode::kNotFound, "nowhere.example.net: no such host"));
  const std::string report = Check({"stun:nowhere.example.net"});
  EXPECT_THAT(report, HasSubstr("nowhere.example.net"));
  EXPECT_THAT(report, HasSubstr("no such host"));
}

}  // namespace
}  // namespace ocellus::app
