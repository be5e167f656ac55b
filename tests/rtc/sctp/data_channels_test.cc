// SPDX-License-Identifier: Apache-2.0
// Two DataChannels over a simulated path, in virtual time.
#include "firmware/rtc/sctp/data_channels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/rtc/sctp/channel_end.h"

namespace ocellus::sctp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

Status SendText(ChannelPair& pair, ChannelEnd& from, ChannelId id, std::string_view text) {
  return from.channels().Send(pair.now(), id, MessageKind::kString, AsBytes(text));
}

// Checklist 40: both sides send INIT at once.
TEST(DataChannels, ConnectsWhenInitsCross) {
  ChannelPair pair(GoodPath());
  ASSERT_TRUE(pair.Connect(seconds(1)));
  // INIT, INIT ACK, COOKIE ECHO: one and a half round trips.
  EXPECT_EQ(pair.now() - PacketPath::kStart, milliseconds(75));
  EXPECT_FALSE(pair.a.failed());
}

TEST(DataChannels, ConnectsWhenOneSideStartsLater) {
  for (const auto later : {milliseconds(10), milliseconds(25), milliseconds(60), milliseconds(800),
                           milliseconds(5000)}) {
    ChannelPair pair(GoodPath());
    pair.a.channels().Start(pair.now(), true);
    pair.RunFor(later);
    pair.b.channels().Start(pair.now(), false);
    EXPECT_TRUE(pair.RunUntil(
        [&] { return pair.a.channels().is_connected() && pair.b.channels().is_connected(); },
        seconds(4)))
        << later.count();
  }
}

TEST(DataChannels, OpensAChannelWithAllItsOptions) {
  ChannelPair pair(GoodPath());
  ChannelOptions options;
  options.label = "control";
  options.protocol = "ocellus.control.v1";
  options.ordered = false;
  options.max_lifetime = milliseconds(1500);
  options.priority = 512;
  ASSERT_TRUE(pair.Connect());
  const ChannelId id = pair.OpenFromA(options);
  EXPECT_EQ(id, ChannelId(0));
  ASSERT_THAT(pair.b.opened(), SizeIs(1));
  const ChannelOpened& opened = pair.b.opened()[0];
  EXPECT_EQ(opened.id, id);
  EXPECT_TRUE(opened.by_peer);
  EXPECT_EQ(opened.options.label, "control");
  EXPECT_EQ(opened.options.protocol, "ocellus.control.v1");
  EXPECT_FALSE(opened.options.ordered);
  EXPECT_EQ(opened.options.max_lifetime, Duration(milliseconds(1500)));
  EXPECT_EQ(opened.options.max_retransmits, std::nullopt);
  EXPECT_EQ(opened.options.priority, 512);
  ASSERT_THAT(pair.a.opened(), SizeIs(1));
  EXPECT_FALSE(pair.a.opened()[0].by_peer);
  EXPECT_EQ(pair.a.opened()[0].options.label, "control");
}

// RFC 8832 section 6: the DTLS client's channels are even, the server's odd.
TEST(DataChannels, BothSidesOpenChannelsOfTheirOwnParity) {
  ChannelPair pair(GoodPath());
  pair.Start();
  EXPECT_EQ(*pair.a.channels().Open(pair.now(), {}), ChannelId(0));
  EXPECT_EQ(*pair.a.channels().Open(pair.now(), {}), ChannelId(2));
  EXPECT_EQ(*pair.b.channels().Open(pair.now(), {}), ChannelId(1));
  EXPECT_TRUE(pair.RunUntil(
      [&] { return pair.a.opened().size() == 3 && pair.b.opened().size() == 3; }, seconds(1)));
}

TEST(DataChannels, AChannelThatWaitsForTheAssociationGoesWithTheCookie) {
  ChannelPair pair(GoodPath());
  pair.Start();
  const ChannelId id = *pair.a.channels().Open(pair.now(), {});
  ASSERT_TRUE(SendText(pair, pair.a, id, "early").ok());
  ASSERT_TRUE(pair.RunUntil([&] { return !pair.b.messages().empty(); }, seconds(1)));
  EXPECT_EQ(pair.now() - PacketPath::kStart, milliseconds(75));
}

