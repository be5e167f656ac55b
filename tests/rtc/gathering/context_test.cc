// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/gathering/context.h"

#include <gtest/gtest.h>

#include "tests/sim/seeded_random.h"

namespace ocellus::gathering {
namespace {

TEST(Context, GivesEachUdpServerToOneAllocation) {
  sim::SeededRandom random(1);
  Context context{random, std::monostate()};
  const SocketAddress server = *SocketAddress::Parse("192.0.2.1:3478");
  EXPECT_TRUE(context.ClaimUdpServer(server));
  EXPECT_FALSE(context.ClaimUdpServer(server));
  EXPECT_TRUE(context.ClaimUdpServer(*SocketAddress::Parse("192.0.2.1:3479")));
  context.ReleaseUdpServer(server);
  EXPECT_TRUE(context.ClaimUdpServer(server));
}

TEST(Context, NeverUsesAStreamIdAgain) {
  sim::SeededRandom random(1);
  Context context{random, std::monostate()};
  const StreamId first = context.NextStreamId();
  EXPECT_NE(context.NextStreamId(), first);
}

}  // namespace
}  // namespace ocellus::gathering
