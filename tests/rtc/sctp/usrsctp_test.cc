// SPDX-License-Identifier: Apache-2.0
// Our data channels with usrsctp at the other end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware/rtc/sctp/dcep.h"
#include "firmware/rtc/sctp/packet.h"
#include "tests/rtc/sctp/channel_end.h"
#include "tests/rtc/sctp/usrsctp_end.h"

namespace ocellus::sctp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

enum class Active { kUs, kThem, kBoth };

struct Parameters {
  const char* name;
  Active active;
  UsrsctpEnd::Interleaving interleaving;
  bool bad_path;
};

Config LargeMessages() {
  Config config;
  config.mtu = 1116;
  config.peer_max_message_size = kMaxChannelMessageSize;
  return config;
}

class Usrsctp : public ::testing::TestWithParam<Parameters> {
 protected:
  Usrsctp()
      : us(77, LargeMessages()),
        them(GetParam().interleaving),
        path(us, them, GetParam().bad_path ? BadPath() : GoodPath(), 5) {}

  // We have the even ids.
  bool Connect() {
    if (GetParam().active == Active::kUs) {
      them.Listen();
    } else {
      them.Connect();
    }
    // Ours starts by itself; where it is to wait for theirs, its INITs are lost.
    path.lose = [this](const PathEnd& from, Bytes packet) {
      const auto type = static_cast<ChunkType>(packet[CommonHeader::kSize]);
      return GetParam().active == Active::kThem && &from == &us && type == ChunkType::kInit;
    };
    us.channels().Start(path.now(), true);
    return path.RunUntil([&] { return us.channels().is_connected() && them.connected(); },
                         seconds(30));
  }

  // A channel of theirs, known to both.
  void OpenFromThem(StreamId stream, const DcepOpen& open) {
    const size_t opened = us.opened().size();
    const size_t answers = them.MessagesOf(kPpidDcep).size();
    ASSERT_TRUE(them.Send(stream, kPpidDcep, open.Write()));
    ASSERT_TRUE(path.RunUntil(
        [&] { return us.opened().size() > opened && them.MessagesOf(kPpidDcep).size() > answers; },
        seconds(30)));
    EXPECT_THAT(them.MessagesOf(kPpidDcep).back().payload, ElementsAre(0x02));
  }

  ChannelId OpenFromUs(const ChannelOptions& options) {
    const size_t opened = us.opened().size();
    const ChannelId id = *us.channels().Open(path.now(), options);
    const auto asked = [&] {
      const auto& all = them.messages();
      return !all.empty() && all.back().stream == id && all.back().ppid == kPpidDcep;
    };
    EXPECT_TRUE(path.RunUntil(asked, seconds(30)));
    EXPECT_TRUE(them.Send(id, kPpidDcep, WriteDcepAck()));
    EXPECT_TRUE(path.RunUntil([&] { return us.opened().size() > opened; }, seconds(30)));
    return id;
  }

  ChannelEnd us;
  UsrsctpEnd them;
  PacketPath path;
};

TEST_P(Usrsctp, Connects) {
  ASSERT_TRUE(Connect());
  path.RunFor(seconds(60));
  EXPECT_FALSE(us.failed()) << "its HEARTBEATs are answered";
  EXPECT_FALSE(them.ended());
}

