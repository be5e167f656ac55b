// SPDX-License-Identifier: Apache-2.0
// What one association answers to packets that are written by hand.
#include "firmware/rtc/sctp/association.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/rtc/sctp/raw_peer.h"

namespace ocellus::sctp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class AssociationTest : public ::testing::Test {
 protected:
  uint64_t dropped() const { return end.channels().stats().packets_dropped; }
  // It still does what it should.
  void ExpectAlive() {
    peer.TakePackets();
    peer.Send(HeartbeatChunk{AsBytes("alive?")});
    const auto answers = peer.Take<HeartbeatAckChunk>();
    ASSERT_THAT(answers, SizeIs(1));
    EXPECT_FALSE(end.failed());
  }

  ChannelEnd end{3};
  RawPeer peer{end};
};

TEST_F(AssociationTest, ComesUpByThePeersInitAlone) { peer.Connect(); }

TEST_F(AssociationTest, ComesUpByItsOwnInitAlone) {
  end.channels().Start(peer.now, true);
  const auto inits = peer.Take<InitChunk>();
  ASSERT_THAT(inits, SizeIs(1));
  InitAckChunk answer;
  answer.init = peer.MakeInit();
  answer.cookie = AsBytes("a cookie");
  peer.SendWithTag(inits[0].tag, answer);
  const auto echoes = peer.Take<CookieEchoChunk>();
  ASSERT_THAT(echoes, SizeIs(1));
  EXPECT_EQ(AsText(echoes[0].cookie), "a cookie");
  EXPECT_FALSE(end.channels().is_connected());
  peer.SendWithTag(inits[0].tag, CookieAckChunk{});
  EXPECT_TRUE(end.channels().is_connected());
}

// RFC 9260 section 5.1: T1-init and T1-cookie.
TEST_F(AssociationTest, RepeatsInitAndCookieEcho) {
  end.channels().Start(peer.now, true);
  peer.TakePackets();
  peer.Wait(seconds(3));
  const auto inits = peer.Take<InitChunk>();
  ASSERT_THAT(inits, SizeIs(2)) << "after 0.5 and 1.5 s";
  InitAckChunk answer;
  answer.init = peer.MakeInit();
  answer.cookie = AsBytes("a cookie");
  peer.SendWithTag(inits[0].tag, answer);
  peer.Wait(seconds(3));
  EXPECT_THAT(peer.Take<CookieEchoChunk>(), SizeIs(3));
  // Section 5.2.3: a second INIT ACK changes nothing.
  answer.cookie = AsBytes("another");
  peer.SendWithTag(inits[0].tag, answer);
  peer.Wait(seconds(3));
  EXPECT_EQ(AsText(peer.Take<CookieEchoChunk>().back().cookie), "a cookie");
}

// RFC 9260 section 5.2.1: the answer to an INIT that crosses ours has the same tag and TSN.
TEST_F(AssociationTest, AnswersACrossingInitAsItsOwn) {
  end.channels().Start(peer.now, true);
  const auto inits = peer.Take<InitChunk>();
  peer.SendWithTag(VerificationTag(), peer.MakeInit());
  peer.SendWithTag(VerificationTag(), peer.MakeInit());
  const auto answers = peer.Take<InitAckChunk>();
  ASSERT_THAT(answers, SizeIs(2));
  for (const InitAckChunk& answer : answers) {
    EXPECT_EQ(answer.init.tag, inits[0].tag);
    EXPECT_EQ(answer.init.initial_tsn, inits[0].initial_tsn);
  }
}

// Section 5.2.4, action D.
TEST_F(AssociationTest, AcknowledgesARepeatedCookieAgain) {
  end.channels().Start(peer.now, true);
  peer.SendWithTag(VerificationTag(), peer.MakeInit());
  const auto answers = peer.Take<InitAckChunk>();
  for (int i = 0; i < 3; ++i) {
    peer.SendWithTag(answers[0].init.tag, CookieEchoChunk{answers[0].cookie});
    EXPECT_THAT(peer.Take<CookieAckChunk>(), SizeIs(1));
    peer.Wait(seconds(40));
  }
  EXPECT_TRUE(end.channels().is_connected());
}

