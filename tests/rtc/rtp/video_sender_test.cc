// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtp/video_sender.h"

#include <gmock/gmock.h>

#include <map>
#include <set>

#include "tests/sim/seeded_random.h"

namespace ocellus::rtp {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Ssrc kSsrc(0x1000);
constexpr Ssrc kRtxSsrc(0x2000);
constexpr Ssrc kViewer(0x3000);
constexpr ExtensionId kMidId(1), kTransportCcId(2), kPlayoutDelayId(3), kCaptureTimeId(4);
constexpr Duration kFrameInterval = milliseconds(40);

VideoSenderConfig DefaultConfig() {
  VideoSenderConfig config;
  config.ssrc = kSsrc;
  config.payload_type = PayloadType(96);
  config.rtx_ssrc = kRtxSsrc;
  config.rtx_payload_type = PayloadType(97);
  config.nack = true;
  config.extensions = {kMidId, kTransportCcId, kPlayoutDelayId, kCaptureTimeId};
  config.mid = "0";
  config.cname = "camera";
  return config;
}

VideoSenderConfig WithoutRtx() {
  VideoSenderConfig config = DefaultConfig();
  config.rtx_ssrc.reset();
  config.rtx_payload_type.reset();
  return config;
}

// All bits set: the highest that a counter can begin at.
class HighestRandom : public Random {
 public:
  void Fill(MutableBytes out) override { std::fill(out.begin(), out.end(), uint8_t{0xff}); }
};

// A packet and the bytes that it borrows.
struct Sent {
  std::vector<uint8_t> bytes;
  Packet packet;
};

class VideoSenderTest : public testing::Test {
 protected:
  VideoSender MakeSender(const VideoSenderConfig& config = DefaultConfig()) {
    return VideoSender(config, ring_, random_);
  }

  // A frame of `payloads` payloads of `size` bytes, captured now.
  FrameId PushFrame(bool keyframe, size_t payloads = 3, size_t size = 100) {
    FrameInfo info;
    info.captured_at = now_;
    info.media_time = static_cast<uint32_t>(now_.time_since_epoch().count() * 9 / 100);
    info.keyframe = keyframe;
    EXPECT_TRUE(ring_.Begin(info, payloads * size, payloads).ok());
    for (size_t i = 0; i < payloads; ++i) {
      for (uint8_t& byte : ring_.Append(size)) byte = static_cast<uint8_t>(random_.Next());
    }
    return ring_.Commit();
  }
  FrameId PushAndEnqueue(VideoSender& sender, bool keyframe, size_t payloads = 3,
                         size_t size = 100) {
    const FrameId id = PushFrame(keyframe, payloads, size);
    sender.Enqueue(now_, id);
    return id;
  }

  // All but the second copy of the stream's first packet.
  std::optional<Sent> PollRtp(VideoSender& sender) {
    auto sent = PollAny(sender);
    const bool is_copy =
        sender.stats().packets_sent == 2 && sender.stats().retransmissions_sent == 1;
    return sent && is_copy ? PollAny(sender) : std::move(sent);
  }
  std::optional<Sent> PollAny(VideoSender& sender) {
    std::array<uint8_t, kMaxDatagramSize> out;
    const auto size = sender.PollRtp(now_, out);
    if (!size) return std::nullopt;
    Sent sent;
    sent.bytes.assign(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(*size));
    const auto parsed = Packet::Parse(sent.bytes);
    EXPECT_TRUE(parsed.ok());
    sent.packet = *parsed;
    return sent;
  }
  std::vector<Sent> PollAll(VideoSender& sender) {
    std::vector<Sent> all;
    while (auto sent = PollRtp(sender)) all.push_back(std::move(*sent));
    return all;
  }
  std::optional<std::vector<uint8_t>> PollRtcp(VideoSender& sender) {
    std::array<uint8_t, kMaxDatagramSize> out;
    const auto size = sender.PollRtcp(now_, wall_, out);
    if (!size) return std::nullopt;
    return std::vector<uint8_t>(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(*size));
  }

