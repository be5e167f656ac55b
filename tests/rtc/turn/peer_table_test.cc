// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/turn/peer_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ocellus::turn {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

SocketAddress Peer(unsigned host, unsigned port = 5000) {
  const uint8_t ip[] = {198, 51, static_cast<uint8_t>(host >> 8), static_cast<uint8_t>(host)};
  return {*IpAddress::FromBytes(ip), static_cast<uint16_t>(port)};
}

class PeerTableTest : public testing::Test {
 protected:
  void UseAndPermit(const SocketAddress& address) {
    table_.Use(now_, address);
    for (const IpAddress& ip : table_.TakePermissions(now_)) table_.HandlePermitted(now_, ip);
  }
  // Until a channel is wanted; the request for it.
  std::optional<PeerTable::ChannelRequest> SendMedia(const SocketAddress& address) {
    for (unsigned i = 0; i < kPacketsWorthAChannel; ++i) {
      table_.CountPacket(now_, address, table_.Use(now_, address));
    }
    return table_.TakeChannel(now_);
  }

  Time now_{std::chrono::hours(1)};
  PeerTable table_;
};

TEST_F(PeerTableTest, WantsAPermissionForWhomWeSendTo) {
  EXPECT_FALSE(table_.wants_anything());
  table_.Use(now_, Peer(1));
  table_.Use(now_, Peer(1));
  EXPECT_TRUE(table_.wants_anything());
  EXPECT_THAT(table_.TakePermissions(now_), ElementsAre(Peer(1).ip));
  EXPECT_FALSE(table_.wants_anything());
  table_.Use(now_, Peer(1));
  EXPECT_FALSE(table_.wants_anything()) << "it is being asked for";
  table_.HandlePermitted(now_, Peer(1).ip);
  table_.Use(now_, Peer(1));
  EXPECT_FALSE(table_.wants_anything());
}

// RFC 8656 section 9: permissions are by IP address.
TEST_F(PeerTableTest, SharesAPermissionBetweenThePortsOfAnAddress) {
  table_.Use(now_, Peer(1, 5000));
  table_.Use(now_, Peer(1, 6000));
  EXPECT_THAT(table_.TakePermissions(now_), SizeIs(1));
  EXPECT_TRUE(table_.IsPermitted(now_, Peer(1).ip));
  EXPECT_FALSE(table_.IsPermitted(now_, Peer(2).ip));
  EXPECT_EQ(table_.size(), 2u);
}

TEST_F(PeerTableTest, AsksForSeveralTogetherAndTheRestLater) {
  for (unsigned i = 0; i < kMaxPermissionsPerRequest + 3; ++i) table_.Use(now_, Peer(i));
  EXPECT_THAT(table_.TakePermissions(now_), SizeIs(kMaxPermissionsPerRequest));
  EXPECT_THAT(table_.TakePermissions(now_), SizeIs(3));
  EXPECT_THAT(table_.TakePermissions(now_), IsEmpty());
}

// RFC 8656 section 9: they last 300 s.
TEST_F(PeerTableTest, RenewsInTimeWhileThePeerIsInUse) {
  UseAndPermit(Peer(1));
  const Time granted = now_;
  for (; now_ < granted + minutes(30); now_ += seconds(5)) {
    ASSERT_TRUE(table_.IsPermitted(now_, Peer(1).ip)) << ToSeconds(now_ - granted);
    UseAndPermit(Peer(1));
    table_.HandleTimeout(now_);
  }
}

TEST_F(PeerTableTest, RenewsThoseTogetherThatAreDueSoon) {
  UseAndPermit(Peer(1));
  now_ += seconds(30);
  UseAndPermit(Peer(2));
  UseAndPermit(Peer(3));
  now_ += seconds(210);
  table_.Use(now_, Peer(2));
  table_.Use(now_, Peer(1));
  EXPECT_THAT(table_.TakePermissions(now_), ElementsAre(Peer(1).ip, Peer(2).ip))
      << "nothing is sent to the third";
}

TEST_F(PeerTableTest, ForgetsWhomNothingIsSentTo) {
  UseAndPermit(Peer(1));
  now_ += seconds(299);
  table_.HandleTimeout(now_);
  EXPECT_EQ(table_.size(), 1u);
  now_ = table_.next_deadline();
  table_.HandleTimeout(now_);
  EXPECT_EQ(table_.size(), 0u);
  EXPECT_FALSE(table_.IsPermitted(now_, Peer(1).ip));
  EXPECT_EQ(table_.next_deadline(), kNever);
}

