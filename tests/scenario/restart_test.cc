// SPDX-License-Identifier: Apache-2.0
// ICE restart and change of network in the middle of a stream.
#include <gtest/gtest.h>

#include "tests/sim/peer_pair.h"

namespace ocellus::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Restart, TheCamerasNewAddressTakesTheStreamOver) {
  PeerPairOptions options;
  options.conditions.delay = milliseconds(20);
  options.camera_addresses = {*SocketAddress::Parse("192.0.2.1:8555"),
                              *SocketAddress::Parse("192.0.2.2:8555")};
  PeerPair pair(options);
  pair.Negotiate();
  ASSERT_TRUE(pair.RunUntilFirstPicture());
  const auto path = pair.camera().peer().stats().path;
  ASSERT_TRUE(path.has_value());
  const bool first_used = path->local == options.camera_addresses[0];
  const SocketAddress left = options.camera_addresses[first_used ? 1 : 0];
  const std::vector<SocketAddress> addresses = {left};
  pair.network().RemoveAddress(path->local.ip);
  pair.camera().peer().SetLocalCandidates(pair.network().now(), ice::HostCandidates(addresses));
  const size_t before = pair.viewer().pictures().size();
  pair.network().RunFor(seconds(5));
  EXPECT_GT(pair.viewer().pictures().size(), before + 60);
  EXPECT_EQ(pair.camera().peer().stats().path->local, left);
}

}  // namespace
}  // namespace ocellus::sim
