// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/chunk.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "tests/rtc/rtcp/hex.h"

namespace ocellus::sctp {
namespace {

using test::FromHex;
using test::ToHex;

// A chunk's bytes, without padding.
template <typename AnyChunk>
std::vector<uint8_t> Written(const AnyChunk& chunk) {
  std::vector<uint8_t> out(256);
  ByteWriter writer{MutableBytes(out)};
  chunk.Write(writer);
  EXPECT_TRUE(writer.ok());
  out.resize(writer.size());
  return out;
}

// Parses what the text says behind the chunk header.
template <typename Parse>
auto ParseText(Parse parse, const char* text, uint8_t flags = 0) {
  static std::vector<uint8_t> bytes;  // Chunks borrow it.
  bytes = FromHex(text);
  return parse(flags, Bytes(bytes));
}

// Every shorter value is refused, and none read beyond.
template <typename Parse>
void RefusesEveryTruncation(Parse parse, const std::vector<uint8_t>& chunk, size_t fixed_size) {
  for (size_t size = 0; size < fixed_size; ++size) {
    const std::vector<uint8_t> value(chunk.begin() + 4,
                                     chunk.begin() + 4 + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(parse(0, Bytes(value)).status().code(), StatusCode::kTruncated) << size;
  }
}

TEST(DataChunk, WritesWhatItReads) {
  DataChunk data;
  data.immediate = true;
  data.unordered = true;
  data.end = true;
  data.tsn = Tsn(0xFFFFFFFE);
  data.stream = StreamId(65535);
  data.sequence = StreamSequence(0x1234);
  data.ppid = kPpidBinary;
  data.payload = AsBytes("abc");
  const auto bytes = Written(data);
  EXPECT_EQ(ToHex(bytes),
            "000d0013"
            "fffffffe"
            "ffff1234"
            "00000035"
            "616263");

  const auto parsed = DataChunk::ParseData(bytes[1], Bytes(bytes).subspan(4));
  ASSERT_TRUE(parsed.ok());
  EXPECT_FALSE(parsed->interleaved);
  EXPECT_TRUE(parsed->immediate && parsed->unordered && parsed->end && !parsed->beginning);
  EXPECT_EQ(parsed->tsn, data.tsn);
  EXPECT_EQ(parsed->stream, data.stream);
  EXPECT_EQ(parsed->sequence, data.sequence);
  EXPECT_EQ(parsed->ppid, data.ppid);
  EXPECT_EQ(AsText(parsed->payload), "abc");
  RefusesEveryTruncation(DataChunk::ParseData, bytes, 12);
}

TEST(DataChunk, WritesWhatItReadsInterleaved) {
  DataChunk data;
  data.interleaved = true;
  data.beginning = true;
  data.tsn = Tsn(1);
  data.stream = StreamId(2);
  data.message_id = MessageId(0x89ABCDEF);
  data.ppid = kPpidString;
  data.payload = AsBytes("x");
  const auto first = Written(data);
  EXPECT_EQ(ToHex(first),
            "40020015"
            "00000001"
            "00020000"
            "89abcdef"
            "00000033"
            "78");
  const auto parsed = DataChunk::ParseIData(first[1], Bytes(first).subspan(4));
  ASSERT_TRUE(parsed.ok());
  EXPECT_TRUE(parsed->interleaved);
  EXPECT_EQ(parsed->message_id, data.message_id);
  EXPECT_EQ(parsed->ppid, data.ppid);
  EXPECT_EQ(parsed->fragment, 0u);
  RefusesEveryTruncation(DataChunk::ParseIData, first, 16);

  data.beginning = false;
  data.fragment = 77;
  const auto later = Written(data);
  EXPECT_EQ(ToHex(later),
            "40000015"
            "00000001"
            "00020000"
            "89abcdef"
            "0000004d"
            "78");
  EXPECT_EQ(DataChunk::ParseIData(later[1], Bytes(later).subspan(4))->fragment, 77u);
}

TEST(SackChunk, WritesWhatItReads) {
  RecordBuffer<GapBlock, 2> gaps;
  ASSERT_TRUE(gaps.Add({2, 3}));
  ASSERT_TRUE(gaps.Add({5, 5}));
  RecordBuffer<DuplicateTsn, 1> duplicates;
  ASSERT_TRUE(duplicates.Add({Tsn(9)}));
  SackChunk sack;
  sack.cumulative_tsn = Tsn(10);
  sack.window = 0x10000;
  sack.gaps = gaps.list();
  sack.duplicates = duplicates.list();
  const auto bytes = Written(sack);
  EXPECT_EQ(ToHex(bytes),
            "0300001c"
            "0000000a"
            "00010000"
            "00020001"
            "00020003"
            "00050005"
            "00000009");
  const auto parsed = SackChunk::Parse(0, Bytes(bytes).subspan(4));
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->cumulative_tsn, Tsn(10));
  EXPECT_EQ(parsed->window, 0x10000u);
  EXPECT_EQ(parsed->gaps.bytes(), gaps.list().bytes());
  EXPECT_EQ(parsed->duplicates.bytes(), duplicates.list().bytes());
  RefusesEveryTruncation(SackChunk::Parse, bytes, 24);
}

TEST(SackChunk, RefusesCountsThatLie) {
  EXPECT_EQ(ParseText(SackChunk::Parse, "0000000a 00010000 ffff ffff").status().code(),
            StatusCode::kTruncated);
  EXPECT_EQ(ParseText(SackChunk::Parse, "0000000a 00010000 0001 0000").status().code(),
            StatusCode::kTruncated);
  EXPECT_EQ(ParseText(SackChunk::Parse, "0000000a 00010000 0000 0000 00020003").status().code(),
            StatusCode::kMalformed);
}

TEST(HeartbeatChunk, KeepsItsInfo) {
  const auto bytes = Written(HeartbeatChunk{AsBytes("time!")});
  EXPECT_EQ(ToHex(bytes),
            "0400000d"
            "0001000974696d6521");
  const auto parsed = HeartbeatChunk::Parse(0, Bytes(bytes).subspan(4));
  ASSERT_TRUE(parsed.ok());
  const auto answer = Written(HeartbeatAckChunk{parsed->info});
  EXPECT_EQ(ToHex(answer),
            "0500000d"
            "0001000974696d6521");
  EXPECT_EQ(AsText(HeartbeatAckChunk::Parse(0, Bytes(answer).subspan(4))->info), "time!");
}

TEST(HeartbeatChunk, RefusesWhatHasNoInfo) {
  for (const char* value : {"", "0001", "0002 0004", "0001 0003", "0001 0009 74696d"}) {
    EXPECT_FALSE(ParseText(HeartbeatChunk::Parse, value).ok()) << value;
    EXPECT_FALSE(ParseText(HeartbeatAckChunk::Parse, value).ok()) << value;
  }
}

TEST(AbortChunk, WritesWhatItReads) {
  const auto bytes =
      Written(AbortChunk{true, ErrorCause{CauseCode::kUserInitiatedAbort, AsBytes("bye")}});
  EXPECT_EQ(ToHex(bytes),
            "0601000b"
            "000c0007627965");
  const auto parsed = AbortChunk::Parse(bytes[1], Bytes(bytes).subspan(4));
  ASSERT_TRUE(parsed.ok());
  EXPECT_TRUE(parsed->tag_reflected);
  ASSERT_TRUE(parsed->cause);
  EXPECT_EQ(parsed->cause->code, CauseCode::kUserInitiatedAbort);
  EXPECT_EQ(AsText(parsed->cause->info), "bye");
  EXPECT_EQ(ToHex(Written(AbortChunk())), "06000004");
}

TEST(AbortChunk, AbortsWithoutAReasonToo) {
  for (const char* value : {"", "00", "000c 0003", "000c 0100"}) {
    const auto parsed = ParseText(AbortChunk::Parse, value);
    ASSERT_TRUE(parsed.ok()) << value;
    EXPECT_FALSE(parsed->cause) << value;
    EXPECT_FALSE(parsed->tag_reflected);
  }
}

TEST(ErrorChunk, WritesWhatItReads) {
  const auto unknown = FromHex("3f000004");
  const auto bytes = Written(ErrorChunk{{CauseCode::kUnrecognizedChunkType, Bytes(unknown)}});
  EXPECT_EQ(ToHex(bytes),
            "0900000c"
            "000600083f000004");
  const auto parsed = ErrorChunk::Parse(0, Bytes(bytes).subspan(4));
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->cause.code, CauseCode::kUnrecognizedChunkType);
  EXPECT_EQ(parsed->cause.info, Bytes(unknown));
  EXPECT_EQ(ParseText(ErrorChunk::Parse, "").status().code(), StatusCode::kTruncated);
  EXPECT_EQ(ParseText(ErrorChunk::Parse, "0006 0009").status().code(), StatusCode::kMalformed);
}

TEST(ErrorChunk, CausesHaveNames) {
  EXPECT_STREQ(ToString(CauseCode::kProtocolViolation), "protocol violation");
  EXPECT_STREQ(ToString(CauseCode::kNoUserData), "no user data");
  EXPECT_STREQ(ToString(static_cast<CauseCode>(99)), "unknown cause");
}

TEST(ShutdownChunk, WritesWhatItReads) {
  const auto bytes = Written(ShutdownChunk{Tsn(0x01020304)});
  EXPECT_EQ(ToHex(bytes), "0700000801020304");
  EXPECT_EQ(ShutdownChunk::Parse(0, Bytes(bytes).subspan(4))->cumulative_tsn, Tsn(0x01020304));
  RefusesEveryTruncation(ShutdownChunk::Parse, bytes, 4);
}

TEST(Chunk, ThoseWithoutAValueAreHeaders) {
  EXPECT_EQ(ToHex(Written(ShutdownAckChunk())), "08000004");
  EXPECT_EQ(ToHex(Written(ShutdownCompleteChunk())), "0e000004");
  EXPECT_EQ(ToHex(Written(ShutdownCompleteChunk{true})), "0e010004");
  EXPECT_EQ(ToHex(Written(CookieAckChunk())), "0b000004");
  EXPECT_TRUE(ShutdownAckChunk::Parse(0, {}).ok());
  EXPECT_TRUE(CookieAckChunk::Parse(0, {}).ok());
  EXPECT_TRUE(ShutdownCompleteChunk::Parse(1, {})->tag_reflected);
  EXPECT_FALSE(ShutdownCompleteChunk::Parse(0, {})->tag_reflected);
}

TEST(CookieEchoChunk, WritesWhatItReads) {
  const auto bytes = Written(CookieEchoChunk{AsBytes("cookie")});
  EXPECT_EQ(ToHex(bytes), "0a00000a636f6f6b6965");
  EXPECT_EQ(AsText(CookieEchoChunk::Parse(0, Bytes(bytes).subspan(4))->cookie), "cookie");
}

TEST(ForwardTsnChunk, WritesWhatItReads) {
  RecordBuffer<SkippedSequence, 2> skipped;
  ASSERT_TRUE(skipped.Add({StreamId(1), StreamSequence(3)}));
  ASSERT_TRUE(skipped.Add({StreamId(65535), StreamSequence(65535)}));
  const auto bytes = Written(ForwardTsnChunk{Tsn(5), skipped.list()});
  EXPECT_EQ(ToHex(bytes),
            "c0000010"
            "00000005"
            "00010003"
            "ffffffff");
  const auto parsed = ForwardTsnChunk::Parse(0, Bytes(bytes).subspan(4));
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->new_cumulative_tsn, Tsn(5));
  ASSERT_EQ(parsed->skipped.size(), 2u);
  EXPECT_EQ(parsed->skipped[0].stream, StreamId(1));
  EXPECT_EQ(parsed->skipped[1].sequence, StreamSequence(65535));
  RefusesEveryTruncation(ForwardTsnChunk::Parse, bytes, 4);
  EXPECT_EQ(ParseText(ForwardTsnChunk::Parse, "00000005 0001").status().code(),
            StatusCode::kMalformed);
}

