// SPDX-License-Identifier: Apache-2.0
// Data channels outlive what happens to the path below them.
#include <gtest/gtest.h>

#include "tests/sim/peer_pair.h"

namespace ocellus::sim {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr size_t kFileSize = 4 * 1024 * 1024;

// In the middle of a file.
class DataChannelRoaming : public testing::Test {
 protected:
  DataChannelRoaming() {
    PeerPairOptions options;
    options.conditions.delay = milliseconds(20);
    options.conditions.rate = DataRate::FromKilobitsPerSecond(10'000);
    pair_.emplace(options);
    pair_->camera().AddChannelUser(sender_);
    pair_->viewer().AddChannelUser(receiver_);
    pair_->viewer().AddChannelUser(log_);
    pair_->Negotiate();
    EXPECT_TRUE(pair_->RunUntilFirstPicture());
    sender_.Open(network().now(), camera());
    network().RunFor(seconds(1));
    EXPECT_GT(receiver_.received(), 0u);
    EXPECT_LT(receiver_.received(), kFileSize / 2);
  }
  void ExpectTheRest() {
    EXPECT_TRUE(
        network().RunUntilTrue([this] { return receiver_.received() == kFileSize; }, seconds(20)))
        << receiver_.received();
    EXPECT_TRUE(receiver_.is_intact());
    EXPECT_FALSE(log_.failed());
  }

  Network& network() { return pair_->network(); }
  peer::Peer& camera() { return pair_->camera().peer(); }
  peer::Peer& viewer() { return pair_->viewer().peer(); }

  std::optional<PeerPair> pair_;
  FileSender sender_{kFileSize};
  FileReceiver receiver_;
  ChannelLog log_;
};

TEST_F(DataChannelRoaming, TheViewersIceRestartDoesNotDisturbThem) {
  const auto request = viewer().RestartIce(network().now());
  ASSERT_TRUE(request.ok()) << request.status().ToString();
  const auto answer = camera().RestartIce(network().now(), *request);
  ASSERT_TRUE(answer.ok()) << answer.status().ToString();
  ASSERT_TRUE(viewer().HandleRestartAnswer(network().now(), *answer).ok());
  ExpectTheRest();
}

TEST_F(DataChannelRoaming, TheyFollowTheViewerToAnotherAddress) {
  const std::vector<SocketAddress> addresses = {*SocketAddress::Parse("203.0.113.9:41000")};
  network().Attach(pair_->viewer(), {addresses[0].ip});
  network().RemoveAddress(camera().path()->remote.ip);
  viewer().SetLocalCandidates(network().now(), ice::HostCandidates(addresses));
  ExpectTheRest();
  EXPECT_EQ(camera().path()->remote.ip, addresses[0].ip);
}

TEST_F(DataChannelRoaming, TheyWaitForACableThatComesBack) {
  LinkConditions conditions;
  conditions.delay = milliseconds(20);
  conditions.rate = DataRate::FromKilobitsPerSecond(10'000);
  conditions.down = true;
  network().SetDefaultConditions(conditions);
  network().RunFor(seconds(15));
  conditions.down = false;
  network().SetDefaultConditions(conditions);
  ExpectTheRest();
}

// Long silences cost nothing but a sign of life now and then.
TEST(DataChannelIdle, TheyAreThereAfterADay) {
  PeerPairOptions options;
  options.conditions.delay = milliseconds(20);
  options.viewer_watches = false;
  PeerPair pair(options);
  pair.camera().StopFilming();
  Echo echo("control");
  Asker asker("control");
  pair.camera().AddChannelUser(echo);
  pair.viewer().AddChannelUser(asker);
  pair.Negotiate();
  ASSERT_TRUE(pair.RunUntilConnected());
  asker.Open(pair.network().now(), pair.viewer().peer());
  for (const Duration silence :
       {Duration(seconds(10)), Duration(minutes(10)), Duration(hours(24))}) {
    pair.network().RunFor(silence);
    asker.Ask(pair.network().now(), pair.viewer().peer());
    pair.network().RunFor(seconds(1));
    EXPECT_LE(asker.round_trips().back(), milliseconds(41));
  }
  EXPECT_EQ(asker.round_trips().size(), 3u);
}

}  // namespace
}  // namespace ocellus::sim
