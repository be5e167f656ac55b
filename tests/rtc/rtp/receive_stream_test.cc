// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtp/receive_stream.h"

#include <gmock/gmock.h>

#include "firmware/rtc/rtp/video_sender.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::rtp {
namespace {

using std::chrono::milliseconds;

constexpr Ssrc kSsrc(0x1000);
constexpr Ssrc kRtxSsrc(0x2000);
constexpr Ssrc kLocal(0x3000);

ReceiveStreamConfig DefaultConfig() {
  ReceiveStreamConfig config;
  config.local_ssrc = kLocal;
  config.cname = "viewer";
  config.ssrc = kSsrc;
  config.payload_type = PayloadType(96);
  config.rtx_ssrc = kRtxSsrc;
  config.rtx_payload_type = PayloadType(97);
  return config;
}

class ReceiveStreamTest : public testing::Test {
 protected:
  std::optional<Packet> Receive(uint16_t number, Ssrc ssrc = kSsrc, uint8_t type = 96) {
    Packet packet;
    packet.sequence_number = SequenceNumber(number);
    packet.ssrc = ssrc;
    packet.payload_type = PayloadType(type);
    packet.payload = payload_;
    return stream_.HandlePacket(now_, packet);
  }

  struct Reports {
    std::vector<uint8_t> bytes;
    std::optional<rtcp::ReportBlock> block;
    std::vector<uint16_t> nacked;
    bool pli = false;
  };
  std::optional<Reports> Poll() {
    std::array<uint8_t, kMaxDatagramSize> out;
    const auto size = stream_.PollRtcp(now_, out);
    if (!size) return std::nullopt;
    Reports reports;
    auto reader = rtcp::CompoundReader::Parse(Bytes(out).first(*size));
    EXPECT_TRUE(reader.ok());
    while (const auto packet = reader->Next()) {
      if (const auto* report = std::get_if<rtcp::ReceiverReport>(&*packet)) {
        EXPECT_EQ(report->sender, kLocal);
        if (!report->blocks.empty()) reports.block = report->blocks[0];
      }
      if (const auto* nack = std::get_if<rtcp::Nack>(&*packet)) {
        nack->ForEachLost([&](SequenceNumber n) { reports.nacked.push_back(n.value()); });
      }
      if (std::holds_alternative<rtcp::PictureLossIndication>(*packet)) reports.pli = true;
    }
    return reports;
  }

