// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/gathering/behavior_discovery.h"

#include <gtest/gtest.h>

#include "tests/rtc/gathering/scripted_stun_server.h"
#include "tests/sim/nat.h"
#include "tests/sim/network.h"
#include "tests/sim/seeded_random.h"
#include "tests/sim/turn_server.h"

namespace ocellus::gathering {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const SocketAddress kInside = At("192.168.1.2:40001");
const SocketAddress kInside2 = At("192.168.1.2:40002");
const SocketAddress kOutside = At("198.51.100.9:40001");
const SocketAddress kOutside2 = At("198.51.100.9:40002");

class DiscoveryNode : public sim::Node {
 public:
  explicit DiscoveryNode(BehaviorDiscovery& discovery) : discovery_(discovery) {}
  void HandleDatagram(Time now, const Datagram& in) override { discovery_.HandleDatagram(now, in); }
  void HandleTimeout(Time now) override { discovery_.HandleTimeout(now); }
  std::optional<Transmit> PollTransmit(Time now, MutableBytes out) override {
    return discovery_.PollTransmit(now, out);
  }
  Time next_deadline() const override { return discovery_.next_deadline(); }

 private:
  BehaviorDiscovery& discovery_;
};

// One server that helps (RFC 5780), two plain ones, and a NAT.
class BehaviorDiscoveryTest : public testing::Test {
 protected:
  BehaviorDiscoveryTest() {
    sim::LinkConditions conditions;
    conditions.delay = milliseconds(25);
    network_.SetDefaultConditions(conditions);
  }

  static sim::TurnServerOptions Helpful() {
    sim::TurnServerOptions options;
    options.addresses = {At("192.0.2.1:0").ip};
    options.alternate_address = At("192.0.2.2:0").ip;
    return options;
  }
  static sim::TurnServerOptions Plain(const char* ip) {
    sim::TurnServerOptions options;
    options.addresses = {*IpAddress::Parse(ip)};
    return options;
  }

  BehaviorReport Discover(const BehaviorDiscovery::Ports& ports,
                          const std::vector<SocketAddress>& servers, sim::Realm realm) {
    BehaviorDiscovery discovery(network_.now(), ports, servers, random_);
    DiscoveryNode node(discovery);
    network_.Attach(node, {ports.mapping.ip}, realm);
    const Time start = network_.now();
    EXPECT_TRUE(network_.RunUntilTrue([&] { return discovery.done(); }, kDiscoveryLimit));
    took_ = network_.now() - start;
    network_.Detach(node);
    return discovery.report();
  }
  BehaviorReport DiscoverBehind(const sim::NatOptions& options,
                                const std::vector<SocketAddress>& servers) {
    sim::Nat nat(network_, options, At("203.0.113.5:0").ip, 7);
    return Discover({kInside, kInside2}, servers, &nat);
  }

