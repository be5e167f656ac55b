// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/turn/stream_framer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "firmware/rtc/stun/message_writer.h"

namespace ocellus::turn {
namespace {

using Buffer = std::vector<uint8_t>;

Buffer StunMessage(size_t text_size) {
  Buffer bytes(64 + text_size);
  stun::MessageWriter writer(bytes, {stun::MessageClass::kSuccess, stun::Method::kRefresh, {}});
  writer.AddText(stun::AttributeType::kSoftware, std::string(text_size, 's'));
  bytes.resize(writer.Finish().value());
  return bytes;
}

// With its padding, as it is on a stream.
Buffer Channel(size_t size) {
  Buffer bytes = {0x40, 0x07, static_cast<uint8_t>(size >> 8), static_cast<uint8_t>(size)};
  bytes.resize(4 + size, 'd');
  bytes.resize((bytes.size() + 3) & ~size_t{3}, 0);
  return bytes;
}

Buffer Concatenate(const std::vector<Buffer>& messages) {
  Buffer all;
  for (const Buffer& message : messages) all.insert(all.end(), message.begin(), message.end());
  return all;
}

std::vector<Buffer> Frame(StreamFramer& framer, const Buffer& stream, size_t cut) {
  std::vector<Buffer> messages;
  for (size_t offset = 0; offset < stream.size(); offset += cut) {
    Bytes piece = Bytes(stream).subspan(offset, std::min(cut, stream.size() - offset));
    while (const auto message = framer.Next(piece)) {
      messages.emplace_back(message->begin(), message->end());
    }
    EXPECT_TRUE(piece.empty() || framer.broken());
  }
  return messages;
}

// RFC 8656 section 12.5: padding is not in the length.
TEST(StreamFramer, FindsMessagesHoweverTheStreamIsCut) {
  const std::vector<Buffer> messages = {StunMessage(1), Channel(5),      Channel(0),
                                        Channel(1200),  StunMessage(90), Channel(8)};
  const Buffer stream = Concatenate(messages);
  for (const size_t cut : {1u, 2u, 3u, 4u, 5u, 7u, 19u, 64u, 1000u, 100000u}) {
    StreamFramer framer;
    EXPECT_THAT(Frame(framer, stream, cut), testing::ElementsAreArray(messages)) << cut;
    EXPECT_FALSE(framer.broken());
    EXPECT_EQ(framer.skipped(), 0u);
  }
}

// A peer may send what it likes; the server hands it on.
TEST(StreamFramer, PassesOverMessagesThatAreTooLong) {
  const std::vector<Buffer> messages = {Channel(5), Channel(0xFFFF), StunMessage(9),
                                        Channel(kMaxTurnMessageSize - 3), Channel(6)};
  for (const size_t cut : {1u, 999u, 1000000u}) {
    StreamFramer framer;
    EXPECT_THAT(Frame(framer, Concatenate(messages), cut),
                testing::ElementsAre(messages[0], messages[2], messages[4]));
    EXPECT_EQ(framer.skipped(), 2u);
  }
}

TEST(StreamFramer, TakesTheLongestMessage) {
  StreamFramer framer;
  const Buffer longest = Channel(kMaxTurnMessageSize - 4);
  EXPECT_THAT(Frame(framer, longest, 100), testing::ElementsAre(longest));
}

TEST(StreamFramer, IsBrokenByWhatIsNotTurn) {
  const Buffer no_cookie(20, 0);
  for (const Buffer& garbage : {Buffer{0x16, 0x03, 0x01, 0x02}, Buffer{0x80, 0, 0, 0},
                                Buffer{0x50, 0, 0, 0}, Buffer{0x01, 0x01, 0x00, 0x03}, no_cookie}) {
    StreamFramer framer;
    EXPECT_THAT(Frame(framer, Concatenate({Channel(3), garbage, Channel(3)}), 1000),
                testing::ElementsAre(Channel(3)));
    EXPECT_TRUE(framer.broken());
    Bytes more = garbage;
    EXPECT_FALSE(framer.Next(more));
  }
}

}  // namespace
}  // namespace ocellus::turn
