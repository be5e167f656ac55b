// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/packet.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "tests/rtc/rtcp/hex.h"

namespace ocellus::sctp {
namespace {

using test::FromHex;
using test::ToHex;

struct CapturedPacket {
  std::string direction;  // "c2s": from Firefox; "s2c": from Chromium.
  std::vector<uint8_t> bytes;
};

std::vector<uint8_t> ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// What two browsers sent each other, in order.
std::vector<CapturedPacket> CapturedPackets() {
  std::vector<CapturedPacket> packets;
  for (const char* name : {"chromium156-viewer_firefox153-sender.txt",
                           "chromium156-viewer_firefox153-sender_8pct-loss.txt"}) {
    std::ifstream file("tests/data/sctp/" + std::string(name));
    std::string direction, hex;
    while (file >> direction >> hex) packets.push_back({direction, FromHex(hex)});
  }
  EXPECT_EQ(packets.size(), 65u);
  return packets;
}

std::vector<Chunk> ChunksOf(Bytes packet, ZeroChecksum zero_checksum = ZeroChecksum::kRefused) {
  auto reader = PacketReader::Parse(packet, zero_checksum);
  EXPECT_TRUE(reader.ok()) << reader.status().ToString();
  std::vector<Chunk> chunks;
  if (!reader.ok()) return chunks;
  while (auto chunk = reader->Next()) chunks.push_back(*chunk);
  EXPECT_FALSE(reader->malformed());
  return chunks;
}

// Writes a chunk that was read; UnknownChunk is never written.
struct Rewriter {
  PacketWriter& packet;

  template <typename AnyChunk>
  bool operator()(const AnyChunk& chunk) const {
    return packet.Append(chunk);
  }
  bool operator()(const UnknownChunk&) const { return false; }
};

// Bytes that stand for a chunk.
struct RawChunk {
  Bytes bytes;