// Section 5.1.5.
TEST_F(AssociationTest, TakesNoCookieButItsOwn) {
  end.channels().Start(peer.now, true);
  peer.SendWithTag(VerificationTag(), peer.MakeInit());
  const auto answers = peer.Take<InitAckChunk>();
  const VerificationTag tag = answers[0].init.tag;
  std::vector<uint8_t> cookie(answers[0].cookie.begin(), answers[0].cookie.end());
  for (size_t i = 0; i < cookie.size(); ++i) {
    cookie[i] ^= 1;
    peer.SendWithTag(tag, CookieEchoChunk{cookie});
    cookie[i] ^= 1;
  }
  peer.SendWithTag(VerificationTag(tag.value() + 1), CookieEchoChunk{cookie});
  EXPECT_FALSE(end.channels().is_connected());
  peer.SendWithTag(tag, CookieEchoChunk{cookie});
  EXPECT_TRUE(end.channels().is_connected());
}

TEST_F(AssociationTest, TellsThatACookieIsStale) {
  end.channels().Start(peer.now, true);
  peer.SendWithTag(VerificationTag(), peer.MakeInit());
  const auto answers = peer.Take<InitAckChunk>();
  // Its own INIT is answered, so that it lives on; by another tag, so that it is not action D.
  InitAckChunk answer;
  answer.init = peer.MakeInit(VerificationTag(99));
  answer.cookie = AsBytes("a cookie");
  peer.SendWithTag(answers[0].init.tag, answer);
  peer.SendWithTag(answers[0].init.tag, CookieAckChunk{});
  ASSERT_TRUE(end.channels().is_connected());
  peer.TakePackets();
  peer.Wait(seconds(61));
  peer.SendWithTag(answers[0].init.tag, CookieEchoChunk{answers[0].cookie});
  const auto errors = peer.Take<ErrorChunk>();
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_EQ(errors[0].cause.code, CauseCode::kStaleCookie);
  EXPECT_FALSE(end.failed());
}

// Section 5.2.6.
TEST_F(AssociationTest, BeginsAgainWhenItsCookieIsStale) {
  end.channels().Start(peer.now, true);
  const auto inits = peer.Take<InitChunk>();
  InitAckChunk answer;
  answer.init = peer.MakeInit();
  answer.cookie = AsBytes("old");
  peer.SendWithTag(inits[0].tag, answer);
  peer.TakePackets();
  peer.SendWithTag(inits[0].tag, ErrorChunk{{CauseCode::kStaleCookie, AsBytes("1234")}});
  EXPECT_THAT(peer.Take<InitChunk>(), SizeIs(1));
  answer.cookie = AsBytes("new");
  peer.SendWithTag(inits[0].tag, answer);
  const auto echoes = peer.Take<CookieEchoChunk>();
  ASSERT_THAT(echoes, SizeIs(1));
  EXPECT_EQ(AsText(echoes[0].cookie), "new");
  peer.SendWithTag(inits[0].tag, CookieAckChunk{});
  EXPECT_TRUE(end.channels().is_connected());
}

// Section 5.2.2: an INIT to an association that is up disturbs nothing.
TEST_F(AssociationTest, ALateInitDisturbsNothing) {
  peer.Connect();
  peer.SendWithTag(VerificationTag(), peer.MakeInit());
  const auto answers = peer.Take<InitAckChunk>();
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_NE(answers[0].init.tag, peer.local_tag());
  ExpectAlive();
}

