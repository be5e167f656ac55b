// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/turn/channel_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace ocellus::turn {
namespace {

std::vector<uint8_t> Packet(std::initializer_list<uint8_t> bytes, size_t room = 8) {
  std::vector<uint8_t> packet(bytes);
  packet.resize(bytes.size() + room, 0xEE);
  return packet;
}

TEST(ChannelData, WrapsAPacketWhereItLies) {
  std::vector<uint8_t> packet = Packet({1, 2, 3, 4, 5});
  EXPECT_EQ(WrapInChannelData(0x4001, TransportProtocol::kUdp, packet, 5), 9u);
  packet.resize(9);
  EXPECT_THAT(packet, testing::ElementsAre(0x40, 0x01, 0, 5, 1, 2, 3, 4, 5));
}

// RFC 8656 section 12.5: over a stream "the ChannelData message MUST be padded to a multiple of
// four bytes", which the length does not count.
TEST(ChannelData, IsPaddedOverAStream) {
  std::vector<uint8_t> packet = Packet({1, 2, 3, 4, 5});
  EXPECT_EQ(WrapInChannelData(0x4FFF, TransportProtocol::kTcp, packet, 5), 12u);
  packet.resize(12);
  EXPECT_THAT(packet, testing::ElementsAre(0x4F, 0xFF, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0));
}

TEST(ChannelData, SaysWhenThereIsNoRoom) {
  std::vector<uint8_t> packet = Packet({1, 2, 3, 4, 5}, 4);
  EXPECT_EQ(WrapInChannelData(0x4000, TransportProtocol::kTcp, packet, 5), std::nullopt);
  EXPECT_EQ(WrapInChannelData(0x4000, TransportProtocol::kUdp, packet, 5), 9u);
  EXPECT_EQ(WrapInChannelData(0x4000, TransportProtocol::kUdp, packet, 6), std::nullopt);
}

TEST(ChannelData, ReadsWhatItWrites) {
  for (const auto protocol : {TransportProtocol::kUdp, TransportProtocol::kTcp}) {
    for (size_t size = 0; size < 9; ++size) {
      std::vector<uint8_t> packet(size + 8, static_cast<uint8_t>(size));
      packet.resize(WrapInChannelData(0x4ABC, protocol, packet, size).value());
      EXPECT_TRUE(IsChannelData(packet));
      const auto read = ParseChannelData(packet);
      ASSERT_TRUE(read);
      EXPECT_EQ(read->channel, 0x4ABC);
      EXPECT_TRUE(Bytes(read->data) ==
                  Bytes(std::vector<uint8_t>(size, static_cast<uint8_t>(size))));
    }
  }
}

// Checklist 11. RFC 8656 section 12.6: a datagram too short for the length in it "is silently
// discarded".
TEST(ChannelData, RefusesLengthsThatLie) {
  std::vector<uint8_t> message = {0x40, 0x00, 0, 5, 1, 2, 3, 4};
  EXPECT_FALSE(ParseChannelData(message));
  message = {0x40, 0x00, 0xFF, 0xFF, 1, 2, 3, 4};
  EXPECT_FALSE(ParseChannelData(message));
  message = {0x40, 0x00, 0, 1, 1, 0, 0, 0, 0};  // More than padding behind it.
  EXPECT_FALSE(ParseChannelData(message));
  message = {0x40, 0x00, 0};
  EXPECT_FALSE(ParseChannelData(message));
  EXPECT_FALSE(ParseChannelData({}));
}

// RFC 8656 section 12: 0x5000 to 0xFFFF are reserved, or other protocols'.
TEST(ChannelData, HasItsOwnNumbers) {
  for (const uint8_t first : {0x00, 0x3F, 0x50, 0x7F, 0x80, 0xFF}) {
    std::vector<uint8_t> message = {first, 0, 0, 0};
    EXPECT_FALSE(IsChannelData(message)) << unsigned{first};
    EXPECT_FALSE(ParseChannelData(message)) << unsigned{first};
  }
  EXPECT_FALSE(IsChannelData(Bytes()));
}

}  // namespace
}  // namespace ocellus::turn
