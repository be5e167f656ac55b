// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/h264_sps.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace ocellus {
namespace {

// Written by x264; ffprobe tells the same of them.
const std::vector<uint8_t> kInterlacedHigh = {0x67, 0x64, 0x00, 0x28, 0xac, 0xd9, 0x40, 0x78, 0x04,
                                              0x4f, 0xde, 0x02, 0x20, 0x00, 0x00, 0x7d, 0x20, 0x00,
                                              0x1d, 0x4c, 0x03, 0xe2, 0xc5, 0xb2, 0xc0};
const std::vector<uint8_t> kConstrainedBaseline = {0x67, 0x42, 0xc0, 0x16, 0xd9, 0x00, 0xa0, 0x3d,
                                                   0xb0, 0x11, 0x00, 0x00, 0x03, 0x00, 0x01, 0x00,
                                                   0x00, 0x03, 0x00, 0x1e, 0x0f, 0x16, 0x2e, 0x48};
const std::vector<uint8_t> kMain = {0x67, 0x4d, 0x40, 0x1f, 0xec, 0xa0, 0x6c, 0x1e,
                                    0xf3, 0x78, 0x08, 0x80, 0x00, 0x00, 0x03, 0x00,
                                    0x80, 0x00, 0x00, 0x3c, 0x07, 0x8c, 0x18, 0xcb};
const std::vector<uint8_t> kCroppedHigh = {0x67, 0x64, 0x00, 0x0d, 0xac, 0xd9, 0x41, 0x71, 0xbe,
                                           0x49, 0x30, 0x11, 0x00, 0x00, 0x03, 0x00, 0x01, 0x00,
                                           0x00, 0x03, 0x00, 0x30, 0x0f, 0x14, 0x29, 0x96};

H264Sps ParseOrDie(Bytes nal) {
  const Result<H264Sps> sps = ParseH264Sps(nal);
  CHECK(sps.ok(), "%s", sps.status().ToString().c_str());
  return *sps;
}

TEST(H264Sps, ReadsProfileAndLevelAsSdpWritesThem) {
  EXPECT_EQ(ParseOrDie(kConstrainedBaseline).profile_level_id(), 0x42c016u);
  EXPECT_EQ(ParseOrDie(kMain).profile_level_id(), 0x4d401fu);
  EXPECT_EQ(ParseOrDie(kInterlacedHigh).profile_level_id(), 0x640028u);
}

TEST(H264Sps, ReadsSizeAndRate) {
  const H264Sps sps = ParseOrDie(kConstrainedBaseline);
  EXPECT_EQ(sps.width, 640);
  EXPECT_EQ(sps.height, 480);
  EXPECT_EQ(sps.frames_per_second, 15.0);
}

TEST(H264Sps, CropsWhatIsNotPartOfThePicture) {
  const H264Sps odd = ParseOrDie(kCroppedHigh);
  EXPECT_EQ(odd.width, 362);
  EXPECT_EQ(odd.height, 202);
  EXPECT_EQ(odd.frames_per_second, 24.0);
  const H264Sps wide = ParseOrDie(kMain);
  EXPECT_EQ(wide.width, 854);
  EXPECT_EQ(wide.height, 480);
  EXPECT_EQ(wide.frames_per_second, 60.0);
}

TEST(H264Sps, CountsBothFieldsOfInterlacedPictures) {
  const H264Sps sps = ParseOrDie(kInterlacedHigh);
  EXPECT_EQ(sps.width, 1920);
  EXPECT_EQ(sps.height, 1080);
  EXPECT_NEAR(*sps.frames_per_second, 29.97, 0.01);
}

TEST(H264Sps, RefusesOtherNalUnits) {
  const uint8_t pps[] = {0x68, 0xce, 0x3c, 0x80};
  EXPECT_EQ(ParseH264Sps(Bytes(pps)).status().code(), StatusCode::kMalformed);
  EXPECT_EQ(ParseH264Sps({}).status().code(), StatusCode::kMalformed);
}

TEST(H264Sps, RefusesWhatIsCutShort) {
  // Behind these bytes follows the VUI, without which the rest is still good.
  for (size_t size = 0; size < 9; ++size) {
    EXPECT_FALSE(ParseH264Sps(Bytes(kConstrainedBaseline).first(size)).ok()) << size;
  }
}

TEST(H264Sps, SurvivesAnyBits) {
  std::minstd_rand random(1);
  for (int i = 0; i < 100'000; ++i) {
    std::vector<uint8_t> nal = i % 2 == 0 ? kInterlacedHigh : kConstrainedBaseline;
    for (int j = 0; j < 4; ++j)
      nal[1 + random() % (nal.size() - 1)] = static_cast<uint8_t>(random());
    const Result<H264Sps> sps = ParseH264Sps(nal);
    if (!sps.ok()) continue;
    EXPECT_GT(sps->width, 0);
    EXPECT_GT(sps->height, 0);
    EXPECT_GT(sps->frames_per_second.value_or(1), 0);
  }
}

}  // namespace
}  // namespace ocellus