TEST(DataChannels, CarriesStringsBinariesAndEmptyMessages) {
  ChannelPair pair(GoodPath());
  ASSERT_TRUE(pair.Connect());
  const ChannelId id = pair.OpenFromA();
  for (ChannelEnd* from : {&pair.a, &pair.b}) {
    ChannelEnd& to = from == &pair.a ? pair.b : pair.a;
    const uint8_t binary[] = {0, 1, 255};
    ASSERT_TRUE(from->channels().Send(pair.now(), id, MessageKind::kBinary, binary).ok());
    ASSERT_TRUE(SendText(pair, *from, id, "text").ok());
    ASSERT_TRUE(SendText(pair, *from, id, "").ok());
    ASSERT_TRUE(from->channels().Send(pair.now(), id, MessageKind::kBinary, {}).ok());
    pair.RunFor(seconds(1));
    ASSERT_THAT(to.messages(), SizeIs(4));
    EXPECT_EQ(to.messages()[0].kind, MessageKind::kBinary);
    EXPECT_THAT(to.messages()[0].payload, ElementsAre(0, 1, 255));
    EXPECT_EQ(to.messages()[1].kind, MessageKind::kString);
    EXPECT_EQ(to.messages()[1].text(), "text");
    EXPECT_EQ(to.messages()[2].kind, MessageKind::kString);
    EXPECT_THAT(to.messages()[2].payload, IsEmpty());
    EXPECT_EQ(to.messages()[3].kind, MessageKind::kBinary);
    EXPECT_THAT(to.messages()[3].payload, IsEmpty());
  }
}

// RFC 8832 section 6: messages on an unordered channel must not overtake its OPEN.
TEST(DataChannels, MessagesBeforeTheAckAreOrdered) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    ChannelPair pair(BadPath(), seed);
    ASSERT_TRUE(pair.Connect());
    ChannelOptions options;
    options.ordered = false;
    const ChannelId id = *pair.a.channels().Open(pair.now(), options);
    for (int i = 0; i < 20; ++i) {
      ASSERT_TRUE(SendText(pair, pair.a, id, std::to_string(i)).ok());
    }
    ASSERT_TRUE(pair.RunUntil([&] { return pair.b.messages().size() == 20; })) << seed;
    EXPECT_EQ(pair.b.channels().stats().messages_ignored, 0u) << seed;
    for (size_t i = 0; i < 20; ++i) EXPECT_EQ(pair.b.messages()[i].text(), std::to_string(i));
  }
}

TEST(DataChannels, EveryKindOfChannelWorksOnABadPath) {
  constexpr int kMessages = 60;
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    ChannelPair pair(BadPath(), seed);
    ASSERT_TRUE(pair.Connect()) << seed;
    ChannelOptions unordered;
    unordered.ordered = false;
    ChannelOptions retransmits = unordered;
    retransmits.max_retransmits = 0;
    ChannelOptions lifetime;
    lifetime.max_lifetime = milliseconds(40);
    ChannelOptions negotiated;
    negotiated.negotiated = ChannelId(100);
    const ChannelId reliable_id = pair.OpenFromA();
    const ChannelId unordered_id = pair.OpenFromA(unordered);
    const ChannelId retransmits_id = pair.OpenFromA(retransmits);
    const ChannelId lifetime_id = pair.OpenFromA(lifetime);
    ASSERT_TRUE(pair.b.channels().Open(pair.now(), negotiated).ok());
    const ChannelId negotiated_id = pair.OpenFromA(negotiated);
    const std::vector<ChannelId> ids = {reliable_id, unordered_id, retransmits_id, lifetime_id,
                                        negotiated_id};
    for (ChannelEnd* end : {&pair.a, &pair.b}) {
      for (const ChannelId id : ids) {
        for (int i = 0; i < kMessages; ++i) {
          ASSERT_TRUE(SendText(pair, *end, id, std::to_string(i)).ok());
        }
      }
    }
    pair.RunFor(seconds(20));
    for (ChannelEnd* end : {&pair.a, &pair.b}) {
      for (const ChannelId id : {reliable_id, unordered_id, negotiated_id}) {
        const std::vector<std::string> texts = end->Texts(id);
        EXPECT_THAT(texts, SizeIs(kMessages)) << seed << " channel " << id.value();
        EXPECT_EQ(std::set<std::string>(texts.begin(), texts.end()).size(), texts.size());
        if (id == unordered_id) continue;
        for (size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(texts[i], std::to_string(i)) << seed;
      }
      EXPECT_LE(end->Texts(retransmits_id).size(), size_t{kMessages});
      EXPECT_GT(end->Texts(retransmits_id).size(), size_t{kMessages} / 2);
      const std::vector<std::string> timely = end->Texts(lifetime_id);
      for (size_t i = 1; i < timely.size(); ++i) {
        EXPECT_LT(std::stoi(timely[i - 1]), std::stoi(timely[i])) << seed;
      }
      EXPECT_FALSE(end->failed()) << seed;
    }
  }
}

