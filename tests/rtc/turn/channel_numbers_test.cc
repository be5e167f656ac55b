// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/turn/channel_numbers.h"

#include <gtest/gtest.h>

namespace ocellus::turn {
namespace {

using std::chrono::minutes;

constexpr Time kNow{std::chrono::hours(1)};

SocketAddress Peer(unsigned number) {
  return {*IpAddress::Parse("198.51.100.1"), static_cast<uint16_t>(number)};
}

TEST(ChannelNumbers, GivesEachPeerItsOwn) {
  ChannelNumbers numbers;
  EXPECT_EQ(numbers.Acquire(kNow, Peer(1), kNow + minutes(15)), 0x4000);
  EXPECT_EQ(numbers.Acquire(kNow, Peer(2), kNow + minutes(15)), 0x4001);
  EXPECT_EQ(*numbers.PeerOf(0x4000), Peer(1));
  EXPECT_EQ(*numbers.PeerOf(0x4001), Peer(2));
  EXPECT_EQ(numbers.PeerOf(0x4002), nullptr);
  EXPECT_EQ(numbers.PeerOf(0x3FFF), nullptr);
  EXPECT_EQ(numbers.PeerOf(0), nullptr);
}

// RFC 8656 section 12: for 5 minutes after a binding has expired, a number is not bound to another
// peer, nor the peer to another number.
TEST(ChannelNumbers, KeepsANumberFromOthersUntilTheServerHasForgotten) {
  ChannelNumbers numbers;
  EXPECT_EQ(numbers.Acquire(kNow, Peer(1), kNow + minutes(15)), 0x4000);
  numbers.Release(0x4000);
  EXPECT_EQ(numbers.PeerOf(0x4000), nullptr);
  EXPECT_EQ(numbers.Acquire(kNow + minutes(14), Peer(2), kNow + minutes(29)), 0x4001);
  EXPECT_EQ(numbers.Acquire(kNow + minutes(14), Peer(1), kNow + minutes(29)), 0x4000);
  numbers.Release(0x4000);
  EXPECT_EQ(numbers.Acquire(kNow + minutes(29), Peer(3), kNow + minutes(44)), 0x4000);
  EXPECT_EQ(*numbers.PeerOf(0x4000), Peer(3));
}

TEST(ChannelNumbers, KeepsWhatIsInUseHoweverOld) {
  ChannelNumbers numbers;
  EXPECT_EQ(numbers.Acquire(kNow, Peer(1), kNow + minutes(15)), 0x4000);
  EXPECT_EQ(numbers.Acquire(kNow + minutes(60), Peer(2), kNow + minutes(75)), 0x4001);
  EXPECT_EQ(numbers.Acquire(kNow + minutes(60), Peer(1), kNow + minutes(75)), 0x4000);
}

TEST(ChannelNumbers, ReservesForLongerWhenTheServerSaysSo) {
  ChannelNumbers numbers;
  EXPECT_EQ(numbers.Acquire(kNow, Peer(1), kNow + minutes(15)), 0x4000);
  numbers.Extend(0x4000, kNow + minutes(30));
  numbers.Extend(0x4000, kNow + minutes(20));
  numbers.Release(0x4000);
  EXPECT_EQ(numbers.Acquire(kNow + minutes(29), Peer(2), kNow + minutes(44)), 0x4001);
  EXPECT_EQ(numbers.Acquire(kNow + minutes(30), Peer(3), kNow + minutes(45)), 0x4000);
}

TEST(ChannelNumbers, EndAt0x4FFF) {
  ChannelNumbers numbers;
  for (unsigned i = 0; i < 0x1000; ++i) {
    ASSERT_EQ(numbers.Acquire(kNow, Peer(i), kNow + minutes(15)), 0x4000 + i);
  }
  EXPECT_EQ(numbers.Acquire(kNow, Peer(0x1000), kNow + minutes(15)), std::nullopt);
  numbers.Release(0x4800);
  EXPECT_EQ(numbers.Acquire(kNow + minutes(15), Peer(0x1000), kNow + minutes(30)), 0x4800);
}

}  // namespace
}  // namespace ocellus::turn
