// SPDX-License-Identifier: Apache-2.0
// NATs that forget, reboot and move; hosts that roam, that have two feet, or IPv6 alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/sim/nat_call.h"

namespace ocellus::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

LinkConditions Calm() {
  LinkConditions conditions;
  conditions.delay = milliseconds(20);
  return conditions;
}

IpAddress Ip(std::string_view text) { return *IpAddress::Parse(text); }
SocketAddress Address(std::string_view text) { return *SocketAddress::Parse(text); }

// Video one way, and reports the other.
void StartMedia(NatWorld& world, AgentCall& call) {
  call.camera.StartMedia(world.network().now(), milliseconds(20), 1100);
  call.viewer.StartMedia(world.network().now(), milliseconds(100), 100);
  world.network().RunFor(seconds(15));
}

// How long it takes from now until all of the video comes, and the viewer's reports; in
// milliseconds, at most `kPatience`.
struct Recovery {
  int64_t video = 0;
  int64_t reports = 0;
};
constexpr Duration kPatience = seconds(25);

// When the last gap of more than a second ended.
int64_t RecoveryOf(const AgentGuest& guest, Time begin, Time end) {
  Time recovered = begin;
  Time last = begin;
  for (const Time at : guest.media()) {
    if (at <= begin) continue;
    if (at - last > seconds(1)) recovered = at;
    last = at;
  }
  return ToMilliseconds((end - last > seconds(1) ? end : recovered) - begin);
}

Recovery Recover(NatWorld& world, AgentCall& call) {
  const Time begin = world.network().now();
  world.network().RunFor(kPatience);
  const Time end = world.network().now();
  return {RecoveryOf(call.viewer, begin, end), RecoveryOf(call.camera, begin, end)};
}

constexpr Behind kOpenToNewPorts[] = {Behind::kNothing, Behind::kFullCone,
                                      Behind::kAddressRestricted};

// --- Time-outs -----------------------------------------------------------------------------------

TEST(NatTimeout, KeepAlivesHoldTheMappingThatViewersAreTold) {
  NatWorld world(1, Calm(), Behind::kNothing, Behind::kPortRestricted);
  Network& network = world.network();
  NatOptions options = PortRestrictedCone();
  options.timeout = seconds(30);
  Nat nat(network, options, Ip("203.0.113.9"), 5);
  world.camera_home() = {{Address("192.168.1.2:8555"), &nat}};
  AgentCall call(world, {Servers::kStun, Servers::kStun});
  network.RunFor(seconds(10));
  const auto candidates = call.camera_reach.gatherer().candidates();
  network.RunFor(minutes(60));  // Nobody watches.
  EXPECT_EQ(call.camera_reach.gatherer().candidates(), candidates);
  call.Signal();
  EXPECT_TRUE(network.RunUntilTrue([&] { return call.IsOn(false); }, seconds(3)));
}

// Shorter than RFC 8445 section 11 lets keep-alives be: what viewers are told is wrong for some of
// the time, and the camera's own checks have to do it.
TEST(NatTimeout, ANatThatForgetsBetweenKeepAlivesCanStillBeCrossed) {
  for (const Behind viewer : kOpenToNewPorts) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      NatWorld world(seed, Calm(), Behind::kNothing, viewer);
      Network& network = world.network();
      NatOptions options = PortRestrictedCone();
      options.timeout = seconds(10);
      Nat nat(network, options, Ip("203.0.113.9"), seed);
      world.camera_home() = {{Address("192.168.1.2:8555"), &nat}};
      AgentCall call(world, {Servers::kStun, Servers::kStun});
      network.RunFor(minutes(10) + milliseconds(1700 * seed));
      call.Signal();
      EXPECT_TRUE(network.RunUntilTrue([&] { return call.IsOn(false); }, seconds(5)))
          << "seed " << seed;
    }
  }
}