TEST_P(Usrsctp, ChannelsOfBothSidesCarryAllKindsOfMessages) {
  ASSERT_TRUE(Connect());
  DcepOpen open;
  open.label = "theirs";
  OpenFromThem(StreamId(1), open);
  EXPECT_EQ(us.opened().back().options.label, "theirs");
  ChannelOptions options;
  options.label = "ours";
  const ChannelId ours = OpenFromUs(options);
  for (const StreamId stream : {StreamId(1), ours}) {
    us.ForgetMessages();
    const size_t before = them.messages().size();
    ASSERT_TRUE(them.Send(stream, kPpidString, AsBytes("text")));
    const uint8_t binary[] = {1, 2, 3};
    ASSERT_TRUE(them.Send(stream, kPpidBinary, binary));
    const uint8_t zero[] = {0};
    ASSERT_TRUE(them.Send(stream, kPpidStringEmpty, zero));
    ASSERT_TRUE(them.Send(stream, kPpidBinaryEmpty, zero));
    ASSERT_TRUE(them.Send(stream, kPpidStringPartial, AsBytes("half a ")));
    ASSERT_TRUE(them.Send(stream, kPpidString, AsBytes("message")));
    ASSERT_TRUE(them.Send(stream, Ppid(99), AsBytes("unknown")));
    ASSERT_TRUE(us.channels().Send(path.now(), stream, MessageKind::kString, AsBytes("t")).ok());
    ASSERT_TRUE(us.channels().Send(path.now(), stream, MessageKind::kBinary, binary).ok());
    ASSERT_TRUE(us.channels().Send(path.now(), stream, MessageKind::kString, {}).ok());
    ASSERT_TRUE(us.channels().Send(path.now(), stream, MessageKind::kBinary, {}).ok());
    ASSERT_TRUE(path.RunUntil(
        [&] { return us.messages().size() == 5 && them.messages().size() == before + 4; },
        seconds(60)));
    EXPECT_EQ(us.messages()[0].text(), "text");
    EXPECT_THAT(us.messages()[1].payload, ElementsAre(1, 2, 3));
    EXPECT_EQ(us.messages()[1].kind, MessageKind::kBinary);
    EXPECT_THAT(us.messages()[2].payload, IsEmpty());
    EXPECT_EQ(us.messages()[3].kind, MessageKind::kBinary);
    EXPECT_EQ(us.messages()[4].text(), "half a message");
    EXPECT_EQ(them.messages()[before].ppid, kPpidString);
    EXPECT_EQ(them.messages()[before + 1].ppid, kPpidBinary);
    EXPECT_EQ(them.messages()[before + 2].ppid, kPpidStringEmpty);
    EXPECT_EQ(them.messages()[before + 3].ppid, kPpidBinaryEmpty);
  }
}

