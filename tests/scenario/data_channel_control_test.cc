// SPDX-License-Identifier: Apache-2.0
// How soon a camera answers on its control channel, with everything else going on.
#include <gtest/gtest.h>

#include "tests/sim/peer_pair.h"

namespace ocellus::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kRtt = milliseconds(50);

// Asks 20 times a second.
class DataChannelControl : public testing::Test {
 protected:
  void Connect(const PeerPairOptions& options) {
    pair_.emplace(options);
    pair_->camera().AddChannelUser(echo_);
    pair_->viewer().AddChannelUser(asker_);
    pair_->Negotiate();
    ASSERT_TRUE(pair_->RunUntilFirstPicture());
    asker_.Open(now(), pair_->viewer().peer());
    ASSERT_TRUE(pair_->network().RunUntilTrue([this] { return asker_.is_open(); }, seconds(10)));
  }
  void AskFor(Duration duration) {
    const Time end = now() + duration;
    while (now() < end) {
      asker_.Ask(now(), pair_->viewer().peer());
      pair_->network().RunFor(milliseconds(50));
    }
    pair_->network().RunFor(seconds(5));
  }
  Time now() const { return pair_->network().now(); }

  static PeerPairOptions Options() {
    PeerPairOptions options;
    options.conditions.delay = kRtt / 2;
    options.conditions.rate = DataRate::FromKilobitsPerSecond(10'000);
    options.film.frame_size = 16'000;  // 4 Mbit/s.
    options.film.keyframe_size = 60'000;
    return options;
  }

  Echo echo_{"control"};
  Asker asker_{"control"};
  mutable std::optional<PeerPair> pair_;
};

TEST_F(DataChannelControl, AnswersSoonUnderFullVideo) {
  Connect(Options());
  AskFor(seconds(20));
  EXPECT_EQ(asker_.round_trips().size(), 400u);
  EXPECT_LE(asker_.Percentile(0.5), kRtt + milliseconds(15));
  EXPECT_LE(asker_.Percentile(0.95), kRtt + milliseconds(30));
}

TEST_F(DataChannelControl, AnswersSoonWhileKeyframesAreAskedFor) {
  Connect(Options());
  for (int i = 0; i < 10; ++i) {
    pair_->viewer().peer().RequestRemoteKeyframe();
    asker_.Ask(now(), pair_->viewer().peer());
    pair_->network().RunFor(seconds(1));
  }
  ASSERT_EQ(asker_.round_trips().size(), 10u);
  // A keyframe of 60,000 bytes is on its way for 48 ms.
  EXPECT_LE(asker_.Percentile(0.95), kRtt + milliseconds(60));
}

TEST_F(DataChannelControl, AnswersSoonBesideAFile) {
  FileSender sender(200 * 1024 * 1024);
  FileReceiver receiver;
  Connect(Options());
  pair_->camera().AddChannelUser(sender);
  pair_->viewer().AddChannelUser(receiver);
  sender.Open(now(), pair_->camera().peer());
  pair_->network().RunFor(seconds(5));
  AskFor(seconds(20));
  EXPECT_EQ(asker_.round_trips().size(), 400u);
  EXPECT_LE(asker_.Percentile(0.5), kRtt + milliseconds(30));
  EXPECT_LE(asker_.Percentile(0.95), kRtt + milliseconds(60));
  EXPECT_GT(receiver.received(), 1024 * 1024u);
}

// Without anything to share the link with, and with losses, an answer costs a round trip, and a
// lost one some more.
TEST_F(DataChannelControl, FindsALostAnswerAgainSoon) {
  PeerPairOptions options = Options();
  options.conditions.loss = 0.05;
  Connect(options);
  AskFor(seconds(20));
  EXPECT_EQ(asker_.round_trips().size(), 400u);
  EXPECT_LE(asker_.Percentile(0.5), kRtt + milliseconds(20));
  EXPECT_LE(asker_.Percentile(1), seconds(2));
}

}  // namespace
}  // namespace ocellus::sim