  void Write(ByteWriter& out) const { out.WriteBytes(bytes); }
};

// A packet around chunks written as text, with its checksum.
std::vector<uint8_t> PacketAround(std::string_view chunks) {
  const auto body = FromHex(chunks);
  std::vector<uint8_t> packet(CommonHeader::kSize + PaddedTo4(body.size()));
  PacketWriter writer(packet, {5000, 5001, VerificationTag(0x01020304)});
  EXPECT_TRUE(writer.Append(RawChunk{Bytes(body)}));
  packet.resize(writer.Finish(Checksum::kCrc32c));
  return packet;
}

// Checklist 39.
TEST(Packet, ReadsAllThatBrowsersSentAndWritesTheSameBytes) {
  std::map<size_t, int> kinds;
  for (const CapturedPacket& captured : CapturedPackets()) {
    auto reader = PacketReader::Parse(captured.bytes, ZeroChecksum::kRefused);
    ASSERT_TRUE(reader.ok()) << ToHex(captured.bytes);
    std::vector<uint8_t> out(captured.bytes.size());
    PacketWriter writer(out, reader->header());
    while (const auto chunk = reader->Next()) {
      ++kinds[chunk->index()];
      EXPECT_TRUE(std::visit(Rewriter{writer}, *chunk)) << ToHex(captured.bytes);
    }
    EXPECT_FALSE(reader->malformed());
    out.resize(writer.Finish(Checksum::kCrc32c));
    EXPECT_EQ(ToHex(out), ToHex(captured.bytes));
  }
  EXPECT_GE(kinds.size(), 8u);
}

// Checklist 39.
TEST(Packet, ReadsBrowsersHandshakes) {
  for (const CapturedPacket& captured : CapturedPackets()) {
    for (const Chunk& chunk : ChunksOf(captured.bytes)) {
      const auto* init = std::get_if<InitChunk>(&chunk);
      if (const auto* ack = std::get_if<InitAckChunk>(&chunk)) {
        init = &ack->init;
        EXPECT_FALSE(ack->cookie.empty());
      }
      if (init == nullptr) continue;
      EXPECT_EQ(init->outbound_streams, 65535);
      EXPECT_EQ(init->inbound_streams, 65535);
      EXPECT_TRUE(init->extensions.forward_tsn);
      EXPECT_TRUE(init->extensions.reconfig);
      EXPECT_FALSE(init->extensions.zero_checksum);
      EXPECT_EQ(init->extensions.interleaving, captured.direction == "c2s");
    }
  }
}

// Checklist 39.
TEST(Packet, SurvivesEveryTruncationOfWhatBrowsersSent) {
  for (const CapturedPacket& captured : CapturedPackets()) {
    for (size_t size = 0; size < captured.bytes.size(); ++size) {
      std::vector<uint8_t> cut(captured.bytes.begin(),
                               captured.bytes.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_FALSE(PacketReader::Parse(cut, ZeroChecksum::kRefused).ok());
      // As a DTLS peer may send it: without a checksum that would show the cut.
      if (size >= CommonHeader::kSize) std::fill(cut.begin() + 8, cut.begin() + 12, uint8_t{0});
      auto reader = PacketReader::Parse(cut, ZeroChecksum::kAccepted);
      if (!reader.ok()) continue;
      while (reader->Next()) {
      }
    }
  }
}

// Checklist 39.
TEST(Packet, SurvivesEveryChangedByteOfWhatBrowsersSent) {
  for (const CapturedPacket& captured : CapturedPackets()) {
    for (size_t at = CommonHeader::kSize; at < std::min<size_t>(captured.bytes.size(), 128); ++at) {
      for (const uint8_t value : {0x00, 0x01, 0x7F, 0x80, 0xFF}) {
        std::vector<uint8_t> changed = captured.bytes;
        if (changed[at] == value) continue;
        changed[at] = value;
        EXPECT_FALSE(PacketReader::Parse(changed, ZeroChecksum::kRefused).ok());
        std::fill(changed.begin() + 8, changed.begin() + 12, uint8_t{0});
        auto reader = PacketReader::Parse(changed, ZeroChecksum::kAccepted);
        if (!reader.ok()) continue;
        while (reader->Next()) {
        }
      }
    }
  }
}

// Checklist 39: aiortc's corpus, where it is beside the repository.
TEST(Packet, ReadsWhatAnotherStackTestsItselfWith) {
  const std::filesystem::path corpus = "../shared/vectors/public/corpora/aiortc";
  if (!std::filesystem::exists(corpus)) GTEST_SKIP() << "no " << corpus;
  size_t whole = 0;
  for (const auto& entry : std::filesystem::directory_iterator(corpus)) {
    const std::string name = entry.path().filename().string();
    if (name.rfind("sctp_", 0) != 0) continue;
    const auto bytes = ReadFile(entry.path());
    if (name == "sctp_data_truncated.bin" || name == "sctp_data_zero_length.bin") {
      EXPECT_FALSE(PacketReader::Parse(bytes, ZeroChecksum::kAccepted).ok()) << name;
    } else {
      EXPECT_EQ(ChunksOf(bytes).size(), 1u) << name;
      ++whole;
    }
  }
  EXPECT_EQ(whole, 15u);
}

TEST(Packet, ReadsTheSeedsOfTheFuzzer) {
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator("tests/data/sctp/packets")) {
    const auto bytes = ReadFile(entry.path());
    EXPECT_FALSE(ChunksOf(bytes, ZeroChecksum::kAccepted).empty()) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 30u);
}

TEST(PacketReader, TakesAZeroChecksumOnlyWhereItWasAgreedOn) {
  auto packet = PacketAround("0b000004");
  EXPECT_TRUE(PacketReader::Parse(packet, ZeroChecksum::kRefused).ok());
  EXPECT_TRUE(PacketReader::Parse(packet, ZeroChecksum::kAccepted).ok());
  std::fill(packet.begin() + 8, packet.begin() + 12, uint8_t{0});
  EXPECT_EQ(PacketReader::Parse(packet, ZeroChecksum::kRefused).status().code(),
            StatusCode::kMalformed);
  const auto reader = PacketReader::Parse(packet, ZeroChecksum::kAccepted);
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(reader->header().source_port, 5000);
  EXPECT_EQ(reader->header().destination_port, 5001);
  EXPECT_EQ(reader->header().tag, VerificationTag(0x01020304));
  packet[8] = 1;
  EXPECT_EQ(PacketReader::Parse(packet, ZeroChecksum::kAccepted).status().code(),
            StatusCode::kMalformed);
}

TEST(PacketReader, ChecksTheFramingOfAllChunksFirst) {
  EXPECT_EQ(PacketReader::Parse(PacketAround(""), ZeroChecksum::kRefused).status().code(),
            StatusCode::kTruncated);
  // The second chunk is at fault in each.
  for (const char* chunks : {"0b000004 0b000005", "0b000004 0b000008", "0b000004 0000ffff"}) {
    EXPECT_EQ(PacketReader::Parse(PacketAround(chunks), ZeroChecksum::kRefused).status().code(),
              StatusCode::kTruncated)
        << chunks;
  }
  for (const char* chunks : {"0b000004 0b000003", "0b000004 0b000000"}) {
    EXPECT_EQ(PacketReader::Parse(PacketAround(chunks), ZeroChecksum::kRefused).status().code(),
              StatusCode::kMalformed)
        << chunks;
  }
}

TEST(PacketReader, StopsAtAChunkWithAMalformedValue) {
  const auto packet = PacketAround("0b000004 03000008 00000001 0b000004");
  auto reader = PacketReader::Parse(packet, ZeroChecksum::kRefused);
  ASSERT_TRUE(reader.ok());
  EXPECT_TRUE(reader->Next());
  EXPECT_FALSE(reader->Next());
  EXPECT_TRUE(reader->malformed());
  EXPECT_FALSE(reader->Next());
}

// RFC 9260 section 3.2: the two highest bits of a type that one does not know.
TEST(PacketReader, DoesWithUnknownChunksWhatTheirTypeAsksFor) {
  const auto skipped = PacketAround("bf000004 0b000004");
  ASSERT_EQ(ChunksOf(skipped).size(), 1u);

  const auto reported_packet = PacketAround("ff000005 aa000000 0b000004");
  const auto reported = ChunksOf(reported_packet);
  ASSERT_EQ(reported.size(), 2u);
  const auto* unknown = std::get_if<UnknownChunk>(&reported[0]);
  ASSERT_NE(unknown, nullptr);
  EXPECT_EQ(unknown->type, 0xFF);
  EXPECT_TRUE(unknown->report);
  EXPECT_EQ(ToHex(unknown->chunk), "ff000005aa");

  const auto stopped_packet = PacketAround("3f000004 0b000004");
  const auto stopped = ChunksOf(stopped_packet);
  ASSERT_EQ(stopped.size(), 1u);
  EXPECT_FALSE(std::get<UnknownChunk>(stopped[0]).report);

  const auto both_packet = PacketAround("7f000004 0b000004");
  const auto both = ChunksOf(both_packet);
  ASSERT_EQ(both.size(), 1u);
  EXPECT_TRUE(std::get<UnknownChunk>(both[0]).report);
}

TEST(PacketReader, TakesALastChunkWithoutPadding) {
  std::vector<uint8_t> packet(64);
  PacketWriter writer(packet, {1, 2, VerificationTag(3)});
  ASSERT_TRUE(writer.Append(CookieEchoChunk{AsBytes("abcde")}));
  packet.resize(writer.Finish(Checksum::kZero) - 3);
  const auto chunks = ChunksOf(packet, ZeroChecksum::kAccepted);
  ASSERT_EQ(chunks.size(), 1u);
  EXPECT_EQ(AsText(std::get<CookieEchoChunk>(chunks[0]).cookie), "abcde");
}

TEST(PacketWriter, PadsChunksAndTakesNoMoreThanFit) {
  std::vector<uint8_t> out(CommonHeader::kSize + 8 + 6);
  PacketWriter writer(out, {1, 2, VerificationTag(3)});
  EXPECT_TRUE(writer.empty());
  EXPECT_EQ(writer.room(), 12u);
  ASSERT_TRUE(writer.Append(CookieEchoChunk{AsBytes("a")}));
  EXPECT_FALSE(writer.empty());
  EXPECT_EQ(writer.size(), 20u);
  EXPECT_EQ(writer.room(), 4u);
  EXPECT_FALSE(writer.Append(CookieEchoChunk{AsBytes("a")}));
  EXPECT_EQ(writer.size(), 20u);
  ASSERT_TRUE(writer.Append(CookieAckChunk()));
  EXPECT_EQ(writer.room(), 0u);
  EXPECT_FALSE(writer.Append(CookieAckChunk()));
  EXPECT_EQ(writer.Finish(Checksum::kZero), 24u);
  EXPECT_EQ(ToHex(Bytes(out).first(24)),
            "00010002"
            "00000003"
            "00000000"
            "0a00000561000000"
            "0b000004");
}

}  // namespace
}  // namespace ocellus::sctp