TEST_P(Usrsctp, LargeMessagesPassBothWays) {
  ASSERT_TRUE(Connect());
  const ChannelId id = OpenFromUs({});
  const size_t before = them.messages().size();
  std::vector<std::vector<uint8_t>> sent;
  for (const size_t size : {size_t{1100}, size_t{65'536}, kMaxChannelMessageSize}) {
    sent.push_back(RandomPayload(size, size));
    ASSERT_TRUE(us.channels().Send(path.now(), id, MessageKind::kBinary, sent.back()).ok());
    ASSERT_TRUE(them.Send(id, kPpidBinary, sent.back()));
  }
  ASSERT_TRUE(path.RunUntil(
      [&] { return us.messages().size() == 3 && them.messages().size() == before + 3; },
      seconds(300)));
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(us.messages()[i].payload, sent[i]);
    EXPECT_EQ(them.messages()[before + i].payload, sent[i]);
  }
}

// The unordered messages fit into one packet: usrsctp 0.9.5.0 takes it for a violation when a part
// of a larger one waits while FORWARD-TSN comes ("missing end for MID").
TEST_P(Usrsctp, UnorderedAndUnreliableMessagesPassBothWays) {
  ASSERT_TRUE(Connect());
  ChannelOptions options;
  const ChannelId reliable = OpenFromUs(options);
  options.max_lifetime = milliseconds(200);
  const ChannelId timely = OpenFromUs(options);
  options.max_lifetime.reset();
  options.ordered = false;
  const ChannelId unordered = OpenFromUs(options);
  options.max_retransmits = 0;
  const ChannelId few = OpenFromUs(options);
  constexpr size_t kMessages = 100;
  for (size_t i = 0; i < kMessages; ++i) {
    const std::string small = std::to_string(i);
    const std::string large = small + std::string(i % 7 * 400, '.');
    const auto send = [&](ChannelId id, const std::string& text, UsrsctpEnd::SendMode mode) {
      EXPECT_TRUE(us.channels().Send(path.now(), id, MessageKind::kString, AsBytes(text)).ok());
      EXPECT_TRUE(them.Send(id, kPpidString, AsBytes(text), mode));
    };
    send(reliable, large, {true, std::nullopt, std::nullopt});
    send(timely, large, {true, std::nullopt, 200});
    send(unordered, small, {false, std::nullopt, std::nullopt});
    send(few, small, {false, 0, std::nullopt});
    path.RunFor(milliseconds(20));
  }
  path.RunFor(seconds(120));
  const auto arrived = [&](ChannelId id) {
    const auto all = them.MessagesOf(kPpidString);
    return static_cast<size_t>(std::count_if(
        all.begin(), all.end(), [&](const auto& message) { return message.stream == id; }));
  };
  EXPECT_EQ(arrived(reliable), kMessages);
  EXPECT_EQ(arrived(unordered), kMessages);
  EXPECT_GT(arrived(few), kMessages / 2);
  EXPECT_GT(arrived(timely), 0u);
  // With I-DATA, usrsctp 0.9.5.0 also gives up messages that lie behind the new cumulative TSN, on
  // reliable streams too: its I-FORWARD-TSN names them.
  if (GetParam().interleaving == UsrsctpEnd::Interleaving::kOff || !GetParam().bad_path) {
    EXPECT_EQ(us.Texts(reliable).size(), kMessages);
    EXPECT_EQ(us.Texts(unordered).size(), kMessages);
    EXPECT_GT(us.Texts(few).size(), kMessages / 2);
  }
  EXPECT_GT(us.Texts(timely).size(), 0u);
  EXPECT_FALSE(us.failed());
  EXPECT_FALSE(them.ended());
}

TEST_P(Usrsctp, ChannelsCloseFromBothSidesAndTheirIdsAreUsedAgain) {
  ASSERT_TRUE(Connect());
  for (size_t round = 1; round <= 6; ++round) {
    const ChannelId id = OpenFromUs({});
    EXPECT_EQ(id, ChannelId(0));
    ASSERT_TRUE(us.channels().Send(path.now(), id, MessageKind::kString, AsBytes("hello")).ok());
    const size_t before = us.messages().size();
    ASSERT_TRUE(them.Send(id, kPpidString, AsBytes("hello")));
    ASSERT_TRUE(path.RunUntil([&] { return us.messages().size() > before; }, seconds(30)));
    if (round % 2 == 0) {
      us.channels().Close(path.now(), id);
      ASSERT_TRUE(
          path.RunUntil([&] { return them.incoming_resets().size() == round; }, seconds(30)))
          << round;
      EXPECT_TRUE(them.ResetStream(id));
    } else {
      EXPECT_TRUE(them.ResetStream(id));
    }
    ASSERT_TRUE(path.RunUntil(
        [&] {
          return us.closed().size() == round && them.incoming_resets().size() == round &&
                 them.outgoing_resets().size() == round;
        },
        seconds(60)))
        << round << ": " << us.closed().size() << " " << them.incoming_resets().size() << " "
        << them.outgoing_resets().size();
  }
}

TEST_P(Usrsctp, ShutsDownForUs) {
  ASSERT_TRUE(Connect());
  const ChannelId id = OpenFromUs({});
  ASSERT_TRUE(us.channels().Send(path.now(), id, MessageKind::kString, AsBytes("last")).ok());
  us.channels().Shutdown(path.now());
  ASSERT_TRUE(path.RunUntil([&] { return them.ended(); }, seconds(60)));
  EXPECT_THAT(them.MessagesOf(kPpidString), SizeIs(1));
  EXPECT_FALSE(us.failed());
}

TEST_P(Usrsctp, ShutsDownForThem) {
  ASSERT_TRUE(Connect());
  const ChannelId id = OpenFromUs({});
  ASSERT_TRUE(them.Send(id, kPpidString, AsBytes("last")));
  them.Shutdown();
  ASSERT_TRUE(path.RunUntil([&] { return us.failed().has_value(); }, seconds(90)));
  EXPECT_EQ(us.failed()->code(), StatusCode::kUnavailable);
  EXPECT_THAT(us.messages(), SizeIs(1));
}

TEST_P(Usrsctp, AnAbortEndsIt) {
  ASSERT_TRUE(Connect());
  them.Abort();
  // On a bad path it may be lost; the data that is not acknowledged then tells.
  static_cast<void>(us.channels().Open(path.now(), {}));
  ASSERT_TRUE(path.RunUntil([&] { return us.failed().has_value(); }, seconds(300)));
}

INSTANTIATE_TEST_SUITE_P(
    Peers, Usrsctp,
    ::testing::Values(
        Parameters{"WeConnect", Active::kUs, UsrsctpEnd::Interleaving::kOff, false},
        Parameters{"TheyConnect", Active::kThem, UsrsctpEnd::Interleaving::kOff, false},
        Parameters{"BothConnect", Active::kBoth, UsrsctpEnd::Interleaving::kOff, false},
        Parameters{"BothConnectAndInterleave", Active::kBoth, UsrsctpEnd::Interleaving::kOn, false},
        Parameters{"WeConnectOnABadPath", Active::kUs, UsrsctpEnd::Interleaving::kOff, true},
        Parameters{"BothConnectOnABadPath", Active::kBoth, UsrsctpEnd::Interleaving::kOff, true},
        Parameters{"BothInterleaveOnABadPath", Active::kBoth, UsrsctpEnd::Interleaving::kOn, true}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace ocellus::sctp