// Section 5.2.4, action A: here, the end of the association.
TEST_F(AssociationTest, APeerThatRestartsEndsIt) {
  peer.Connect();
  peer.SendWithTag(VerificationTag(), peer.MakeInit(VerificationTag(77)));
  const auto answers = peer.Take<InitAckChunk>();
  ASSERT_THAT(answers, SizeIs(1));
  peer.SendWithTag(answers[0].init.tag, CookieEchoChunk{answers[0].cookie});
  end.Poll();
  ASSERT_TRUE(end.failed());
  EXPECT_EQ(end.failed()->code(), StatusCode::kUnavailable);
  EXPECT_THAT(end.failed()->message(), HasSubstr("restarted"));
  EXPECT_THAT(peer.Take<AbortChunk>(), SizeIs(1));
}

TEST_F(AssociationTest, RefusesAnInitAckThatCannotBe) {
  for (int what = 0; what < 4; ++what) {
    ChannelEnd other(8);
    RawPeer broken(other);
    other.channels().Start(broken.now, true);
    const auto inits = broken.Take<InitChunk>();
    InitAckChunk answer;
    answer.init = broken.MakeInit();
    answer.cookie = AsBytes("a cookie");
    if (what == 0) answer.init.tag = VerificationTag();
    if (what == 1) answer.init.inbound_streams = 0;
    if (what == 2) answer.init.outbound_streams = 0;
    if (what == 3) answer.init.window = 1499;
    broken.SendWithTag(inits[0].tag, answer);
    ASSERT_TRUE(other.failed()) << what;
    EXPECT_EQ(other.failed()->code(), StatusCode::kMalformed);
  }
}

TEST_F(AssociationTest, DropsAndCountsWhatIsNotForIt) {
  peer.Connect();
  const uint64_t before = dropped();
  peer.SendWithTag(VerificationTag(peer.local_tag().value() ^ 1), ShutdownAckChunk{});
  EXPECT_EQ(dropped(), before + 1);
  peer.SendWithTag(VerificationTag(), HeartbeatChunk{AsBytes("x")});
  EXPECT_EQ(dropped(), before + 2);
  uint8_t buffer[200];
  for (const CommonHeader& header :
       {CommonHeader{5001, 5000, peer.local_tag()}, CommonHeader{5000, 5001, peer.local_tag()}}) {
    PacketWriter packet(buffer, header);
    ASSERT_TRUE(packet.Append(AbortChunk{}));
    peer.SendPacket(Bytes(buffer, packet.Finish(Checksum::kCrc32c)));
  }
  EXPECT_EQ(dropped(), before + 4);
  PacketWriter packet(buffer, {5000, 5000, peer.local_tag()});
  ASSERT_TRUE(packet.Append(AbortChunk{}));
  const size_t size = packet.Finish(Checksum::kCrc32c);
  buffer[8] ^= 1;  // In the checksum.
  peer.SendPacket(Bytes(buffer, size));
  EXPECT_EQ(dropped(), before + 5);
  peer.SendPacket(AsBytes("garbage"));
  peer.SendPacket({});
  EXPECT_EQ(dropped(), before + 7);
  // Section 6.10: INIT is alone, and section 8.5.1: has the tag 0.
  peer.SendWithTag(VerificationTag(), peer.MakeInit(), HeartbeatChunk{AsBytes("x")});
  peer.Send(peer.MakeInit());
  EXPECT_EQ(dropped(), before + 9);
  ExpectAlive();
}

TEST_F(AssociationTest, AnswersHeartbeatsAndSendsNone) {
  peer.Connect();
  peer.Send(HeartbeatChunk{AsBytes("anything")});
  const auto answers = peer.Take<HeartbeatAckChunk>();
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(AsText(answers[0].info), "anything");
  peer.Send(HeartbeatAckChunk{AsBytes("unasked")});
  EXPECT_EQ(end.next_deadline(), kNever);
}