  Time now_{std::chrono::seconds(5)};
  sim::SeededRandom random_{1};
  std::vector<uint8_t> payload_ = {0, 2, 3, 4};
  ReceiveStream stream_{DefaultConfig(), random_};
};

TEST_F(ReceiveStreamTest, PassesMediaOnAndDropsDuplicatesAndStrangers) {
  EXPECT_TRUE(Receive(1));
  EXPECT_FALSE(Receive(1));
  EXPECT_FALSE(Receive(2, Ssrc(9)));
  EXPECT_FALSE(Receive(2, kSsrc, 98));
  EXPECT_FALSE(Receive(20'000));
  EXPECT_EQ(stream_.stats().packets_received, 1u);
  EXPECT_EQ(stream_.stats().duplicates, 1u);
  EXPECT_EQ(stream_.stats().invalid, 1u);
}

TEST_F(ReceiveStreamTest, UnwrapsRtx) {
  Receive(1);
  Receive(3);
  const auto media = Receive(777, kRtxSsrc, 97);
  ASSERT_TRUE(media);
  EXPECT_EQ(media->ssrc, kSsrc);
  EXPECT_EQ(media->payload_type, PayloadType(96));
  EXPECT_EQ(media->sequence_number, SequenceNumber(2));
  EXPECT_EQ(media->payload, Bytes(payload_).subspan(2));
  EXPECT_EQ(stream_.stats().packets_recovered, 1u);
  payload_.resize(2);
  EXPECT_FALSE(Receive(778, kRtxSsrc, 97));
  payload_.clear();
  EXPECT_FALSE(Receive(779, kRtxSsrc, 97));
}

TEST_F(ReceiveStreamTest, AsksForWhatIsMissing) {
  Receive(1);
  EXPECT_FALSE(Poll());
  Receive(4);
  EXPECT_LE(stream_.next_deadline(), now_);
  const auto reports = Poll();
  ASSERT_TRUE(reports);
  EXPECT_THAT(reports->nacked, testing::ElementsAre(2, 3));
  EXPECT_TRUE(reports->block);
  EXPECT_FALSE(reports->pli);
  EXPECT_FALSE(Poll());
}

TEST_F(ReceiveStreamTest, AsksForAKeyframeWhenPacketsAreGivenUpOrTheDecoderWantsOne) {
  Receive(1);
  Receive(1000);
  auto reports = Poll();
  ASSERT_TRUE(reports);
  EXPECT_TRUE(reports->pli);
  EXPECT_FALSE(Poll());
  stream_.RequestKeyframe();
  reports = Poll();
  ASSERT_TRUE(reports);
  EXPECT_TRUE(reports->pli);
}

TEST_F(ReceiveStreamTest, EndsWithTheByeOfItsSourceOnly) {
  rtcp::RecordBuffer<rtcp::Source, 1> rtx, media;
  ASSERT_TRUE(rtx.Add({kRtxSsrc}) && media.Add({kSsrc}));
  stream_.HandleRtcp(now_, rtcp::Bye{rtx.list()});
  EXPECT_FALSE(stream_.sender_left());
  stream_.HandleRtcp(now_, rtcp::Bye{media.list()});
  EXPECT_TRUE(stream_.sender_left());
}

TEST_F(ReceiveStreamTest, ReportsAboutEverySecond) {
  EXPECT_EQ(stream_.next_deadline(), kNever);
  Receive(1);
  for (int i = 0; i < 10; ++i) {
    const Duration wait = stream_.next_deadline() - now_;
    EXPECT_LE(wait, milliseconds(1500));
    now_ += wait;
    const auto reports = Poll();
    ASSERT_TRUE(reports);
    ASSERT_TRUE(reports->block);
    EXPECT_EQ(reports->block->source, kSsrc);
  }
}

// Both ends, over a path that loses a fifth of the packets each way.
TEST_F(ReceiveStreamTest, GetsEveryPacketFromOurSenderInSpiteOfLoss) {
  FrameRing ring;
  VideoSenderConfig config;
  config.ssrc = kSsrc;
  config.payload_type = PayloadType(96);
  config.rtx_ssrc = kRtxSsrc;
  config.rtx_payload_type = PayloadType(97);
  config.nack = true;
  config.cname = "camera";
  config.extensions.transport_cc = ExtensionId(1);
  VideoSender sender(config, ring, random_);
  sender.Start(now_);
  stream_.SetRoundTrip(milliseconds(20));

  const WallClock wall{now_, NtpTime(uint64_t{1} << 40)};
  uint64_t sent = 0;
  for (int tick = 0; tick < 2000; ++tick) {
    now_ += milliseconds(10);
    if (tick % 4 == 0 && tick < 1900) {
      ASSERT_TRUE(
          ring.Begin({now_, static_cast<uint32_t>(tick) * 900, tick % 100 == 0}, 800, 8).ok());
      for (int i = 0; i < 8; ++i) ring.Append(100);
      sender.Enqueue(now_, ring.Commit());
      sent += 8;
    }
    std::array<uint8_t, kMaxDatagramSize> buffer;
    const auto handle_rtcp = [](Bytes datagram, auto& target, Time now) {
      auto reader = rtcp::CompoundReader::Parse(datagram);
      ASSERT_TRUE(reader.ok());
      while (const auto packet = reader->Next()) target.HandleRtcp(now, *packet);
    };
    if (const auto size = sender.PollRtcp(now_, wall, buffer)) {
      handle_rtcp(Bytes(buffer).first(*size), stream_, now_);
    }
    while (const auto size = sender.PollRtp(now_, buffer)) {
      if (random_.Below(5) == 0 && tick > 0 && tick < 1890) continue;
      const auto packet = Packet::Parse(Bytes(buffer).first(*size));
      ASSERT_TRUE(packet.ok());
      stream_.HandlePacket(now_, *packet);
    }
    if (const auto size = stream_.PollRtcp(now_, buffer)) {
      if (random_.Below(5) != 0) handle_rtcp(Bytes(buffer).first(*size), sender, now_);
    }
  }
  EXPECT_EQ(stream_.stats().packets_received, sent);
  EXPECT_GT(stream_.stats().packets_recovered, sent / 6);
  ASSERT_TRUE(sender.stats().round_trip);
  EXPECT_LE(*sender.stats().round_trip, milliseconds(11));
}

}  // namespace
}  // namespace ocellus::rtp
