// SPDX-License-Identifier: Apache-2.0
// What a viewer sees of a lossy network.
#include <gtest/gtest.h>

#include "tests/sim/peer_pair.h"

namespace ocellus::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Connects over a good network, which then becomes a bad one for `duration`.
void Watch(PeerPair& pair, const LinkConditions& conditions, Duration duration) {
  pair.Negotiate();
  ASSERT_TRUE(pair.RunUntilFirstPicture());
  pair.network().SetDefaultConditions(conditions);
  pair.network().RunFor(duration);
}

TEST(Loss, RetransmissionFillsEveryGap) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    PeerPairOptions options;
    options.seed = seed;
    options.conditions.delay = milliseconds(25);
    PeerPair pair(options);
    LinkConditions lossy = options.conditions;
    lossy.loss = 0.05;
    Watch(pair, lossy, seconds(20));
    const auto& pictures = pair.viewer().pictures();
    for (size_t i = 1; i < pictures.size(); ++i) {
      ASSERT_EQ(pictures[i].number, pictures[i - 1].number + 1) << "seed " << seed;
    }
    EXPECT_GE(pictures.size(), 590u) << "seed " << seed;
    EXPECT_GT(pair.camera().peer().stats().video.retransmissions_sent, 0u);
    // A packet that is lost three times in a row costs a picture's time and three round trips with
    // the waits between them.
    EXPECT_LE(pair.viewer().LongestGap(pair.network().now()), milliseconds(400)) << seed;
  }
}

TEST(Loss, ReorderedAndDuplicatedPacketsCostNoPicture) {
  PeerPairOptions options;
  options.conditions.delay = milliseconds(20);
  PeerPair pair(options);
  LinkConditions messy = options.conditions;
  messy.reorder = 0.1;
  messy.reorder_delay = milliseconds(15);
  messy.duplicate = 0.1;
  messy.jitter = milliseconds(10);
  Watch(pair, messy, seconds(10));
  const auto& pictures = pair.viewer().pictures();
  EXPECT_GE(pictures.size(), 295u);
  for (size_t i = 1; i < pictures.size(); ++i) {
    ASSERT_EQ(pictures[i].number, pictures[i - 1].number + 1);
  }
}

TEST(Loss, APauseOfTheNetworkEndsWithAPictureSoonAfterIt) {
  PeerPairOptions options;
  options.conditions.delay = milliseconds(20);
  PeerPair pair(options);
  LinkConditions down = options.conditions;
  down.down = true;
  Watch(pair, down, seconds(5));
  const size_t before = pair.viewer().pictures().size();
  pair.network().SetDefaultConditions(options.conditions);
  const Time back_at = pair.network().now();
  ASSERT_TRUE(pair.network().RunUntilTrue(
      [&] {
        if (pair.viewer().pictures().size() == before) {
          pair.viewer().peer().RequestRemoteKeyframe();
        }
        return pair.viewer().pictures().size() > before;
      },
      seconds(10)));
  EXPECT_LE(pair.network().now() - back_at, milliseconds(2000));
}

}  // namespace
}  // namespace ocellus::sim