// RFC 9260 section 3.2: what the two highest bits of an unknown chunk's type ask for.
TEST_F(AssociationTest, TreatsUnknownChunksAsTheyAsk) {
  peer.Connect();
  struct Unknown {
    uint8_t type;
    void Write(ByteWriter& out) const {
      out.WriteU8(type);
      out.WriteU8(0);
      out.WriteU16(8);
      out.WriteU32(0xabcdef01);
    }
  };
  for (const uint8_t type : {0x3f, 0x7f, 0xbf, 0xff}) {
    peer.TakePackets();
    peer.Send(Unknown{type}, HeartbeatChunk{AsBytes("behind it")});
    bool reported = false;
    bool went_on = false;
    for (const auto& packet : peer.TakePackets()) {
      auto reader = *PacketReader::Parse(packet, ZeroChecksum::kAccepted);
      while (const auto chunk = reader.Next()) {
        went_on = went_on || std::holds_alternative<HeartbeatAckChunk>(*chunk);
        const auto* error = std::get_if<ErrorChunk>(&*chunk);
        if (!error) continue;
        reported = true;
        EXPECT_EQ(error->cause.code, CauseCode::kUnrecognizedChunkType);
        ASSERT_THAT(error->cause.info, SizeIs(8));
        EXPECT_EQ(error->cause.info[0], type);
      }
    }
    EXPECT_EQ(went_on, (type & 0x80) != 0) << int{type};
    EXPECT_EQ(reported, (type & 0x40) != 0) << int{type};
  }
}

TEST_F(AssociationTest, AnAbortEndsItAndSaysWhy) {
  peer.Connect();
  peer.Send(AbortChunk{false, ErrorCause{CauseCode::kUserInitiatedAbort, AsBytes("Close called")}});
  ASSERT_TRUE(end.failed());
  EXPECT_EQ(end.failed()->code(), StatusCode::kUnavailable);
  EXPECT_THAT(end.failed()->message(), HasSubstr("Close called"));
  EXPECT_THAT(peer.TakePackets(), IsEmpty()) << "an ABORT is not answered";
  peer.Send(HeartbeatChunk{AsBytes("x")});
  EXPECT_THAT(peer.TakePackets(), IsEmpty());
}

// RFC 9260 section 8.5.1: the T bit says that the tag is the sender's own.
TEST_F(AssociationTest, AnAbortMayReflectTheTag) {
  peer.Connect();
  peer.SendWithTag(peer.local_tag(), AbortChunk{true, std::nullopt});
  EXPECT_FALSE(end.failed());
  peer.SendWithTag(RawPeer::kTag, AbortChunk{false, std::nullopt});
  EXPECT_FALSE(end.failed());
  peer.SendWithTag(RawPeer::kTag, AbortChunk{true, std::nullopt});
  EXPECT_TRUE(end.failed());
}

TEST_F(AssociationTest, AbortsAPeerThatSendsDataWithoutData) {
  peer.Connect();
  DataChunk data;
  data.tsn = peer.next_tsn();
  data.beginning = data.end = true;
  peer.Send(data);
  ASSERT_TRUE(end.failed());
  EXPECT_EQ(end.failed()->code(), StatusCode::kMalformed);
  const auto aborts = peer.Take<AbortChunk>();
  ASSERT_THAT(aborts, SizeIs(1));
  EXPECT_EQ(aborts[0].cause->code, CauseCode::kNoUserData);
  // RFC 9260 section 8.4: the ABORT may be lost; who goes on is told again, once for each packet.
  peer.Send(data);
  EXPECT_THAT(peer.Take<AbortChunk>(), SizeIs(1));
  peer.Send(AbortChunk{});
  EXPECT_THAT(peer.TakePackets(), IsEmpty());
}