TEST(DataChannels, LargeMessagesArriveWholeOnABadPath) {
  Config config;
  config.peer_max_message_size = kMaxChannelMessageSize;
  ChannelPair pair(BadPath(), 7, config, config);
  ASSERT_TRUE(pair.Connect());
  const ChannelId id = pair.OpenFromA();
  std::vector<std::vector<uint8_t>> sent;
  for (const size_t size : {size_t{1}, size_t{1200}, size_t{65'536}, kMaxChannelMessageSize}) {
    sent.push_back(RandomPayload(size, size));
    ASSERT_TRUE(pair.a.channels().Send(pair.now(), id, MessageKind::kBinary, sent.back()).ok());
  }
  ASSERT_TRUE(pair.RunUntil([&] { return pair.b.messages().size() == sent.size(); }));
  for (size_t i = 0; i < sent.size(); ++i) EXPECT_EQ(pair.b.messages()[i].payload, sent[i]);
}

// Checklist 42: a message over the peer's max-message-size is refused here.
TEST(DataChannels, RefusesMessagesThatThePeerDoesNotTake) {
  ChannelPair pair(GoodPath());
  ASSERT_TRUE(pair.Connect());
  const ChannelId id = pair.OpenFromA();
  const std::vector<uint8_t> payload(kDefaultPeerMaxMessageSize + 1);
  EXPECT_EQ(pair.a.channels().Send(pair.now(), id, MessageKind::kBinary, payload).code(),
            StatusCode::kInvalidArgument);
  EXPECT_TRUE(
      pair.a.channels()
          .Send(pair.now(), id, MessageKind::kBinary, Bytes(payload).first(payload.size() - 1))
          .ok());
  EXPECT_TRUE(pair.RunUntil([&] { return !pair.b.messages().empty(); }));
}

// Checklist 42: one over ours, from a peer that does not care, is dropped; the channel lives.
TEST(DataChannels, DropsMessagesThatAreTooLargeAndKeepsTheChannel) {
  Config reckless;
  reckless.peer_max_message_size = 0;
  ChannelPair pair(GoodPath(), 1, reckless);
  ASSERT_TRUE(pair.Connect());
  const ChannelId id = pair.OpenFromA();
  const std::vector<uint8_t> payload(kMaxChannelMessageSize + 1);
  ASSERT_TRUE(pair.a.channels().Send(pair.now(), id, MessageKind::kBinary, payload).ok());
  ASSERT_TRUE(SendText(pair, pair.a, id, "after").ok());
  ASSERT_TRUE(pair.RunUntil([&] { return !pair.b.messages().empty(); }));
  EXPECT_EQ(pair.b.messages()[0].text(), "after");
  EXPECT_EQ(pair.b.channels().stats().messages_ignored, 1u);
  ASSERT_TRUE(SendText(pair, pair.b, id, "back").ok());
  EXPECT_TRUE(pair.RunUntil([&] { return !pair.a.messages().empty(); }));
}

TEST(DataChannels, ClosingResetsBothDirectionsAndFreesTheId) {
  ChannelPair pair(GoodPath());
  ASSERT_TRUE(pair.Connect());
  for (int round = 0; round < 5; ++round) {
    const ChannelId id = pair.OpenFromA();
    EXPECT_EQ(id, ChannelId(0));
    ASSERT_TRUE(SendText(pair, pair.a, id, "to b").ok());
    ASSERT_TRUE(SendText(pair, pair.b, id, "to a").ok());
    pair.RunFor(seconds(1));
    (round % 2 == 0 ? pair.a : pair.b).channels().Close(pair.now(), id);
    pair.RunFor(seconds(1));
    const size_t rounds = static_cast<size_t>(round) + 1;
    EXPECT_THAT(pair.a.closed(), SizeIs(rounds));
    EXPECT_THAT(pair.b.closed(), SizeIs(rounds));
    EXPECT_THAT(pair.a.messages(), SizeIs(rounds));
    EXPECT_THAT(pair.b.messages(), SizeIs(rounds));
    EXPECT_EQ(pair.a.channels().stats().channels, 0u);
    EXPECT_EQ(SendText(pair, pair.a, id, "late").code(), StatusCode::kNotFound);
  }
}

TEST(DataChannels, BothSidesMayCloseAtOnce) {
  ChannelPair pair(GoodPath());
  ASSERT_TRUE(pair.Connect());
  const ChannelId id = pair.OpenFromA();
  pair.a.channels().Close(pair.now(), id);
  pair.b.channels().Close(pair.now(), id);
  EXPECT_EQ(SendText(pair, pair.a, id, "late").code(), StatusCode::kFailedPrecondition);
  pair.RunFor(seconds(1));
  EXPECT_THAT(pair.a.closed(), ElementsAre(id));
  EXPECT_THAT(pair.b.closed(), ElementsAre(id));
}

TEST(DataChannels, WhatIsBufferedIsDeliveredBeforeAChannelCloses) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    ChannelPair pair(BadPath(), seed);
    ASSERT_TRUE(pair.Connect());
    const ChannelId id = pair.OpenFromA();
    constexpr size_t kMessages = 200;
    for (size_t i = 0; i < kMessages; ++i) {
      ASSERT_TRUE(SendText(pair, pair.a, id, std::string(1000, 'x')).ok());
    }
    pair.a.channels().Close(pair.now(), id);
    ASSERT_TRUE(pair.RunUntil([&] { return !pair.a.closed().empty() && !pair.b.closed().empty(); }))
        << seed;
    EXPECT_THAT(pair.b.messages(), SizeIs(kMessages)) << seed;
  }
}

