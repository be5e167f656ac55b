// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/peer/peer.h"

#include <gtest/gtest.h>

#include "tests/sim/peer_pair.h"

namespace ocellus::peer {
namespace {

using sim::PeerPair;
using sim::PeerPairOptions;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Pictures run on without a gap from the first.
void ExpectConsecutive(const std::vector<sim::ViewerNode::Picture>& pictures) {
  for (size_t i = 1; i < pictures.size(); ++i) {
    ASSERT_EQ(pictures[i].number, pictures[i - 1].number + 1) << "picture " << i;
  }
}

TEST(Peer, StreamsToAViewerThatOffered) {
  PeerPair pair({});
  pair.Negotiate();
  ASSERT_TRUE(pair.RunUntilConnected());
  pair.network().RunFor(seconds(3));
  ASSERT_GE(pair.viewer().pictures().size(), 85u);
  EXPECT_TRUE(pair.viewer().pictures().front().keyframe);
  ExpectConsecutive(pair.viewer().pictures());
}

TEST(Peer, StreamsToAViewerThatAnswered) {
  PeerPairOptions options;
  options.offerer = PeerPairOptions::Offerer::kCamera;
  PeerPair pair(options);
  pair.Negotiate();
  ASSERT_TRUE(pair.RunUntilConnected());
  pair.network().RunFor(seconds(3));
  ASSERT_GE(pair.viewer().pictures().size(), 85u);
  ExpectConsecutive(pair.viewer().pictures());
}

}  // namespace
}  // namespace ocellus::peer