  void SendNack(VideoSender& sender, const std::vector<SequenceNumber>& numbers) {
    rtcp::RecordBuffer<rtcp::NackItem, 64> items;
    for (const SequenceNumber number : numbers) ASSERT_TRUE(items.Add({number, 0}));
    sender.HandleRtcp(now_, rtcp::Nack{kViewer, kSsrc, items.list()});
  }
  void SendReport(VideoSender& sender, const rtcp::ReportBlock& block, Ssrc from = kViewer) {
    rtcp::RecordBuffer<rtcp::ReportBlock, 1> blocks;
    ASSERT_TRUE(blocks.Add(block));
    sender.HandleRtcp(now_, rtcp::ReceiverReport{from, blocks.list()});
  }
  void Acknowledge(VideoSender& sender) {
    rtcp::ReportBlock block;
    block.source = kSsrc;
    SendReport(sender, block);
  }
  void SendPli(VideoSender& sender) {
    sender.HandleRtcp(now_, rtcp::PictureLossIndication{kViewer, kSsrc});
  }
  void SendFir(VideoSender& sender, uint8_t number) {
    rtcp::RecordBuffer<rtcp::FullIntraRequest::Entry, 1> entries;
    ASSERT_TRUE(entries.Add({kSsrc, number}));
    sender.HandleRtcp(now_, rtcp::FullIntraRequest{kViewer, entries.list()});
  }

