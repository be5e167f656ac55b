// SPDX-License-Identifier: Apache-2.0
// The handshake in every order that a network may make of it. What it answers to single packets is
// in association_test.cc.
#include "firmware/rtc/sctp/handshake.h"

#include <gtest/gtest.h>

#include "tests/rtc/sctp/channel_end.h"

namespace ocellus::sctp {
namespace {

using Packets = std::vector<std::vector<uint8_t>>;

void Collect(ChannelEnd& from, Time now, Packets& packets) {
  uint8_t buffer[kMaxReceivedDatagramSize];
  while (const auto size = from.PollTransmit(now, buffer)) {
    packets.emplace_back(buffer, buffer + *size);
  }
}

// A network that delivers any packet next, some twice and some never, and keeps old ones for later.
// One side may begin later than the other. In the end, a message passes each way.
void ConnectInAnyOrder(uint64_t seed) {
  SCOPED_TRACE(seed);
  sim::SeededRandom chance(seed);
  ChannelEnd a(seed * 2 + 1);
  ChannelEnd b(seed * 2 + 2);
  ChannelOptions options;
  options.negotiated = ChannelId(4);
  ASSERT_TRUE(a.channels().Open(PacketPath::kStart, options).ok());
  ASSERT_TRUE(b.channels().Open(PacketPath::kStart, options).ok());
  ASSERT_TRUE(
      a.channels().Send(PacketPath::kStart, ChannelId(4), MessageKind::kString, {}).code() ==
      StatusCode::kFailedPrecondition);
  Time now = PacketPath::kStart;
  a.channels().Start(now, true);
  bool b_started = chance.Below(2) == 0;
  if (b_started) b.channels().Start(now, false);
  Packets to_a;
  Packets to_b;
  bool sent = false;
  for (int step = 0; step < 3000; ++step) {
    Collect(a, now, to_b);
    Collect(b, now, to_a);
    if (!b_started && chance.Below(5) == 0) {
      b.channels().Start(now, false);
      b_started = true;
    }
    if (!sent && a.channels().is_connected() && b.channels().is_connected()) {
      sent = true;
      ASSERT_TRUE(a.channels().Send(now, ChannelId(4), MessageKind::kString, AsBytes("a")).ok());
      ASSERT_TRUE(b.channels().Send(now, ChannelId(4), MessageKind::kString, AsBytes("b")).ok());
    }
    if (!a.messages().empty() && !b.messages().empty()) break;
    Packets& packets = chance.Below(2) == 0 ? to_a : to_b;
    ChannelEnd& to = &packets == &to_a ? a : b;
    if (packets.empty() || chance.Below(8) == 0) {
      now = std::max(now, std::min({a.next_deadline(), b.next_deadline(),
                                    now + std::chrono::milliseconds(50)}));
      if (a.next_deadline() <= now) a.HandleTimeout(now);
      if (b_started && b.next_deadline() <= now) b.HandleTimeout(now);
      continue;
    }
    const size_t index = chance.Below(static_cast<uint32_t>(packets.size()));
    const std::vector<uint8_t> packet = packets[index];
    const uint32_t fate = chance.Below(10);
    if (fate < 8) packets.erase(packets.begin() + static_cast<std::ptrdiff_t>(index));
    if (fate > 0) to.HandlePacket(now, packet);
  }
  EXPECT_FALSE(a.messages().empty());
  EXPECT_FALSE(b.messages().empty());
  EXPECT_FALSE(a.failed()) << a.failed()->ToString();
  EXPECT_FALSE(b.failed()) << b.failed()->ToString();
}

// Checklist 40. RFC 9260 section 5.2.4.
TEST(Handshake, ConnectsInWhateverOrderPacketsCome) {
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    ConnectInAnyOrder(seed);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(Handshake, GivesUpWhenNobodyAnswers) {
  sim::SeededRandom random(1);
  const Config config;
  Handshake handshake(config, 100'000, random);
  Time now = PacketPath::kStart;
  EXPECT_EQ(handshake.next_deadline(), kNever);
  handshake.Start(now);
  unsigned sent = 0;
  bool answered = true;
  while (answered) {
    uint8_t buffer[1200];
    if (handshake.PollTransmit(buffer)) ++sent;
    EXPECT_FALSE(handshake.PollTransmit(buffer));
    now = handshake.next_deadline();
    answered = handshake.HandleTimeout(now);
  }
  EXPECT_EQ(sent, RetryTimer::kMaxTries);
  EXPECT_LT(now - PacketPath::kStart, std::chrono::seconds(35));
}

TEST(Handshake, TagsAreRandomAndNeverZero) {
  const Config config;
  sim::SeededRandom random(1);
  Handshake first(config, 100'000, random);
  Handshake second(config, 100'000, random);
  EXPECT_NE(first.local_tag(), second.local_tag());
  EXPECT_NE(first.local_initial_tsn(), second.local_initial_tsn());

  class ZeroFirst : public Random {
   public:
    void Fill(MutableBytes out) override {
      std::fill(out.begin(), out.end(), static_cast<uint8_t>(calls_++ < 3 ? 0 : 9));
    }

   private:
    int calls_ = 0;
  } zero_first;
  Handshake third(config, 100'000, zero_first);
  EXPECT_NE(third.local_tag(), VerificationTag());
}

}  // namespace
}  // namespace ocellus::sctp
