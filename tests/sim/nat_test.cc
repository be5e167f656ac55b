// SPDX-License-Identifier: Apache-2.0
// Each property of a NAT alone, seen from both of its sides. RFC 4787.
#include "tests/sim/nat.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace ocellus::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

IpAddress Ip(std::string_view text) { return *IpAddress::Parse(text); }
SocketAddress Address(std::string_view text) { return *SocketAddress::Parse(text); }

// Says what the test tells it to, and keeps what it hears and from whom.
class Host : public Node {
 public:
  Host(Network& network, const IpAddress& ip, Realm realm = nullptr) : network_(network) {
    network.Attach(*this, {ip}, realm);
  }
  ~Host() override { network_.Detach(*this); }

  void HandleDatagram(Time, const Datagram& in) override {
    heard[std::string(AsText(in.payload))] = {in.local, in.remote};
  }
  void HandleTimeout(Time) override {}
  std::optional<Transmit> PollTransmit(Time, MutableBytes out) override {
    if (outbox_.empty()) return std::nullopt;
    const Letter letter = outbox_.back();
    outbox_.pop_back();
    std::copy(letter.text.begin(), letter.text.end(), out.begin());
    return Transmit{letter.from, letter.to, letter.text.size()};
  }
  Time next_deadline() const override { return kNever; }

  // Sends `text` and lets it arrive.
  void Say(const SocketAddress& from, const SocketAddress& to, const std::string& text) {
    outbox_.push_back({from, to, text});
    network_.RunFor(milliseconds(1));
  }

  struct Heard {
    SocketAddress to;
    SocketAddress from;
  };
  std::map<std::string, Heard> heard;

 private:
  struct Letter {
    SocketAddress from;
    SocketAddress to;
    std::string text;
  };
  Network& network_;
  std::vector<Letter> outbox_;
};

const SocketAddress kInside = Address("192.168.1.2:5000");
const SocketAddress kFriend = Address("198.51.100.1:7000");
const SocketAddress kFriendOtherPort = Address("198.51.100.1:7001");
const SocketAddress kStranger = Address("198.51.100.99:7000");
const IpAddress kOutside = Ip("203.0.113.1");

// A host behind a NAT, and two on the internet.
struct Street {
  explicit Street(const NatOptions& options, uint64_t seed = 1)
      : network(seed),
        nat(network, options, kOutside, seed),
        host(network, kInside.ip, &nat),
        friendly(network, kFriend.ip),
        stranger(network, kStranger.ip) {}

  // What `to` is shown as the host's address.
  SocketAddress SeenBy(Host& listener, const SocketAddress& to) {
    const std::string text = "hello " + std::to_string(++letters);
    host.Say(kInside, to, text);
    return listener.heard.count(text) > 0 ? listener.heard[text].from : SocketAddress{};
  }
  // Whether what is sent from `from` to `to` comes to the host.
  bool Reaches(Host& sender, const SocketAddress& from, const SocketAddress& to) {
    const std::string text = "knock " + std::to_string(++letters);
    sender.Say(from, to, text);
    return host.heard.count(text) > 0 && host.heard[text].to == kInside;
  }

  Network network;
  Nat nat;
  Host host;
  Host friendly;
  Host stranger;
  int letters = 0;
};

TEST(Nat, ShowsItsOwnAddressAndBringsAnswersBack) {
  Street street(PortRestrictedCone());
  const SocketAddress seen = street.SeenBy(street.friendly, kFriend);
  EXPECT_EQ(seen.ip, kOutside);
  EXPECT_TRUE(street.Reaches(street.friendly, kFriend, seen));
  EXPECT_EQ(street.nat.stats().outbound, 1u);
  EXPECT_EQ(street.nat.stats().inbound, 1u);
}

TEST(Nat, LetsNobodyInWhoWasNotAskedAndHasNoMapping) {
  Street street(FullCone());
  EXPECT_FALSE(street.Reaches(street.stranger, kStranger, {kOutside, kInside.port}));
  EXPECT_FALSE(street.Reaches(street.stranger, kStranger, kInside));
  EXPECT_EQ(street.nat.stats().unmapped, 1u);
}

