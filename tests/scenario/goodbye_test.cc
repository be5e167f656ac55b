// SPDX-License-Identifier: Apache-2.0
// How a call ends, and that the slot is free soon after.
#include <gtest/gtest.h>

#include "tests/sim/peer_pair.h"

namespace ocellus::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Watching {
  Watching() : pair(WithDelay()) {
    pair.Negotiate();
    EXPECT_TRUE(pair.RunUntilFirstPicture());
  }
  static PeerPairOptions WithDelay() {
    PeerPairOptions options;
    options.conditions.delay = milliseconds(20);
    return options;
  }
  PeerPair pair;
};

TEST(Goodbye, TheViewerHearsThatTheCameraLeaves) {
  Watching watching;
  PeerPair& pair = watching.pair;
  pair.camera().peer().Close(pair.network().now());
  pair.network().RunFor(milliseconds(100));
  EXPECT_EQ(pair.viewer().closed(), peer::CloseReason::kBye);
}

TEST(Goodbye, TheCameraHearsThatTheViewerLeaves) {
  Watching watching;
  PeerPair& pair = watching.pair;
  pair.viewer().peer().Close(pair.network().now());
  pair.network().RunFor(milliseconds(100));
  EXPECT_EQ(pair.camera().closed(), peer::CloseReason::kBye);
}

// Checklist 7: RFC 7675 section 5.1.
TEST(Goodbye, SendingStopsWithinThirtySecondsOfTheViewersLastAnswer) {
  Watching watching;
  PeerPair& pair = watching.pair;
  pair.network().Detach(pair.viewer());
  const Time vanished_at = pair.network().now();
  ASSERT_TRUE(
      pair.network().RunUntilTrue([&] { return pair.camera().closed().has_value(); }, seconds(60)));
  EXPECT_EQ(pair.camera().closed(), peer::CloseReason::kConsentLost);
  EXPECT_LE(pair.network().now() - vanished_at, seconds(30));
  EXPECT_FALSE(pair.camera().PollTransmit(pair.network().now(), {}).has_value());
}

TEST(Goodbye, AViewerThatNeverComesGivesItsSlotBack) {
  PeerPairOptions options;
  options.conditions.down = true;
  PeerPair pair(options);
  pair.Negotiate();
  pair.network().RunFor(peer::kSetupTimeout + seconds(1));
  EXPECT_EQ(pair.camera().closed(), peer::CloseReason::kNeverReached);
}

}  // namespace
}  // namespace ocellus::sim