TEST_F(PeerTableTest, ForgetsWhomTheServerNeverAnsweredFor) {
  table_.Use(now_, Peer(1));
  EXPECT_THAT(table_.TakePermissions(now_), SizeIs(1));
  now_ += minutes(1);
  table_.HandleTimeout(now_);
  EXPECT_EQ(table_.size(), 0u);
  table_.HandlePermitted(now_, Peer(1).ip);
  table_.HandleFailed(now_, {Peer(1).ip});
  EXPECT_FALSE(table_.IsPermitted(now_, Peer(1).ip));
}

// What was forgotten while it was wanted or asked for, and is used again, is asked for once.
TEST_F(PeerTableTest, AsksOnceForWhoComesBack) {
  table_.Use(now_, Peer(1));
  now_ += minutes(1);
  table_.HandleTimeout(now_);
  ASSERT_EQ(table_.size(), 0u);
  table_.Use(now_, Peer(1));
  EXPECT_THAT(table_.TakePermissions(now_), SizeIs(1));
  EXPECT_THAT(table_.TakePermissions(now_), IsEmpty());
}

TEST_F(PeerTableTest, AsksAgainLaterAfterAFailure) {
  table_.Use(now_, Peer(1));
  table_.HandleFailed(now_, table_.TakePermissions(now_));
  EXPECT_FALSE(table_.IsPermitted(now_, Peer(1).ip));
  now_ += kAskAgain - seconds(1);
  table_.Use(now_, Peer(1));
  EXPECT_FALSE(table_.wants_anything());
  now_ += seconds(1);
  table_.Use(now_, Peer(1));
  EXPECT_TRUE(table_.wants_anything());
}

// RFC 8656 section 10.2: one that is forbidden has the whole request refused.
TEST_F(PeerTableTest, FindsOutWhichOfSeveralIsRefused) {
  for (const unsigned host : {1, 2, 3}) table_.Use(now_, Peer(host));
  table_.HandleRefused(now_, table_.TakePermissions(now_));
  std::vector<IpAddress> asked;
  while (table_.wants_anything()) {
    const std::vector<IpAddress> alone = table_.TakePermissions(now_);
    ASSERT_THAT(alone, SizeIs(1));
    asked.push_back(alone[0]);
    if (alone[0] == Peer(2).ip) {
      table_.HandleRefused(now_, alone);
    } else {
      table_.HandlePermitted(now_, alone[0]);
    }
  }
  EXPECT_THAT(asked, ElementsAre(Peer(1).ip, Peer(2).ip, Peer(3).ip));
  EXPECT_TRUE(table_.IsPermitted(now_, Peer(1).ip));
  EXPECT_FALSE(table_.IsPermitted(now_, Peer(2).ip));
  EXPECT_TRUE(table_.Use(now_, Peer(2)).permission->refused);
  EXPECT_FALSE(table_.wants_anything()) << "not for each packet";

  now_ += kAskRefusedAgain;
  table_.HandleTimeout(now_ - seconds(1));
  table_.Use(now_, Peer(2));
  EXPECT_THAT(table_.TakePermissions(now_), ElementsAre(Peer(2).ip));
}

TEST_F(PeerTableTest, GivesAChannelToWhomMediaGoesTo) {
  const auto request = SendMedia(Peer(1));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->channel, kFirstChannel);
  EXPECT_EQ(request->peer, Peer(1));
  EXPECT_EQ(*table_.PeerOfChannel(kFirstChannel), Peer(1)) << "data may be quicker than the answer";
  EXPECT_EQ(table_.Use(now_, Peer(1)).channel_expires, Time());
  EXPECT_FALSE(SendMedia(Peer(1))) << "it is being asked for";
  table_.HandleBound(now_, now_, *request);
  EXPECT_EQ(table_.Use(now_, Peer(1)).channel_expires, now_ + kChannelLifetime);
}

