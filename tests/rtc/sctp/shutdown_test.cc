// SPDX-License-Identifier: Apache-2.0
// The states alone; with packets, see association_test.cc.
#include "firmware/rtc/sctp/shutdown.h"

#include <gtest/gtest.h>

namespace ocellus::sctp {
namespace {

using State = ShutdownSequence::State;

constexpr Time kStart(std::chrono::hours(1));

// The chunk that is to be sent now, if there is one.
std::optional<Chunk> ChunkOf(ShutdownSequence& shutdown) {
  uint8_t buffer[100];
  PacketWriter packet(buffer, {1, 2, VerificationTag(3)});
  shutdown.WriteChunk(Tsn(7), packet);
  if (packet.empty()) return std::nullopt;
  return PacketReader::Parse(Bytes(buffer, packet.Finish(Checksum::kCrc32c)),
                             ZeroChecksum::kRefused)
      ->Next();
}

template <typename T>
bool Is(const std::optional<Chunk>& chunk) {
  return chunk && std::holds_alternative<T>(*chunk);
}

TEST(ShutdownSequence, WaitsUntilAllIsDelivered) {
  ShutdownSequence shutdown;
  shutdown.Begin(kStart);
  EXPECT_EQ(shutdown.state(), State::kPending);
  EXPECT_FALSE(ChunkOf(shutdown));
  shutdown.HandleDelivered(kStart);
  const auto chunk = ChunkOf(shutdown);
  ASSERT_TRUE(Is<ShutdownChunk>(chunk));
  EXPECT_EQ(std::get<ShutdownChunk>(*chunk).cumulative_tsn, Tsn(7));
  EXPECT_FALSE(ChunkOf(shutdown)) << "once";
  ASSERT_TRUE(shutdown.HandleTimeout(shutdown.next_deadline()));
  EXPECT_TRUE(Is<ShutdownChunk>(ChunkOf(shutdown)));
  shutdown.HandleShutdownAck();
  EXPECT_EQ(shutdown.state(), State::kDone);
  EXPECT_TRUE(shutdown.complete_due());
}

TEST(ShutdownSequence, AnswersOnceAllIsDelivered) {
  for (const bool ours_too : {false, true}) {
    ShutdownSequence shutdown;
    if (ours_too) shutdown.Begin(kStart);
    shutdown.HandleShutdown(kStart);
    EXPECT_EQ(shutdown.state(), State::kReceived);
    shutdown.HandleShutdown(kStart);
    EXPECT_FALSE(ChunkOf(shutdown));
    shutdown.HandleDelivered(kStart);
    EXPECT_TRUE(Is<ShutdownAckChunk>(ChunkOf(shutdown)));
    shutdown.HandleShutdownComplete();
    EXPECT_EQ(shutdown.state(), State::kDone);
    EXPECT_FALSE(shutdown.complete_due());
  }
}

TEST(ShutdownSequence, IgnoresWhatDoesNotBelong) {
  ShutdownSequence shutdown;
  shutdown.HandleShutdownAck();
  shutdown.HandleShutdownComplete();
  shutdown.HandleDelivered(kStart);
  shutdown.HandleData();
  EXPECT_EQ(shutdown.state(), State::kNone);
  EXPECT_FALSE(ChunkOf(shutdown));
  EXPECT_EQ(shutdown.next_deadline(), kNever);
  shutdown.Begin(kStart);
  shutdown.HandleShutdownComplete();
  EXPECT_EQ(shutdown.state(), State::kPending);
}

// RFC 9260 section 9.2: T5-shutdown-guard.
TEST(ShutdownSequence, DoesNotWaitForEver) {
  ShutdownSequence shutdown;
  shutdown.Begin(kStart);
  EXPECT_EQ(shutdown.next_deadline(), kStart + ShutdownSequence::kGuard);
  EXPECT_FALSE(shutdown.HandleTimeout(shutdown.next_deadline()));
}

}  // namespace
}  // namespace ocellus::sctp
