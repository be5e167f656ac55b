// SPDX-License-Identifier: Apache-2.0
// Media through a TURN server: for half an hour, over stale nonces, when the server dies, and when
// nothing else may be seen of the camera.
#include <gtest/gtest.h>

#include <algorithm>

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

constexpr Duration kPacketInterval = milliseconds(50);

// Symmetric on both sides: there is no other way than the camera's relay. Media flows both ways.
struct RelayedCall {
  explicit RelayedCall(uint64_t seed, const TurnServerOptions& server = {})
      : world(seed, Calm(), Behind::kSymmetric, Behind::kSymmetric, server),
        call(world, CallOptions()) {
    call.Signal();
    EXPECT_TRUE(world.network().RunUntilTrue([this] { return call.IsOn(true); }, seconds(10)));
    call.camera.StartMedia(now(), kPacketInterval, 1100);
    call.viewer.StartMedia(now(), kPacketInterval, 100);
    world.network().RunFor(seconds(1));
    media_since = now();
  }

  Time now() const { return world.network().now(); }
  // The longest time in which either side heard nothing.
  Duration LongestGap() const {
    return std::max(call.camera.LongestGap(media_since, now()),
                    call.viewer.LongestGap(media_since, now()));
  }
  const TurnServerStats& stats() const { return world.server().stats(); }

  mutable NatWorld world;
  AgentCall call;
  Time media_since;
};

// Checklist 11, with the server's books: all is refreshed before it expires, and freed at the end.
TEST(Relay, CarriesMediaForHalfAnHourWithoutAGap) {
  RelayedCall relayed(1);
  relayed.world.network().RunFor(minutes(30));
  EXPECT_LE(relayed.LongestGap(), 2 * kPacketInterval);
  const TurnServerStats& stats = relayed.stats();
  EXPECT_EQ(stats.allocations, 1u);
  EXPECT_EQ(stats.allocations_expired, 0u);
  EXPECT_EQ(stats.channels_expired, 0u);
  EXPECT_GE(stats.refreshes, 2u);
  EXPECT_GE(stats.permission_refreshes, 5u);
  EXPECT_GE(stats.channel_refreshes, 2u);
  EXPECT_EQ(stats.malformed, 0u);
  EXPECT_EQ(stats.dropped_to_peers, 0u);
  EXPECT_EQ(stats.wrong_credentials, 0u);
  EXPECT_EQ(stats.refused, 0u);
  // Media by channel, in both directions, as soon as there is one.
  EXPECT_GT(stats.channel_data_to_peers, 100 * stats.indications_to_peers);
  EXPECT_GT(stats.channel_data_from_peers, 100 * stats.indications_from_peers);

  relayed.call.camera_reach.gatherer().Close(relayed.now());
  relayed.world.network().RunFor(seconds(2));
  EXPECT_EQ(relayed.stats().deletions, 1u);
  EXPECT_EQ(relayed.world.server().allocations(), 0u);
}

TEST(Relay, LosesNothingToLifetimesAsShortAsServersHaveThem) {
  TurnServerOptions server;
  server.default_lifetime = seconds(60);
  server.max_lifetime = seconds(60);
  RelayedCall relayed(2, server);
  relayed.world.network().RunFor(minutes(10));
  EXPECT_LE(relayed.LongestGap(), 2 * kPacketInterval);
  EXPECT_EQ(relayed.stats().allocations, 1u);
  EXPECT_EQ(relayed.stats().allocations_expired, 0u);
}

// Checklist 11.
TEST(Relay, TakesANewNonceInItsStride) {
  RelayedCall relayed(3);
  for (int i = 0; i < 12; ++i) {
    relayed.world.server().MakeNoncesStale();
    relayed.world.network().RunFor(seconds(100));
  }
  EXPECT_LE(relayed.LongestGap(), 2 * kPacketInterval);
  EXPECT_GE(relayed.stats().stale_nonces, 4u);
  EXPECT_LE(relayed.stats().stale_nonces, 40u);
  EXPECT_EQ(relayed.stats().allocations, 1u);
  EXPECT_EQ(relayed.stats().channels_expired, 0u);
  EXPECT_EQ(relayed.stats().dropped_to_peers, 0u);
}

TEST(Relay, SurvivesLossOfItsRefreshes) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    RelayedCall relayed(seed);
    LinkConditions conditions = Calm();
    conditions.loss = 0.02;
    relayed.world.network().SetDefaultConditions(conditions);
    relayed.world.network().RunFor(minutes(20));
    EXPECT_LE(relayed.LongestGap(), seconds(1)) << "seed " << seed;
    EXPECT_EQ(relayed.stats().allocations, 1u) << "seed " << seed;
    EXPECT_EQ(relayed.stats().channels_expired, 0u) << "seed " << seed;
    EXPECT_EQ(relayed.stats().dropped_to_peers, 0u) << "seed " << seed;
  }
}

