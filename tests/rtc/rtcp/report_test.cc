// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtcp/report.h"

#include <gtest/gtest.h>

#include "tests/rtc/rtcp/hex.h"

namespace ocellus::rtcp {
namespace {

using test::FromHex;
using test::ToHex;

struct Written {
  std::array<uint8_t, 1200> bytes;
  size_t size = 0;
  RawPacket raw;
};

template <typename Write>
void WriteAndReadRaw(Write&& write, Written& written) {
  ByteWriter writer(written.bytes);
  write(writer);
  ASSERT_TRUE(writer.ok());
  written.size = writer.size();
  ByteReader reader(writer.written());
  const auto raw = ReadRawPacket(reader);
  ASSERT_TRUE(raw.ok());
  ASSERT_EQ(reader.remaining(), 0u);
  written.raw = *raw;
}

ReportBlock SomeBlock() {
  ReportBlock block;
  block.source = Ssrc(0x01020304);
  block.fraction_lost = 64;
  block.cumulative_lost = -5;
  block.highest_sequence = 0x1ffff;
  block.jitter = 77;
  block.last_sender_report = 0xaabbccdd;
  block.delay_since_last = 0x10000;
  return block;
}

void ExpectSameBlock(const ReportBlock& a, const ReportBlock& b) {
  EXPECT_EQ(a.source, b.source);
  EXPECT_EQ(a.fraction_lost, b.fraction_lost);
  EXPECT_EQ(a.cumulative_lost, b.cumulative_lost);
  EXPECT_EQ(a.highest_sequence, b.highest_sequence);
  EXPECT_EQ(a.jitter, b.jitter);
  EXPECT_EQ(a.last_sender_report, b.last_sender_report);
  EXPECT_EQ(a.delay_since_last, b.delay_since_last);
}

TEST(SenderReport, ParsesWhatItWrites) {
  RecordBuffer<ReportBlock, 1> blocks;
  ASSERT_TRUE(blocks.Add(SomeBlock()));
  SenderReport report;
  report.sender = Ssrc(7);
  report.ntp = NtpTime(0x1122334455667788);
  report.timestamp = RtpTimestamp(0xfffffff0);
  report.packet_count = 3;
  report.octet_count = 4000;
  report.blocks = blocks.list();
  Written written;
  WriteAndReadRaw([&](ByteWriter& out) { report.Write(out); }, written);

  const auto parsed = SenderReport::Parse(written.raw.count, written.raw.body);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->sender, report.sender);
  EXPECT_EQ(parsed->ntp, report.ntp);
  EXPECT_EQ(parsed->timestamp, report.timestamp);
  EXPECT_EQ(parsed->packet_count, 3u);
  EXPECT_EQ(parsed->octet_count, 4000u);
  ASSERT_EQ(parsed->blocks.size(), 1u);
  ExpectSameBlock(parsed->blocks[0], SomeBlock());
}

TEST(ReceiverReport, ParsesWhatItWrites) {
  RecordBuffer<ReportBlock, kMaxReportBlocks> blocks;
  for (size_t i = 0; i < kMaxReportBlocks; ++i) ASSERT_TRUE(blocks.Add(SomeBlock()));
  Written written;
  WriteAndReadRaw(
      [&](ByteWriter& out) {
        ReceiverReport{Ssrc(9), blocks.list()}.Write(out);
      },
      written);
  const auto parsed = ReceiverReport::Parse(written.raw.count, written.raw.body);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->sender, Ssrc(9));
  ASSERT_EQ(parsed->blocks.size(), kMaxReportBlocks);
  ExpectSameBlock(parsed->blocks[30], SomeBlock());
}

TEST(ReportBlock, KeepsTheSignOfCumulativeLoss) {
  for (const int32_t lost : {0, 1, -1, (1 << 23) - 1, -(1 << 23)}) {
    ReportBlock block;
    block.cumulative_lost = lost;
    RecordBuffer<ReportBlock, 1> blocks;
    ASSERT_TRUE(blocks.Add(block));
    EXPECT_EQ(blocks.list()[0].cumulative_lost, lost);
  }
}