TEST(IForwardTsnChunk, WritesWhatItReads) {
  RecordBuffer<SkippedMessage, 2> skipped;
  ASSERT_TRUE(skipped.Add({StreamId(1), false, MessageId(3)}));
  ASSERT_TRUE(skipped.Add({StreamId(2), true, MessageId(0xFFFFFFFF)}));
  const auto bytes = Written(IForwardTsnChunk{Tsn(5), skipped.list()});
  EXPECT_EQ(ToHex(bytes),
            "c2000018"
            "00000005"
            "0001000000000003"
            "00020001ffffffff");
  const auto parsed = IForwardTsnChunk::Parse(0, Bytes(bytes).subspan(4));
  ASSERT_TRUE(parsed.ok());
  ASSERT_EQ(parsed->skipped.size(), 2u);
  EXPECT_FALSE(parsed->skipped[0].unordered);
  EXPECT_EQ(parsed->skipped[0].message_id, MessageId(3));
  EXPECT_TRUE(parsed->skipped[1].unordered);
  EXPECT_EQ(parsed->skipped[1].stream, StreamId(2));
  RefusesEveryTruncation(IForwardTsnChunk::Parse, bytes, 4);
  EXPECT_EQ(ParseText(IForwardTsnChunk::Parse, "00000005 00010000").status().code(),
            StatusCode::kMalformed);
}

}  // namespace
}  // namespace ocellus::sctp