// Connectivity checks and handshakes.
TEST_F(PeerTableTest, GivesNoChannelForAFewPackets) {
  for (int i = 0; i < 100; ++i) {
    table_.CountPacket(now_, Peer(1), table_.Use(now_, Peer(1)));
    now_ += std::chrono::milliseconds(200);
  }
  EXPECT_EQ(table_.TakeChannel(now_), std::nullopt);
}

TEST_F(PeerTableTest, RenewsAChannelWhileMediaGoesThroughIt) {
  std::optional<PeerTable::ChannelRequest> request = SendMedia(Peer(1));
  const Time began = now_;
  for (; now_ < began + minutes(60); now_ += seconds(1)) {
    if (request) table_.HandleBound(now_, now_, *request);
    ASSERT_GT(table_.Use(now_, Peer(1)).channel_expires, now_);
    request = SendMedia(Peer(1));
    if (request) {
      EXPECT_EQ(request->channel, kFirstChannel);
    }
  }
}

// RFC 8656 section 12.2: a ChannelBind is a permission, too.
TEST_F(PeerTableTest, HasAPermissionByItsChannel) {
  UseAndPermit(Peer(1));
  now_ += minutes(3);
  table_.HandleBound(now_, now_, *SendMedia(Peer(1)));
  now_ += minutes(4);
  EXPECT_TRUE(table_.IsPermitted(now_, Peer(1).ip));
}

TEST_F(PeerTableTest, GoesOnWithoutAChannelThatIsRefused) {
  const auto request = SendMedia(Peer(1));
  table_.HandleNotBound(now_, *request, minutes(5));
  EXPECT_FALSE(SendMedia(Peer(1)));
  now_ += minutes(5);
  EXPECT_EQ(SendMedia(Peer(1))->channel, request->channel);
}

TEST_F(PeerTableTest, ForgetsTheChannelWithThePeer) {
  UseAndPermit(Peer(1));
  table_.HandleBound(now_, now_, *SendMedia(Peer(1)));
  while (table_.next_deadline() != kNever) {
    now_ = table_.next_deadline();
    table_.HandleTimeout(now_);
  }
  EXPECT_EQ(table_.PeerOfChannel(kFirstChannel), nullptr);
  EXPECT_EQ(SendMedia(Peer(2))->channel, kFirstChannel + 1) << "the server knows the first one yet";
  EXPECT_EQ(SendMedia(Peer(1))->channel, kFirstChannel);
}

// The answer comes when the peer has been forgotten and has come back: it is not that one's.
TEST_F(PeerTableTest, GivesNobodyTheChannelOfAFormerSelf) {
  const PeerTable::ChannelRequest former = *SendMedia(Peer(1));
  now_ += minutes(1);
  table_.HandleTimeout(now_);
  ASSERT_EQ(table_.size(), 0u);
  const PeerTable::Peer& peer = table_.Use(now_, Peer(1));
  table_.HandleBound(now_, now_, former);
  EXPECT_EQ(peer.channel_expires, Time());
  EXPECT_EQ(SendMedia(Peer(1))->channel, former.channel);
}

TEST_F(PeerTableTest, ForgetsTheIdlestWhenItIsFull) {
  for (unsigned i = 0; i < kMaxTurnPeers; ++i) {
    UseAndPermit(Peer(i));
    now_ += std::chrono::milliseconds(10);
  }
  UseAndPermit(Peer(0));
  now_ += std::chrono::milliseconds(10);
  UseAndPermit(Peer(5000));
  EXPECT_EQ(table_.size(), kMaxTurnPeers);
  EXPECT_TRUE(table_.IsPermitted(now_, Peer(0).ip));
  EXPECT_FALSE(table_.IsPermitted(now_, Peer(1).ip));
  EXPECT_TRUE(table_.IsPermitted(now_, Peer(5000).ip));
}

TEST_F(PeerTableTest, IsAsNewWhenItIsCleared) {
  UseAndPermit(Peer(1));
  ASSERT_TRUE(SendMedia(Peer(1)));
  table_.Use(now_, Peer(2));
  table_.Clear();
  EXPECT_EQ(table_.size(), 0u);
  EXPECT_FALSE(table_.wants_anything());
  EXPECT_EQ(table_.PeerOfChannel(kFirstChannel), nullptr);
  EXPECT_EQ(table_.next_deadline(), kNever);
}

}  // namespace
}  // namespace ocellus::turn
