// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/access_unit_normalizer.h"

#include <gtest/gtest.h>

#include "firmware/base/limits.h"

namespace ocellus::media {
namespace {

using NalUnits = std::vector<std::vector<uint8_t>>;

const std::vector<uint8_t> kDelimiter = {0x09, 0x10};
const std::vector<uint8_t> kSei = {0x06, 0x05, 0x01, 0x80};
const std::vector<uint8_t> kSps = {0x67, 0x42, 0xc0, 0x1f};
const std::vector<uint8_t> kOtherSps = {0x67, 0x42, 0xc0, 0x28};
const std::vector<uint8_t> kPps = {0x68, 0xce, 0x3c, 0x80};
const std::vector<uint8_t> kOtherPps = {0x68, 0x43, 0x3c, 0x80};
const std::vector<uint8_t> kIdr = {0x65, 0x88, 0x84};
const std::vector<uint8_t> kSlice = {0x41, 0x9a, 0x02};
const std::vector<uint8_t> kFiller = {0x0c, 0xff, 0x80};

std::vector<uint8_t> AnnexB(const NalUnits& nals) {
  std::vector<uint8_t> stream;
  for (const auto& nal : nals) {
    stream.insert(stream.end(), {0, 0, 1});
    stream.insert(stream.end(), nal.begin(), nal.end());
  }
  return stream;
}

class AccessUnitNormalizerTest : public testing::Test {
 protected:
  NalUnits Normalize(const NalUnits& nals) {
    const Status status = normalizer_.Normalize(AnnexB(nals), frame_);
    EXPECT_TRUE(status.ok()) << status.ToString();
    NalUnits out;
    for (const auto& nal : frame_.nals) {
      const auto begin = frame_.data.begin() + static_cast<ptrdiff_t>(nal.offset);
      out.emplace_back(begin, begin + static_cast<ptrdiff_t>(nal.size));
    }
    return out;
  }

  AccessUnitNormalizer normalizer_;
  hal::EncodedFrame frame_;
};

TEST_F(AccessUnitNormalizerTest, PassesACompleteKeyframeOn) {
  EXPECT_EQ(Normalize({kSps, kPps, kIdr}), (NalUnits{kSps, kPps, kIdr}));
  EXPECT_TRUE(frame_.keyframe);
  EXPECT_EQ(Normalize({kSlice, kSlice}), (NalUnits{kSlice, kSlice}));
  EXPECT_FALSE(frame_.keyframe);
}

TEST_F(AccessUnitNormalizerTest, PutsRememberedParameterSetsBeforeEachKeyframe) {
  Normalize({kSps, kPps, kIdr});
  EXPECT_EQ(Normalize({kIdr}), (NalUnits{kSps, kPps, kIdr}));
  EXPECT_EQ(Normalize({kSei, kIdr, kIdr}), (NalUnits{kSps, kPps, kSei, kIdr, kIdr}));
}

TEST_F(AccessUnitNormalizerTest, TakesParameterSetsFromABufferOfTheirOwn) {
  EXPECT_TRUE(Normalize({kSps}).empty());
  EXPECT_TRUE(Normalize({kPps}).empty());
  EXPECT_EQ(Normalize({kIdr}), (NalUnits{kSps, kPps, kIdr}));
}

TEST_F(AccessUnitNormalizerTest, LeavesOutWhatOnlyStorageNeeds) {
  EXPECT_EQ(Normalize({kDelimiter, kSps, kPps, kSei, kIdr, kFiller}),
            (NalUnits{kSps, kPps, kSei, kIdr}));
  EXPECT_EQ(Normalize({kDelimiter, kSlice, {0x0a}, {0x0b}}), (NalUnits{kSlice}));
}

TEST_F(AccessUnitNormalizerTest, ForgetsParameterSetsWhenNewOnesCome) {
  Normalize({kSps, kPps, kIdr});
  Normalize({kOtherSps, kOtherPps, kIdr});
  EXPECT_EQ(Normalize({kIdr}), (NalUnits{kOtherSps, kOtherPps, kIdr}));
}

TEST_F(AccessUnitNormalizerTest, KeepsSeveralPictureParameterSets) {
  Normalize({kSps, kPps, kOtherPps, kIdr});
  EXPECT_EQ(Normalize({kIdr}), (NalUnits{kSps, kPps, kOtherPps, kIdr}));
}

TEST_F(AccessUnitNormalizerTest, PassesNewPictureParameterSetsOnBetweenKeyframes) {
  Normalize({kSps, kPps, kIdr});
  EXPECT_EQ(Normalize({kOtherPps, kSlice}), (NalUnits{kOtherPps, kSlice}));
  EXPECT_EQ(Normalize({kIdr}), (NalUnits{kSps, kPps, kOtherPps, kIdr}));
}

TEST_F(AccessUnitNormalizerTest, RefusesAKeyframeThatNobodyCanDecode) {
  EXPECT_EQ(normalizer_.Normalize(AnnexB({kIdr}), frame_).code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(frame_.nals.empty());
  Normalize({kSps, kPps, kIdr});
  normalizer_.Reset();
  EXPECT_EQ(normalizer_.Normalize(AnnexB({kIdr}), frame_).code(), StatusCode::kFailedPrecondition);
}

TEST_F(AccessUnitNormalizerTest, RefusesWhatIsNotH264) {
  EXPECT_EQ(normalizer_.Normalize({}, frame_).code(), StatusCode::kMalformed);
  EXPECT_EQ(normalizer_.Normalize(AsBytes("no start code"), frame_).code(), StatusCode::kMalformed);
  EXPECT_EQ(normalizer_.Normalize(AnnexB({{0xff, 0xff}}), frame_).code(), StatusCode::kMalformed);
}

TEST_F(AccessUnitNormalizerTest, RefusesFramesThatDoNotFitIntoTheRing) {
  std::vector<uint8_t> giant = kSlice;
  giant.resize(kMaxEncodedFrameBytes + 1, 0x55);
  EXPECT_EQ(normalizer_.Normalize(AnnexB({giant}), frame_).code(), StatusCode::kResourceExhausted);
}

TEST_F(AccessUnitNormalizerTest, RemembersNoMoreThanItsLimit) {
  for (int i = 0; i < 1000; ++i) {
    std::vector<uint8_t> pps = kPps;
    pps.resize(100, static_cast<uint8_t>(i + 1));
    pps.push_back(static_cast<uint8_t>(i / 256 + 1));
    normalizer_.Normalize(AnnexB({i == 0 ? kSps : pps, pps}), frame_).ok();
  }
  Normalize({kIdr});
  EXPECT_LT(frame_.data.size(), 10'000u);
}

}  // namespace
}  // namespace ocellus::media
