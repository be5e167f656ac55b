// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/receiver.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

namespace ocellus::sctp {
namespace {

using std::chrono::milliseconds;

constexpr Tsn kFirst(1000);

class ReceiverTest : public testing::Test {
 protected:
  ReceiverTest() : payload_(1000, 'x') {}

  static ReceiverOptions Options() {
    ReceiverOptions options;
    options.max_message_size = 10'000;
    options.buffer_size = 50'000;
    return options;
  }

  // A whole message of its own, as the only chunk of its packet.
  DataChunk Message(uint32_t offset, std::string_view payload = "x") {
    DataChunk data;
    data.tsn = kFirst + offset;
    data.stream = StreamId(1);
    data.sequence = StreamSequence(static_cast<uint16_t>(offset));
    data.beginning = data.end = true;
    data.ppid = kPpidString;
    data.payload = AsBytes(payload);
    return data;
  }
  void Receive(const DataChunk& data) {
    receiver_.HandleData(now_, data);
    receiver_.EndPacket(now_);
  }
  void Receive(uint32_t offset) { Receive(Message(offset)); }

  // The SACK that leaves now: "cumulative offset [first-last ...] {duplicate offset ...}".
  std::string Sack(size_t room = 1200) {
    std::vector<uint8_t> out(CommonHeader::kSize + room);
    PacketWriter writer(out, {});
    if (!receiver_.WriteSack(now_, writer)) return "no room";
    out.resize(writer.Finish(Checksum::kCrc32c));
    auto reader = PacketReader::Parse(out, ZeroChecksum::kRefused);
    EXPECT_TRUE(reader.ok());
    const auto chunk = reader->Next();
    const auto& sack = std::get<SackChunk>(*chunk);
    window_ = sack.window;
    std::string text = std::to_string(sack.cumulative_tsn.DistanceFrom(kFirst));
    for (size_t i = 0; i < sack.gaps.size(); ++i) {
      text += " " + std::to_string(sack.gaps[i].first) + "-" + std::to_string(sack.gaps[i].last);
    }
    for (size_t i = 0; i < sack.duplicates.size(); ++i) {
      text += " {" + std::to_string(sack.duplicates[i].tsn.DistanceFrom(kFirst)) + "}";
    }
    return text;
  }
  size_t PollMessages() {
    size_t count = 0;
    while (receiver_.PollMessage()) ++count;
    return count;
  }

