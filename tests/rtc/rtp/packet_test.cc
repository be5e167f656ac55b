// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtp/packet.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/rtc/rtcp/hex.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::rtp {
namespace {

using test::FromHex;
using test::ToHex;

std::string FindHex(const Packet& packet, uint8_t id) {
  const auto data = packet.extensions.Find(ExtensionId(id));
  return data ? "\"" + ToHex(*data) + "\"" : "none";
}

// vectors/rfc-derived: rtp-ext-one-byte.
TEST(Packet, ReadsOneByteExtensions) {
  const auto datagram = FromHex("906000010000000200000003BEDE000310AA21BBCC00003301020304DEAD");
  const auto packet = Packet::Parse(datagram);
  ASSERT_TRUE(packet.ok());
  EXPECT_EQ(packet->payload_type, PayloadType(96));
  EXPECT_EQ(packet->sequence_number, SequenceNumber(1));
  EXPECT_EQ(packet->timestamp, RtpTimestamp(2));
  EXPECT_EQ(packet->ssrc, Ssrc(3));
  EXPECT_FALSE(packet->marker);
  EXPECT_EQ(FindHex(*packet, 1), "\"aa\"");
  EXPECT_EQ(FindHex(*packet, 2), "\"bbcc\"");
  EXPECT_EQ(FindHex(*packet, 3), "\"01020304\"");
  EXPECT_EQ(FindHex(*packet, 4), "none");
  EXPECT_EQ(ToHex(packet->payload), "dead");
}

// RFC 8285 section 4.2: "If the ID value 15 is used ... processing of the entire extension MUST
// terminate at that point".
TEST(Packet, StopsAtExtension15) {
  const auto datagram = FromHex("906000010000000200000003BEDE000210AAF0BB21010200DEAD");
  const auto packet = Packet::Parse(datagram);
  ASSERT_TRUE(packet.ok());
  EXPECT_EQ(FindHex(*packet, 1), "\"aa\"");
  EXPECT_EQ(FindHex(*packet, 2), "none");
  EXPECT_EQ(ToHex(packet->payload), "dead");
}

// vectors/rfc-derived: rtp-ext-two-byte.
TEST(Packet, ReadsTwoByteExtensions) {
  const auto datagram = FromHex("9060000100000002000000031000000301000201BB00030401020304DEAD");
  const auto packet = Packet::Parse(datagram);
  ASSERT_TRUE(packet.ok());
  EXPECT_EQ(FindHex(*packet, 1), "\"\"");
  EXPECT_EQ(FindHex(*packet, 2), "\"bb\"");
  EXPECT_EQ(FindHex(*packet, 3), "\"01020304\"");
}

TEST(Packet, PassesOverExtensionsOfOtherProfiles) {
  const auto datagram = FromHex("906000010000000200000003ABCD0001FFFFFFFFDEAD");
  const auto packet = Packet::Parse(datagram);
  ASSERT_TRUE(packet.ok());
  EXPECT_EQ(packet->extensions.profile, 0xabcd);
  EXPECT_EQ(FindHex(*packet, 15), "none");
  EXPECT_EQ(ToHex(packet->payload), "dead");
}

// Checklist 31: vectors/rfc-derived.
TEST(Packet, DropsWhatIsMalformed) {
  const auto code = [](std::string_view hex) {
    return Packet::Parse(FromHex(hex)).status().code();
  };
  EXPECT_EQ(code("906000010000000200000003BEDE00011FAABBCC"), StatusCode::kMalformed);  // element
  EXPECT_EQ(code("906000010000000200000003100000010104AABB"), StatusCode::kMalformed);
  EXPECT_EQ(code("906000010000000200000003BEDEFFFF10"), StatusCode::kTruncated);  // block
  EXPECT_EQ(code("8F6000010000000200000003"), StatusCode::kTruncated);            // CSRCs
  EXPECT_EQ(code("A060000100000002000000030102FF"), StatusCode::kMalformed);      // padding
  EXPECT_EQ(code("A06000010000000200000003010200"), StatusCode::kMalformed);
  EXPECT_EQ(code("A06000010000000200000003"), StatusCode::kMalformed);
  EXPECT_EQ(code("40600001000000020000000301"), StatusCode::kMalformed);  // version
  EXPECT_EQ(code("80600001000000020000"), StatusCode::kTruncated);
  EXPECT_EQ(code(""), StatusCode::kTruncated);
}

TEST(Packet, ParsesWhatItWrites) {
  sim::SeededRandom random(1);
  for (int round = 0; round < 500; ++round) {
    std::array<uint8_t, 1500> content;
    random.Fill(content);
    ExtensionWriter extensions;
    if (random.Below(2) == 1) {
      for (uint8_t id = 1; id < 4; ++id) {
        extensions.Add(ExtensionId(id), Bytes(content).subspan(id, 1 + random.Below(16)));
      }
    }
    Packet packet;
    packet.marker = random.Below(2) == 1;
    packet.payload_type = PayloadType(static_cast<uint8_t>(random.Below(128)));
    packet.sequence_number = SequenceNumber(static_cast<uint16_t>(random.NextU32()));
    packet.timestamp = RtpTimestamp(random.NextU32());
    packet.ssrc = Ssrc(random.NextU32());
    packet.csrcs = Bytes(content).first(4 * random.Below(16));
    packet.extensions = extensions.extensions();
    packet.payload = Bytes(content).first(random.Below(1100));
    packet.padding = static_cast<uint8_t>(random.Below(256));

    std::array<uint8_t, 1500> out;
    ByteWriter writer(out);
    packet.Write(writer);
    ASSERT_TRUE(writer.ok());
    const auto parsed = Packet::Parse(writer.written());
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed->marker, packet.marker);
    EXPECT_EQ(parsed->payload_type, packet.payload_type);
    EXPECT_EQ(parsed->sequence_number, packet.sequence_number);
    EXPECT_EQ(parsed->timestamp, packet.timestamp);
    EXPECT_EQ(parsed->ssrc, packet.ssrc);
    EXPECT_EQ(parsed->csrcs, packet.csrcs);
    EXPECT_EQ(parsed->extensions.block, packet.extensions.block);
    EXPECT_EQ(parsed->payload, packet.payload);
    EXPECT_EQ(parsed->padding, packet.padding);
  }
}