// The fault table's "TURN server dies": the viewer is open to all, so that the camera's next relay
// reaches it without any signalling.
TEST(Relay, FindsTheServerAgainThatForgotEverything) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    NatWorld world(seed, Calm(), Behind::kSymmetric, Behind::kFullCone);
    Network& network = world.network();
    ReachOptions camera = world.Camera(Servers::kStunAndTurn);
    camera.gathering.policy = gathering::Policy::kRelay;
    AgentCall call(world, CallOptions(), camera);
    call.Signal();
    ASSERT_TRUE(network.RunUntilTrue([&] { return call.IsOn(true); }, seconds(10)));
    call.camera.StartMedia(network.now(), kPacketInterval, 1100);
    call.viewer.StartMedia(network.now(), kPacketInterval, 100);
    network.RunFor(seconds(20));

    for (const Duration outage : {milliseconds(0), milliseconds(800), milliseconds(8000)}) {
      world.server().Kill();
      network.RunFor(outage);
      world.server().Start();
      const Time started_at = network.now();
      network.RunFor(seconds(1));  // What was in flight.
      const auto media_since = [&](const AgentGuest& guest, Time since) {
        return !guest.media().empty() && guest.media().back() >= since;
      };
      EXPECT_TRUE(network.RunUntilTrue(
          [&] { return media_since(call.viewer, started_at + milliseconds(100)); }, seconds(4)))
          << "seed " << seed << ", outage of " << ToMilliseconds(outage) << " ms";
      network.RunFor(seconds(20));
    }
  }
}

// The same where the two reach each other without the server, which they did not need to know.
TEST(Relay, GivesWayToADirectPathWhenTheServerDies) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    NatWorld world(seed, Calm(), Behind::kPortRestricted, Behind::kPortRestricted);
    Network& network = world.network();
    AgentCall call(world, CallOptions());
    const IpAddress& camera = world.camera_nat()->outside();
    const IpAddress& viewer = world.viewer_nat()->outside();
    const auto set_direct = [&](bool down) {
      network.link(camera, viewer).conditions() = Calm();
      network.link(camera, viewer).conditions().down = down;
      network.link(viewer, camera).conditions() = Calm();
      network.link(viewer, camera).conditions().down = down;
    };
    set_direct(true);
    call.Signal();
    ASSERT_TRUE(network.RunUntilTrue([&] { return call.IsOn(true); }, seconds(20)));
    call.camera.StartMedia(network.now(), kPacketInterval, 1100);
    call.viewer.StartMedia(network.now(), kPacketInterval, 100);
    network.RunFor(seconds(10));
    set_direct(false);
    network.RunFor(seconds(10));

    const Time died_at = network.now();
    world.server().Kill();
    network.RunFor(seconds(10));
    EXPECT_LE(call.viewer.LongestGap(died_at - seconds(1), network.now()), seconds(5))
        << "seed " << seed;
    EXPECT_LE(call.camera.LongestGap(died_at - seconds(1), network.now()), seconds(5))
        << "seed " << seed;
  }
}

