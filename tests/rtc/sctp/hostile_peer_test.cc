// SPDX-License-Identifier: Apache-2.0
// Data channels with a peer that means no good, or is very old.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "firmware/rtc/sctp/dcep.h"
#include "tests/rtc/sctp/raw_peer.h"

namespace ocellus::sctp {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class HostilePeer : public ::testing::Test {
 protected:
  void SetUp() override {
    peer.Connect();
    open.label = "x";
  }
  // Answers every reset of the end's, and acknowledges all of its data. Returns the streams that it
  // has reset.
  std::set<uint16_t> Serve() {
    std::set<uint16_t> reset;
    for (size_t idle = 0; idle < 3;) {
      const auto packets = peer.TakePackets();
      idle = packets.empty() ? idle + 1 : 0;
      if (packets.empty()) peer.Wait(std::chrono::milliseconds(30));
      for (const auto& packet : packets) {
        auto reader = *PacketReader::Parse(packet, ZeroChecksum::kAccepted);
        while (const auto chunk = reader.Next()) {
          if (const auto* data = std::get_if<DataChunk>(&*chunk)) Acknowledge(*data);
          if (const auto* reconfig = std::get_if<ReconfigChunk>(&*chunk)) {
            Answer(*reconfig, reset);
          }
        }
      }
    }
    return reset;
  }

  ChannelEnd end{11};
  RawPeer peer{end};
  DcepOpen open;
  size_t acks = 0;  // DCEP's.

