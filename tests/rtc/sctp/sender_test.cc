// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/sender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rtc/gathering/allocation_counter.h"
#include "tests/rtc/sctp/scripted_sender.h"
#include "tests/rtc/sctp/sender_world.h"

namespace ocellus::sctp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr StreamId kA{1};
constexpr StreamId kB{2};
constexpr StreamId kC{3};
constexpr DataRate kFast = DataRate::FromKilobitsPerSecond(100'000);

SendOptions AtMost(uint16_t retransmits) {
  SendOptions options;
  options.max_retransmits = retransmits;
  return options;
}

SendOptions Within(Duration lifetime) {
  SendOptions options;
  options.max_lifetime = lifetime;
  return options;
}

SendOptions Unordered(SendOptions options = {}) {
  options.ordered = false;
  return options;
}

// ---- Packets

TEST(Sender, SendsNothingBeforeTheAssociationIsUp) {
  Sender sender(Tsn(1), 1120);
  ASSERT_TRUE(sender.Enqueue(Time(), {kA, kPpidString, {1, 2, 3}, {}}).ok());
  std::array<uint8_t, 1120> buffer;
  PacketWriter packet(buffer, {});
  EXPECT_FALSE(sender.WriteChunks(Time(), packet));
  EXPECT_EQ(sender.next_deadline(), kNever);
  EXPECT_EQ(sender.buffered_amount(kA), 3u);

  PeerTraits peer;
  peer.receive_window = 100'000;
  sender.Start(Time(), peer);
  EXPECT_TRUE(sender.WriteChunks(Time(), packet));
  EXPECT_EQ(sender.buffered_amount(kA), 0u);
  EXPECT_FALSE(sender.IsDrained());
}

TEST(Sender, BundlesSmallMessages) {
  ScriptedSender sender;
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(sender.Send(kA, 50).ok());
  const auto packets = sender.TakePackets();
  ASSERT_THAT(packets, SizeIs(1));
  EXPECT_THAT(packets[0].data, SizeIs(10));
  EXPECT_EQ(packets[0].data[9].sequence, StreamSequence(9));
  EXPECT_TRUE(packets[0].data[9].immediate);
}

TEST(Sender, CutsLargeMessagesIntoFullPackets) {
  ScriptedSender sender;
  ASSERT_TRUE(sender.Send(kA, 2500).ok());
  const auto packets = sender.Wait(milliseconds(50));
  ASSERT_GE(packets.size(), 3u);
  const SentPacket::Data first = packets[0].data[0];
  EXPECT_EQ(first.size, ScriptedSender::kMaxPacket - CommonHeader::kSize - 16);
  EXPECT_TRUE(first.beginning);
  EXPECT_FALSE(first.end);
  EXPECT_FALSE(packets[1].data[0].beginning);
  EXPECT_TRUE(packets[2].data[0].end);
}

TEST(Sender, RefusesEmptyMessagesAndCountsWhatWaits) {
  ScriptedSender sender;
  EXPECT_EQ(sender.Send(kA, 0).code(), StatusCode::kInvalidArgument);
  ASSERT_TRUE(sender.Send(kA, 100'000).ok());
  ASSERT_TRUE(sender.Send(kB, 10).ok());
  EXPECT_EQ(sender->buffered_amount(kA), 100'000u);
  EXPECT_EQ(sender->buffered_amount(kB), 10u);
  EXPECT_EQ(sender->buffered_amount(kC), 0u);
  const size_t sent = sender.TakePackets().size();
  EXPECT_EQ(sender->buffered_amount(kA), 100'000 - sent * 1092);
}

TEST(Sender, DeliversMessagesOfAllSizesWholeAndInOrder) {
  auto options = Symmetric(milliseconds(30), kFast, 0.1);
  options.there.reorder = 0.05;
  options.there.duplicate = 0.05;
  for (const bool interleaving : {false, true}) {
    options.interleaving = interleaving;
    SenderWorld world(options);
    std::vector<size_t> sizes;
    for (size_t size = 1; size < 60'000; size += size / 3 + 1) {
      sizes.push_back(size);
      ASSERT_TRUE(world.Send(kA, size).ok());
    }
    ASSERT_TRUE(world.RunUntilDrained(seconds(30)));
    ASSERT_THAT(world.received(), SizeIs(sizes.size()));
    for (size_t i = 0; i < sizes.size(); ++i) {
      const auto& payload = world.received()[i].payload;
      ASSERT_THAT(payload, SizeIs(sizes[i]));
      for (size_t at = 0; at < payload.size(); ++at) {
        ASSERT_EQ(payload[at], static_cast<uint8_t>(at * 7 + kA.value()));
      }
    }
    EXPECT_EQ(world.sender().stats().buffered_bytes, 0u);
    EXPECT_EQ(world.sender().next_deadline(), kNever);
  }
}

// Payloads are moved in, and everything else is reused.
TEST(Sender, AllocatesNothingForEachPacket) {
  ScriptedSender sender;
  std::vector<std::vector<uint8_t>> payloads;
  for (int i = 0; i < 200; ++i) payloads.emplace_back(3000, uint8_t{1});
  std::array<uint8_t, ScriptedSender::kMaxPacket> buffer;
  Time now = sender.now();
  size_t before = 0;
  for (size_t i = 0; i < payloads.size(); ++i) {
    if (i == 20) before = gathering::AllocationsSoFar();
    ASSERT_TRUE(sender->Enqueue(now, {kA, kPpidBinary, std::move(payloads[i]), {}}).ok());
    while (!sender->IsDrained()) {
      now += milliseconds(10);
      PacketWriter packet(buffer, {});
      sender->HandleTimeout(now);
      sender->WriteChunks(now, packet);
      SackChunk sack;
      sack.cumulative_tsn = sender->next_tsn() - 1;
      sack.window = 1'000'000;
      sender->HandleSack(now, sack);
    }
  }
  EXPECT_EQ(gathering::AllocationsSoFar(), before);
}

// ---- Streams

TEST(Sender, SharesBetweenStreamsByPriority) {
  for (const bool interleaving : {false, true}) {
    auto options = Symmetric(milliseconds(20), DataRate::FromKilobitsPerSecond(10'000), 0.01);
    options.interleaving = interleaving;
    SenderWorld world(options);
    world.sender().SetPriority(kA, 512);
    world.sender().SetPriority(kC, 128);
    world.KeepFull(kA, 5'000);
    world.KeepFull(kB, 16'000);
    world.KeepFull(kC, 300);
    world.Run(seconds(10));
    const auto b = static_cast<double>(world.received_bytes(kB));
    EXPECT_NEAR(static_cast<double>(world.received_bytes(kA)) / b, 2.0, 0.1);
    EXPECT_NEAR(static_cast<double>(world.received_bytes(kC)) / b, 0.5, 0.05);
  }
}

TEST(Sender, ASmallMessageWaitsForAMessageBeginOnlyWithoutInterleaving) {
  for (const bool interleaving : {false, true}) {
    auto options = Symmetric(milliseconds(20), DataRate::FromKilobitsPerSecond(10'000), 0);
    options.interleaving = interleaving;
    SenderWorld world(options);
    ASSERT_TRUE(world.Send(kA, 60'000).ok());
    world.Run(milliseconds(5));
    ASSERT_TRUE(world.Send(kB, 100).ok());
    ASSERT_TRUE(world.RunUntilDrained(seconds(5)));
    ASSERT_THAT(world.received(), SizeIs(2));
    EXPECT_EQ(world.received()[0].stream, interleaving ? kB : kA);
  }
}

TEST(Sender, AControlMessageOvertakesWhatWaitsOnOtherStreams) {
  SenderWorld world(Symmetric(milliseconds(20), DataRate::FromKilobitsPerSecond(4'000), 0));
  world.KeepFull(kA, 16 * 1024);
  world.Run(seconds(3));
  world.ResetCounters();
  const Time sent = world.now();
  ASSERT_TRUE(world.Send(kB, 200).ok());
  while (world.received_bytes(kB) == 0) world.Run(milliseconds(1));
  // What remains of one message of 16 KiB (33 ms), the queue and the way.
  EXPECT_LT(world.now() - sent, milliseconds(33 + 20 + 15));
}

TEST(Sender, DrainsAPausedStreamForItsReset) {
  ScriptedSender sender;
  ASSERT_TRUE(sender.Send(kA, 2000).ok());
  ASSERT_TRUE(sender.Send(kA, 10).ok());
  ASSERT_TRUE(sender.Send(kB, 10).ok());
  std::array<uint8_t, ScriptedSender::kMaxPacket> buffer;
  PacketWriter packet(buffer, {});
  ASSERT_TRUE(sender->WriteChunks(sender.now(), packet));  // The first half of the first message.
  sender->Pause(kA);
  EXPECT_FALSE(sender->IsDrained(kA));
  sender.Wait(milliseconds(8));
  EXPECT_EQ(sender->buffered_amount(kA), 10u);
  EXPECT_EQ(sender->buffered_amount(kB), 0u);
  EXPECT_FALSE(sender->IsDrained(kA));  // Not acknowledged.
  sender.Acknowledge(2);
  EXPECT_TRUE(sender->IsDrained(kA));
  EXPECT_FALSE(sender->IsDrained(kB));

  sender->Renumber(kA);
  sender->Resume(kA);
  const auto packets = sender.Wait(milliseconds(8));
  ASSERT_THAT(packets, SizeIs(1));
  EXPECT_EQ(packets[0].data[0].sequence, StreamSequence(0));
}

TEST(Sender, DiscardsWhatWasNotSent) {
  ScriptedSender sender;
  ASSERT_TRUE(sender.Send(kA, 20'000).ok());
  ASSERT_TRUE(sender.Send(kA, 30'000).ok());
  ASSERT_TRUE(sender.Send(kA, 10).ok());
  sender.TakePackets();
  sender->DiscardQueued(kA);
  EXPECT_LT(sender->buffered_amount(kA), 20'000u);
  ASSERT_TRUE(sender.Send(kA, 5).ok());
  sender.Acknowledge(sender->next_tsn().DistanceFrom(ScriptedSender::kFirst));
  while (!sender->IsDrained()) {
    sender.Wait(milliseconds(10));
    sender.Acknowledge(static_cast<size_t>(sender->next_tsn().DistanceFrom(sender.kFirst)));
  }
  EXPECT_TRUE(sender->IsDrained(kA));
  EXPECT_EQ(sender->stats().payload_bytes_sent, 20'005u);
  sender->Forget(kA);
  EXPECT_EQ(sender->buffered_amount(kA), 0u);
}

// ---- Acknowledgements

// RFC 9260 section 6.2.1.
TEST(Sender, IgnoresSacksForWhatWasNeverSent) {
  ScriptedSender sender;
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(sender.Send(kA, 10).ok());
  sender.TakePackets();
  sender.Acknowledge(5);
  EXPECT_EQ(sender->stats().bad_sacks, 1u);
  sender.Acknowledge(1, {{3, 4}});
  EXPECT_EQ(sender->stats().bad_sacks, 2u);
  sender.Acknowledge(1, {{3, 2}});
  EXPECT_EQ(sender->stats().bad_sacks, 3u);
  sender.Acknowledge(0x7fff'0000);
  EXPECT_EQ(sender->stats().bad_sacks, 4u);
  EXPECT_EQ(sender->cumulative_ack(), ScriptedSender::kFirst - 1);
  EXPECT_EQ(sender->stats().chunks_lost, 0u);

  sender.Acknowledge(4);
  EXPECT_TRUE(sender->IsDrained());
  // Half of all TSNs away: neither before nor behind the newest (RFC 1982 section 3.2).
  sender.Acknowledge(4 + 0x8000'0000);
  EXPECT_EQ(sender->stats().bad_sacks, 5u);
  EXPECT_EQ(sender->cumulative_ack(), ScriptedSender::At(3));
}

TEST(Sender, IgnoresSacksThatGoBackwards) {
  ScriptedSender sender;
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(sender.Send(kA, 10).ok());
  sender.TakePackets();
  sender.Acknowledge(3);
  sender.Acknowledge(1, {{2, 2}}, 0);
  EXPECT_EQ(sender->cumulative_ack(), ScriptedSender::At(2));
  ASSERT_TRUE(sender.Send(kA, 10).ok());
  EXPECT_THAT(sender.Wait(milliseconds(5)), SizeIs(1));  // The old window of 0 does not count.
}

TEST(Sender, SurvivesGapsInAnyOrder) {
  ScriptedSender sender;
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(sender.Send(kA, 10).ok());
  sender.TakePackets();
  sender.Acknowledge(1, {{6, 8}, {2, 3}, {2, 7}, {6, 6}});
  sender.Acknowledge(1, {{2, 3}, {5, 8}});
  sender.Acknowledge(1, {{2, 8}});
  sender.Acknowledge(10);
  EXPECT_TRUE(sender->IsDrained());
}

TEST(Sender, SendsAgainWhatThePeerHasThrownAway) {
  ScriptedSender sender;
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(sender.Send(kA, 10).ok());
  sender.TakePackets();
  sender.Wait(milliseconds(10));
  sender.Acknowledge(0, {{1, 2}});
  sender.Acknowledge(1, {{3, 3}});  // 1 and 2 are gone.
  const auto packets = sender.Wait(milliseconds(5));
  ASSERT_FALSE(packets.empty());
  EXPECT_EQ(packets[0].data[0].tsn, ScriptedSender::At(1));
  EXPECT_EQ(packets[0].data[1].tsn, ScriptedSender::At(2));
}

// ---- Loss and silence

TEST(Sender, SendsALostChunkAgainWithoutATimeout) {
  ScriptedSender sender;
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(sender.Send(kA, 1000).ok());
  sender.Wait(milliseconds(10));
  sender.Acknowledge(0, {{1, 3}});
  const auto packets = sender.Wait(milliseconds(20));
  ASSERT_FALSE(packets.empty());
  EXPECT_EQ(packets[0].data[0].tsn, ScriptedSender::At(0));
  EXPECT_EQ(sender->stats().timeouts, 0u);
  EXPECT_EQ(sender->stats().chunks_lost, 1u);
}

TEST(Sender, ProbesTheTailTwiceBeforeATimeout) {
  ScriptedSender sender;
  ASSERT_TRUE(sender.Send(kA, 100).ok());
  sender.TakePackets();
  EXPECT_THAT(sender.Wait(milliseconds(100)), SizeIs(2));
  EXPECT_EQ(sender->stats().timeouts, 0u);
  EXPECT_THAT(sender.Wait(milliseconds(250)), SizeIs(1));
  EXPECT_EQ(sender->stats().timeouts, 1u);
}

// RFC 9260 sections 6.3.3 and 8.1.
TEST(Sender, BacksOffAndGivesUpOnASilentPeer) {
  ScriptedSender sender;
  ASSERT_TRUE(sender.Send(kA, 100).ok());
  Duration last{};
  Time timeout_at = sender.now();
  uint64_t timeouts = 0;
  while (!sender->failed()) {
    sender.Wait(milliseconds(10));
    if (sender->stats().timeouts == timeouts) continue;
    timeouts = sender->stats().timeouts;
    const Duration waited = sender.now() - timeout_at;
    EXPECT_GE(waited, std::min(2 * last, kMaxRto) - milliseconds(20)) << timeouts;
    EXPECT_LE(waited, kMaxRto + milliseconds(20));
    if (timeouts > 1) last = waited;
    timeout_at = sender.now();
  }
  EXPECT_EQ(timeouts, static_cast<uint64_t>(kMaxSctpRetransmissions) + 1);
  EXPECT_LT(sender.now() - Time(seconds(100)), seconds(45));
  EXPECT_LE(sender->stats().chunks_sent, 15u);
  EXPECT_EQ(sender->next_deadline(), kNever);
  EXPECT_THAT(sender.TakePackets(), IsEmpty());
}

TEST(Sender, GoesOnAfterAnOutage) {
  SenderWorld world(Symmetric(milliseconds(50), DataRate::FromKilobitsPerSecond(10'000), 0));
  world.KeepFull(kA, 16 * 1024);
  world.Run(seconds(5));
  world.there().conditions().down = true;
  world.Run(seconds(10));
  world.there().conditions().down = false;
  world.Run(seconds(6));  // At most kMaxRto until the next try.
  world.ResetCounters();
  world.Run(seconds(5));
  EXPECT_GT(world.received_bytes() * 8, 5u * 10'000'000 * 80 / 100);
  EXPECT_FALSE(world.sender().failed());
}

// Much had come before it, and only the SACKs were lost: their age is not the path's length.
TEST(Sender, AnOutageIsNotTakenForALongPath) {
  SenderWorld world(Symmetric(milliseconds(50), DataRate::FromKilobitsPerSecond(10'000), 0));
  world.KeepFull(kA, 16 * 1024);
  world.Run(seconds(5));
  world.back().conditions().down = true;
  world.Run(seconds(10));
  world.back().conditions().down = false;
  Duration longest{};
  for (int i = 0; i < 500; ++i) {
    world.Run(milliseconds(10));
    longest = std::max(longest, world.sender().stats().smoothed_round_trip);
  }
  EXPECT_LT(longest, milliseconds(100));
}

// ---- Windows

// Checklist 44.
TEST(Sender, APeerThatNeverReadsCostsABoundedBufferAndSaysSo) {
  auto options = Symmetric(milliseconds(20), kFast, 0);
  options.receive_buffer = 100'000;
  SenderWorld world(options);
  world.StopReading();
  size_t accepted = 0;
  while (world.Send(kA, 10'000).ok()) accepted += 10'000;
  EXPECT_EQ(world.Send(kA, 10'000).code(), StatusCode::kResourceExhausted);
  EXPECT_LE(accepted, kMaxSctpSendBuffer);
  world.Run(seconds(10));
  EXPECT_LE(world.sender().stats().buffered_bytes, kMaxSctpSendBuffer);
  while (world.Send(kA, 10'000).ok()) accepted += 10'000;

  // Probes, now and then, for as long as the peer answers.
  const uint64_t packets = world.packets_sent();
  world.Run(seconds(120));
  EXPECT_LE(world.packets_sent() - packets, 120u);
  EXPECT_GE(world.packets_sent() - packets, 20u);
  EXPECT_FALSE(world.sender().failed());

  world.StartReading();
  EXPECT_TRUE(world.RunUntilDrained(seconds(30)));
  EXPECT_EQ(world.received_bytes(), accepted);
}

TEST(Sender, SmallMessagesCountTheirOverheadInTheBuffer) {
  ScriptedSender sender(0);
  size_t messages = 0;
  while (sender.Send(kA, 1).ok()) ++messages;
  EXPECT_LT(messages * 64, kMaxSctpSendBuffer);
  EXPECT_EQ(sender->room(), 0u);
}

TEST(Sender, KeepsToThePeersWindow) {
  ScriptedSender sender(3000);
  ASSERT_TRUE(sender.Send(kA, 20'000).ok());
  EXPECT_THAT(sender.Wait(milliseconds(10)), SizeIs(2));
  sender.Acknowledge(2, {}, 0);
  EXPECT_THAT(sender.Wait(milliseconds(10)), SizeIs(1));  // RFC 9260 section 6.1 A: one may.
  sender.Acknowledge(2, {}, 0);
  EXPECT_THAT(sender.Wait(milliseconds(2)), IsEmpty());
  sender.Acknowledge(2, {}, 3000);  // Opens: what was dropped goes again at once.
  const auto packets = sender.Wait(milliseconds(5));
  ASSERT_FALSE(packets.empty());
  EXPECT_EQ(packets[0].data[0].tsn, ScriptedSender::At(2));
}

// ---- Partial reliability (RFC 3758, RFC 7496)

TEST(Sender, GivesUpAfterTheRetransmissionsThatAreAllowed) {
  ScriptedSender sender;
  ASSERT_TRUE(sender.Send(kA, 1000, AtMost(0)).ok());
  ASSERT_TRUE(sender.Send(kB, 1000, Unordered(AtMost(0))).ok());
  ASSERT_TRUE(sender.Send(kA, 1000).ok());
  sender.Wait(milliseconds(10));
  sender.Acknowledge(0, {{2, 2}});
  const auto packets = sender.Wait(milliseconds(5));
  ASSERT_THAT(packets, SizeIs(1));
  EXPECT_THAT(packets[0].data, IsEmpty());
  EXPECT_EQ(packets[0].forward, ScriptedSender::At(1));
  EXPECT_THAT(packets[0].skipped, ElementsAre(std::pair(kA, StreamSequence(0))));
  EXPECT_EQ(sender->stats().messages_abandoned, 2u);
  EXPECT_EQ(sender->stats().retransmissions, 0u);
  sender.Acknowledge(3);
  EXPECT_TRUE(sender->IsDrained());
}

TEST(Sender, SkipsUnorderedMessagesByNameWithInterleaving) {
  ScriptedSender sender(1'000'000, true);
  ASSERT_TRUE(sender.Send(kA, 1000, Unordered(AtMost(0))).ok());
  ASSERT_TRUE(sender.Send(kA, 1000, AtMost(0)).ok());
  ASSERT_TRUE(sender.Send(kA, 1000, AtMost(0)).ok());
  ASSERT_TRUE(sender.Send(kA, 1000).ok());
  sender.Wait(milliseconds(10));
  sender.Acknowledge(0, {{3, 3}});
  const auto packets = sender.Wait(milliseconds(5));
  ASSERT_THAT(packets, SizeIs(1));
  ASSERT_THAT(packets[0].skipped_messages, SizeIs(2));
  EXPECT_TRUE(packets[0].skipped_messages[0].unordered);
  EXPECT_EQ(packets[0].skipped_messages[0].message_id, MessageId(0));
  EXPECT_FALSE(packets[0].skipped_messages[1].unordered);
  EXPECT_EQ(packets[0].skipped_messages[1].message_id, MessageId(1));
}

// The peer had a part of what was given up, and has thrown it away since.
TEST(Sender, GivesAMessageUpOnceThoughThePeerThrowsAPartOfItAway) {
  ScriptedSender sender;
  ASSERT_TRUE(sender.Send(kA, 2000, AtMost(0)).ok());
  ASSERT_TRUE(sender.Send(kA, 1000).ok());
  sender.Wait(milliseconds(10));
  sender.Acknowledge(0, {{1, 2}});
  sender.Wait(milliseconds(5));
  EXPECT_EQ(sender->stats().messages_abandoned, 1u);
  sender.Acknowledge(1);  // The second half is gone, and what is behind it.
  const auto packets = sender.Wait(milliseconds(5));
  ASSERT_FALSE(packets.empty());
  EXPECT_EQ(packets[0].forward, ScriptedSender::At(1));
  EXPECT_EQ(sender->stats().messages_abandoned, 1u);
  sender.Acknowledge(3);
  EXPECT_TRUE(sender->IsDrained());
}

TEST(Sender, RepeatsALostForwardTsn) {
  ScriptedSender sender;
  ASSERT_TRUE(sender.Send(kA, 1000, AtMost(0)).ok());
  ASSERT_TRUE(sender.Send(kA, 1000).ok());
  sender.Wait(milliseconds(10));
  sender.Acknowledge(0, {{1, 1}});
  ASSERT_THAT(sender.Wait(milliseconds(5)), SizeIs(1));
  const auto packets = sender.Wait(milliseconds(300));
  ASSERT_FALSE(packets.empty());
  EXPECT_EQ(packets[0].forward, ScriptedSender::At(0));
  sender.Acknowledge(2);
  EXPECT_TRUE(sender->IsDrained());
  EXPECT_EQ(sender->next_deadline(), kNever);
}

TEST(Sender, DropsMessagesThatExpireBeforeTheyAreSent) {
  ScriptedSender sender(0);
  ASSERT_TRUE(sender.Send(kA, 500).ok());  // The one that may leave into a closed window.
  sender.TakePackets();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(sender.Send(kA, 500, Within(milliseconds(100))).ok());
  EXPECT_EQ(sender->buffered_amount(kA), 2500u);
  sender.Wait(milliseconds(99));
  EXPECT_EQ(sender->buffered_amount(kA), 2500u);
  sender.Wait(milliseconds(2));
  EXPECT_EQ(sender->buffered_amount(kA), 0u);
  EXPECT_EQ(sender->stats().messages_abandoned, 5u);
  EXPECT_EQ(sender->next_tsn(), ScriptedSender::At(1));  // Nobody has to be told.

  ASSERT_TRUE(sender.Send(kA, 500).ok());
  sender.Acknowledge(1, {}, 100'000);
  const auto packets = sender.Wait(milliseconds(5));
  ASSERT_THAT(packets, SizeIs(1));
  EXPECT_EQ(packets[0].data[0].sequence, StreamSequence(1));
}

// What was never sent of a message gets a TSN, so that the peer can be told to skip it.
TEST(Sender, SkipsTheRestOfAMessageThatExpiresHalfSent) {
  ScriptedSender sender(2500);
  ASSERT_TRUE(sender.Send(kA, 10'000, Within(milliseconds(50))).ok());
  ASSERT_TRUE(sender.Send(kA, 100).ok());
  EXPECT_THAT(sender.Wait(milliseconds(10)), SizeIs(2));
  sender.Acknowledge(2, {}, 0);
  EXPECT_THAT(sender.Wait(milliseconds(10)), SizeIs(1));
  sender.Acknowledge(3, {}, 0);
  EXPECT_THAT(sender.Wait(milliseconds(10)), SizeIs(1));
  const auto packets = sender.Wait(milliseconds(60));
  ASSERT_FALSE(packets.empty());
  std::optional<Tsn> forward;
  for (const SentPacket& packet : packets) {
    if (packet.forward) forward = packet.forward;
  }
  EXPECT_EQ(forward, ScriptedSender::At(4));
  sender.Acknowledge(5, {}, 100'000);
  const auto rest = sender.Wait(milliseconds(10));
  if (!rest.empty()) {
    EXPECT_EQ(rest[0].data[0].sequence, StreamSequence(1));
  }
  EXPECT_EQ(sender->buffered_amount(kA), 0u);
}

TEST(Sender, WhatIsGivenUpBlocksNothingBehindIt) {
  for (const bool interleaving : {false, true}) {
    for (const bool ordered : {false, true}) {
      auto options = Symmetric(milliseconds(40), DataRate::FromKilobitsPerSecond(2'000), 0.2);
      options.interleaving = interleaving;
      SenderWorld world(options);
      int reliable = 0;
      for (int i = 0; i < 100; ++i) {
        SendOptions partial = i % 2 == 0 ? AtMost(0) : Within(milliseconds(300));
        partial.ordered = ordered;
        ASSERT_TRUE(world.Send(i % 3 == 0 ? kA : kB, 3000, partial).ok());
        SendOptions whole;
        whole.ordered = ordered;
        if (i % 10 == 0) {
          ASSERT_TRUE(world.Send(kB, 777, whole).ok());
          ++reliable;
        }
        world.Run(milliseconds(10));
      }
      ASSERT_TRUE(world.RunUntilDrained(seconds(20))) << interleaving << ordered;
      int got = 0;
      for (const ReceivedMessage& message : world.received()) got += message.payload.size() == 777;
      EXPECT_EQ(got, reliable);
      EXPECT_GT(world.sender().stats().messages_abandoned, 10u);
      EXPECT_EQ(world.sender().stats().buffered_bytes, 0u);
      EXPECT_EQ(world.sender().next_deadline(), kNever);
    }
  }
}

TEST(Sender, GivesNothingUpWhenThePeerCannotSkip) {
  auto options = Symmetric(milliseconds(40), DataRate::FromKilobitsPerSecond(2'000), 0.2);
  options.forward_tsn = false;
  SenderWorld world(options);
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(world.Send(kA, 3000, i % 2 == 0 ? AtMost(0) : Within(milliseconds(50))).ok());
  }
  ASSERT_TRUE(world.RunUntilDrained(seconds(20)));
  EXPECT_THAT(world.received(), SizeIs(50));
}

// Everything at once, for many seeds: nothing is lost that must not be, nothing hangs.
TEST(Sender, KeepsItsPromisesOnBadPaths) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    sim::SeededRandom random(seed);
    auto options = Symmetric(milliseconds(random.Below(100)),
                             DataRate::FromKilobitsPerSecond(500 + random.Below(20'000)),
                             0.25 * random.Fraction());
    options.seed = seed;
    options.interleaving = random.Below(2) == 0;
    options.there.reorder = options.back.reorder = 0.1 * random.Fraction();
    options.there.duplicate = options.back.duplicate = 0.1 * random.Fraction();
    options.receive_buffer = 20'000 + random.Below(200'000);
    SenderWorld world(options);
    std::map<uint16_t, std::vector<size_t>> expected;
    for (int i = 0; i < 60; ++i) {
      const StreamId stream(static_cast<uint16_t>(random.Below(4)));
      const size_t size = 1 + random.Below(random.Below(5) == 0 ? 19'000 : 500);
      if (stream.value() < 2) {
        ASSERT_TRUE(world.Send(stream, size).ok());
        expected[stream.value()].push_back(size);
      } else {
        SendOptions partial = random.Below(2) == 0 ? AtMost(static_cast<uint16_t>(random.Below(3)))
                                                   : Within(milliseconds(random.Below(400)));
        partial.ordered = random.Below(2) == 0;
        ASSERT_TRUE(world.Send(stream, size, partial).ok());
      }
      world.Run(milliseconds(random.Below(60)));
    }
    ASSERT_TRUE(world.RunUntilDrained(seconds(120)));
    std::map<uint16_t, std::vector<size_t>> got;
    for (const ReceivedMessage& message : world.received()) {
      if (message.stream.value() < 2) got[message.stream.value()].push_back(message.payload.size());
    }
    EXPECT_EQ(got, expected);
    EXPECT_EQ(world.sender().stats().buffered_bytes, 0u);
  }
}

}  // namespace
}  // namespace ocellus::sctp