// Checklist 64: what leaves the camera goes to the server alone, and no byte of it says where the
// camera is; a viewer who knows it all the same gets no answer there.
TEST(Relay, PolicyShowsNothingOfTheCameraToAnybody) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    NatWorld world(seed, Calm(), Behind::kFullCone, Behind::kNothing);
    Network& network = world.network();
    ReachOptions camera = world.Camera(Servers::kStunAndTurn);
    camera.gathering.policy = gathering::Policy::kRelay;
    AgentCall call(world, CallOptions(), camera);

    struct Watch {
      SocketAddress camera;
      IpAddress camera_outside;
      SocketAddress server;
      size_t to_server = 0;
      size_t to_others = 0;
      size_t betrayals = 0;
    };
    Watch watch{world.camera_home().front().address, world.camera_nat()->outside(),
                world.server().address()};
    network.Observe(
        [](void* context, const Network::Observation& seen) {
          auto& watched = *static_cast<Watch*>(context);
          if (seen.from != watched.camera) return;
          ++(seen.to == watched.server ? watched.to_server : watched.to_others);
          // As it is, and as XOR-MAPPED-ADDRESS has it.
          for (const IpAddress& ip : {watched.camera.ip, watched.camera_outside}) {
            const uint8_t cookie[] = {0x21, 0x12, 0xA4, 0x42};
            std::vector<uint8_t> plain(ip.bytes().begin(), ip.bytes().end());
            std::vector<uint8_t> masked = plain;
            for (size_t i = 0; i < masked.size(); ++i) masked[i] ^= cookie[i];
            for (const auto& needle : {plain, masked}) {
              if (std::search(seen.payload.begin(), seen.payload.end(), needle.begin(),
                              needle.end()) != seen.payload.end()) {
                ++watched.betrayals;
              }
            }
          }
        },
        &watch);
    call.Signal();
    for (const ice::Candidate& candidate : call.camera.agent().local_candidates()) {
      EXPECT_EQ(candidate.type, ice::CandidateType::kRelayed);
      EXPECT_EQ(candidate.Write().find("192.168."), std::string::npos) << candidate.Write();
      EXPECT_EQ(candidate.Write().find("203.0.113."), std::string::npos) << candidate.Write();
    }
    // The viewer guesses right, and the NAT lets everybody in.
    const auto mapped = call.camera_reach.gatherer().servers().back().mapped;
    ASSERT_EQ(mapped.size(), 1u);
    ice::Candidate guess;
    guess.foundation = ice::Foundation("guess");
    guess.priority = ice::CandidatePriority(ice::CandidateType::kHost, 65535);
    guess.address = mapped.front();
    call.viewer.agent().AddRemoteCandidate(network.now(), guess);
    ASSERT_TRUE(network.RunUntilTrue([&] { return call.IsOn(true); }, seconds(10)));
    call.camera.StartMedia(network.now(), kPacketInterval, 1100);
    network.RunFor(minutes(1));
    EXPECT_TRUE(call.IsOn(true));
    EXPECT_GT(watch.to_server, 1200u);
    EXPECT_EQ(watch.to_others, 0u);
    EXPECT_EQ(watch.betrayals, 0u);
    const auto pairs = call.viewer.agent().pairs();
    const auto guessed = std::find_if(pairs.begin(), pairs.end(), [&](const auto& pair) {
      return pair.path.remote == guess.address;
    });
    ASSERT_NE(guessed, pairs.end());
    EXPECT_EQ(guessed->failure, ice::PairFailure::kNoAnswer);
  }
}

TEST(Relay, ConnectsFamiliesThatHaveNothingInCommon) {
  TurnServerOptions server;
  server.addresses.push_back(*IpAddress::Parse("2001:db8::50"));
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    NatWorld world(seed, Calm(), Behind::kPortRestricted, Behind::kNothing, server);
    world.viewer_home() = {{*SocketAddress::Parse("[2001:db8:2::2]:40000")}};
    AgentCall call(world, CallOptions());
    call.Signal();
    EXPECT_TRUE(world.network().RunUntilTrue([&] { return call.IsOn(true); }, seconds(5)))
        << "seed " << seed;
  }
}

// Checklist 11: a server that is full says so, and the camera asks again until it is not.
TEST(Relay, ComesLaterWhenTheServerIsFullAtFirst) {
  for (const unsigned error : {486u, 508u}) {
    NatWorld world(error, Calm(), Behind::kSymmetric, Behind::kSymmetric);
    Network& network = world.network();
    world.server().Refuse(stun::Method::kAllocate, error);
    ReachNode camera(network, world.Camera(Servers::kStunAndTurn));
    network.RunFor(seconds(30));
    const gathering::ServerStatus refused = camera.gatherer().servers().back();
    EXPECT_EQ(refused.state, gathering::ServerState::kFailed);
    EXPECT_NE(refused.error.find(std::to_string(error)), std::string::npos) << refused.error;
    // Politely: backing off.
    EXPECT_LE(world.server().stats().errors.at(error), 12u);
    world.server().StopRefusing();
    EXPECT_TRUE(network.RunUntilTrue(
        [&] { return camera.gatherer().servers().back().state == gathering::ServerState::kReady; },
        minutes(3)));
  }
}

// A server may have peers that it does not talk to: another path is taken.
TEST(Relay, PassesOverPeersThatTheServerForbids) {
  NatWorld world(1, Calm(), Behind::kPortRestricted, Behind::kPortRestricted);
  world.server().ForbidPeer(world.viewer_nat()->outside());
  AgentCall call(world, CallOptions());
  call.Signal();
  EXPECT_TRUE(world.network().RunUntilTrue([&] { return call.IsOn(false); }, seconds(10)));
  EXPECT_GE(world.server().stats().errors.at(403), 1u);
  EXPECT_LE(world.server().stats().errors.at(403), 10u);
}

}  // namespace
}  // namespace ocellus::sim