// RFC 4787 section 4.1, by whether the port is the same for another port and another address.
TEST(Nat, MapsByItsKind) {
  using Behavior = NatOptions::Behavior;
  for (const Behavior mapping : {Behavior::kEndpointIndependent, Behavior::kAddressDependent,
                                 Behavior::kAddressAndPortDependent}) {
    NatOptions options;
    options.mapping = mapping;
    Street street(options);
    const SocketAddress first = street.SeenBy(street.friendly, kFriend);
    EXPECT_EQ(street.SeenBy(street.friendly, kFriend), first);
    EXPECT_EQ(street.SeenBy(street.friendly, kFriendOtherPort) == first,
              mapping != Behavior::kAddressAndPortDependent);
    EXPECT_EQ(street.SeenBy(street.stranger, kStranger) == first,
              mapping == Behavior::kEndpointIndependent);
  }
}

// RFC 4787 section 5, by who gets in after the host has spoken to its friend.
TEST(Nat, FiltersByItsKind) {
  using Behavior = NatOptions::Behavior;
  for (const Behavior filtering : {Behavior::kEndpointIndependent, Behavior::kAddressDependent,
                                   Behavior::kAddressAndPortDependent}) {
    NatOptions options;
    options.filtering = filtering;
    Street street(options);
    const SocketAddress seen = street.SeenBy(street.friendly, kFriend);
    EXPECT_TRUE(street.Reaches(street.friendly, kFriend, seen));
    EXPECT_EQ(street.Reaches(street.friendly, kFriendOtherPort, seen),
              filtering != Behavior::kAddressAndPortDependent);
    EXPECT_EQ(street.Reaches(street.stranger, kStranger, seen),
              filtering == Behavior::kEndpointIndependent);
  }
}

TEST(Nat, HasTheFourOldNames) {
  struct Case {
    NatOptions options;
    bool same_port_to_all, stranger, other_port;
  };
  for (const Case& each :
       {Case{FullCone(), true, true, true}, Case{AddressRestrictedCone(), true, false, true},
        Case{PortRestrictedCone(), true, false, false}, Case{Symmetric(), false, false, false}}) {
    Street street(each.options);
    const SocketAddress seen = street.SeenBy(street.friendly, kFriend);
    EXPECT_EQ(street.Reaches(street.stranger, kStranger, seen), each.stranger);
    EXPECT_EQ(street.Reaches(street.friendly, kFriendOtherPort, seen), each.other_port);
    EXPECT_EQ(street.SeenBy(street.stranger, kStranger) == seen, each.same_port_to_all);
  }
}

TEST(Nat, KeepsThePortOfItsFirstHostAndGivesTheSecondAnother) {
  NatOptions options = PortRestrictedCone();
  options.ports = NatOptions::Ports::kPreserving;
  Street street(options);
  const SocketAddress second_inside = Address("192.168.1.3:5000");
  Host second(street.network, second_inside.ip, &street.nat);
  EXPECT_EQ(street.SeenBy(street.friendly, kFriend).port, kInside.port);
  second.Say(second_inside, kFriend, "second");
  EXPECT_NE(street.friendly.heard["second"].from.port, kInside.port);
  EXPECT_EQ(street.friendly.heard["second"].from.ip, kOutside);
}

TEST(Nat, ChoosesPortsFromItsSeed) {
  const auto port = [](uint64_t seed) {
    Street street(PortRestrictedCone(), seed);
    return street.SeenBy(street.friendly, kFriend).port;
  };
  EXPECT_EQ(port(3), port(3));
  EXPECT_NE(port(3), port(4));
  EXPECT_GE(port(3), 1024);
}

// RFC 4787 section 6.
TEST(Nat, HairpinsOnlyWhenItCan) {
  for (const auto hairpinning : {NatOptions::Hairpinning::kOff, NatOptions::Hairpinning::kOn}) {
    NatOptions options = PortRestrictedCone();
    options.hairpinning = hairpinning;
    Street street(options);
    const SocketAddress neighbour_inside = Address("192.168.1.3:6000");
    Host neighbour(street.network, neighbour_inside.ip, &street.nat);
    const SocketAddress host_outside = street.SeenBy(street.friendly, kFriend);
    neighbour.Say(neighbour_inside, kFriend, "neighbour");
    const SocketAddress neighbour_outside = street.friendly.heard["neighbour"].from;

    neighbour.Say(neighbour_inside, host_outside, "too early");  // Opens its own filter.
    street.host.Say(kInside, neighbour_outside, "hairpin");
    const bool on = hairpinning == NatOptions::Hairpinning::kOn;
    EXPECT_EQ(street.host.heard.count("too early"), 0u);
    EXPECT_EQ(neighbour.heard.count("hairpin"), on ? 1u : 0u);
    // RFC 4787 section 6, REQ-9: "External Source IP Address and Port".
    EXPECT_EQ(neighbour.heard["hairpin"].from, on ? host_outside : SocketAddress());
  }
}