TEST(ExtensionWriter, LeavesOutWhatDoesNotFit) {
  const auto data = FromHex("000102030405060708090a0b0c0d0e0f");
  ExtensionWriter writer;
  EXPECT_TRUE(writer.Add(ExtensionId(1), Bytes(data).first(2), 8));
  EXPECT_FALSE(writer.Add(ExtensionId(2), Bytes(data).first(5), 8));
  EXPECT_TRUE(writer.Add(ExtensionId(3), Bytes(data).first(4), 8));
  EXPECT_EQ(ToHex(writer.extensions().block), "1100013300010203");
}

TEST(ExtensionWriter, PadsToWords) {
  ExtensionWriter writer;
  EXPECT_TRUE(writer.extensions().block.empty());
  writer.Add(ExtensionId(14), FromHex("aabb"));
  EXPECT_EQ(ToHex(writer.extensions().block), "e1aabb00");
}

// Checklist 31: other stacks' collections of hostile packets.
TEST(Packet, SurvivesPublicCorpora) {
  size_t packets = 0;
  for (const char* folder : {"../shared/vectors/public/corpora/libwebrtc/rtp",
                             "../shared/vectors/public/corpora/aiortc"}) {
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not here";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(file), {}};
      const auto packet = Packet::Parse(AsBytes(bytes));
      if (packet.ok()) packet->extensions.Find(ExtensionId(1));
      ++packets;
    }
  }
  EXPECT_GE(packets, 50u);
}

}  // namespace
}  // namespace ocellus::rtp