 private:
  void Acknowledge(const DataChunk& data) {
    if (data.ppid == kPpidDcep) ++acks;
    SackChunk sack;
    sack.cumulative_tsn = data.tsn;
    sack.window = 1'000'000;
    peer.Send(sack);
  }
  void Answer(const ReconfigChunk& reconfig, std::set<uint16_t>& reset) {
    const auto* request = std::get_if<OutgoingResetRequest>(&reconfig.first);
    if (!request) return;
    for (size_t i = 0; i < request->streams.size(); ++i) {
      reset.insert(request->streams[i].stream.value());
    }
    peer.Send(
        ReconfigChunk{ReconfigResponse{request->request, ReconfigResult::kPerformed, std::nullopt},
                      std::nullopt});
  }
};

// Checklist 43: a thousand channels.
TEST_F(HostilePeer, AThousandChannelsAreTooMany) {
  std::set<uint16_t> reset;
  for (uint16_t i = 0; i < 1000; ++i) {
    peer.SendMessage(StreamId(static_cast<uint16_t>(2 * i + 1)), kPpidDcep, open.Write());
    if (i % 50 == 0) reset.merge(Serve());
  }
  reset.merge(Serve());
  EXPECT_THAT(end.opened(), SizeIs(kMaxChannels));
  EXPECT_EQ(end.channels().stats().channels, kMaxChannels);
  EXPECT_EQ(end.channels().stats().messages_ignored, 1000 - kMaxChannels);
  EXPECT_EQ(acks, kMaxChannels);
  EXPECT_THAT(reset, SizeIs(1000 - kMaxChannels)) << "the others are closed";
  EXPECT_EQ(reset.count(1), 0u);
  EXPECT_FALSE(end.failed());
}

// The same, by one who does not answer our resets.
TEST_F(HostilePeer, AThousandChannelsInSilenceTakeBoundedMemory) {
  for (uint16_t i = 0; i < 5000; ++i) {
    peer.SendMessage(StreamId(static_cast<uint16_t>(2 * i + 1)), kPpidDcep, open.Write());
    peer.TakePackets();
  }
  EXPECT_EQ(end.channels().stats().channels, kMaxChannels);
  EXPECT_FALSE(end.failed());
}

// Checklist 41: every stream that there is.
TEST_F(HostilePeer, MessagesOnAllStreamsAreIgnored) {
  for (unsigned stream = 0; stream <= 65'535; ++stream) {
    peer.SendMessage(StreamId(static_cast<uint16_t>(stream)), kPpidString, AsBytes("?"));
    peer.TakePackets();
  }
  EXPECT_EQ(end.channels().stats().messages_ignored, 65'536u);
  EXPECT_EQ(end.channels().stats().channels, 0u);
  EXPECT_FALSE(end.failed());
}

// Nothing that is sent on the stream may overtake a reset that was asked for.
TEST_F(HostilePeer, RefusedChannelsOnOneStreamAreResetOneAfterTheOther) {
  const StreamId stream(1);
  const auto refuse = [&] { peer.SendMessage(stream, kPpidDcep, std::vector<uint8_t>{3}); };
  const auto last_request = [&] {
    const auto requests = peer.Take<ReconfigChunk>();
    EXPECT_THAT(requests, SizeIs(1));
    return std::get<OutgoingResetRequest>(requests.at(0).first).request;
  };
  const auto performed = [](ReconfigSequence request) {
    return ReconfigChunk{ReconfigResponse{request, ReconfigResult::kPerformed, std::nullopt},
                         std::nullopt};
  };
  refuse();
  const ReconfigSequence first = last_request();

  // The answer, and a second one that is refused, before anybody polls.
  DataChunk data;
  const uint8_t broken[] = {3};
  data.tsn = peer.next_tsn();
  peer.SkipTsn();
  data.stream = stream;
  data.unordered = data.beginning = data.end = true;
  data.ppid = kPpidDcep;
  data.payload = broken;
  peer.Send(performed(first), data);
  const ReconfigSequence second = last_request();

  peer.SendMessage(stream, kPpidDcep, open.Write());
  EXPECT_THAT(end.opened(), SizeIs(1));
  EXPECT_THAT(peer.Take<DataChunk>(), IsEmpty());
  peer.Send(performed(second));
  EXPECT_THAT(peer.Take<DataChunk>(), SizeIs(1));  // The ACK.
  EXPECT_FALSE(end.failed());
}

// Checklist 41: wrong parity. RFC 8832 section 6: no ACK, and our half is reset.
TEST_F(HostilePeer, ChannelsOfTheWrongParityAreClosed) {
  peer.SendMessage(StreamId(4), kPpidDcep, open.Write());
  EXPECT_THAT(Serve(), ElementsAre(4));
  EXPECT_THAT(end.opened(), IsEmpty());
  EXPECT_EQ(acks, 0u);
  // And the id is free for us.
  EXPECT_EQ(*end.channels().Open(peer.now, {}), ChannelId(0));
}

// Checklist 41: a label of 65,535 bytes.
TEST_F(HostilePeer, ChannelsWithEndlessNamesAreClosed) {
  const std::string name(65'535, 'x');
  open.label = name;
  peer.SendMessage(StreamId(1), kPpidDcep, open.Write());
  EXPECT_THAT(Serve(), ElementsAre(1));
  open.label = "x";
  open.protocol = name;
  peer.SendMessage(StreamId(3), kPpidDcep, open.Write());
  EXPECT_THAT(Serve(), ElementsAre(3));
  EXPECT_THAT(end.opened(), IsEmpty());
  const std::string fits(kMaxChannelNameSize, 'x');
  open.label = open.protocol = fits;
  peer.SendMessage(StreamId(5), kPpidDcep, open.Write());
  EXPECT_THAT(end.opened(), SizeIs(1));
}

TEST_F(HostilePeer, BrokenOpensAreClosed) {
  std::vector<uint8_t> message = open.Write();
  message[1] = 0x42;
  peer.SendMessage(StreamId(1), kPpidDcep, message);
  message.resize(5);
  peer.SendMessage(StreamId(3), kPpidDcep, message);
  EXPECT_THAT(Serve(), ElementsAre(1, 3));
  const uint8_t unknown[] = {0x77};
  peer.SendMessage(StreamId(5), kPpidDcep, unknown);
  EXPECT_THAT(Serve(), IsEmpty());
  EXPECT_EQ(end.channels().stats().messages_ignored, 3u);
}

// RFC 8832 section 6: "This might occur if [...] a DATA_CHANNEL_OPEN message is received on an
// already used stream": the channel is closed.
TEST_F(HostilePeer, AnOpenOnAUsedStreamClosesTheChannel) {
  peer.SendMessage(StreamId(1), kPpidDcep, open.Write());
  Serve();
  EXPECT_THAT(end.opened(), SizeIs(1));
  peer.SendMessage(StreamId(1), kPpidDcep, open.Write());
  EXPECT_THAT(Serve(), ElementsAre(1));
  EXPECT_EQ(acks, 1u);
}

TEST_F(HostilePeer, AnAckForNothingIsIgnored) {
  peer.SendMessage(StreamId(1), kPpidDcep, WriteDcepAck());
  EXPECT_THAT(end.opened(), IsEmpty());
  EXPECT_EQ(end.channels().stats().messages_ignored, 1u);
  // A second one for a channel that is open changes nothing.
  const ChannelId id = *end.channels().Open(peer.now, {});
  peer.SendMessage(id, kPpidDcep, WriteDcepAck());
  peer.SendMessage(id, kPpidDcep, WriteDcepAck());
  EXPECT_THAT(end.opened(), SizeIs(1));
}

// Checklist 41.
TEST_F(HostilePeer, UnknownPpidsAreIgnoredAndCounted) {
  peer.SendMessage(StreamId(1), kPpidDcep, open.Write());
  for (const uint32_t ppid : {0u, 1u, 49u, 55u, 58u, 0xffffffffu}) {
    peer.SendMessage(StreamId(1), Ppid(ppid), AsBytes("?"));
  }
  EXPECT_EQ(end.channels().stats().messages_ignored, 6u);
  peer.SendMessage(StreamId(1), kPpidString, AsBytes("!"));
  EXPECT_THAT(end.Texts(StreamId(1)), ElementsAre("!"));
}

// RFC 8831 section 8: the deprecated PPIDs, 54 and 52.
TEST_F(HostilePeer, MessagesInPartsArePutTogether) {
  peer.SendMessage(StreamId(1), kPpidDcep, open.Write());
  peer.SendMessage(StreamId(3), kPpidDcep, open.Write());
  peer.SendMessage(StreamId(1), kPpidStringPartial, AsBytes("one "));
  peer.SendMessage(StreamId(3), kPpidBinaryPartial, AsBytes("another"));
  peer.SendMessage(StreamId(1), kPpidStringPartial, AsBytes("message"));
  EXPECT_THAT(end.messages(), IsEmpty());
  peer.SendMessage(StreamId(1), kPpidString, AsBytes("!"));
  peer.SendMessage(StreamId(3), kPpidBinary, AsBytes("?"));
  EXPECT_THAT(end.Texts(StreamId(1)), ElementsAre("one message!"));
  EXPECT_THAT(end.Texts(StreamId(3)), ElementsAre("another?"));
  EXPECT_EQ(end.messages()[0].kind, MessageKind::kString);
  EXPECT_EQ(end.messages()[1].kind, MessageKind::kBinary);
}

// Checklist 42: parts that add up to too much, on many channels.
TEST_F(HostilePeer, PartsWithoutEndAreBounded) {
  const std::vector<uint8_t> part(200'000);
  for (uint16_t stream = 1; stream < 40; stream = static_cast<uint16_t>(stream + 2)) {
    peer.SendMessage(StreamId(stream), kPpidDcep, open.Write());
    for (int i = 0; i < 3; ++i) peer.SendMessage(StreamId(stream), kPpidBinaryPartial, part);
    peer.TakePackets();
  }
  for (uint16_t stream = 1; stream < 40; stream = static_cast<uint16_t>(stream + 2)) {
    peer.SendMessage(StreamId(stream), kPpidBinary, AsBytes("end"));
  }
  EXPECT_THAT(end.messages(), IsEmpty());
  peer.SendMessage(StreamId(1), kPpidBinary, AsBytes("whole"));
  EXPECT_THAT(end.Texts(StreamId(1)), ElementsAre("whole")) << "the channel lives";
}

// A message may come before the ACK that it proves.
TEST_F(HostilePeer, AMessageOpensAChannelAsItsAckWould) {
  const ChannelId id = *end.channels().Open(peer.now, {});
  peer.SendMessage(id, kPpidString, AsBytes("hello"));
  EXPECT_THAT(end.opened(), SizeIs(1));
  EXPECT_THAT(end.Texts(id), ElementsAre("hello"));
  peer.SendMessage(id, kPpidDcep, WriteDcepAck());
  EXPECT_THAT(end.opened(), SizeIs(1));
}

// The peer resets a channel instead of acknowledging it.
TEST_F(HostilePeer, ARefusedChannelIsClosedWithoutHavingBeenOpen) {
  const ChannelId id = *end.channels().Open(peer.now, {});
  ASSERT_TRUE(end.channels().Send(peer.now, id, MessageKind::kString, AsBytes("hello")).ok());
  Serve();
  peer.SendReset(ReconfigSequence(RawPeer::kInitialTsn.value()), peer.last_tsn(), {id});
  EXPECT_THAT(Serve(), ElementsAre(id.value()));
  EXPECT_THAT(end.opened(), IsEmpty());
  EXPECT_THAT(end.closed(), ElementsAre(id));
}

// A peer that has fewer streams than a channel of ours needs.
TEST(FewStreams, ChannelsBeyondThePeersStreamsAreClosed) {
  ChannelEnd end(12);
  RawPeer peer(end);
  peer.inbound_streams = 3;
  ChannelOptions options;
  options.negotiated = ChannelId(3);
  ASSERT_TRUE(end.channels().Open(peer.now, options).ok());
  options.negotiated = ChannelId(2);
  ASSERT_TRUE(end.channels().Open(peer.now, options).ok());
  peer.Connect();
  end.Poll();
  EXPECT_THAT(end.closed(), ElementsAre(ChannelId(3)));
  ASSERT_THAT(end.opened(), SizeIs(1));
  EXPECT_EQ(end.opened()[0].id, ChannelId(2));
  EXPECT_EQ(*end.channels().Open(peer.now, {}), ChannelId(0));
  EXPECT_EQ(end.channels().Open(peer.now, {}).status().code(), StatusCode::kResourceExhausted);
  // Its own OPEN on a stream that it does not take anything on.
  peer.SendMessage(StreamId(5), kPpidDcep, DcepOpen().Write());
  EXPECT_THAT(end.opened(), SizeIs(1));
  EXPECT_EQ(end.channels().stats().messages_ignored, 1u);
}

}  // namespace
}  // namespace ocellus::sctp