// Resets are lost, late, doubled and cross each other, while another channel is busy.
TEST(DataChannels, ChannelsComeAndGoOnABadPath) {
  for (uint64_t seed = 1; seed <= 15; ++seed) {
    ChannelPair pair(BadPath(), seed);
    ASSERT_TRUE(pair.Connect());
    const ChannelId busy = pair.OpenFromA();
    for (size_t round = 1; round <= 12; ++round) {
      ASSERT_TRUE(pair.a.channels()
                      .Send(pair.now(), busy, MessageKind::kBinary, RandomPayload(60'000, round))
                      .ok());
      const ChannelId id = pair.OpenFromA();
      EXPECT_EQ(id, ChannelId(2));
      ASSERT_TRUE(SendText(pair, pair.a, id, std::to_string(round)).ok());
      if (round % 3 != 0) pair.a.channels().Close(pair.now(), id);
      if (round % 3 != 1) pair.b.channels().Close(pair.now(), id);
      ASSERT_TRUE(pair.RunUntil([&] {
        return pair.a.closed().size() == round && pair.b.closed().size() == round;
      })) << seed
          << " round " << round;
    }
    EXPECT_TRUE(pair.RunUntil([&] { return pair.b.Texts(busy).size() == 12; })) << seed;
    EXPECT_FALSE(pair.a.failed()) << seed;
  }
}

// The peer may use the id again as soon as it has seen both resets, which is before we have its
// answer to ours.
TEST(DataChannels, AnIdIsUsedAgainAtOnce) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    ChannelPair pair(BadPath(), seed);
    ASSERT_TRUE(pair.Connect());
    for (size_t round = 1; round <= 8; ++round) {
      const ChannelId id = *pair.a.channels().Open(pair.now(), {});
      EXPECT_EQ(id, ChannelId(0)) << seed;
      ASSERT_TRUE(SendText(pair, pair.a, id, std::to_string(round)).ok());
      ASSERT_TRUE(pair.RunUntil([&] { return pair.b.messages().size() == round; })) << seed;
      pair.b.channels().Close(pair.now(), id);
      // No waiting for b: a opens the next one at once.
      ASSERT_TRUE(pair.RunUntil([&] { return pair.a.closed().size() == round; })) << seed;
    }
    ASSERT_TRUE(pair.RunUntil([&] { return pair.b.closed().size() == 8; })) << seed;
    EXPECT_THAT(pair.b.Texts(ChannelId(0)), ElementsAre("1", "2", "3", "4", "5", "6", "7", "8"));
    EXPECT_EQ(pair.b.channels().stats().messages_ignored, 0u) << seed;
  }
}

