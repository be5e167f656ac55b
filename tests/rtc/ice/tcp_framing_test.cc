// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/ice/tcp_framing.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ocellus::ice {
namespace {

std::vector<uint8_t> Frame(const std::string& datagram) {
  std::vector<uint8_t> frame(kTcpFrameHeaderSize + datagram.size());
  std::copy(datagram.begin(), datagram.end(), frame.begin() + kTcpFrameHeaderSize);
  const MutableBytes whole = FrameForTcp(frame, datagram.size());
  EXPECT_EQ(whole.data(), frame.data());
  EXPECT_EQ(whole.size(), frame.size());
  return frame;
}

void Append(std::vector<uint8_t>& stream, const std::vector<uint8_t>& bytes) {
  stream.insert(stream.end(), bytes.begin(), bytes.end());
}

// The datagrams of `stream`, which comes in pieces of `cut` bytes.
std::vector<std::string> Deframe(TcpDeframer& deframer, std::vector<uint8_t> stream, size_t cut) {
  std::vector<std::string> datagrams;
  for (size_t begin = 0; begin < stream.size(); begin += cut) {
    MutableBytes piece(&stream[begin], std::min(cut, stream.size() - begin));
    while (const std::optional<MutableBytes> datagram = deframer.Next(piece)) {
      datagrams.emplace_back(AsText(*datagram));
    }
    EXPECT_TRUE(piece.empty() || deframer.broken());
  }
  return datagrams;
}

TEST(TcpFraming, WritesTheLengthInNetworkOrder) {
  EXPECT_EQ(Frame("STUN"), (std::vector<uint8_t>{0, 4, 'S', 'T', 'U', 'N'}));
  const std::vector<uint8_t> large = Frame(std::string(0x0123, 'x'));
  EXPECT_EQ(large[0], 0x01);
  EXPECT_EQ(large[1], 0x23);
}

TEST(TcpDeframer, FindsDatagramsInAnyCut) {
  const std::vector<std::string> sent = {"a",
                                         std::string(1, '\0'),
                                         "check",
                                         std::string(kMaxReceivedDatagramSize, 'v'),
                                         std::string(300, 'w'),
                                         "end"};
  std::vector<uint8_t> stream;
  for (const std::string& datagram : sent) Append(stream, Frame(datagram));
  for (size_t cut = 1; cut <= stream.size(); ++cut) {
    TcpDeframer deframer;
    ASSERT_EQ(Deframe(deframer, stream, cut), sent) << "in pieces of " << cut;
    EXPECT_FALSE(deframer.broken());
  }
}

TEST(TcpDeframer, SkipsFramesWithoutADatagram) {
  std::vector<uint8_t> stream = {0, 0, 0, 0};
  Append(stream, Frame("check"));
  Append(stream, {0, 0});
  for (size_t cut = 1; cut <= stream.size(); ++cut) {
    TcpDeframer deframer;
    EXPECT_EQ(Deframe(deframer, stream, cut), std::vector<std::string>{"check"});
  }
}

TEST(TcpDeframer, HandsOutWholeFramesWithoutACopy) {
  std::vector<uint8_t> stream = Frame("check");
  MutableBytes rest(stream);
  TcpDeframer deframer;
  EXPECT_EQ(deframer.Next(rest)->data(), stream.data() + kTcpFrameHeaderSize);
}

TEST(TcpDeframer, AFrameThatIsTooLongBreaksTheStreamForGood) {
  const size_t too_long = kMaxReceivedDatagramSize + 1;
  for (size_t cut : {size_t{1}, size_t{2}, size_t{4000}}) {
    std::vector<uint8_t> stream = Frame("check");
    Append(stream, {static_cast<uint8_t>(too_long >> 8), static_cast<uint8_t>(too_long)});
    Append(stream, Frame("behind"));
    TcpDeframer deframer;
    EXPECT_EQ(Deframe(deframer, stream, cut), std::vector<std::string>{"check"});
    EXPECT_TRUE(deframer.broken());
    EXPECT_TRUE(Deframe(deframer, Frame("later"), 100).empty());
  }
}

// What an HTTP client or a port scanner sends to our port is taken for a length.
TEST(TcpDeframer, OtherProtocolsBreakTheStreamAtOnce) {
  for (const char* greeting : {"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01"}) {
    const std::string text(greeting);
    TcpDeframer deframer;
    EXPECT_TRUE(Deframe(deframer, std::vector<uint8_t>(text.begin(), text.end()), 7).empty());
    EXPECT_TRUE(deframer.broken());
  }
}

}  // namespace
}  // namespace ocellus::ice
