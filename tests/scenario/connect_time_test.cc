// SPDX-License-Identifier: Apache-2.0
// How long after its answer a viewer sees the first picture, in round trips.
#include <gtest/gtest.h>

#include "tests/sim/peer_pair.h"

namespace ocellus::sim {
namespace {

using std::chrono::milliseconds;

PeerPairOptions WithRoundTrip(Duration round_trip) {
  PeerPairOptions options;
  options.conditions.delay = round_trip / 2;
  options.signaling_delay = round_trip / 2;
  return options;
}

// A browser's check comes half a round trip after the answer; DTLS starts with it and takes two
// round trips, and the picture half of one. Filming at 30 fps adds up to 33 ms.
TEST(ConnectTime, FirstPictureComesThreeRoundTripsAfterTheAnswer) {
  for (const Duration round_trip : {milliseconds(50), milliseconds(200), milliseconds(300)}) {
    PeerPair pair(WithRoundTrip(round_trip));
    pair.Negotiate();
    ASSERT_TRUE(pair.RunUntilFirstPicture());
    const Duration taken = pair.viewer().pictures().front().at - pair.answered_at();
    EXPECT_LE(taken, 3 * round_trip + milliseconds(80)) << ToMilliseconds(round_trip) << " ms";
  }
}

TEST(ConnectTime, TheJoinersFirstPictureIsAKeyframeMadeForIt) {
  PeerPairOptions options;
  options.conditions.delay = milliseconds(10);
  PeerPair pair(options);
  pair.network().RunFor(std::chrono::seconds(60));  // Nobody watches; one keyframe, long ago.
  pair.Negotiate();
  const uint32_t filmed_before = pair.camera().film().frames();
  ASSERT_TRUE(pair.RunUntilFirstPicture());
  EXPECT_TRUE(pair.viewer().pictures().front().keyframe);
  EXPECT_GE(pair.viewer().pictures().front().number, filmed_before);
}

TEST(ConnectTime, LossDelaysTheFirstPictureButNeverPreventsIt) {
  std::vector<Duration> taken;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    PeerPairOptions options = WithRoundTrip(milliseconds(50));
    options.seed = seed;
    options.conditions.loss = 0.1;
    PeerPair pair(options);
    pair.Negotiate();
    ASSERT_TRUE(pair.RunUntilFirstPicture(std::chrono::seconds(30))) << "seed " << seed;
    taken.push_back(pair.viewer().pictures().front().at - pair.answered_at());
  }
  std::sort(taken.begin(), taken.end());
  EXPECT_LE(taken[50], milliseconds(350));
  EXPECT_LE(taken[95], milliseconds(1500));
}

// Checklist 21, with all that comes before and after the handshake.
TEST(ConnectTime, ABadNetworkConnectsWithinTenSeconds) {
  int connected = 0;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    PeerPairOptions options = WithRoundTrip(milliseconds(60));
    options.seed = seed;
    options.conditions.loss = 0.2;
    options.conditions.duplicate = 0.1;
    options.conditions.reorder = 0.2;
    options.conditions.reorder_delay = milliseconds(30);
    PeerPair pair(options);
    pair.Negotiate();
    if (pair.RunUntilConnected(std::chrono::seconds(10))) ++connected;
  }
  EXPECT_GE(connected, 99);
}

}  // namespace
}  // namespace ocellus::sim