  sim::SeededRandom random_{1};
  sim::Network network_{1};
  sim::TurnServer helpful_{network_, Helpful(), 1};
  sim::TurnServer plain1_{network_, Plain("192.0.2.11"), 2};
  sim::TurnServer plain2_{network_, Plain("192.0.2.12"), 3};
  Duration took_{};
};

using Simulated = sim::NatOptions::Behavior;
struct Kind {
  Simulated simulated;
  Behavior expected;
};
constexpr Kind kKinds[] = {
    {Simulated::kEndpointIndependent, Behavior::kEndpointIndependent},
    {Simulated::kAddressDependent, Behavior::kAddressDependent},
    {Simulated::kAddressAndPortDependent, Behavior::kAddressAndPortDependent}};

TEST_F(BehaviorDiscoveryTest, TellsEveryKindOfNatApart) {
  for (const Kind& mapping : kKinds) {
    for (const Kind& filtering : kKinds) {
      SCOPED_TRACE(std::string(ToString(mapping.expected)) + ", " + ToString(filtering.expected));
      sim::NatOptions options;
      options.mapping = mapping.simulated;
      options.filtering = filtering.simulated;
      const BehaviorReport report = DiscoverBehind(options, {helpful_.address()});
      EXPECT_EQ(report.mapping, mapping.expected);
      EXPECT_EQ(report.filtering, filtering.expected);
      ASSERT_TRUE(report.mapped);
      EXPECT_EQ(report.mapped->ip, At("203.0.113.5:0").ip);
      EXPECT_FALSE(report.udp_blocked);
      EXPECT_LE(took_, milliseconds(1700));
    }
  }
}

// RFC 5780 section 4.6: the mapping tests would open the filter.
TEST_F(BehaviorDiscoveryTest, WithOnePortTheMappingTestsWait) {
  for (const Kind& kind : kKinds) {
    sim::NatOptions options;
    options.filtering = kind.simulated;
    sim::Nat nat(network_, options, At("203.0.113.5:0").ip, 7);
    const BehaviorReport report = Discover({kInside, kInside}, {helpful_.address()}, &nat);
    EXPECT_EQ(report.mapping, Behavior::kEndpointIndependent);
    EXPECT_EQ(report.filtering, kind.expected);
    EXPECT_LE(took_, milliseconds(1700));
  }
}

TEST_F(BehaviorDiscoveryTest, SeesThatNothingIsTranslated) {
  const BehaviorReport report = Discover({kOutside, kOutside2}, {helpful_.address()}, nullptr);
  EXPECT_EQ(report.mapping, Behavior::kNone);
  EXPECT_EQ(report.filtering, Behavior::kEndpointIndependent);
  EXPECT_EQ(report.mapped, kOutside);
  EXPECT_LE(took_, milliseconds(150));
}

TEST_F(BehaviorDiscoveryTest, TwoPlainServersTellWhetherMappingsDiffer) {
  const std::vector<SocketAddress> servers = {plain1_.address(), plain2_.address()};
  BehaviorReport report = DiscoverBehind(sim::FullCone(), servers);
  EXPECT_EQ(report.mapping, Behavior::kEndpointIndependent);
  EXPECT_EQ(report.filtering, Behavior::kUnknown);
  EXPECT_LE(took_, milliseconds(100));
  report = DiscoverBehind(sim::Symmetric(), servers);
  EXPECT_EQ(report.mapping, Behavior::kEndpointDependent);
}

TEST_F(BehaviorDiscoveryTest, OnePlainServerTellsTheMappedAddressOnly) {
  const BehaviorReport report = DiscoverBehind(sim::FullCone(), {plain1_.address()});
  EXPECT_TRUE(report.mapped);
  EXPECT_EQ(report.mapping, Behavior::kUnknown);
  EXPECT_FALSE(report.udp_blocked);
}

TEST_F(BehaviorDiscoveryTest, PrefersTheServerThatHelps) {
  const BehaviorReport report =
      DiscoverBehind(sim::PortRestrictedCone(), {plain1_.address(), helpful_.address()});
  EXPECT_EQ(report.mapping, Behavior::kEndpointIndependent);
  EXPECT_EQ(report.filtering, Behavior::kAddressAndPortDependent);
}

TEST_F(BehaviorDiscoveryTest, SeesThatUdpIsBlocked) {
  sim::NatOptions options;
  options.udp_blocked = true;
  const BehaviorReport report = DiscoverBehind(options, {plain1_.address(), helpful_.address()});
  EXPECT_TRUE(report.udp_blocked);
  EXPECT_FALSE(report.mapped);
  EXPECT_EQ(took_, Duration(seconds(3)));
}

TEST_F(BehaviorDiscoveryTest, EndsAtOnceWithoutAServer) {
  const BehaviorReport report = DiscoverBehind(sim::FullCone(), {At("[2001:db8::1]:3478")});
  EXPECT_FALSE(report.udp_blocked);
  EXPECT_EQ(report.mapping, Behavior::kUnknown);
  EXPECT_EQ(took_, Duration(0));
}

TEST_F(BehaviorDiscoveryTest, IsRightThroughLoss) {
  sim::LinkConditions conditions;
  conditions.delay = milliseconds(25);
  conditions.loss = 0.1;
  network_.SetDefaultConditions(conditions);
  int wrong = 0;
  for (int i = 0; i < 100; ++i) {
    const BehaviorReport report = DiscoverBehind(sim::FullCone(), {helpful_.address()});
    wrong += report.mapping != Behavior::kEndpointIndependent ||
             report.filtering != Behavior::kEndpointIndependent;
  }
  EXPECT_LE(wrong, 3);
}

// One server, its answers written by hand.
class ScriptedDiscoveryTest : public testing::Test {
 protected:
  void Handle(Packet packet) { discovery_.HandleDatagram(now_, packet.AsDatagram()); }

  sim::SeededRandom random_{1};
  Time now_{std::chrono::hours(1)};
  const SocketAddress server_ = At("192.0.2.1:3478");
  const SocketAddress other_ = At("192.0.2.2:3479");
  const SocketAddress mapped_ = At("203.0.113.5:50000");
  BehaviorDiscovery discovery_{
      now_, {kInside, kInside2}, std::vector<SocketAddress>{server_}, random_};
};

// Otherwise every NAT behind it would look restricted.
TEST_F(ScriptedDiscoveryTest, AServerThatIgnoresChangeRequestTellsNothingOfFilters) {
  Handle(AnswerTo(PollAll(discovery_, now_).at(0), {mapped_, other_, {}, {}, {}}));
  for (const Packet& packet : PollAll(discovery_, now_)) {
    Handle(AnswerTo(packet, {mapped_, other_, {}, {}, {}}));
  }
  EXPECT_TRUE(discovery_.done());
  EXPECT_EQ(discovery_.report().mapping, Behavior::kEndpointIndependent);
  EXPECT_EQ(discovery_.report().filtering, Behavior::kUnknown);
}

// RFC 5780 section 7.4.
TEST_F(ScriptedDiscoveryTest, DoesNotUseAnOtherAddressThatIsNone) {
  for (const char* other :
       {"192.0.2.1:3479", "192.0.2.2:3478", "0.0.0.0:3479", "192.0.2.2:0", "[2001:db8::1]:3479"}) {
    BehaviorDiscovery discovery(now_, {kInside, kInside2}, std::vector<SocketAddress>{server_},
                                random_);
    Packet answer = AnswerTo(PollAll(discovery, now_).at(0), {mapped_, At(other), {}, {}, {}});
    discovery.HandleDatagram(now_, answer.AsDatagram());
    EXPECT_TRUE(discovery.done()) << other;
    EXPECT_EQ(discovery.report().mapped, mapped_);
  }
}

// Checklist 4.
TEST_F(ScriptedDiscoveryTest, BelievesOnlyWhoWasAsked) {
  Packet answer = AnswerTo(PollAll(discovery_, now_).at(0), {mapped_, {}, {}, {}, {}});
  answer.from = At("192.0.2.66:3478");
  Handle(answer);
  EXPECT_FALSE(discovery_.report().mapped);
  answer.from = server_;
  answer.bytes[12] ^= 1;
  Handle(answer);
  EXPECT_FALSE(discovery_.report().mapped);
}

}  // namespace
}  // namespace ocellus::gathering
