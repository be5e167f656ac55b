// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/h264_depacketizer.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "firmware/base/annexb.h"
#include "firmware/base/frame_ring.h"
#include "firmware/base/limits.h"
#include "firmware/media/h264_packetizer.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::media {
namespace {

using Nal = std::vector<uint8_t>;
using Payloads = std::vector<std::vector<uint8_t>>;

struct Got {
  std::vector<Nal> nals;
  bool keyframe = false;
  bool damaged = false;
  uint32_t timestamp = 0;
};

class H264DepacketizerTest : public testing::Test {
 protected:
  void Receive(const Nal& payload, uint32_t timestamp, bool marker) {
    depacketizer_.HandlePacket({next_, RtpTimestamp(timestamp), marker, payload});
    ++next_;
    while (const AccessUnit* unit = depacketizer_.PollAccessUnit()) {
      Got got;
      for (const auto& place : unit->frame.nals) {
        const Bytes nal = Bytes(unit->frame.data).subspan(place.offset, place.size);
        got.nals.emplace_back(nal.begin(), nal.end());
      }
      got.keyframe = unit->frame.keyframe;
      got.damaged = unit->damaged;
      got.timestamp = unit->timestamp.value();
      got_.push_back(got);
    }
  }
  void Lose(uint16_t count = 1) { next_ = next_ + count; }