TEST(DataChannels, NegotiatedChannelsOpenByThemselvesOnBothSides) {
  ChannelPair pair(GoodPath());
  ChannelOptions options;
  options.negotiated = ChannelId(7);
  ASSERT_TRUE(pair.a.channels().Open(pair.now(), options).ok());
  EXPECT_EQ(pair.a.channels().Open(pair.now(), options).status().code(),
            StatusCode::kAlreadyExists);
  ASSERT_TRUE(pair.b.channels().Open(pair.now(), options).ok());
  EXPECT_THAT(pair.a.opened(), IsEmpty());
  ASSERT_TRUE(pair.Connect());
  pair.RunFor(milliseconds(1));
  ASSERT_THAT(pair.a.opened(), SizeIs(1));
  ASSERT_THAT(pair.b.opened(), SizeIs(1));
  EXPECT_FALSE(pair.a.opened()[0].by_peer);
  ASSERT_TRUE(SendText(pair, pair.a, ChannelId(7), "hello").ok());
  pair.RunFor(seconds(1));
  EXPECT_THAT(pair.b.Texts(ChannelId(7)), ElementsAre("hello"));
  pair.b.channels().Close(pair.now(), ChannelId(7));
  pair.RunFor(seconds(1));
  EXPECT_THAT(pair.a.closed(), ElementsAre(ChannelId(7)));
  EXPECT_THAT(pair.b.closed(), ElementsAre(ChannelId(7)));
}