TEST(Nat, NeighboursReachEachOtherWithoutIt) {
  Street street(Symmetric());
  const SocketAddress neighbour_inside = Address("192.168.1.3:6000");
  Host neighbour(street.network, neighbour_inside.ip, &street.nat);
  neighbour.Say(neighbour_inside, kInside, "over the fence");
  EXPECT_EQ(street.host.heard["over the fence"].from, neighbour_inside);
  EXPECT_EQ(street.nat.stats().outbound, 0u);
}

// RFC 4787 section 4.3.
TEST(Nat, ForgetsAMappingThatIsNotUsed) {
  NatOptions options = FullCone();
  options.timeout = seconds(30);
  Street street(options);
  const SocketAddress seen = street.SeenBy(street.friendly, kFriend);
  street.network.RunFor(seconds(29));
  EXPECT_TRUE(street.Reaches(street.stranger, kStranger, seen));
  EXPECT_EQ(street.nat.mappings(street.network.now()), 1u);
  street.network.RunFor(seconds(1));
  EXPECT_FALSE(street.Reaches(street.stranger, kStranger, seen));
  EXPECT_EQ(street.nat.mappings(street.network.now()), 0u);
  EXPECT_NE(street.SeenBy(street.friendly, kFriend), seen);
}

TEST(Nat, IsRefreshedByWhatGoesOut) {
  NatOptions options = FullCone();
  options.timeout = seconds(30);
  Street street(options);
  const SocketAddress seen = street.SeenBy(street.friendly, kFriend);
  for (int i = 0; i < 10; ++i) {
    street.network.RunFor(seconds(20));
    EXPECT_EQ(street.SeenBy(street.friendly, kFriend), seen);
  }
}

TEST(Nat, IsRefreshedByWhatComesInOnlyWhereItSaysSo) {
  for (const auto refresh :
       {NatOptions::Refresh::kOutbound, NatOptions::Refresh::kOutboundAndInbound}) {
    NatOptions options = PortRestrictedCone();
    options.timeout = seconds(30);
    options.refresh = refresh;
    Street street(options);
    const SocketAddress seen = street.SeenBy(street.friendly, kFriend);
    street.network.RunFor(seconds(20));
    EXPECT_TRUE(street.Reaches(street.friendly, kFriend, seen));
    street.network.RunFor(seconds(20));
    EXPECT_EQ(street.Reaches(street.friendly, kFriend, seen),
              refresh == NatOptions::Refresh::kOutboundAndInbound);
  }
}

TEST(Nat, ForgetsWhoMayComeInBeforeTheMappingThatOthersUse) {
  NatOptions options = PortRestrictedCone();
  options.timeout = seconds(30);
  Street street(options);
  const SocketAddress seen = street.SeenBy(street.friendly, kFriend);
  street.network.RunFor(seconds(20));
  EXPECT_EQ(street.SeenBy(street.stranger, kStranger), seen);
  street.network.RunFor(seconds(20));
  EXPECT_FALSE(street.Reaches(street.friendly, kFriend, seen));
  EXPECT_TRUE(street.Reaches(street.stranger, kStranger, seen));
}

TEST(Nat, ForgetsAllWhenItReboots) {
  Street street(FullCone());
  const SocketAddress seen = street.SeenBy(street.friendly, kFriend);
  street.nat.Reboot();
  EXPECT_FALSE(street.Reaches(street.friendly, kFriend, seen));
  const SocketAddress again = street.SeenBy(street.friendly, kFriend);
  EXPECT_EQ(again.ip, kOutside);
  EXPECT_NE(again, seen);
  EXPECT_TRUE(street.Reaches(street.friendly, kFriend, again));
}