  Time now_{hours(1)};
  WallClock wall_{now_, NtpTime::FromUnix(seconds(1'800'000'000))};
  sim::SeededRandom random_{1};
  FrameRing ring_;
};

TEST_F(VideoSenderTest, BeginsAtTheNewestKeyframeAndFollowsIt) {
  PushFrame(true);
  PushFrame(true, 2);
  PushFrame(false, 4);
  VideoSender sender = MakeSender();
  EXPECT_TRUE(PollAll(sender).empty());
  sender.Start(now_);
  EXPECT_EQ(PollAll(sender).size(), 6u);
  EXPECT_FALSE(sender.TakeKeyframeRequest());
  PushAndEnqueue(sender, false);
  EXPECT_EQ(PollAll(sender).size(), 3u);
  EXPECT_EQ(sender.stats().frames_sent, 3u);
  EXPECT_EQ(sender.stats().keyframes_sent, 1u);
}

TEST_F(VideoSenderTest, WaitsForAKeyframeWhenThereIsNone) {
  PushFrame(false);
  VideoSender sender = MakeSender();
  sender.Start(now_);
  EXPECT_TRUE(sender.TakeKeyframeRequest());
  EXPECT_FALSE(sender.TakeKeyframeRequest());
  PushAndEnqueue(sender, false);
  EXPECT_TRUE(PollAll(sender).empty());
  EXPECT_EQ(sender.next_deadline(), kNever);
  PushAndEnqueue(sender, true, 5);
  EXPECT_EQ(PollAll(sender).size(), 5u);
}

TEST_F(VideoSenderTest, WaitsForANewKeyframeRatherThanSendAnOldOneAndAllSince) {
  PushFrame(true);
  for (int i = 0; i < 50; ++i) PushFrame(false);
  now_ += seconds(2);
  VideoSender sender = MakeSender();
  sender.Start(now_);
  EXPECT_TRUE(sender.TakeKeyframeRequest());
  EXPECT_TRUE(PollAll(sender).empty());
  PushAndEnqueue(sender, true, 5);
  EXPECT_EQ(PollAll(sender).size(), 5u);
}

TEST_F(VideoSenderTest, BeginsAtAnOldKeyframeWhenTheCameraMakesNoNewOne) {
  PushFrame(true);
  now_ += seconds(2);
  VideoSender sender = MakeSender();
  sender.Start(now_);
  EXPECT_TRUE(PollAll(sender).empty());
  EXPECT_LE(sender.next_deadline(), now_ + milliseconds(400));
  now_ = sender.next_deadline();
  EXPECT_EQ(PollAll(sender).size(), 3u);
}

TEST_F(VideoSenderTest, NumbersPacketsAndGivesAFrameOneTimestampAndOneMarker) {
  PushFrame(true, 4);
  VideoSender sender = MakeSender();
  sender.Start(now_);
  const auto first = PollAll(sender);
  const SequenceNumber begin = first[0].packet.sequence_number;
  now_ += kFrameInterval;
  PushAndEnqueue(sender, false, 2);
  const auto second = PollAll(sender);
  ASSERT_EQ(first.size(), 4u);
  ASSERT_EQ(second.size(), 2u);
  EXPECT_EQ(first[1].packet.sequence_number, begin + 1);
  EXPECT_EQ(second[1].packet.sequence_number, begin + 5);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(first[i].packet.timestamp, first[0].packet.timestamp);
    EXPECT_EQ(first[i].packet.marker, i == 3);
    EXPECT_EQ(first[i].packet.payload, ring_.payload(*ring_.Find(1), i));
    EXPECT_EQ(first[i].packet.ssrc, kSsrc);
    EXPECT_EQ(first[i].packet.payload_type, PayloadType(96));
  }
  EXPECT_EQ(second[0].packet.timestamp.DistanceFrom(first[0].packet.timestamp), 40 * 90);
  EXPECT_EQ(second[0].packet.timestamp, second[1].packet.timestamp);
}

// RFC 3550 section 5.1: "the initial value of the sequence number SHOULD be random", and of the
// timestamp too. Checklist 29: random per session.
TEST_F(VideoSenderTest, BeginsAtRandom) {
  PushFrame(true, 1);
  std::set<uint16_t> numbers;
  std::set<uint32_t> timestamps;
  for (int i = 0; i < 50; ++i) {
    VideoSender sender = MakeSender();
    sender.Start(now_);
    const auto sent = PollRtp(sender);
    ASSERT_TRUE(sent);
    numbers.insert(sent->packet.sequence_number.value());
    timestamps.insert(sent->packet.timestamp.value());
  }
  EXPECT_GT(numbers.size(), 45u);
  EXPECT_GT(timestamps.size(), 45u);
}

// Checklist 28: a receiver that misses the first packets could not know of a wrap among them.
TEST_F(VideoSenderTest, BeginsFarBeforeTheWrap) {
  HighestRandom highest;
  PushFrame(true);
  VideoSender sender(DefaultConfig(), ring_, highest);
  sender.Start(now_);
  const auto media = PollAny(sender);
  const auto again = PollAny(sender);
  ASSERT_TRUE(media && again);
  EXPECT_EQ(media->packet.sequence_number, SequenceNumber(0x7fff));
  EXPECT_EQ(again->packet.ssrc, kRtxSsrc);
  EXPECT_EQ(again->packet.sequence_number, SequenceNumber(0x7fff));
}

TEST_F(VideoSenderTest, PutsTransportCcOnEveryPacketAndTheRestOnFirstOnes) {
  PushFrame(true, 3, kMaxRtpPayloadSize);
  VideoSender sender = MakeSender();
  sender.Start(now_);
  PollRtcp(sender);  // Tells the wall clock.
  const auto sent = PollAll(sender);
  ASSERT_EQ(sent.size(), 3u);
  uint16_t transport_cc = 0;
  for (const Sent& one : sent) {
    if (transport_cc == 1) ++transport_cc;  // Of the first packet's copy.
    const auto data = one.packet.extensions.Find(kTransportCcId);
    ASSERT_TRUE(data);
    EXPECT_EQ(ParseTransportCc(*data), TransportSequenceNumber(++transport_cc));
    const bool first = &one == &sent[0];
    EXPECT_EQ(one.packet.extensions.Find(kMidId).has_value(), first);
    EXPECT_EQ(one.packet.extensions.Find(kPlayoutDelayId).has_value(), first);
    EXPECT_EQ(one.packet.extensions.Find(kCaptureTimeId).has_value(), first);
    // Room for the SRTP tag.
    EXPECT_LE(one.bytes.size() + 16, kMaxDatagramSize);
  }
  EXPECT_EQ(AsText(*sent[0].packet.extensions.Find(kMidId)), "0");
  const auto delay = PlayoutDelay::Parse(*sent[0].packet.extensions.Find(kPlayoutDelayId));
  ASSERT_TRUE(delay);
  EXPECT_EQ(delay->max, Duration(0));
  const auto captured = AbsCaptureTime::Parse(*sent[0].packet.extensions.Find(kCaptureTimeId));
  ASSERT_TRUE(captured);
  EXPECT_EQ(captured->captured, wall_.ToNtp(now_));
  // One system call carries all that are of one size.
  EXPECT_EQ(sent[1].bytes.size(), sent[2].bytes.size());
}

TEST_F(VideoSenderTest, KeepsFirstPacketsSmallOnceTheViewerKnowsTheStream) {
  PushFrame(true);
  VideoSender sender = MakeSender();
  sender.Start(now_);
  PollRtcp(sender);
  PollAll(sender);
  now_ += kFrameInterval;
  PushAndEnqueue(sender, false);
  auto sent = PollAll(sender);
  EXPECT_TRUE(sent[0].packet.extensions.Find(kMidId));
  EXPECT_FALSE(sent[0].packet.extensions.Find(kCaptureTimeId));

  Acknowledge(sender);
  now_ += kFrameInterval;
  PushAndEnqueue(sender, false);
  sent = PollAll(sender);
  EXPECT_FALSE(sent[0].packet.extensions.Find(kMidId));
  EXPECT_FALSE(sent[0].packet.extensions.Find(kPlayoutDelayId));
  EXPECT_EQ(sent[0].bytes.size(), sent[1].bytes.size());

  now_ += kFrameInterval;
  PushAndEnqueue(sender, true);
  sent = PollAll(sender);
  EXPECT_TRUE(sent[0].packet.extensions.Find(kMidId));
  EXPECT_TRUE(sent[0].packet.extensions.Find(kPlayoutDelayId));
  EXPECT_TRUE(sent[0].packet.extensions.Find(kCaptureTimeId));

  now_ += seconds(1);
  PushAndEnqueue(sender, false);
  sent = PollAll(sender);
  EXPECT_FALSE(sent[0].packet.extensions.Find(kMidId));
  EXPECT_TRUE(sent[0].packet.extensions.Find(kCaptureTimeId));
}

TEST_F(VideoSenderTest, SendsOnlyWhatWasNegotiated) {
  VideoSenderConfig config = DefaultConfig();
  config.extensions = {};
  PushFrame(true, 1);
  VideoSender sender = MakeSender(config);
  sender.Start(now_);
  PollRtcp(sender);
  const auto sent = PollRtp(sender);
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->bytes.size(), kHeaderSize + 100);
}

TEST_F(VideoSenderTest, SendsALongMidOnlyWhereItFits) {
  VideoSenderConfig config = DefaultConfig();
  config.mid = std::string(kMaxMidSize, 'm');
  PushFrame(true, 1, kMaxRtpPayloadSize);
  PushFrame(true, 1, 40);
  VideoSender sender = MakeSender(config);
  sender.Start(now_);
  PollRtcp(sender);
  auto sent = PollRtp(sender);
  ASSERT_TRUE(sent);
  EXPECT_EQ(AsText(*sent->packet.extensions.Find(kMidId)), config.mid);
  PushAndEnqueue(sender, true, 1, kMaxRtpPayloadSize);
  sent = PollRtp(sender);
  ASSERT_TRUE(sent);
  EXPECT_FALSE(sent->packet.extensions.Find(kMidId));
  EXPECT_TRUE(sent->packet.extensions.Find(kCaptureTimeId));
  EXPECT_LE(sent->bytes.size() + 16, kMaxDatagramSize);
}

// Checklist 29: without RTX, a retransmission is the very same packet, whatever has changed since.
TEST_F(VideoSenderTest, RetransmitsBitForBitWithoutRtx) {
  PushFrame(true, 3, 500);
  VideoSender sender = MakeSender(WithoutRtx());
  sender.Start(now_);
  PollRtcp(sender);
  const auto sent = PollAll(sender);
  Acknowledge(sender);
  now_ += milliseconds(10);
  wall_ = {now_, NtpTime::FromUnix(seconds(4'000'000))};  // Stepped.
  PollRtcp(sender);
  PushAndEnqueue(sender, true);
  PollAll(sender);

  SendNack(sender, {sent[2].packet.sequence_number, sent[0].packet.sequence_number});
  const auto again = PollAll(sender);
  ASSERT_EQ(again.size(), 4u);  // Twice: they are of the first keyframe.
  EXPECT_EQ(again[0].bytes, sent[2].bytes);
  EXPECT_EQ(again[1].bytes, sent[0].bytes);
}

// Checklist 29: one number never stands for two packets, over a long and lossy stream.
TEST_F(VideoSenderTest, NeverReusesANumberForOtherBytes) {
  for (const bool rtx : {true, false}) {
    VideoSender sender = MakeSender(rtx ? DefaultConfig() : WithoutRtx());
    PushFrame(true);
    sender.Start(now_);
    std::map<std::pair<uint32_t, uint16_t>, std::vector<uint8_t>> seen;
    for (int frame = 0; frame < 2000; ++frame) {
      now_ += kFrameInterval;
      PollRtcp(sender);
      PushAndEnqueue(sender, frame % 30 == 0, 1 + random_.Below(20), 1 + random_.Below(1000));
      std::vector<SequenceNumber> lost;
      for (Sent& sent : PollAll(sender)) {
        const std::pair<uint32_t, uint16_t> key(sent.packet.ssrc.value(),
                                                sent.packet.sequence_number.value());
        if (sent.packet.ssrc == kSsrc && random_.Below(5) == 0 && lost.size() < 60) {
          lost.push_back(sent.packet.sequence_number);
        }
        const auto [place, is_new] = seen.try_emplace(key, sent.bytes);
        ASSERT_EQ(place->second, sent.bytes);
        ASSERT_TRUE(is_new || !rtx);
      }
      SendNack(sender, lost);
      if (random_.Below(20) == 0) Acknowledge(sender);
    }
    EXPECT_GT(sender.stats().retransmissions_sent, 500u);
  }
}

// RFC 4588 section 4: own SSRC and numbers, the original's timestamp and marker, and its number in
// front of the payload.
TEST_F(VideoSenderTest, RetransmitsByRtxWhereNegotiated) {
  PushFrame(true, 1);
  VideoSender sender = MakeSender();
  sender.Start(now_);
  PollAll(sender);
  PushAndEnqueue(sender, false);
  const auto sent = PollAll(sender);
  SendNack(sender, {sent[1].packet.sequence_number, sent[2].packet.sequence_number});
  const auto again = PollAll(sender);
  ASSERT_EQ(again.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    const Packet& original = sent[i + 1].packet;
    const Packet& rtx = again[i].packet;
    EXPECT_EQ(rtx.ssrc, kRtxSsrc);
    EXPECT_EQ(rtx.payload_type, PayloadType(97));
    EXPECT_EQ(rtx.timestamp, original.timestamp);
    EXPECT_EQ(rtx.marker, original.marker);
    ASSERT_GT(rtx.payload.size(), 2u);
    EXPECT_EQ(rtx.payload[0] << 8 | rtx.payload[1], original.sequence_number.value());
    EXPECT_EQ(rtx.payload.subspan(2), original.payload);
    EXPECT_EQ(ParseTransportCc(*rtx.extensions.Find(kTransportCcId)),
              TransportSequenceNumber(static_cast<uint16_t>(6 + i)));
  }
  EXPECT_EQ(again[1].packet.sequence_number, again[0].packet.sequence_number + 1);
  // The numbers of the media go on without a gap.
  PushAndEnqueue(sender, false);
  EXPECT_EQ(PollRtp(sender)->packet.sequence_number, sent[2].packet.sequence_number + 1);
  EXPECT_EQ(sender.stats().retransmissions_sent, 3u);  // One of them is the first packet's copy.
}

// Nobody can miss what came before the first packet that came.
TEST_F(VideoSenderTest, SendsTheFirstPacketOfTheStreamTwice) {
  PushFrame(true, 1);
  for (const bool rtx : {true, false}) {
    VideoSender sender = MakeSender(rtx ? DefaultConfig() : WithoutRtx());
    sender.Start(now_);
    const auto first = PollAny(sender);
    const auto copy = PollAny(sender);
    ASSERT_TRUE(first && copy);
    if (rtx) {
      EXPECT_EQ(copy->packet.ssrc, kRtxSsrc);
      EXPECT_EQ(copy->packet.payload.subspan(2), first->packet.payload);
    } else {
      EXPECT_EQ(copy->bytes, first->bytes);
    }
    EXPECT_FALSE(PollAny(sender));
    PushAndEnqueue(sender, true, 1);
    EXPECT_TRUE(PollAny(sender));
    EXPECT_FALSE(PollAny(sender));
  }
}

TEST_F(VideoSenderTest, RetransmitsTheKeyframeThatTheViewerWaitsForTwice) {
  VideoSender sender = MakeSender();
  PushFrame(true);
  sender.Start(now_);
  const auto retransmissions_of = [&](const Sent& lost) {
    now_ += seconds(1);
    SendNack(sender, {lost.packet.sequence_number});
    return PollAll(sender).size();
  };
  EXPECT_EQ(retransmissions_of(PollAll(sender)[1]), 2u);
  // Not a picture, or a keyframe, that follows by itself.
  PushAndEnqueue(sender, false);
  EXPECT_EQ(retransmissions_of(PollAll(sender)[1]), 1u);
  PushAndEnqueue(sender, true);
  EXPECT_EQ(retransmissions_of(PollAll(sender)[1]), 1u);
  // The one that is asked for.
  SendPli(sender);
  PushAndEnqueue(sender, true);
  EXPECT_EQ(retransmissions_of(PollAll(sender)[1]), 2u);
}

TEST_F(VideoSenderTest, LeavesRoomForRtxOfFullPackets) {
  PushFrame(true, 2, kMaxRtpPayloadSize);
  VideoSender sender = MakeSender();
  sender.Start(now_);
  PollRtcp(sender);
  const auto sent = PollAll(sender);
  SendNack(sender, {sent[0].packet.sequence_number});
  const auto again = PollRtp(sender);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->bytes.size(), sent[0].bytes.size() + 2);
  EXPECT_LE(again->bytes.size() + 16, kMaxDatagramSize);
}

TEST_F(VideoSenderTest, IgnoresNacksWhenTheyAreNotNegotiatedOrNotForUs) {
  VideoSenderConfig config = DefaultConfig();
  config.nack = false;
  PushFrame(true);
  VideoSender sender = MakeSender(config);
  sender.Start(now_);
  const auto sent = PollAll(sender);
  SendNack(sender, {sent[0].packet.sequence_number});
  EXPECT_FALSE(PollRtp(sender));

  VideoSender other = MakeSender();
  other.Start(now_);
  const auto others = PollAll(other);
  rtcp::RecordBuffer<rtcp::NackItem, 1> items;
  ASSERT_TRUE(items.Add({others[0].packet.sequence_number, 0}));
  other.HandleRtcp(now_, rtcp::Nack{kViewer, Ssrc(77), items.list()});
  EXPECT_FALSE(PollRtp(other));
}

TEST_F(VideoSenderTest, DoesNotRetransmitWhatLeftTheRing) {
  PushFrame(true);
  VideoSender sender = MakeSender();
  sender.Start(now_);
  const auto sent = PollAll(sender);
  for (size_t i = 0; i < kFrameRingFrames; ++i) PushFrame(true, 1, 10);
  SendNack(sender, {sent[0].packet.sequence_number});
  for (const Sent& one : PollAll(sender)) EXPECT_EQ(one.packet.ssrc, kSsrc);
  EXPECT_EQ(sender.stats().retransmissions_refused, 1u);
}

// Checklist 34: 4,096 ids a second, repeated.
TEST_F(VideoSenderTest, CapsRetransmissionsInAFloodOfNacks) {
  VideoSender sender = MakeSender();
  PushFrame(true, 10);
  sender.Start(now_);
  size_t media = 0;
  size_t retransmissions = 0;
  SequenceNumber newest;
  for (int tick = 0; tick < 1000; ++tick) {
    now_ += milliseconds(10);
    if (tick % 4 == 0) PushAndEnqueue(sender, false, 8);
    for (const Sent& sent : PollAll(sender)) {
      if (sent.packet.ssrc == kRtxSsrc) {
        ++retransmissions;
      } else {
        ++media;
        newest = sent.packet.sequence_number;
      }
    }
    std::vector<SequenceNumber> all;
    for (uint16_t i = 0; i < 41; ++i) all.push_back(newest - i);
    SendNack(sender, all);
  }
  EXPECT_GT(retransmissions, 0u);
  EXPECT_LE(retransmissions, media * kMaxRetransmissionPercent / 100 + kMaxQueuedRetransmissions);
  EXPECT_EQ(sender.stats().nacks_received, 41'000u);
}

// Checklist 35: what one viewer can make of a flood. The interval is the keyframe policy's.
TEST_F(VideoSenderTest, MakesOneRequestOfAFloodOfPlis) {
  PushFrame(true);
  VideoSender sender = MakeSender();
  sender.Start(now_);
  PollAll(sender);
  SendPli(sender);
  EXPECT_FALSE(sender.TakeKeyframeRequest()) << "the keyframe is still on its way";
  now_ += seconds(1);
  for (int i = 0; i < 1000; ++i) SendPli(sender);
  EXPECT_TRUE(sender.TakeKeyframeRequest());
  EXPECT_FALSE(sender.TakeKeyframeRequest());
  EXPECT_EQ(sender.stats().keyframe_requests_received, 1001u);
}

// RFC 5104 section 4.3.1.2: a repetition has the same number, a new command the next one.
TEST_F(VideoSenderTest, ObeysEachFullIntraRequestOnce) {
  PushFrame(true);
  VideoSender sender = MakeSender();
  sender.Start(now_);
  SendFir(sender, 3);
  EXPECT_TRUE(sender.TakeKeyframeRequest());
  SendFir(sender, 3);
  EXPECT_FALSE(sender.TakeKeyframeRequest());
  SendFir(sender, 4);
  EXPECT_TRUE(sender.TakeKeyframeRequest());
}

TEST_F(VideoSenderTest, NeverSendsWhatCannotBeDecodedAfterFallingBehind) {
  PushFrame(true);
  VideoSender sender = MakeSender();
  sender.Start(now_);
  std::set<uint32_t> decodable;  // Timestamps of frames whose chain was sent.
  const auto before = PollAll(sender);
  // Not polled for longer than the ring is.
  for (size_t i = 0; i < kFrameRingFrames + 10; ++i) {
    now_ += milliseconds(1);
    PushAndEnqueue(sender, false, 1, 10);
  }
  EXPECT_FALSE(PollRtp(sender));
  EXPECT_TRUE(sender.TakeKeyframeRequest());
  PushAndEnqueue(sender, false);
  EXPECT_FALSE(PollRtp(sender));
  now_ += milliseconds(1);
  PushAndEnqueue(sender, true, 2);
  const auto after = PollAll(sender);
  ASSERT_EQ(after.size(), 2u);
  EXPECT_EQ(after[0].packet.sequence_number, before.back().packet.sequence_number + 1);
}

TEST_F(VideoSenderTest, GoesOnAtAKeyframeInTheRingAfterFallingBehind) {
  PushFrame(true, 3);
  VideoSender sender = MakeSender();
  sender.Start(now_);
  PollRtp(sender);  // Stops in the middle of the frame.
  for (size_t i = 0; i < kFrameRingFrames + 10; ++i) {
    PushAndEnqueue(sender, i == kFrameRingFrames, 1, 10);
  }
  EXPECT_EQ(PollAll(sender).size(), 10u);
  EXPECT_FALSE(sender.TakeKeyframeRequest());
  EXPECT_EQ(sender.stats().frames_skipped, kFrameRingFrames + 1);  // With the one cut off.
}

TEST_F(VideoSenderTest, TakesTheShortcutOfAKeyframeOnlyWhenItIsLate) {
  for (const auto lateness : {milliseconds(100), milliseconds(300)}) {
    PushFrame(true, 1);
    VideoSender sender = MakeSender();
    sender.Start(now_);
    PollAll(sender);
    PushAndEnqueue(sender, false, 1);
    now_ += lateness;
    PushAndEnqueue(sender, true, 1);
    EXPECT_EQ(PollAll(sender).size(), lateness == milliseconds(100) ? 2u : 1u);
  }
}

TEST_F(VideoSenderTest, SpreadsTheWayToThePresentOverSomeMilliseconds) {
  PushFrame(true, 100);
  for (int i = 0; i < 20; ++i) PushFrame(false, 20);
  VideoSender sender = MakeSender();
  sender.Start(now_);
  EXPECT_EQ(PollAll(sender).size() + 1, kMaxBurstPackets);  // And the first packet's copy.
  size_t turns = 0;
  size_t sent = kMaxBurstPackets - 1;
  while (sent < 500) {
    ASSERT_LE(sender.next_deadline(), now_ + milliseconds(1));
    now_ += milliseconds(1);
    sent += PollAll(sender).size();
    ASSERT_LT(++turns, 100u);
  }
  EXPECT_EQ(sent, 500u);
}

TEST_F(VideoSenderTest, ReportsAtOnceAndThenAboutEverySecond) {
  VideoSender sender = MakeSender();
  sender.Start(now_);
  EXPECT_FALSE(PollRtcp(sender)) << "there is no frame to date";
  EXPECT_EQ(sender.next_deadline(), kNever);
  PushAndEnqueue(sender, true);
  EXPECT_TRUE(PollRtcp(sender));
  PollAll(sender);
  for (int i = 0; i < 20; ++i) {
    const Duration wait = sender.next_deadline() - now_;
    EXPECT_GE(wait, milliseconds(500));
    EXPECT_LE(wait, milliseconds(1500));
    EXPECT_FALSE(PollRtcp(sender));
    now_ += wait;
    EXPECT_TRUE(PollRtcp(sender));
  }
}

TEST_F(VideoSenderTest, ReportsCountsAndTheTimestampOfTheMoment) {
  PushFrame(true, 3, 100);
  VideoSender sender = MakeSender();
  sender.Start(now_);
  const auto sent = PollAll(sender);
  SendNack(sender, {sent[0].packet.sequence_number});
  PollAll(sender);
  now_ += milliseconds(250);
  const auto compound = PollRtcp(sender);
  ASSERT_TRUE(compound);
  auto reader = rtcp::CompoundReader::Parse(*compound);
  ASSERT_TRUE(reader.ok());
  const auto first = reader->Next();
  ASSERT_TRUE(first);
  const auto& report = std::get<rtcp::SenderReport>(*first);
  EXPECT_EQ(report.sender, kSsrc);
  EXPECT_EQ(report.ntp, wall_.ToNtp(now_));
  EXPECT_EQ(report.timestamp.DistanceFrom(sent[0].packet.timestamp), 250 * 90);
  EXPECT_EQ(report.packet_count, 3u) << "RTX has an SSRC of its own";
  EXPECT_EQ(report.octet_count, 300u);
  const auto second = reader->Next();
  ASSERT_TRUE(second);
  EXPECT_EQ(std::get<rtcp::SourceDescription>(*second).FindCname(kSsrc), "camera");
  EXPECT_FALSE(reader->Next());
}

TEST_F(VideoSenderTest, LearnsTheRoundTripFromReports) {
  PushFrame(true);
  VideoSender sender = MakeSender();
  sender.Start(now_);
  ASSERT_TRUE(PollRtcp(sender));
  rtcp::ReportBlock block;
  block.source = kSsrc;
  block.fraction_lost = 12;
  block.last_sender_report = wall_.ToNtp(now_).middle();
  block.delay_since_last = 65536 / 4;
  now_ += milliseconds(270);
  SendReport(sender, block);
  ASSERT_TRUE(sender.stats().round_trip);
  EXPECT_EQ(*sender.stats().round_trip, milliseconds(20));
  ASSERT_TRUE(sender.stats().last_report);
  EXPECT_EQ(sender.stats().last_report->fraction_lost, 12);
}

TEST_F(VideoSenderTest, SaysGoodbyeOnce) {
  PushFrame(true);
  VideoSender sender = MakeSender();
  sender.Start(now_);
  PollAll(sender);
  sender.Close();
  EXPECT_FALSE(PollRtp(sender));
  const auto compound = PollRtcp(sender);
  ASSERT_TRUE(compound);
  auto reader = rtcp::CompoundReader::Parse(*compound);
  ASSERT_TRUE(reader.ok());
  EXPECT_TRUE(std::holds_alternative<rtcp::SenderReport>(*reader->Next()));
  EXPECT_TRUE(std::holds_alternative<rtcp::SourceDescription>(*reader->Next()));
  const auto bye = reader->Next();
  ASSERT_TRUE(bye);
  ASSERT_EQ(std::get<rtcp::Bye>(*bye).sources.size(), 2u);
  EXPECT_EQ(std::get<rtcp::Bye>(*bye).sources[0].ssrc, kSsrc);
  EXPECT_EQ(std::get<rtcp::Bye>(*bye).sources[1].ssrc, kRtxSsrc);
  EXPECT_FALSE(PollRtcp(sender));
  sender.Close();
  EXPECT_FALSE(PollRtcp(sender));
  EXPECT_EQ(sender.next_deadline(), kNever);
}

// RFC 3550 section 6.3.7: "MUST NOT send a BYE packet" when nothing was sent before.
TEST_F(VideoSenderTest, SaysNoGoodbyeWhenItNeverSaidAnything) {
  VideoSender unstarted = MakeSender();
  unstarted.Close();
  EXPECT_FALSE(PollRtcp(unstarted));
  VideoSender silent = MakeSender();
  silent.Start(now_);
  silent.Close();
  EXPECT_FALSE(PollRtcp(silent));
}

TEST_F(VideoSenderTest, EndsWithTheByeOfWhoReportsOnIt) {
  PushFrame(true);
  VideoSender sender = MakeSender();
  sender.Start(now_);
  PollAll(sender);
  rtcp::RecordBuffer<rtcp::Source, 1> viewer, microphone;
  ASSERT_TRUE(viewer.Add({kViewer}) && microphone.Add({Ssrc(0x4000)}));
  sender.HandleRtcp(now_, rtcp::Bye{viewer.list()});
  EXPECT_FALSE(sender.viewer_left()) << "nobody yet who could leave";
  rtcp::ReportBlock block;
  block.source = kSsrc;
  SendReport(sender, block);
  sender.HandleRtcp(now_, rtcp::Bye{microphone.list()});
  EXPECT_FALSE(sender.viewer_left());
  sender.HandleRtcp(now_, rtcp::Bye{viewer.list()});
  EXPECT_TRUE(sender.viewer_left());
}

// Checklist 38: an SSRC collision, a BYE and an SDES of the viewer.
TEST_F(VideoSenderTest, IsNotDisturbedByCollisionsAndGoodbyes) {
  PushFrame(true);
  VideoSender sender = MakeSender();
  sender.Start(now_);
  PollAll(sender);
  rtcp::ReportBlock block;
  block.source = kSsrc;
  SendReport(sender, block, kSsrc);
  EXPECT_EQ(sender.stats().ssrc_collisions, 1u);
  EXPECT_FALSE(sender.stats().last_report);
  sender.HandleRtcp(now_, rtcp::Bye{});
  sender.HandleRtcp(now_, rtcp::SourceDescription{});
  PushAndEnqueue(sender, false);
  EXPECT_EQ(PollAll(sender).size(), 3u);
}

}  // namespace
}  // namespace ocellus::rtp
