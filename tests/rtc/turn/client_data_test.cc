// SPDX-License-Identifier: Apache-2.0
// The packets that go through the relay.
#include "firmware/rtc/turn/channel_data.h"
#include "firmware/rtc/turn/client.h"
#include "tests/rtc/turn/scripted_server.h"

namespace ocellus::turn {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using stun::AttributeType;
using stun::Method;

class ClientData : public ScriptedServer {
 protected:
  static Buffer DataIndication(const SocketAddress& peer, std::string_view payload) {
    uint8_t out[2048];
    stun::MessageWriter writer(out, {stun::MessageClass::kIndication, Method::kData, {1, 2}});
    writer.AddXorAddress(AttributeType::kXorPeerAddress, peer);
    writer.AddText(AttributeType::kData, payload);
    return Buffer(out, out + writer.Finish().value());
  }
  static Buffer Channel(uint16_t channel, std::string_view payload) {
    Buffer message(payload.begin(), payload.end());
    message.resize(payload.size() + 8);
    message.resize(
        WrapInChannelData(channel, TransportProtocol::kUdp, message, payload.size()).value());
    return message;
  }
};

// RFC 8656 sections 10 and 11.1: a permission first, then a Send indication.
TEST_F(ClientData, APermissionLeavesBeforeThePacket) {
  Allocate();
  EXPECT_TRUE(client_->Prepare(now_, kPeer));
  const Buffer request = Poll();
  EXPECT_EQ(ParseOrDie(request).method(), Method::kCreatePermission);
  EXPECT_EQ(ParseOrDie(request).FindXorAddress(AttributeType::kXorPeerAddress)->ip, kPeer.ip);
  EXPECT_FALSE(client_->Prepare(now_, kPeer)) << "it is on its way";

  const Buffer wrapped = Wrap(kPeer, "hello").value();
  const stun::Message send = ParseOrDie(wrapped);
  EXPECT_EQ(send.message_class(), stun::MessageClass::kIndication);
  EXPECT_EQ(send.method(), Method::kSend);
  EXPECT_EQ(send.FindXorAddress(AttributeType::kXorPeerAddress), kPeer);
  EXPECT_EQ(AsText(send.Find(AttributeType::kData).value()), "hello");
}

// What waits for HandleTimeout is no reason to hold a packet back.
TEST_F(ClientData, PrepareSaysOnlyWhatPollTransmitHas) {
  Allocate();
  Send(kPeer);
  EXPECT_FALSE(client_->Prepare(now_, kPeer));
  now_ += minutes(8);
  client_->HandleMessage(now_, {});
  EXPECT_LT(client_->next_deadline(), now_) << "a Refresh is due";
  EXPECT_TRUE(client_->Prepare(now_, kPeer)) << "the permission is due, too";
  EXPECT_FALSE(Poll().empty());
  EXPECT_FALSE(client_->Prepare(now_, kPeer));
  client_->HandleTimeout(now_);
  EXPECT_TRUE(client_->Prepare(now_, kPeer));
}

TEST_F(ClientData, WrapAsksForAPermissionByItself) {
  Allocate();
  EXPECT_TRUE(Wrap(kPeer));
  EXPECT_LE(client_->next_deadline(), now_);
  EXPECT_EQ(ParseOrDie(delivered_ = Poll()).method(), Method::kCreatePermission);
}

// RFC 8656 section 12: 4 bytes instead of 36 once there is a channel.
TEST_F(ClientData, MediaGetsAChannel) {
  Allocate();
  EXPECT_EQ(Send(kPeer, std::string(100, 'x'))->size(), 136u);
  SendMedia(kPeer);
  EXPECT_EQ(SentOf(Method::kChannelBind), 1u);
  const stun::Message bind = ParseOrDie(sent_.back());
  EXPECT_EQ(bind.FindU32(AttributeType::kChannelNumber), 0x40000000u);
  EXPECT_EQ(bind.FindXorAddress(AttributeType::kXorPeerAddress), kPeer);
  const Buffer wrapped = Wrap(kPeer, std::string(100, 'x')).value();
  EXPECT_EQ(wrapped.size(), 104u);
  EXPECT_EQ(wrapped[0], 0x40);
}

TEST_F(ClientData, GoesByIndicationsUntilTheChannelIsThere) {
  Allocate();
  for (unsigned i = 0; i < kPacketsWorthAChannel; ++i) Send(kPeer);
  const Buffer bind = Poll();
  EXPECT_EQ(ParseOrDie(bind).method(), Method::kChannelBind);
  EXPECT_EQ(Wrap(kPeer)->at(0), 0x00);
  // The server may use it before its answer has come.
  EXPECT_TRUE(Deliver(Channel(0x4000, "early")));
  Deliver(Success(ParseOrDie(bind)));
  EXPECT_EQ(Wrap(kPeer)->at(0), 0x40);
}

TEST_F(ClientData, PacketsOverAStreamArePadded) {
  Allocate({TransportProtocol::kTcp, "user", "pass"});
  SendMedia(kPeer);
  const Buffer wrapped = Wrap(kPeer, "hello").value();
  EXPECT_EQ(wrapped.size(), 12u);
  EXPECT_EQ(wrapped[3], 5);
  EXPECT_EQ(wrapped[11], 0);
}

TEST_F(ClientData, ReadsWhatComesByIndication) {
  Allocate();
  Send(kPeer);
  const auto relayed = Deliver(DataIndication(kPeer, "from the peer"));
  ASSERT_TRUE(relayed);
  EXPECT_EQ(relayed->relayed, relayed_[0]);
  EXPECT_EQ(relayed->peer, kPeer);
  EXPECT_EQ(AsText(relayed->payload), "from the peer");
  EXPECT_GE(relayed->payload.data(), delivered_.data()) << "in the bytes that were handed in";
  EXPECT_LE(relayed->payload.end(), delivered_.data() + delivered_.size());
}

TEST_F(ClientData, ReadsWhatComesByChannel) {
  Allocate();
  SendMedia(kPeer);
  const auto relayed = Deliver(Channel(0x4000, "from the peer"));
  ASSERT_TRUE(relayed);
  EXPECT_EQ(relayed->relayed, relayed_[0]);
  EXPECT_EQ(relayed->peer, kPeer);
  EXPECT_EQ(AsText(relayed->payload), "from the peer");
}

// A NAT in front of the peer gives it another port to us than the candidate has: permissions are
// by IP address (RFC 8656 section 9), so that peer-reflexive candidates come through.
TEST_F(ClientData, TakesAnotherPortOfAPeer) {
  Allocate();
  Send(kPeer);
  const SocketAddress mapped{kPeer.ip, 61234};
  EXPECT_EQ(Deliver(DataIndication(mapped, "check"))->peer, mapped);
  EXPECT_FALSE(client_->Prepare(now_, mapped)) << "it is permitted already";
  EXPECT_TRUE(Wrap(mapped));
}

// RFC 8656 section 11.4.
TEST_F(ClientData, DropsWhatNobodyAskedFor) {
  Allocate();
  Send(kPeer);
  EXPECT_FALSE(Deliver(DataIndication(At("203.0.113.99:1"), "x")));
  EXPECT_FALSE(Deliver(DataIndication(At("[2001:db8::1]:1"), "x"))) << "we have no such address";
  EXPECT_EQ(client_->stats().dropped(Drop::kPeer), 2u);
  EXPECT_FALSE(Deliver(Channel(0x4000, "x")));
  EXPECT_FALSE(Deliver(Channel(0x4FFF, "x")));
  EXPECT_EQ(client_->stats().dropped(Drop::kChannel), 2u);
}

// Checklist 11.
TEST_F(ClientData, DropsChannelDataWhoseLengthLies) {
  Allocate();
  SendMedia(kPeer);
  Buffer message = Channel(0x4000, "12345678");
  for (const uint8_t length : {9, 255, 3}) {
    message[3] = length;
    EXPECT_FALSE(Deliver(message)) << unsigned{length};
  }
  EXPECT_EQ(client_->stats().dropped(Drop::kMalformed), 3u);
  for (size_t size = 0; size < 4; ++size) {
    EXPECT_FALSE(Deliver(Buffer(message.begin(), message.begin() + static_cast<int>(size))));
  }
  message[3] = 8;
  EXPECT_TRUE(Deliver(message));
}

TEST_F(ClientData, DropsOtherMessages) {
  Allocate();
  Send(kPeer);
  uint8_t out[64];
  for (const stun::Header& header :
       {stun::Header{stun::MessageClass::kRequest, Method::kBinding, {}},
        stun::Header{stun::MessageClass::kIndication, Method::kBinding, {}},
        stun::Header{stun::MessageClass::kIndication, Method::kData, {}}}) {
    stun::MessageWriter writer(out, header);
    EXPECT_FALSE(Deliver(Buffer(out, out + writer.Finish().value())));
  }
  EXPECT_EQ(client_->stats().dropped(Drop::kUnexpected), 3u);
  EXPECT_FALSE(Deliver(Buffer{0x80, 96, 0, 1}));
  EXPECT_EQ(client_->stats().dropped(Drop::kMalformed), 1u);
}

TEST_F(ClientData, NothingGoesThroughBeforeThereIsAnAllocation) {
  MakeClient();
  EXPECT_FALSE(client_->Prepare(now_, kPeer));
  EXPECT_FALSE(Wrap(kPeer));
  EXPECT_FALSE(Deliver(DataIndication(kPeer, "x")));
}

TEST_F(ClientData, NothingLeavesFromAnAddressThatIsNotOurs) {
  Allocate();
  Buffer packet(100);
  EXPECT_FALSE(client_->Wrap(now_, At("192.0.2.50:50001"), kPeer, packet, 10));
  EXPECT_FALSE(client_->Wrap(now_, relayed_[0], At("[2001:db8::1]:1"), packet, 10));
  EXPECT_FALSE(client_->Prepare(now_, At("[2001:db8::1]:1")));
}

TEST_F(ClientData, EachFamilyLeavesFromItsOwnAddress) {
  relayed_ = {At("192.0.2.50:50000"), At("[2001:db8::50]:50001")};
  Allocate();
  const SocketAddress v6 = At("[2001:db8::9]:5000");
  EXPECT_TRUE(Send(kPeer));
  const Buffer wrapped = Send(v6, "hello").value();
  EXPECT_EQ(wrapped.size(), 5 + kMaxRelayOverhead - 1) << "the most that it may grow, padded";
  EXPECT_EQ(ParseOrDie(wrapped).FindXorAddress(AttributeType::kXorPeerAddress), v6);
  EXPECT_EQ(Deliver(DataIndication(v6, "x"))->relayed, relayed_[1]);
  EXPECT_EQ(Deliver(DataIndication(kPeer, "x"))->relayed, relayed_[0]);
}

TEST_F(ClientData, SaysWhenThereIsNoRoom) {
  Allocate();
  Send(kPeer);
  Buffer packet(100 + 35);
  EXPECT_FALSE(client_->Wrap(now_, relayed_[0], kPeer, packet, 100));
  packet.resize(136);
  EXPECT_EQ(client_->Wrap(now_, relayed_[0], kPeer, packet, 100), 136u);
}

// Checklist 11. A viewer watches for hours: permission, channel and allocation are there at each
// moment, as a server of the RFC has them.
TEST_F(ClientData, AViewerWatchesForHours) {
  Allocate();
  Time permitted_until{};
  Time bound_until{};
  const auto server = [&](const stun::Message& request) {
    if (request.method() == Method::kCreatePermission) permitted_until = now_ + minutes(5);
    if (request.method() == Method::kChannelBind) {
      permitted_until = now_ + minutes(5);
      bound_until = now_ + minutes(10);
    }
    return Answer(request);
  };
  const Time began = now_;
  while (now_ < began + minutes(180)) {
    for (int i = 0; i < 15; ++i) {
      if (client_->Prepare(now_, kPeer)) Exchange(server);
      const Buffer wrapped = Wrap(kPeer).value();
      ASSERT_LT(now_, permitted_until);
      if (wrapped[0] == 0x40) {
        ASSERT_LT(now_, bound_until);
      }
      ASSERT_TRUE(Deliver(DataIndication(kPeer, "report")));
    }
    Run(seconds(1), server);
  }
  EXPECT_EQ(Wrap(kPeer)->at(0), 0x40);
  EXPECT_LT(SentOf(Method::kCreatePermission), 60u);
  EXPECT_LE(SentOf(Method::kChannelBind), 22u);
}

// Nobody keeps a permission alive by sending to us.
TEST_F(ClientData, AViewerWhoLeftLosesItsPermission) {
  Allocate();
  SendMedia(kPeer);
  sent_.clear();
  const Time left = now_;
  bool heard = true;
  while (now_ < left + minutes(20)) {
    heard = Deliver(Channel(0x4000, "still here")).has_value();
    Run(seconds(10));
  }
  EXPECT_FALSE(heard);
  EXPECT_EQ(SentOf(Method::kCreatePermission) + SentOf(Method::kChannelBind), 0u);
}

// Fifty viewers with ten candidates each come at once: requests are bounded, and shared.
TEST_F(ClientData, ManyPeersShareRequests) {
  Allocate();
  for (unsigned i = 0; i < 500; ++i) {
    const uint8_t ip[] = {198, 18, static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i)};
    const SocketAddress peer{*IpAddress::FromBytes(ip), 5000};
    client_->Prepare(now_, peer);
    Wrap(peer);
  }
  std::vector<Buffer> at_once;
  for (Buffer sent = Poll(); !sent.empty(); sent = Poll()) at_once.push_back(sent);
  EXPECT_LE(at_once.size(), kMaxTurnTransactions);
  for (const Buffer& sent : at_once) {
    sent_.push_back(sent);
    Deliver(Answer(ParseOrDie(sent)));
  }
  Exchange();
  EXPECT_EQ(SentOf(Method::kCreatePermission),
            (500 + kMaxPermissionsPerRequest - 1) / kMaxPermissionsPerRequest);
}

}  // namespace
}  // namespace ocellus::turn
