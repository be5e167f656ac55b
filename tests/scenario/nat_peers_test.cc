// SPDX-License-Identifier: Apache-2.0
// Whole calls through NATs and relays: DTLS, SRTP and video, by the same table as the agents alone.
#include <gtest/gtest.h>

#include "tests/scenario/nat_table.h"
#include "tests/sim/nat_call.h"

namespace ocellus::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

LinkConditions Calm() {
  LinkConditions conditions;
  conditions.delay = milliseconds(20);
  return conditions;
}

// The first picture, and then the film without a gap: 30 pictures a second for three seconds.
void ExpectVideo(NatWorld& world, PeerCall& call, bool relayed, const std::string& name) {
  const Time answered_at = world.network().now();
  ASSERT_TRUE(call.RunUntilFirstPicture()) << name;
  EXPECT_LE(call.viewer.pictures().front().at - answered_at, seconds(3)) << name;
  world.network().RunFor(seconds(3));
  EXPECT_EQ(call.IsRelayed(), relayed) << name;
  EXPECT_GE(call.viewer.pictures().size(), 85u) << name;
  EXPECT_LE(call.viewer.LongestGap(world.network().now()), milliseconds(200)) << name;
}

TEST(NatPeers, SeeVideoWhereverTheTableSaysThatTheyConnect) {
  uint64_t seed = 0;
  for (const NatRow& row : kNatTable) {
    for (const Behind viewer : kNatViewers) {
      const char outcome = OutcomeOf(row, viewer);
      if (outcome == 'N') continue;
      NatWorld world(++seed, Calm(), row.camera, viewer);
      PeerCall call(world, CallOptions());
      call.Signal();
      ExpectVideo(world, call, outcome == 'R',
                  std::string(Name(row.camera)) + " with " + Name(viewer));
    }
  }
}

// Several viewers would do the same: one allocation carries them all, each by its own channel.
TEST(NatPeers, SeeVideoByTheViewersOwnRelayToo) {
  NatWorld world(1, Calm(), Behind::kSymmetric, Behind::kSymmetric);
  PeerCall call(world, {Servers::kStun, Servers::kStunAndTurn});
  call.Signal();
  ExpectVideo(world, call, true, "the viewer's relay");
}

TEST(NatPeers, NeverMeetWhereUdpIsBlocked) {
  NatWorld world(1, Calm(), Behind::kFullCone, Behind::kUdpBlocked);
  PeerCall call(world, CallOptions());
  call.Signal();
  world.network().RunFor(peer::kSetupTimeout + seconds(1));
  EXPECT_EQ(call.camera.closed(), peer::CloseReason::kNeverReached);
}

// The NAT of the camera reboots, and the viewer's lets nobody in whom it was not told of: only a
// restart helps, once the camera knows its new address.
TEST(NatPeers, MediaIsBackAfterARestartWhenBothNatsAreStrict) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    NatWorld world(seed, Calm(), Behind::kPortRestricted, Behind::kPortRestricted);
    PeerCall call(world, CallOptions());
    call.Signal();
    ASSERT_TRUE(call.RunUntilFirstPicture());
    world.network().RunFor(seconds(5));
    world.camera_nat()->Reboot();
    // What the app does when viewers fall silent: the network may have changed.
    world.network().RunFor(seconds(2));
    call.camera_reach.SetInterfaces(world.camera_home());
    world.network().RunFor(milliseconds(500));
    const Time restarted_at = world.network().now();
    call.RestartIce();
    const auto seen_again = [&] { return call.viewer.pictures().back().at > restarted_at; };
    EXPECT_TRUE(world.network().RunUntilTrue(seen_again, seconds(3))) << "seed " << seed;
  }
}

}  // namespace
}  // namespace ocellus::sim
