// SPDX-License-Identifier: Apache-2.0
// Keyframes are dear: they are made for who needs one, not for who asks loudest.
#include <gtest/gtest.h>

#include "tests/sim/peer_pair.h"

namespace ocellus::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Checklist 35.
TEST(Keyframes, AFloodOfRequestsMakesOnePerInterval) {
  PeerPairOptions options;
  options.conditions.delay = milliseconds(5);
  PeerPair pair(options);
  pair.Negotiate();
  ASSERT_TRUE(pair.RunUntilFirstPicture());
  const uint32_t before = pair.camera().film().keyframes();
  for (int i = 0; i < 3000; ++i) {
    pair.viewer().peer().RequestRemoteKeyframe();
    pair.network().RunFor(milliseconds(1));
  }
  const uint32_t made = pair.camera().film().keyframes() - before;
  EXPECT_GE(made, 5u);
  EXPECT_LE(made, 11u);  // One each 300 ms.
}

TEST(Keyframes, NoneIsMadeWhileNobodyNeedsOne) {
  PeerPair pair({});
  pair.Negotiate();
  ASSERT_TRUE(pair.RunUntilFirstPicture());
  const uint32_t before = pair.camera().film().keyframes();
  pair.network().RunFor(seconds(60));
  EXPECT_EQ(pair.camera().film().keyframes(), before);
}

}  // namespace
}  // namespace ocellus::sim