// Checklist 32: the count announces more blocks than there are.
TEST(ReceiverReport, RefusesCountThatLies) {
  EXPECT_EQ(ReceiverReport::Parse(31, FromHex("11111111")).status().code(), StatusCode::kTruncated);
  EXPECT_EQ(SenderReport::Parse(1, std::vector<uint8_t>(24)).status().code(),
            StatusCode::kTruncated);
  EXPECT_EQ(SenderReport::Parse(0, std::vector<uint8_t>(23)).status().code(),
            StatusCode::kTruncated);
}

TEST(SourceDescription, ParsesWhatItWritesForEveryLengthOfCname) {
  for (size_t size = 0; size <= 255; ++size) {
    const std::string cname(size, 'c');
    Written written;
    WriteAndReadRaw([&](ByteWriter& out) { SourceDescription::Write(Ssrc(5), cname, out); },
                    written);
    const auto parsed = SourceDescription::Parse(written.raw.count, written.raw.body);
    ASSERT_TRUE(parsed.ok()) << size;
    EXPECT_EQ(parsed->FindCname(Ssrc(5)), cname);
    EXPECT_EQ(parsed->FindCname(Ssrc(6)), std::nullopt);
  }
}

TEST(SourceDescription, FindsACnameBehindOtherItemsAndChunks) {
  // SSRC 1: NAME "ab". SSRC 2: NOTE "", CNAME "x".
  const auto body = FromHex("00000001 02026162 00000000 00000002 07000101 78000000");
  const auto parsed = SourceDescription::Parse(2, body);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->FindCname(Ssrc(1)), std::nullopt);
  EXPECT_EQ(parsed->FindCname(Ssrc(2)), "x");
}

// Checklist 38: items and chunks that pass the end.
TEST(SourceDescription, RefusesItemsPastTheEnd) {
  EXPECT_FALSE(SourceDescription::Parse(1, FromHex("00000001 01ff6161")).ok());
  EXPECT_FALSE(SourceDescription::Parse(1, FromHex("00000001 01026161")).ok());
  EXPECT_FALSE(SourceDescription::Parse(2, FromHex("00000001 00000000")).ok());
  EXPECT_FALSE(SourceDescription::Parse(31, {}).ok());
}

TEST(Bye, ParsesWhatItWrites) {
  RecordBuffer<Source, 2> sources;
  ASSERT_TRUE(sources.Add({Ssrc(1)}) && sources.Add({Ssrc(2)}));
  Written written;
  WriteAndReadRaw([&](ByteWriter& out) { Bye{sources.list()}.Write(out); }, written);
  EXPECT_EQ(ToHex(Bytes(written.bytes).first(written.size)), "82cb00020000000100000002");
  const auto parsed = Bye::Parse(written.raw.count, written.raw.body);
  ASSERT_TRUE(parsed.ok());
  ASSERT_EQ(parsed->sources.size(), 2u);
  EXPECT_EQ(parsed->sources[1].ssrc, Ssrc(2));
  EXPECT_TRUE(parsed->Names(Ssrc(2)));
  EXPECT_FALSE(parsed->Names(Ssrc(3)));
}

// Checklist 38.
TEST(Bye, TakesAReasonAndNoSources) {
  const auto with_reason = Bye::Parse(1, FromHex("00000001 03627965"));
  ASSERT_TRUE(with_reason.ok());
  EXPECT_EQ(with_reason->sources.size(), 1u);
  const auto empty = Bye::Parse(0, {});
  ASSERT_TRUE(empty.ok());
  EXPECT_TRUE(empty->sources.empty());
  EXPECT_FALSE(Bye::Parse(2, FromHex("00000001")).ok());
}

}  // namespace
}  // namespace ocellus::rtcp