TEST(DataChannels, TellsWhenLittleIsBuffered) {
  sim::LinkConditions narrow = GoodPath();
  narrow.rate = DataRate::FromKilobitsPerSecond(2000);
  ChannelPair pair(narrow);
  ASSERT_TRUE(pair.Connect());
  const ChannelId id = pair.OpenFromA();
  pair.a.channels().SetBufferedAmountLowThreshold(id, 20'000);
  EXPECT_THAT(pair.a.low(), IsEmpty());
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(pair.a.channels()
                    .Send(pair.now(), id, MessageKind::kBinary, std::vector<uint8_t>(10'000))
                    .ok());
  }
  EXPECT_EQ(pair.a.channels().buffered_amount(id), 100'000u);
  ASSERT_TRUE(pair.RunUntil([&] { return !pair.a.low().empty(); }));
  EXPECT_LE(pair.a.channels().buffered_amount(id), 20'000u);
  EXPECT_GT(pair.a.channels().buffered_amount(id), 15'000u);
  pair.RunFor(seconds(5));
  EXPECT_THAT(pair.a.low(), ElementsAre(id)) << "once";
  EXPECT_EQ(pair.a.channels().buffered_amount(id), 0u);
}

// Checklist 44: the peer never reads.
TEST(DataChannels, APeerThatDoesNotReadFillsABoundedBuffer) {
  Config config;
  config.peer_max_message_size = 0;
  ChannelPair pair(GoodPath(), 1, config, config);
  ASSERT_TRUE(pair.Connect());
  const ChannelId id = pair.OpenFromA();
  pair.b.StopPolling();
  const std::vector<uint8_t> payload(100'000);
  size_t accepted = 0;
  Status status;
  for (int second = 0; second < 60; ++second) {
    do {
      status = pair.a.channels().Send(pair.now(), id, MessageKind::kBinary, payload);
      if (status.ok()) accepted += payload.size();
    } while (status.ok());
    pair.RunFor(seconds(1));
  }
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
  EXPECT_LE(accepted, kMaxSctpSendBuffer + kMaxSctpReceiveBuffer + kMaxChannelMessageSize * 2);
  EXPECT_FALSE(pair.a.failed()) << "slow is not dead";
  // And then it reads.
  pair.b.StartPolling();
  ASSERT_TRUE(pair.RunUntil([&] { return pair.b.messages().size() * payload.size() == accepted; },
                            seconds(120)));
}

TEST(DataChannels, OpensAsManyChannelsAsThereMayBe) {
  ChannelPair pair(GoodPath());
  ASSERT_TRUE(pair.Connect());
  for (size_t i = 0; i < kMaxChannels; ++i) {
    ASSERT_TRUE(pair.a.channels().Open(pair.now(), {}).ok());
  }
  EXPECT_EQ(pair.a.channels().Open(pair.now(), {}).status().code(), StatusCode::kResourceExhausted);
  pair.RunFor(seconds(1));
  EXPECT_THAT(pair.b.opened(), SizeIs(kMaxChannels));
  EXPECT_EQ(pair.b.channels().Open(pair.now(), {}).status().code(), StatusCode::kResourceExhausted);
}

// Checklist 43: the two sides do not know of each other's channels yet.
TEST(DataChannels, OneMoreChannelThanFitsIsRefusedAndClosed) {
  ChannelPair pair(GoodPath());
  ASSERT_TRUE(pair.Connect());
  const ChannelId ours = *pair.b.channels().Open(pair.now(), {});
  EXPECT_EQ(ours, ChannelId(1));
  // Before a knows of it.
  for (size_t i = 0; i < kMaxChannels; ++i) {
    ASSERT_TRUE(pair.a.channels().Open(pair.now(), {}).ok());
  }
  pair.RunFor(seconds(2));
  EXPECT_EQ(pair.b.channels().stats().channels, kMaxChannels - 1) << "its own was refused";
  EXPECT_THAT(pair.b.closed(), ElementsAre(ours));
  EXPECT_THAT(pair.a.closed(), SizeIs(1));
  EXPECT_THAT(pair.a.opened(), SizeIs(kMaxChannels - 1));
}

TEST(DataChannels, ShutdownDeliversWhatIsBuffered) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    ChannelPair pair(BadPath(), seed);
    ASSERT_TRUE(pair.Connect());
    const ChannelId id = pair.OpenFromA();
    for (int i = 0; i < 100; ++i) {
      ASSERT_TRUE(SendText(pair, pair.a, id, std::to_string(i)).ok());
    }
    pair.a.channels().Shutdown(pair.now());
    EXPECT_EQ(SendText(pair, pair.a, id, "late").code(), StatusCode::kFailedPrecondition);
    ASSERT_TRUE(pair.RunUntil([&] { return pair.b.failed().has_value(); }, seconds(60))) << seed;
    EXPECT_THAT(pair.b.messages(), SizeIs(100)) << seed;
    EXPECT_FALSE(pair.a.failed()) << "it was asked for";
  }
}

TEST(DataChannels, APeerThatIsGoneEndsThemAll) {
  ChannelPair pair(GoodPath());
  ASSERT_TRUE(pair.Connect());
  const ChannelId id = pair.OpenFromA();
  pair.path.from(pair.b).conditions().down = true;
  ASSERT_TRUE(SendText(pair, pair.a, id, "hello?").ok());
  ASSERT_TRUE(pair.RunUntil([&] { return pair.a.failed().has_value(); }, seconds(300)));
  EXPECT_EQ(pair.a.failed()->code(), StatusCode::kTimeout);
  EXPECT_EQ(pair.a.channels().next_deadline(), kNever);
  EXPECT_EQ(pair.a.channels().stats().channels, 0u);
  EXPECT_EQ(SendText(pair, pair.a, id, "?").code(), StatusCode::kNotFound);
  EXPECT_EQ(pair.a.channels().Open(pair.now(), {}).status().code(),
            StatusCode::kFailedPrecondition);
}

TEST(DataChannels, NobodyThereIsNoticed) {
  ChannelPair pair(GoodPath());
  pair.a.channels().Start(pair.now(), true);
  ASSERT_TRUE(pair.RunUntil([&] { return pair.a.failed().has_value(); }, seconds(60)));
  EXPECT_EQ(pair.a.failed()->code(), StatusCode::kTimeout);
}

TEST(DataChannels, RefusesWhatMakesNoSense) {
  ChannelPair pair(GoodPath());
  EXPECT_EQ(pair.a.channels().Open(pair.now(), {}).status().code(), StatusCode::kFailedPrecondition)
      << "which parity?";
  ASSERT_TRUE(pair.Connect());
  ChannelOptions both;
  both.max_retransmits = 1;
  both.max_lifetime = milliseconds(1);
  EXPECT_EQ(pair.a.channels().Open(pair.now(), both).status().code(), StatusCode::kInvalidArgument);
  ChannelOptions reserved;
  reserved.negotiated = ChannelId(65'535);
  EXPECT_EQ(pair.a.channels().Open(pair.now(), reserved).status().code(),
            StatusCode::kInvalidArgument);
  ChannelOptions wordy;
  wordy.label.assign(kMaxChannelNameSize + 1, 'x');
  EXPECT_EQ(pair.a.channels().Open(pair.now(), wordy).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(SendText(pair, pair.a, ChannelId(9), "?").code(), StatusCode::kNotFound);
  EXPECT_EQ(pair.a.channels().buffered_amount(ChannelId(9)), 0u);
  pair.a.channels().Close(pair.now(), ChannelId(9));
}

}  // namespace
}  // namespace ocellus::sctp