TEST(NatTimeout, MediaAndConsentHoldTheMappingsOfACall) {
  for (const bool relayed : {false, true}) {
    NatWorld world(3, Calm(), Behind::kNothing, Behind::kNothing);
    Network& network = world.network();
    NatOptions options = relayed ? Symmetric() : PortRestrictedCone();
    options.timeout = seconds(10);
    Nat camera_nat(network, options, Ip("203.0.113.9"), 5);
    Nat viewer_nat(network, options, Ip("203.0.113.10"), 6);
    world.camera_home() = {{Address("192.168.1.2:8555"), &camera_nat}};
    world.viewer_home() = {{Address("192.168.1.2:40000"), &viewer_nat}};
    AgentCall call(world, CallOptions());
    call.Signal();
    ASSERT_TRUE(network.RunUntilTrue([&] { return call.IsOn(relayed); }, seconds(5)));
    call.camera.StartMedia(network.now(), milliseconds(50), 1100);
    network.RunFor(seconds(1));
    const Time since = network.now();
    network.RunFor(minutes(20));  // The viewer sends nothing but its checks.
    EXPECT_LE(call.viewer.LongestGap(since, network.now()), milliseconds(100)) << relayed;
  }
}

// --- Reboots and new addresses -------------------------------------------------------------------

// The other side has to hear from the new port once: wherever its NAT lets it, no signalling is
// needed.
TEST(NatReboot, MediaIsBackWithinThreeSeconds) {
  for (const Behind other : kOpenToNewPorts) {
    for (const bool camera_side : {true, false}) {
      for (uint64_t seed = 1; seed <= 10; ++seed) {
        NatWorld world(seed, Calm(), camera_side ? Behind::kPortRestricted : other,
                       camera_side ? other : Behind::kPortRestricted);
        AgentCall call(world, CallOptions());
        call.Signal();
        ASSERT_TRUE(world.network().RunUntilTrue([&] { return call.IsOn(false); }, seconds(5)));
        StartMedia(world, call);
        world.network().RunFor(milliseconds(700 * seed));
        (camera_side ? world.camera_nat() : world.viewer_nat())->Reboot();
        const Recovery recovery = Recover(world, call);
        EXPECT_LE(recovery.video, 3000)
            << (camera_side ? "camera" : "viewer") << "'s side, seed " << seed;
        EXPECT_LE(recovery.reports, 12000)
            << (camera_side ? "camera" : "viewer") << "'s side, seed " << seed;
      }
    }
  }
}

TEST(NatReboot, AnotherPublicAddressIsNoWorse) {
  for (const bool camera_side : {true, false}) {
    for (uint64_t seed = 1; seed <= 10; ++seed) {
      NatWorld world(seed, Calm(), camera_side ? Behind::kPortRestricted : Behind::kFullCone,
                     camera_side ? Behind::kFullCone : Behind::kPortRestricted);
      AgentCall call(world, CallOptions());
      call.Signal();
      ASSERT_TRUE(world.network().RunUntilTrue([&] { return call.IsOn(false); }, seconds(5)));
      StartMedia(world, call);
      world.network().RunFor(milliseconds(700 * seed));
      (camera_side ? world.camera_nat() : world.viewer_nat())->ChangeAddress(Ip("203.0.113.77"));
      const Recovery recovery = Recover(world, call);
      EXPECT_LE(recovery.video, 3000)
          << (camera_side ? "camera" : "viewer") << "'s side, seed " << seed;
      EXPECT_LE(recovery.reports, 12000)
          << (camera_side ? "camera" : "viewer") << "'s side, seed " << seed;
    }
  }
}

// The camera learns its new mappings by itself, for the next viewer and for a restart: within the
// interval of its keep-alives.
TEST(NatReboot, TheCameraNoticesItsNewMapping) {
  for (const Behind behind : {Behind::kPortRestricted, Behind::kSymmetric}) {
    NatWorld world(1, Calm(), behind, Behind::kSymmetric);
    Network& network = world.network();
    AgentCall call(world, CallOptions());
    network.RunFor(seconds(30));
    const auto before = call.camera_reach.gatherer().candidates();
    world.camera_nat()->Reboot();
    network.RunFor(seconds(30));
    const auto after = call.camera_reach.gatherer().candidates();
    EXPECT_NE(before, after);
    EXPECT_EQ(before.size(), after.size());
    call.Signal();
    EXPECT_TRUE(network.RunUntilTrue([&] { return call.IsOn(true); }, seconds(5)));
  }
}

// --- Roaming and several interfaces --------------------------------------------------------------