TEST(Nat, MovesToAnotherAddress) {
  Street street(FullCone());
  const SocketAddress seen = street.SeenBy(street.friendly, kFriend);
  street.nat.ChangeAddress(Ip("203.0.113.77"));
  EXPECT_FALSE(street.Reaches(street.friendly, kFriend, seen));
  const SocketAddress again = street.SeenBy(street.friendly, kFriend);
  EXPECT_EQ(again.ip, Ip("203.0.113.77"));
  EXPECT_TRUE(street.Reaches(street.friendly, kFriend, again));
}

TEST(Nat, LetsNoUdpThroughWhereItIsBlocked) {
  Street street(FullCone());
  const SocketAddress seen = street.SeenBy(street.friendly, kFriend);
  street.nat.BlockUdp(true);
  EXPECT_EQ(street.SeenBy(street.friendly, kFriend), SocketAddress());
  EXPECT_FALSE(street.Reaches(street.friendly, kFriend, seen));
}

TEST(Nat, HasNothingToDoWithIpv6) {
  Street street(FullCone());
  Host far(street.network, Ip("2001:db8::1"));
  street.host.Say({Ip("2001:db8:2::2"), 5000}, {Ip("2001:db8::1"), 1},
                  "from no address of its own");
  EXPECT_TRUE(far.heard.empty());
  street.network.Attach(street.host, {Ip("2001:db8:2::2")});
  street.host.Say({Ip("2001:db8:2::2"), 5000}, {Ip("2001:db8::1"), 1}, "past the NAT");
  EXPECT_EQ(far.heard["past the NAT"].from, Address("[2001:db8:2::2]:5000"));
}

TEST(Nat, TheSameAddressesMayStandBehindTwo) {
  Network network(1);
  Nat left(network, FullCone(), Ip("203.0.113.1"), 1);
  Nat right(network, FullCone(), Ip("203.0.113.2"), 2);
  Host alice(network, kInside.ip, &left);
  Host bob(network, kInside.ip, &right);
  Host server(network, kFriend.ip);
  alice.Say(kInside, kFriend, "alice");
  bob.Say(kInside, server.heard["alice"].from, "to alice");
  EXPECT_EQ(alice.heard["to alice"].to, kInside);
  EXPECT_EQ(alice.heard["to alice"].from.ip, Ip("203.0.113.2"));
  EXPECT_TRUE(bob.heard.empty());
}

// A home router behind a provider's NAT (RFC 6598): the world sees the outer one's address, and two
// homes of one provider meet in its realm, or where it hairpins.
TEST(Nat, StandsBehindAnother) {
  Network network(1);
  NatOptions provider_options = PortRestrictedCone();
  provider_options.hairpinning = NatOptions::Hairpinning::kOn;
  Nat provider(network, provider_options, Ip("203.0.113.1"), 1);
  Nat home(network, FullCone(), Ip("100.64.0.2"), 2, &provider);
  Nat other_home(network, FullCone(), Ip("100.64.0.3"), 3, &provider);
  Host alice(network, kInside.ip, &home);
  Host bob(network, kInside.ip, &other_home);
  Host server(network, kFriend.ip);

  alice.Say(kInside, kFriend, "alice");
  bob.Say(kInside, kFriend, "bob");
  const SocketAddress alice_outside = server.heard["alice"].from;
  const SocketAddress bob_outside = server.heard["bob"].from;
  EXPECT_EQ(alice_outside.ip, Ip("203.0.113.1"));
  server.Say(kFriend, alice_outside, "answer");
  EXPECT_EQ(alice.heard["answer"].to, kInside);
  EXPECT_EQ(alice.heard["answer"].from, kFriend);

  alice.Say(kInside, bob_outside, "opens");
  bob.Say(kInside, alice_outside, "hairpin");
  EXPECT_EQ(alice.heard["hairpin"].from, bob_outside);
  EXPECT_EQ(provider.stats().hairpinned, 2u);
}

TEST(Nat, OnlyTheLinkBetweenTakesTime) {
  Street street(FullCone());
  LinkConditions conditions;
  conditions.delay = milliseconds(20);
  street.network.SetDefaultConditions(conditions);
  street.host.Say(kInside, kFriend, "slow");
  street.network.RunFor(milliseconds(18));
  EXPECT_TRUE(street.friendly.heard.empty());
  street.network.RunFor(milliseconds(1));
  EXPECT_EQ(street.friendly.heard.size(), 1u);
  EXPECT_EQ(street.network.link(kOutside, kFriend.ip).stats().sent, 1u);
}

}  // namespace
}  // namespace ocellus::sim
