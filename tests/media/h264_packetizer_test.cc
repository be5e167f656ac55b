// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/h264_packetizer.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "firmware/base/limits.h"

namespace ocellus::media {
namespace {

using std::chrono::milliseconds;
using Nal = std::vector<uint8_t>;

const Nal kSps = {0x67, 0x42, 0xe0, 0x1f, 1};
const Nal kPps = {0x68, 0xce, 2};

Nal MakeNal(uint8_t header, size_t size) {
  Nal nal(size, 0x55);
  nal[0] = header;
  for (size_t i = 1; i < size; ++i) nal[i] = static_cast<uint8_t>(i * 7 + 3);
  return nal;
}

hal::EncodedFrame MakeFrame(bool keyframe, const std::vector<Nal>& nals) {
  hal::EncodedFrame frame;
  frame.keyframe = keyframe;
  frame.captured_at = Time(milliseconds(1000));
  for (const Nal& nal : nals) {
    frame.data.insert(frame.data.end(), {0, 0, 0, 1});
    frame.nals.push_back({frame.data.size(), nal.size()});
    frame.data.insert(frame.data.end(), nal.begin(), nal.end());
  }
  return frame;
}

class H264PacketizerTest : public testing::Test {
 protected:
  std::vector<Nal> Push(bool keyframe, const std::vector<Nal>& nals) {
    const auto id = packetizer_.Push(MakeFrame(keyframe, nals));
    EXPECT_TRUE(id.ok());
    if (!id.ok()) return {};
    const FrameRing::Frame* frame = ring_.Find(*id);
    std::vector<Nal> payloads;
    for (size_t i = 0; i < frame->payload_count; ++i) {
      const Bytes payload = ring_.payload(*frame, i);
      payloads.emplace_back(payload.begin(), payload.end());
    }
    return payloads;
  }