  SequenceNumber next_{65530};
  H264Depacketizer depacketizer_;
  std::vector<Got> got_;
};

hal::EncodedFrame MakeFrame(const std::vector<Nal>& nals) {
  hal::EncodedFrame frame;
  for (const Nal& nal : nals) {
    frame.data.insert(frame.data.end(), {0, 0, 0, 1});
    frame.nals.push_back({frame.data.size(), nal.size()});
    frame.data.insert(frame.data.end(), nal.begin(), nal.end());
    if ((nal[0] & 0x1f) == 5) frame.keyframe = true;
  }
  return frame;
}

Payloads Packetize(H264Packetizer& packetizer, const FrameRing& ring,
                   const hal::EncodedFrame& frame) {
  const auto id = packetizer.Push(frame);
  EXPECT_TRUE(id.ok());
  if (!id.ok()) return {};
  Payloads payloads;
  const FrameRing::Frame* stored = ring.Find(*id);
  for (size_t i = 0; i < stored->payload_count; ++i) {
    const Bytes payload = ring.payload(*stored, i);
    payloads.emplace_back(payload.begin(), payload.end());
  }
  return payloads;
}

TEST_F(H264DepacketizerTest, GivesBackWhatWasPacketized) {
  sim::SeededRandom random(1);
  FrameRing ring;
  H264Packetizer packetizer(ring);
  for (uint32_t round = 0; round < 500; ++round) {
    const bool keyframe = round % 7 == 0;
    std::vector<Nal> nals;
    if (keyframe) nals = {{0x67, 1, 2, static_cast<uint8_t>(round)}, {0x68, 3}};
    for (uint32_t slices = 1 + random.Below(4); slices > 0; --slices) {
      Nal nal(1 + random.Below(random.Below(2) == 0 ? 100 : 5000));
      random.Fill(nal);
      nal[0] = keyframe ? 0x65 : 0x41;
      nals.push_back(nal);
    }
    const Payloads payloads = Packetize(packetizer, ring, MakeFrame(nals));
    for (size_t i = 0; i < payloads.size(); ++i) {
      Receive(payloads[i], round, i + 1 == payloads.size());
    }
    ASSERT_EQ(got_.size(), round + 1);
    ASSERT_EQ(got_.back().nals, nals);
    ASSERT_EQ(got_.back().keyframe, keyframe);
    ASSERT_EQ(got_.back().timestamp, round);
    ASSERT_FALSE(got_.back().damaged);
  }
}

// The whole of each conformance stream that the standard's authors made, many-sliced ones too.
TEST_F(H264DepacketizerTest, GivesBackConformanceStreams) {
  const std::string folder = "../shared/vectors/public/h264/";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not here";
  for (const char* name : {"BA1_FT_C.264", "BAMQ1_JVC_C.264", "BA_MW_D.264", "CI_MW_D.264",
                           "MIDR_MW_D.264", "NRF_MW_E.264", "SVA_BA1_B.264"}) {
    std::ifstream file(folder + name, std::ios::binary);
    const std::vector<uint8_t> stream{std::istreambuf_iterator<char>(file), {}};
    FrameRing ring;
    H264Packetizer packetizer(ring);
    std::vector<Nal> sent;
    std::vector<Nal> picture;
    got_.clear();
    uint32_t timestamp = 0;
    const auto send = [&] {
      const Payloads payloads = Packetize(packetizer, ring, MakeFrame(picture));
      for (size_t i = 0; i < payloads.size(); ++i) {
        Receive(payloads[i], timestamp, i + 1 == payloads.size());
      }
      sent.insert(sent.end(), picture.begin(), picture.end());
      picture.clear();
      timestamp += 3000;
    };
    NalScanner scanner(stream);
    bool has_slice = false;
    while (const auto nal = scanner.Next()) {
      const uint8_t type = (*nal)[0] & 0x1f;
      if (type != 1 && type != 5 && type != 7 && type != 8) continue;
      // first_mb_in_slice is 0: one bit, set.
      const bool first_slice = type < 6 && ((*nal)[1] & 0x80) != 0;
      if (has_slice && (first_slice || type > 6)) {
        send();
        has_slice = false;
      }
      has_slice = has_slice || type < 6;
      picture.emplace_back(nal->begin(), nal->end());
    }
    send();

    std::vector<Nal> received;
    for (const Got& got : got_) {
      EXPECT_FALSE(got.damaged);
      received.insert(received.end(), got.nals.begin(), got.nals.end());
    }
    // A keyframe that repeats known parameter sets is the packetizer's right, so slices count.
    const auto is_set = [](const Nal& nal) { return (nal[0] & 0x1f) > 6; };
    sent.erase(std::remove_if(sent.begin(), sent.end(), is_set), sent.end());
    received.erase(std::remove_if(received.begin(), received.end(), is_set), received.end());
    EXPECT_EQ(received.size(), sent.size()) << name;
    EXPECT_TRUE(received == sent) << name;
  }
}

const Nal kFuStart = {0x7c, 0x85, 1};
const Nal kFuMiddle = {0x7c, 0x05, 2};
const Nal kFuEnd = {0x7c, 0x45, 3};
const Nal kSlice = {0x41, 9};
const Nal kSets = {0x78, 0, 2, 0x67, 1, 0, 2, 0x68, 2};

TEST_F(H264DepacketizerTest, ReportsAFrameWithALostFragment) {
  Receive(kSets, 1, false);
  Receive(kFuStart, 1, false);
  Lose();
  Receive(kFuEnd, 1, true);
  ASSERT_EQ(got_.size(), 1u);
  EXPECT_TRUE(got_[0].damaged);
  EXPECT_EQ(got_[0].nals.size(), 2u);
  EXPECT_FALSE(got_[0].keyframe);
}

TEST_F(H264DepacketizerTest, ReportsBothFramesAroundALostMarker) {
  Receive(kSlice, 1, true);
  Receive(kSlice, 2, false);
  Lose();
  Receive(kSlice, 3, true);
  ASSERT_EQ(got_.size(), 3u);
  EXPECT_FALSE(got_[0].damaged);
  EXPECT_TRUE(got_[1].damaged);
  EXPECT_TRUE(got_[2].damaged);
}

TEST_F(H264DepacketizerTest, TakesAKeyframeBehindAGapAsWhole) {
  Receive(kSlice, 1, true);
  Lose(5);
  Receive(kSets, 2, false);
  Receive(kFuStart, 2, false);
  Receive(kFuMiddle, 2, false);
  Receive(kFuEnd, 2, true);
  ASSERT_EQ(got_.size(), 2u);
  EXPECT_FALSE(got_[1].damaged);
  EXPECT_TRUE(got_[1].keyframe);
  EXPECT_EQ(got_[1].nals.back(), (Nal{0x65, 1, 2, 3}));
}

TEST_F(H264DepacketizerTest, TakesTheNextTimestampAsEndWithoutMarker) {
  Receive(kSlice, 1, false);
  Receive(kSlice, 2, false);
  ASSERT_EQ(got_.size(), 1u);
  EXPECT_FALSE(got_[0].damaged);
}

TEST_F(H264DepacketizerTest, DropsLateAndDuplicatedPackets) {
  Receive(kSlice, 1, true);
  next_ = next_ - 1;
  Receive(kSlice, 1, true);
  next_ = next_ - 2;
  Receive(kSlice, 1, true);
  EXPECT_EQ(got_.size(), 1u);
}

TEST_F(H264DepacketizerTest, ReportsFragmentsOutOfPlace) {
  Receive(kFuEnd, 1, true);                               // No start.
  Receive(kFuStart, 2, true);                             // No end.
  Receive(kFuStart, 3, false), Receive(kSlice, 3, true);  // Something else instead.
  Receive(kFuStart, 4, false), Receive(kFuStart, 4, false), Receive(kFuEnd, 4, true);
  Receive({0x7c, 0x85}, 5, true);  // Nothing in it.
  ASSERT_EQ(got_.size(), 5u);
  for (const Got& got : got_) EXPECT_TRUE(got.damaged);
  EXPECT_EQ(got_[3].nals, std::vector<Nal>({{0x65, 1, 3}}));
}

TEST_F(H264DepacketizerTest, ReportsStapAWithLyingSizesAndUnknownTypes) {
  Receive({0x78, 0, 1, 0x67, 0xff, 0xff, 0x68}, 1, true);
  Receive({0x78, 0, 0}, 2, true);
  Receive({0x79, 1, 2, 3}, 3, true);  // STAP-B
  Receive({0x7d, 1, 2, 3}, 4, true);  // FU-B
  Receive({0x60}, 5, true);           // Type 0
  ASSERT_EQ(got_.size(), 5u);
  for (const Got& got : got_) EXPECT_TRUE(got.damaged);
  EXPECT_EQ(got_[0].nals, std::vector<Nal>({{0x67}}));
}

TEST_F(H264DepacketizerTest, IgnoresPacketsOfPadding) {
  Receive(kSlice, 1, false);
  Receive({}, 1, true);
  ASSERT_EQ(got_.size(), 1u);
  EXPECT_FALSE(got_[0].damaged);
}

TEST_F(H264DepacketizerTest, BoundsTheSizeOfAnAccessUnit) {
  Receive(kFuStart, 1, false);
  Nal middle(60'000);
  middle[0] = 0x7c;
  middle[1] = 0x05;
  for (int i = 0; i < 200; ++i) Receive(middle, 1, false);
  Receive(kFuEnd, 1, true);
  ASSERT_EQ(got_.size(), 1u);
  EXPECT_TRUE(got_[0].damaged);
  EXPECT_TRUE(got_[0].nals.empty());
}

TEST_F(H264DepacketizerTest, SurvivesGarbage) {
  sim::SeededRandom random(1);
  for (int i = 0; i < 20'000; ++i) {
    Nal payload(random.Below(12));
    random.Fill(payload);
    if (random.Below(10) == 0) Lose(static_cast<uint16_t>(random.Below(4)));
    Receive(payload, random.Below(3), random.Below(4) == 0);
  }
  EXPECT_GT(got_.size(), 1000u);
}

}  // namespace
}  // namespace ocellus::media
