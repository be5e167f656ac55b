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

TEST(Peer, StreamsToAViewer) {
  PeerPair pair({});
  pair.Negotiate();
  ASSERT_TRUE(pair.RunUntilConnected());
  pair.network().RunFor(seconds(3));
  ASSERT_GE(pair.viewer().pictures().size(), 85u);
  EXPECT_TRUE(pair.viewer().pictures().front().keyframe);
  ExpectConsecutive(pair.viewer().pictures());
}

TEST(Peer, StreamsOverIpv6) {
  PeerPairOptions options;
  options.camera_addresses = {*SocketAddress::Parse("[2001:db8::1]:8555")};
  options.viewer_addresses = {*SocketAddress::Parse("[2001:db8::7]:40000")};
  PeerPair pair(options);
  pair.Negotiate();
  EXPECT_TRUE(pair.RunUntilFirstPicture());
}

TEST(Peer, KeepsStreamingAcrossTheWrapOfSequenceNumbers) {
  PeerPairOptions options;
  options.film.frame_size = 100'000;  // 90 packets a picture: a wrap in 25 s.
  options.film.interval = milliseconds(33);
  PeerPair pair(options);
  pair.Negotiate();
  ASSERT_TRUE(pair.RunUntilFirstPicture());
  pair.network().RunFor(seconds(30));
  EXPECT_GT(pair.camera().peer().stats().video.packets_sent, 0x10000u);
  ExpectConsecutive(pair.viewer().pictures());
  EXPECT_GE(pair.viewer().pictures().size(), 890u);
}

TEST(Peer, TellsItsStatistics) {
  PeerPairOptions options;
  options.conditions.delay = milliseconds(30);
  PeerPair pair(options);
  pair.Negotiate();
  pair.network().RunFor(seconds(5));
  const PeerStats stats = pair.camera().peer().stats();
  EXPECT_EQ(stats.state, State::kConnected);
  EXPECT_EQ(stats.round_trip_time, milliseconds(60));
  ASSERT_TRUE(stats.path.has_value());
  EXPECT_EQ(stats.path->remote.ToString(), "198.51.100.7:40000");
  EXPECT_TRUE(stats.video.last_report.has_value());
  EXPECT_EQ(stats.video.last_report->cumulative_lost, 0);
}

TEST(Peer, SendsNothingAndReadsNothingOnceClosed) {
  PeerPair pair({});
  pair.Negotiate();
  ASSERT_TRUE(pair.RunUntilFirstPicture());
  pair.camera().peer().Close(pair.network().now());
  pair.network().RunFor(milliseconds(10));
  uint8_t buffer[kMaxDatagramSize];
  EXPECT_FALSE(pair.camera().peer().PollTransmit(pair.network().now(), buffer).has_value());
  EXPECT_EQ(pair.camera().peer().next_deadline(), kNever);
  EXPECT_EQ(pair.camera().peer().state(), State::kClosed);
}

}  // namespace
}  // namespace ocellus::peer
