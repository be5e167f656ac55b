// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtcp/compound.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/rtc/rtcp/hex.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::rtcp {
namespace {

using test::FromHex;
using test::ToHex;

std::string TypeName(const Packet& packet) {
  constexpr const char* kNames[] = {"200", "201", "202",  "203", "NACK",
                                    "PLI", "FIR", "REMB", "TWCC"};
  static_assert(std::variant_size_v<Packet> == std::size(kNames));
  return kNames[packet.index()];
}

// "201+NACK", or the error.
std::string Read(Bytes datagram) {
  auto reader = CompoundReader::Parse(datagram);
  if (!reader.ok()) return ToString(reader.status().code());
  std::string names;
  while (const auto packet = reader->Next()) {
    names += names.empty() ? "" : "+";
    names += TypeName(*packet);
  }
  return names;
}

TEST(CompoundReader, ReadsAndRewritesWhatBrowsersSend) {
  std::ifstream file("tests/data/rtcp/browser-compounds.txt");
  ASSERT_TRUE(file) << "run me in the source tree";
  size_t compounds = 0;
  for (std::string types, hex; file >> types;) {
    if (types[0] == '#') {
      std::getline(file, types);
      continue;
    }
    file >> hex;
    const auto datagram = FromHex(hex);
    auto reader = CompoundReader::Parse(datagram);
    ASSERT_TRUE(reader.ok()) << hex;
    std::array<uint8_t, 1200> out;
    ByteWriter writer(out);
    Ssrc sender;
    while (const auto packet = reader->Next()) {
      if (const auto* report = std::get_if<SenderReport>(&*packet)) {
        sender = report->sender;
        report->Write(writer);
      } else if (const auto* receiver = std::get_if<ReceiverReport>(&*packet)) {
        receiver->Write(writer);
      } else if (const auto* nack = std::get_if<Nack>(&*packet)) {
        nack->Write(writer);
      } else if (const auto* sdes = std::get_if<SourceDescription>(&*packet)) {
        const auto cname = sdes->FindCname(sender);
        ASSERT_TRUE(cname) << hex;
        SourceDescription::Write(sender, *cname, writer);
      } else {
        ADD_FAILURE() << TypeName(*packet) << " in " << hex;
      }
    }
    EXPECT_EQ(ToHex(writer.written()), hex);
    EXPECT_EQ(reader->malformed(), 0u);
    ++compounds;
  }
  EXPECT_EQ(compounds, 61u);
}

TEST(CompoundReader, SkipsUnknownTypes) {
  // RR, XR (207), APP (204), an unknown feedback format, PLI.
  EXPECT_EQ(Read(FromHex("80c90001 00000001 80cf0001 00000001 80cc0002 00000001 41424344"
                         "9dce0002 00000001 00000002 81ce0002 00000001 00000002")),
            "201+PLI");
}

TEST(CompoundReader, TakesFeedbackAlone) {
  EXPECT_EQ(Read(FromHex("81CD0003111111112222222204D28001")), "NACK");
  EXPECT_EQ(Read(FromHex("84CE000411111111000000002222222207000000")), "FIR");
  EXPECT_EQ(Read(FromHex("8FCE0005111111110000000052454D42010BF42422222222")), "REMB");
}

TEST(CompoundReader, SkipsAndCountsMalformedPackets) {
  const auto datagram = FromHex("9fc90001 11111111 81ce0002 00000001 00000002");
  auto reader = CompoundReader::Parse(datagram);
  ASSERT_TRUE(reader.ok());
  const auto packet = reader->Next();
  ASSERT_TRUE(packet);
  EXPECT_EQ(TypeName(*packet), "PLI");
  EXPECT_FALSE(reader->Next());
  EXPECT_EQ(reader->malformed(), 1u);
}

// Checklist 32: vectors/rfc-derived.
TEST(CompoundReader, DropsLengthsThatLie) {
  EXPECT_EQ(Read(FromHex("81C900FF11111111")), "truncated");
  EXPECT_EQ(Read(FromHex("80C9000080C9000080C90000")), "");
  EXPECT_EQ(Read(FromHex("9FC9000111111111")), "");
  EXPECT_EQ(Read({}), "truncated");
  // The second length lies: nothing of the datagram is used.
  EXPECT_EQ(Read(FromHex("81ce0002 00000001 00000002 81c900ff 11111111")), "truncated");
}

TEST(CompoundReader, SurvivesEveryTruncationAndFlippedByte) {
  const auto datagram = FromHex(
      "82c9000d000000010759e2e900000000000059590000046eea7f5a6e00007337b5f576a300000000000029ce"
      "0000013cea7f5a6e00007337 81cd0003111111112222222204d28001");
  for (size_t size = 0; size <= datagram.size(); ++size) Read(Bytes(datagram).first(size));
  sim::SeededRandom random(1);
  for (size_t i = 0; i < datagram.size(); ++i) {
    auto damaged = datagram;
    damaged[i] = static_cast<uint8_t>(random.Next());
    Read(damaged);
  }
}

// Checklist 32, 33, 38: other stacks' collections of hostile packets.
TEST(CompoundReader, SurvivesPublicCorpora) {
  size_t packets = 0;
  for (const char* folder : {"../shared/vectors/public/corpora/libwebrtc/rtcp",
                             "../shared/vectors/public/corpora/pion-rtcp/root.FuzzUnmarshal",
                             "../shared/vectors/public/corpora/aiortc"}) {
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not here";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(file), {}};
      Read(AsBytes(bytes));
      ++packets;
    }
  }
  EXPECT_GT(packets, 100u);
}

TEST(IsRtcp, TellsByTheSecondByte) {
  EXPECT_TRUE(IsRtcp(FromHex("80c8")));
  EXPECT_TRUE(IsRtcp(FromHex("80c0")));
  EXPECT_TRUE(IsRtcp(FromHex("80df")));
  EXPECT_FALSE(IsRtcp(FromHex("80e0")));  // Marker and payload type 96.
  EXPECT_FALSE(IsRtcp(FromHex("8060")));
  EXPECT_FALSE(IsRtcp(FromHex("80bf")));
  EXPECT_FALSE(IsRtcp(FromHex("80")));
  EXPECT_FALSE(IsRtcp({}));
}

}  // namespace
}  // namespace ocellus::rtcp