TEST_F(AssociationTest, SaysThatTheLastStreamDoesNotExist) {
  peer.Connect();
  peer.SendMessage(StreamId(65'535), kPpidString, AsBytes("x"));
  const auto errors = peer.Take<ErrorChunk>();
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_EQ(errors[0].cause.code, CauseCode::kInvalidStreamIdentifier);
  EXPECT_EQ(end.channels().stats().messages_ignored, 1u);
  ExpectAlive();
}

// RFC 9260 section 9.2.
TEST_F(AssociationTest, AnswersShutdownUntilItIsComplete) {
  peer.Connect();
  peer.Send(ShutdownChunk{peer.local_initial_tsn() - 1});
  EXPECT_THAT(peer.Take<ShutdownAckChunk>(), SizeIs(1));
  EXPECT_FALSE(end.failed());
  EXPECT_EQ(end.channels().Open(peer.now, {}).status().code(), StatusCode::kFailedPrecondition);
  peer.Wait(milliseconds(600));
  EXPECT_THAT(peer.Take<ShutdownAckChunk>(), SizeIs(1)) << "T2-shutdown";
  peer.Send(ShutdownChunk{peer.local_initial_tsn() - 1});
  EXPECT_THAT(peer.Take<ShutdownAckChunk>(), SizeIs(1));
  peer.Send(ShutdownCompleteChunk{});
  ASSERT_TRUE(end.failed());
  EXPECT_EQ(end.failed()->code(), StatusCode::kUnavailable);
  EXPECT_EQ(end.next_deadline(), kNever);
}

TEST_F(AssociationTest, ShutsDownWithAPeerThatDoesSoAtOnce) {
  peer.Connect();
  end.channels().Shutdown(peer.now);
  EXPECT_THAT(peer.Take<ShutdownChunk>(), SizeIs(1));
  peer.Send(ShutdownChunk{peer.local_initial_tsn() - 1});
  EXPECT_THAT(peer.Take<ShutdownAckChunk>(), SizeIs(1));
  peer.Send(ShutdownAckChunk{});
  EXPECT_THAT(peer.Take<ShutdownCompleteChunk>(), SizeIs(1));
  // Section 8.4: ours was lost.
  peer.Send(ShutdownAckChunk{});
  EXPECT_THAT(peer.Take<ShutdownCompleteChunk>(), SizeIs(1));
  EXPECT_FALSE(end.failed()) << "it was asked for";
}

// Section 9.2: a peer that has not got our SHUTDOWN sends data, and gets it again with the SACK.
TEST_F(AssociationTest, RepeatsShutdownToAPeerThatGoesOn) {
  peer.Connect();
  end.channels().Shutdown(peer.now);
  EXPECT_THAT(peer.Take<ShutdownChunk>(), SizeIs(1));
  peer.SendMessage(StreamId(1), kPpidString, AsBytes("x"));
  const auto shutdowns = peer.Take<ShutdownChunk>();
  ASSERT_THAT(shutdowns, SizeIs(1));
  EXPECT_EQ(shutdowns[0].cumulative_tsn, peer.last_tsn());
}

TEST_F(AssociationTest, GivesUpAPeerThatDoesNotAnswerItsShutdown) {
  peer.Connect();
  end.channels().Shutdown(peer.now);
  peer.Wait(seconds(60));
  EXPECT_EQ(end.next_deadline(), kNever);
  EXPECT_THAT(peer.Take<AbortChunk>(), SizeIs(1));
  EXPECT_FALSE(end.failed());
}

uint32_t ChecksumOf(Bytes packet) { return ByteReader(packet.subspan(8)).ReadU32(); }

// RFC 9653.
TEST_F(AssociationTest, LeavesTheChecksumOutForAPeerThatAccepts) {
  peer.extensions.zero_checksum = true;
  end.channels().Start(peer.now, true);
  peer.SendWithTag(VerificationTag(), peer.MakeInit());
  std::vector<uint8_t> cookie;
  VerificationTag tag;
  for (const auto& packet : peer.TakePackets()) {
    EXPECT_NE(ChecksumOf(packet), 0u) << "INIT and INIT ACK have one";
    auto reader = *PacketReader::Parse(packet, ZeroChecksum::kRefused);
    const auto chunk = reader.Next();
    if (const auto* answer = std::get_if<InitAckChunk>(&*chunk)) {
      EXPECT_TRUE(answer->init.extensions.zero_checksum);
      cookie.assign(answer->cookie.begin(), answer->cookie.end());
      tag = answer->init.tag;
    }
  }
  peer.SendWithTag(tag, CookieEchoChunk{cookie});
  const auto packets = peer.TakePackets();
  ASSERT_THAT(packets, SizeIs(1));
  EXPECT_EQ(ChecksumOf(packets[0]), 0u);
  uint8_t buffer[100];
  PacketWriter packet(buffer, {5000, 5000, tag});
  ASSERT_TRUE(packet.Append(HeartbeatChunk{AsBytes("0")}));
  peer.SendPacket(Bytes(buffer, packet.Finish(Checksum::kZero)));
  EXPECT_THAT(peer.Take<HeartbeatAckChunk>(), SizeIs(1));
}

TEST_F(AssociationTest, KeepsTheChecksumForOtherPeers) {
  peer.Connect();
  peer.Send(HeartbeatChunk{AsBytes("x")});
  const auto packets = peer.TakePackets();
  ASSERT_THAT(packets, SizeIs(1));
  EXPECT_NE(ChecksumOf(packets[0]), 0u);
}

// RFC 9260 section 6: data before the association is up is not taken.
TEST_F(AssociationTest, TakesNoDataBeforeItIsUp) {
  end.channels().Start(peer.now, true);
  const auto inits = peer.Take<InitChunk>();
  DataChunk data;
  data.tsn = peer.next_tsn();
  data.beginning = data.end = true;
  data.payload = AsBytes("early");
  peer.SendWithTag(inits[0].tag, data);
  SackChunk sack;
  peer.SendWithTag(inits[0].tag, sack);
  peer.SendWithTag(inits[0].tag, ShutdownChunk{});
  peer.SendWithTag(inits[0].tag, ShutdownAckChunk{});
  peer.SendWithTag(inits[0].tag, ShutdownCompleteChunk{});
  peer.SendWithTag(inits[0].tag, CookieAckChunk{});
  peer.SendReset(ReconfigSequence(1), Tsn(1), {});
  EXPECT_THAT(peer.TakePackets(), IsEmpty());
  EXPECT_FALSE(end.failed());
}

// The random numbers that a browser had in a capture: its tag and its initial TSN, after the key of
// the cookies.
class CapturedRandom : public Random {
 public:
  explicit CapturedRandom(Bytes init) {
    ByteReader reader(init.subspan(CommonHeader::kSize + kChunkHeaderSize));
    tag_ = reader.ReadU32();
    reader.Skip(8);
    tsn_ = reader.ReadU32();
  }
  void Fill(MutableBytes out) override {
    std::fill(out.begin(), out.end(), uint8_t{7});
    if (out.size() != sizeof(uint64_t)) return;  // NextU32 draws twice as much.
    ByteWriter(out).WriteU64(count_++ == 0 ? tag_ : tsn_);
  }

 private:
  uint32_t tag_ = 0;
  uint32_t tsn_ = 0;
  int count_ = 0;
};

struct Captured {
  std::string direction;
  std::vector<uint8_t> packet;
};

std::vector<Captured> ReadCapture(const std::string& name) {
  std::ifstream file("tests/data/sctp/" + name);
  EXPECT_TRUE(file.good()) << name;
  std::vector<Captured> packets;
  std::string direction;
  std::string hex;
  while (file >> direction >> hex) {
    Captured captured{direction, {}};
    for (size_t i = 0; i + 1 < hex.size(); i += 2) {
      captured.packet.push_back(static_cast<uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    }
    packets.push_back(std::move(captured));
  }
  return packets;
}

// Firefox was answered by a Chromium without I-DATA, and we have it: as if Firefox had not offered
// it. The checksum becomes 0, which we accept.
std::vector<uint8_t> WithoutInterleaving(std::vector<uint8_t> packet) {
  const std::array<uint8_t, 8> supported = {0x80, 0x08, 0x00, 0x08, 0x82, 0xc0, 0x40, 0xc2};
  const auto place = std::search(packet.begin(), packet.end(), supported.begin(), supported.end());
  if (place == packet.end()) return packet;
  std::fill(place + 6, place + 8, uint8_t{0x82});
  std::fill(packet.begin() + 8, packet.begin() + 12, uint8_t{0});
  return packet;
}

struct Replayed {
  size_t opened = 0;
  size_t messages = 0;
  std::optional<Status> failed;
  uint64_t dropped = 0;
};

// What one browser sent to the other comes to us, who have the other's tag and TSN.
Replayed Replay(const std::string& name, const std::string& from) {
  const std::vector<Captured> packets = ReadCapture(name);
  const auto our_init = std::find_if(packets.begin(), packets.end(), [&](const Captured& captured) {
    return captured.direction != from && captured.packet[CommonHeader::kSize] == 1;
  });
  CHECK(our_init != packets.end(), "no INIT in %s", name.c_str());
  CapturedRandom random(our_init->packet);
  Time now = PacketPath::kStart;
  DataChannels channels(now, Config(), random);
  channels.Start(now, from == "s2c");  // "c" is the DTLS client.
  if (from == "c2s") {
    // Chromium opened it, and we are Chromium here.
    ChannelOptions options;
    options.negotiated = ChannelId(1);
    CHECK(channels.Open(now, options).ok(), "channel 1 is in use");
  }
  Replayed replayed;
  for (const Captured& captured : packets) {
    now += milliseconds(10);
    if (channels.next_deadline() <= now) channels.HandleTimeout(now);
    if (captured.direction == from) {
      channels.HandlePacket(now, WithoutInterleaving(captured.packet));
    }
    while (auto event = channels.PollEvent()) {
      if (std::holds_alternative<ChannelOpened>(*event)) ++replayed.opened;
      if (std::holds_alternative<ChannelMessage>(*event)) ++replayed.messages;
      if (auto* end = std::get_if<ChannelsFailed>(&*event)) replayed.failed = end->why;
    }
    uint8_t buffer[kMaxReceivedDatagramSize];
    while (channels.PollTransmit(now, buffer)) continue;
  }
  replayed.dropped = channels.stats().packets_dropped;
  return replayed;
}

// Checklist 39 and 40: INITs that cross, DCEP, parts of messages, gaps, resets and ABORT.
TEST(CapturedAssociation, AChromiumWhoseInitCrossesOursIsUnderstood) {
  for (const char* name : {"chromium156-viewer_firefox153-sender.txt",
                           "chromium156-viewer_firefox153-sender_8pct-loss.txt"}) {
    SCOPED_TRACE(name);
    const Replayed replayed = Replay(name, "s2c");
    EXPECT_EQ(replayed.opened, 1u);
    EXPECT_EQ(replayed.messages, 3u);
    EXPECT_EQ(replayed.dropped, 0u);
    ASSERT_TRUE(replayed.failed);
    EXPECT_THAT(replayed.failed->message(), HasSubstr("Close called"));
  }
}

TEST(CapturedAssociation, AFirefoxWhoseInitCrossesOursIsUnderstood) {
  const Replayed replayed = Replay("chromium156-viewer_firefox153-sender.txt", "c2s");
  EXPECT_EQ(replayed.opened, 1u);
  EXPECT_EQ(replayed.messages, 3u);
  EXPECT_EQ(replayed.dropped, 0u);
  EXPECT_FALSE(replayed.failed);
}

}  // namespace
}  // namespace ocellus::sctp