  Time now_{std::chrono::seconds(1)};
  Receiver receiver_{kFirst, Options()};
  std::string payload_;
  uint32_t window_ = 0;  // Of the last Sack().
};

TEST_F(ReceiverTest, AcknowledgesTheFirstPacketAtOnce) {
  EXPECT_FALSE(receiver_.sack_pending());
  EXPECT_EQ(receiver_.next_deadline(), kNever);
  EXPECT_EQ(receiver_.cumulative_tsn(), kFirst - 1);
  Receive(0);
  EXPECT_TRUE(receiver_.SackDue(now_));
  EXPECT_EQ(Sack(), "0");
  EXPECT_FALSE(receiver_.sack_pending());
  EXPECT_EQ(receiver_.next_deadline(), kNever);
}

// RFC 9260 section 6.2: "SHOULD be generated for at least every second packet [...] and SHOULD be
// generated within 200 ms".
TEST_F(ReceiverTest, AcknowledgesEverySecondPacketOrAfterADelay) {
  Receive(0);
  EXPECT_EQ(Sack(), "0");
  Receive(1);
  EXPECT_TRUE(receiver_.sack_pending());
  EXPECT_FALSE(receiver_.SackDue(now_));
  EXPECT_EQ(receiver_.next_deadline(), now_ + milliseconds(20));
  now_ += milliseconds(5);
  Receive(2);
  EXPECT_TRUE(receiver_.SackDue(now_));
  EXPECT_EQ(Sack(), "2");

  Receive(3);
  EXPECT_FALSE(receiver_.SackDue(now_ + milliseconds(19)));
  now_ = receiver_.next_deadline();
  EXPECT_TRUE(receiver_.SackDue(now_));
  EXPECT_EQ(Sack(), "3");
}

TEST_F(ReceiverTest, CountsPacketsAndNotTheirChunks) {
  Receive(0);
  EXPECT_EQ(Sack(), "0");
  receiver_.HandleData(now_, Message(1));
  receiver_.HandleData(now_, Message(2));
  receiver_.EndPacket(now_);
  receiver_.EndPacket(now_);  // One without data.
  EXPECT_FALSE(receiver_.SackDue(now_));
  Receive(3);
  EXPECT_TRUE(receiver_.SackDue(now_));
}

// RFC 9260 section 6.7.
TEST_F(ReceiverTest, ReportsGapsAtOnceAndWhenTheyAreFilled) {
  Receive(0);
  EXPECT_EQ(Sack(), "0");
  Receive(2);
  EXPECT_TRUE(receiver_.SackDue(now_));
  EXPECT_EQ(Sack(), "0 2-2");
  Receive(3);
  EXPECT_TRUE(receiver_.SackDue(now_));
  EXPECT_EQ(Sack(), "0 2-3");
  Receive(5);
  EXPECT_EQ(Sack(), "0 2-3 5-5");
  EXPECT_EQ(PollMessages(), 1u);
  Receive(1);
  EXPECT_TRUE(receiver_.SackDue(now_));
  EXPECT_EQ(Sack(), "3 2-2");
  Receive(4);
  EXPECT_TRUE(receiver_.SackDue(now_));
  EXPECT_EQ(Sack(), "5");
  EXPECT_EQ(PollMessages(), 5u);
  Receive(6);
  EXPECT_FALSE(receiver_.SackDue(now_));
}

TEST_F(ReceiverTest, ReportsDuplicatesAtOnceAndOnce) {
  Receive(0);
  Receive(2);
  EXPECT_EQ(Sack(), "0 2-2");
  Receive(0);
  EXPECT_TRUE(receiver_.SackDue(now_));
  Receive(2);
  EXPECT_EQ(Sack(), "0 2-2 {0} {2}");
  EXPECT_EQ(Sack(), "0 2-2");
  EXPECT_EQ(receiver_.stats().duplicate_chunks, 2u);
  EXPECT_EQ(receiver_.stats().chunks, 2u);
  for (int i = 0; i < 100; ++i) Receive(0);
  std::string expected = "0 2-2";
  for (size_t i = 0; i < kMaxSctpDuplicates; ++i) expected += " {0}";
  EXPECT_EQ(Sack(), expected);
}

// RFC 7053: the I bit.
TEST_F(ReceiverTest, AcknowledgesAtOnceWhenAskedTo) {
  Receive(0);
  EXPECT_EQ(Sack(), "0");
  DataChunk data = Message(1);
  data.immediate = true;
  Receive(data);
  EXPECT_TRUE(receiver_.SackDue(now_));
}

TEST_F(ReceiverTest, WritesAsManyGapsAsFit) {
  for (uint32_t i = 1; i < 2000; i += 2) Receive(i);
  EXPECT_EQ(Sack(12), "no room");
  EXPECT_TRUE(receiver_.SackDue(now_));
  EXPECT_EQ(Sack(SackChunk::kFixedSize), "-1");
  EXPECT_EQ(Sack(SackChunk::kFixedSize + 8), "-1 2-2 4-4");
  const std::string whole = Sack(4000);
  EXPECT_EQ(std::count(whole.begin(), whole.end(), '-'),
            static_cast<std::ptrdiff_t>(kMaxSctpGapBlocks) + 1);
}

TEST_F(ReceiverTest, WorksOverTheWrapOfTsns) {
  Receiver receiver(Tsn(0xFFFFFFFF), Options());
  for (const uint32_t tsn : {1u, 0xFFFFFFFFu, 0u}) {
    DataChunk data = Message(0);
    data.tsn = Tsn(tsn);
    data.unordered = true;
    receiver.HandleData(now_, data);
  }
  EXPECT_EQ(receiver.cumulative_tsn(), Tsn(1));
  EXPECT_EQ(receiver.stats().messages, 3u);
}

// RFC 3758 section 3.6.
TEST_F(ReceiverTest, GoesOnBehindWhatThePeerHasGivenUp) {
  Receive(0);
  Receive(3);
  EXPECT_EQ(Sack(), "0 3-3");
  EXPECT_EQ(PollMessages(), 1u);
  RecordBuffer<SkippedSequence, 1> skipped;
  ASSERT_TRUE(skipped.Add({StreamId(1), StreamSequence(2)}));
  receiver_.HandleForwardTsn(now_, ForwardTsnChunk{kFirst + 2, skipped.list()});
  EXPECT_TRUE(receiver_.SackDue(now_));
  EXPECT_EQ(Sack(), "3");
  EXPECT_EQ(PollMessages(), 1u);
  Receive(2);
  EXPECT_EQ(Sack(), "3 {2}");
  // "such a duplicate may indicate that the previous SACK was lost".
  receiver_.HandleForwardTsn(now_, ForwardTsnChunk{kFirst + 2, skipped.list()});
  EXPECT_TRUE(receiver_.SackDue(now_));
  EXPECT_EQ(Sack(), "3");
}

TEST_F(ReceiverTest, SkipsInterleavedMessages) {
  ReceiverOptions options = Options();
  options.interleaving = true;
  Receiver receiver(kFirst, options);
  DataChunk data = Message(1);
  data.interleaved = true;
  data.message_id = MessageId(1);
  receiver.HandleData(now_, data);
  EXPECT_FALSE(receiver.PollMessage());
  RecordBuffer<SkippedMessage, 1> skipped;
  ASSERT_TRUE(skipped.Add({StreamId(1), false, MessageId(0)}));
  receiver.HandleForwardTsn(now_, IForwardTsnChunk{kFirst, skipped.list()});
  EXPECT_TRUE(receiver.PollMessage());
  EXPECT_EQ(receiver.cumulative_tsn(), kFirst + 1);
  EXPECT_FALSE(receiver.violation());
}

TEST_F(ReceiverTest, ResetsStreams) {
  Receive(0);
  EXPECT_EQ(PollMessages(), 1u);
  RecordBuffer<StreamNumber, 1> streams;
  ASSERT_TRUE(streams.Add({StreamId(1)}));
  receiver_.ResetStreams(streams.list());
  DataChunk data = Message(1);
  data.sequence = StreamSequence(0);
  Receive(data);
  EXPECT_EQ(PollMessages(), 1u);
}

TEST_F(ReceiverTest, ShrinksItsWindowToNothingAndOpensItAgain) {
  uint32_t offset = 0;
  uint32_t last_window = receiver_.window();
  EXPECT_EQ(last_window, 50'000u);
  while (receiver_.window() >= 1000 + Reassembly::kFragmentOverhead) {
    Receive(Message(offset++, payload_));
    EXPECT_LT(receiver_.window(), last_window);
    last_window = receiver_.window();
  }
  EXPECT_EQ(Sack(), std::to_string(offset - 1));
  EXPECT_EQ(window_, last_window);
  // Beyond the window: not taken, so that the peer sends it again.
  Receive(Message(offset + 1, payload_));
  EXPECT_TRUE(receiver_.SackDue(now_));
  EXPECT_EQ(Sack(), std::to_string(offset - 1));
  EXPECT_EQ(receiver_.stats().refused_chunks, 1u);
  EXPECT_FALSE(receiver_.violation());

  // The window opens as messages are taken, and the peer hears of it, once.
  size_t taken = 0;
  while (!receiver_.SackDue(now_)) {
    ASSERT_TRUE(receiver_.PollMessage());
    ++taken;
  }
  EXPECT_GT(taken, 5u);
  EXPECT_LT(taken, offset);
  EXPECT_EQ(Sack(), std::to_string(offset - 1));
  EXPECT_GE(window_, 25'000u);
  PollMessages();
  EXPECT_FALSE(receiver_.SackDue(now_));
  EXPECT_EQ(receiver_.window(), 50'000u);
}

// What waits for the first missing chunk can fill the buffer; the chunk itself must get in.
TEST_F(ReceiverTest, TakesTheFirstMissingChunkWithAFullBuffer) {
  uint32_t offset = 1;
  while (receiver_.window() >= 1000 + Reassembly::kFragmentOverhead) {
    Receive(Message(offset++, payload_));
  }
  Receive(Message(offset, payload_));
  EXPECT_EQ(receiver_.stats().refused_chunks, 1u);
  Receive(Message(0, payload_));
  EXPECT_EQ(PollMessages(), offset);
  EXPECT_EQ(receiver_.window(), 50'000u);
}

// Checklist 41: a peer that begins messages and never ends them.
TEST_F(ReceiverTest, HoldsNoMoreThanItsBufferAndEndsSuchAnAssociation) {
  uint32_t offset = 0;
  while (!receiver_.violation()) {
    DataChunk data = Message(offset, payload_);
    data.stream = StreamId(static_cast<uint16_t>(offset));
    data.sequence = StreamSequence(0);
    data.end = false;
    Receive(data);
    ASSERT_LT(++offset, 1000u);
  }
  EXPECT_EQ(receiver_.violation(), CauseCode::kOutOfResource);
  EXPECT_EQ(receiver_.window(), 0u);
  EXPECT_LE(receiver_.stats().held_bytes, 50'000u + 20'000u);
}

// While messages wait to be taken, a full buffer is our own delay.
TEST_F(ReceiverTest, BlamesNobodyWhileMessagesWaitToBeTaken) {
  for (uint32_t offset = 0; offset < 200; ++offset) Receive(Message(offset, payload_));
  EXPECT_FALSE(receiver_.violation());
  EXPECT_GT(receiver_.stats().refused_chunks, 100u);
  EXPECT_EQ(receiver_.window(), 0u);
  PollMessages();
  EXPECT_EQ(receiver_.window(), 50'000u);
}

// Checklist 42.
TEST_F(ReceiverTest, ReportsAMessageThatIsTooLargeOnceAndGoesOn) {
  uint32_t offset = 0;
  for (; offset < 40; ++offset) {
    DataChunk data = Message(offset, payload_);
    data.sequence = StreamSequence(0);
    data.beginning = offset == 0;
    data.end = offset == 39;
    Receive(data);
  }
  EXPECT_EQ(receiver_.PollOversized(), StreamId(1));
  EXPECT_EQ(receiver_.PollOversized(), std::nullopt);
  EXPECT_EQ(PollMessages(), 0u);
  EXPECT_EQ(receiver_.window(), 50'000u);
  DataChunk next = Message(offset, "fine");
  next.sequence = StreamSequence(1);
  Receive(next);
  EXPECT_EQ(PollMessages(), 1u);
  EXPECT_EQ(receiver_.stats().oversized_messages, 1u);
  EXPECT_FALSE(receiver_.violation());
}

// RFC 9260 section 3.3.10.9: no user data; RFC 8260 section 2: no DATA once I-DATA is agreed on.
TEST_F(ReceiverTest, NamesViolations) {
  receiver_.HandleData(now_, Message(0, ""));
  EXPECT_EQ(receiver_.violation(), CauseCode::kNoUserData);
  EXPECT_EQ(receiver_.cumulative_tsn(), kFirst - 1);

  Receiver without(kFirst, Options());
  DataChunk data = Message(0);
  data.interleaved = true;
  without.HandleData(now_, data);
  EXPECT_EQ(without.violation(), CauseCode::kProtocolViolation);
  EXPECT_EQ(without.stats().chunks, 0u);

  Receiver forwarded(kFirst, Options());
  forwarded.HandleForwardTsn(now_, IForwardTsnChunk{kFirst, {}});
  EXPECT_EQ(forwarded.violation(), CauseCode::kProtocolViolation);
  EXPECT_EQ(forwarded.cumulative_tsn(), kFirst - 1);
}

// Checklist 41.
TEST_F(ReceiverTest, StaysBoundedWhenAllStreamsHaveUnfinishedMessages) {
  std::mt19937 random(5);
  for (uint32_t i = 0; i < 65'535; ++i) {
    DataChunk data = Message(static_cast<uint32_t>(random() % kMaxSctpTsnsAhead));
    data.stream = StreamId(static_cast<uint16_t>(i));
    data.sequence = StreamSequence(static_cast<uint16_t>(random()));
    data.end = random() % 2 == 0;
    data.unordered = random() % 2 == 0;
    Receive(data);
    ASSERT_LE(receiver_.stats().held_bytes, 50'000u + 20'000u);
    if (random() % 8 == 0) receiver_.PollMessage();
  }
}

}  // namespace
}  // namespace ocellus::sctp