  FrameRing ring_;
  H264Packetizer packetizer_{ring_};
};

TEST_F(H264PacketizerTest, SendsASmallNalAsItIs) {
  const Nal slice = MakeNal(0x41, kMaxRtpPayloadSize);
  EXPECT_THAT(Push(false, {slice}), testing::ElementsAre(slice));
}

// RFC 6184 section 5.7.1.
TEST_F(H264PacketizerTest, PutsParameterSetsIntoOneStapA) {
  const Nal slice = MakeNal(0x65, 100);
  const auto payloads = Push(true, {kSps, kPps, slice});
  ASSERT_EQ(payloads.size(), 2u);
  EXPECT_EQ(payloads[0], (Nal{0x78, 0, 5, 0x67, 0x42, 0xe0, 0x1f, 1, 0, 3, 0x68, 0xce, 2}));
  EXPECT_EQ(payloads[1], slice);
}

TEST_F(H264PacketizerTest, LeavesOutDelimitersSeiAndFillers) {
  const Nal slice = MakeNal(0x41, 100);
  EXPECT_THAT(Push(false, {{0x09, 0xf0}, {0x06, 5, 1, 1, 0x80}, slice, {0x0c, 0xff, 0x80}}),
              testing::ElementsAre(slice));
}

// RFC 6184 section 5.8.
TEST_F(H264PacketizerTest, CutsALargeNalIntoEqualFragments) {
  for (const size_t size : {kMaxRtpPayloadSize + 1, size_t{2000}, size_t{10'000}, size_t{54'321}}) {
    const Nal slice = MakeNal(0x65, size);
    const auto payloads = Push(true, {kSps, kPps, slice});
    ASSERT_GE(payloads.size(), 3u);
    Nal joined = {0x65};
    for (size_t i = 1; i < payloads.size(); ++i) {
      const Nal& fragment = payloads[i];
      const bool first = i == 1;
      const bool last = i == payloads.size() - 1;
      EXPECT_EQ(fragment[0], 0x7c);
      EXPECT_EQ(fragment[1], (first ? 0x80 : 0) | (last ? 0x40 : 0) | 5);
      EXPECT_LE(fragment.size(), kMaxRtpPayloadSize);
      if (last) {
        EXPECT_LE(fragment.size(), payloads[1].size());
        EXPECT_GT(fragment.size() + payloads.size(), payloads[1].size());
      } else {
        EXPECT_EQ(fragment.size(), payloads[1].size());
      }
      joined.insert(joined.end(), fragment.begin() + 2, fragment.end());
    }
    EXPECT_EQ(joined, slice);
  }
}

// RFC 6184 section 5.1: the timestamp is the picture's, so it must not move from slice to slice.
TEST_F(H264PacketizerTest, StoresAPictureOfManySlicesAsOneFrame) {
  const auto id = packetizer_.Push(MakeFrame(
      false, {MakeNal(0x41, 50), MakeNal(0x41, 3000), MakeNal(0x41, 60), MakeNal(0x41, 70)}));
  ASSERT_TRUE(id.ok());
  EXPECT_EQ(ring_.newest(), *id);
  EXPECT_EQ(*id, 1u);
  EXPECT_EQ(ring_.Find(*id)->payload_count, 6u);
  EXPECT_EQ(ring_.Find(*id)->info.media_time, 90'000u);
}

TEST_F(H264PacketizerTest, WrapsTheMediaTime) {
  hal::EncodedFrame frame = MakeFrame(false, {MakeNal(0x41, 50)});
  frame.captured_at = Time(std::chrono::hours(24 * 365 * 10) + milliseconds(1));
  const auto before = packetizer_.Push(frame);
  ASSERT_TRUE(before.ok());
  frame.captured_at += milliseconds(33);
  const auto after = packetizer_.Push(frame);
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(ring_.Find(*after)->info.media_time - ring_.Find(*before)->info.media_time, 33u * 90);
}

TEST_F(H264PacketizerTest, GivesAKeyframeTheLastParameterSets) {
  const Nal slice = MakeNal(0x65, 100);
  const auto first = Push(true, {kSps, kPps, slice});
  EXPECT_EQ(Push(true, {slice}), first);
  // A new SPS makes the old sets void.
  const Nal new_sps = {0x67, 0x42, 0xe0, 0x28, 9};
  const auto second = Push(true, {new_sps, kPps, slice});
  EXPECT_EQ(Push(true, {slice}), second);
  EXPECT_NE(second, first);
}

TEST_F(H264PacketizerTest, RemembersParameterSetsThatComeAlone) {
  EXPECT_EQ(packetizer_.Push(MakeFrame(false, {kSps, kPps})).status().code(),
            StatusCode::kMalformed);
  EXPECT_EQ(Push(true, {MakeNal(0x65, 10)})[0][0], 0x78);
}

TEST_F(H264PacketizerTest, SendsAParameterSetBetweenKeyframesInItsPlace) {
  const Nal slice = MakeNal(0x41, 10);
  EXPECT_THAT(Push(false, {kPps, slice}), testing::ElementsAre(kPps, slice));
}

TEST_F(H264PacketizerTest, BoundsTheParameterSetsThatItRemembers) {
  std::vector<Nal> nals = {kSps};
  for (uint8_t i = 0; i < 100; ++i) nals.push_back({0x68, i, 1});
  nals.push_back(MakeNal(0x65, 10));
  const auto payloads = Push(true, nals);
  ASSERT_EQ(payloads.size(), 2u);
  EXPECT_EQ(payloads[0].size(), 1 + kMaxParameterSets * 5);
}

TEST_F(H264PacketizerTest, RefusesFramesWithoutAPictureAndLargerThanTheRing) {
  EXPECT_EQ(packetizer_.Push(MakeFrame(true, {kSps, kPps, {0x09, 0xf0}})).status().code(),
            StatusCode::kMalformed);
  EXPECT_EQ(packetizer_.Push(MakeFrame(true, {})).status().code(), StatusCode::kMalformed);
  EXPECT_EQ(packetizer_.Push(MakeFrame(true, {kSps, kPps, MakeNal(0x65, kFrameRingBytes)}))
                .status()
                .code(),
            StatusCode::kResourceExhausted);
  EXPECT_EQ(ring_.newest(), 0u);
}

}  // namespace
}  // namespace ocellus::media