// The camera's cable is pulled, and its radio takes over: another network, another NAT.
TEST(Roaming, MediaIsBackWithinThreeSeconds) {
  for (const Behind viewer : kOpenToNewPorts) {
    for (uint64_t seed = 1; seed <= 10; ++seed) {
      NatWorld world(seed, Calm(), Behind::kPortRestricted, viewer);
      Nat radio(world.network(), PortRestrictedCone(), Ip("203.0.113.200"), seed);
      AgentCall call(world, CallOptions());
      call.Signal();
      ASSERT_TRUE(world.network().RunUntilTrue([&] { return call.IsOn(false); }, seconds(5)));
      StartMedia(world, call);
      call.camera_reach.SetInterfaces({{Address("10.64.0.2:8555"), &radio}});
      const Recovery recovery = Recover(world, call);
      EXPECT_LE(recovery.video, 3000) << "seed " << seed;
      EXPECT_LE(recovery.reports, 12000) << "seed " << seed;
    }
  }
}

TEST(Interfaces, ADeadOneCostsNothing) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    NatWorld world(seed, Calm(), Behind::kPortRestricted, Behind::kPortRestricted);
    Network& network = world.network();
    NatOptions dead_options = FullCone();
    dead_options.udp_blocked = true;
    Nat dead(network, dead_options, Ip("203.0.113.200"), seed);
    auto& home = world.camera_home();
    home.insert(seed % 2 == 0 ? home.begin() : home.end(), {Address("10.64.0.2:8555"), &dead});
    AgentCall call(world, CallOptions());
    network.RunFor(seconds(30));
    call.Signal();
    EXPECT_TRUE(network.RunUntilTrue([&] { return call.IsOn(false); }, seconds(2)))
        << "seed " << seed;
  }
}

TEST(Interfaces, TheOtherOneTakesOverWhenOneDies) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    NatWorld world(seed, Calm(), Behind::kPortRestricted, Behind::kPortRestricted);
    Network& network = world.network();
    Nat radio(network, PortRestrictedCone(), Ip("203.0.113.200"), seed);
    world.camera_home().push_back({Address("10.64.0.2:8555"), &radio});
    AgentCall call(world, CallOptions());
    call.Signal();
    ASSERT_TRUE(network.RunUntilTrue([&] { return call.IsOn(false); }, seconds(5)));
    StartMedia(world, call);
    const auto in_use = call.camera.selected()->path.local;
    Nat& dying = in_use.ip == Ip("10.64.0.2") ? radio : *world.camera_nat();
    dying.BlockUdp(true);
    const Recovery recovery = Recover(world, call);
    EXPECT_LE(recovery.video, 10000) << "seed " << seed;
    EXPECT_LE(recovery.reports, 12000) << "seed " << seed;
  }
}

TEST(Ipv6, AloneOnBothSidesIsDirect) {
  TurnServerOptions server;
  server.addresses = {Ip("2001:db8::50")};
  NatWorld world(1, Calm(), Behind::kNothing, Behind::kNothing, server);
  world.camera_home() = {{Address("[2001:db8:1::1]:8555")}};
  world.viewer_home() = {{Address("[2001:db8:2::2]:40000")}};
  AgentCall call(world, {Servers::kStunAndTurn, Servers::kStunAndTurn});
  call.Signal();
  EXPECT_TRUE(world.network().RunUntilTrue([&] { return call.IsOn(false); }, seconds(3)));
  const auto& candidates = call.camera_reach.gatherer().candidates();
  EXPECT_TRUE(std::any_of(candidates.begin(), candidates.end(), [](const auto& candidate) {
    return candidate.type == ice::CandidateType::kRelayed && !candidate.address.ip.is_v4();
  }));
}

// Where IPv4 would need a relay, IPv6 does not.
TEST(Ipv6, SavesTheRelayBetweenSymmetricNats) {
  TurnServerOptions server;
  server.addresses.push_back(Ip("2001:db8::50"));
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    NatWorld world(seed, Calm(), Behind::kSymmetric, Behind::kSymmetric, server);
    world.camera_home().push_back({Address("[2001:db8:1::1]:8555")});
    world.viewer_home().push_back({Address("[2001:db8:2::2]:40000")});
    AgentCall call(world, CallOptions());
    call.Signal();
    EXPECT_TRUE(world.network().RunUntilTrue([&] { return call.IsOn(false); }, seconds(5)))
        << "seed " << seed;
  }
}

}  // namespace
}  // namespace ocellus::sim
