// SPDX-License-Identifier: Apache-2.0
// What every hal::VideoEncoder must do. A driver's test includes this, and says how to make one:
//
//   INSTANTIATE_TEST_SUITE_P(MyEncoder, EncoderConformance, testing::Values([] { ... }));
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <vector>

#include "firmware/base/annexb.h"
#include "hal/video_encoder.h"

namespace ocellus::hal {

using MakeEncoder = std::function<std::unique_ptr<VideoEncoder>()>;

class EncoderConformance : public testing::TestWithParam<MakeEncoder> {
 protected:
  static constexpr DataRate kRate = DataRate::FromKilobitsPerSecond(500);
  static constexpr VideoFormat kFormat = {PixelFormat::kI420, 320, 240, 30};

  VideoEncoder& encoder() { return *encoder_; }

  // A picture that differs from the last one, `index` frames into the stream.
  VideoFrame MakePicture(const VideoFormat& format, int index) {
    const auto width = static_cast<size_t>(format.width);
    const size_t luma = width * static_cast<size_t>(format.height);
    pixels_.resize(luma * 3 / 2);
    for (size_t i = 0; i < luma; ++i) {
      pixels_[i] = static_cast<uint8_t>(i % width + i / width + 4 * static_cast<size_t>(index));
    }
    const Bytes all(pixels_);
    VideoFrame frame;
    frame.width = format.width;
    frame.height = format.height;
    frame.planes = {Plane{all.first(luma), width}, Plane{all.subspan(luma, luma / 4), width / 2},
                    Plane{all.subspan(luma + luma / 4, luma / 4), width / 2}};
    frame.captured_at = Time(std::chrono::seconds(100)) + index * Duration(33'333);
    return frame;
  }

  EncodedFrame EncodeOrDie(const VideoFormat& format, int index, FrameType type) {
    EncodedFrame out;
    const Status status = encoder().Encode(MakePicture(format, index), type, out);
    CHECK(status.ok(), "%s", status.ToString().c_str());
    return out;
  }

  static unsigned NalType(const EncodedFrame& frame, size_t index) {
    return frame.data[frame.nals[index].offset] & 0x1fu;
  }

  static void ExpectKeyframe(const EncodedFrame& frame) {
    ASSERT_TRUE(frame.keyframe);
    ASSERT_GE(frame.nals.size(), 3u);
    EXPECT_EQ(NalType(frame, 0), 7u);  // SPS
    EXPECT_EQ(NalType(frame, 1), 8u);  // PPS
    EXPECT_EQ(NalType(frame, frame.nals.size() - 1), 5u);
  }

 private:
  std::unique_ptr<VideoEncoder> encoder_ = GetParam()();
  std::vector<uint8_t> pixels_;
};

TEST_P(EncoderConformance, HasANameForPeople) { EXPECT_STRNE(encoder().name(), ""); }

TEST_P(EncoderConformance, FailsCleanlyWhenItIsNotConfigured) {
  EncodedFrame out;
  EXPECT_FALSE(encoder().Encode(MakePicture(kFormat, 0), FrameType::kAny, out).ok());
  EXPECT_FALSE(encoder().SetBitrate(kRate).ok());
}

TEST_P(EncoderConformance, BeginsWithAKeyframe) {
  ASSERT_TRUE(encoder().Configure(kFormat, kRate).ok());
  ExpectKeyframe(EncodeOrDie(kFormat, 0, FrameType::kAny));
}

TEST_P(EncoderConformance, TellsWhereTheNalUnitsAre) {
  ASSERT_TRUE(encoder().Configure(kFormat, kRate).ok());
  for (int i = 0; i < 10; ++i) {
    const EncodedFrame frame =
        EncodeOrDie(kFormat, i, i % 4 == 3 ? FrameType::kKeyframe : FrameType::kAny);
    std::vector<EncodedFrame::Nal> nals;
    FindNals(frame.data, nals);
    ASSERT_EQ(frame.nals.size(), nals.size());
    for (size_t j = 0; j < nals.size(); ++j) {
      EXPECT_EQ(frame.nals[j].offset, nals[j].offset);
      EXPECT_EQ(frame.nals[j].size, nals[j].size);
    }
  }
}

TEST_P(EncoderConformance, MakesKeyframesOnDemandOnly) {
  ASSERT_TRUE(encoder().Configure(kFormat, kRate).ok());
  for (int i = 0; i < 90; ++i) {
    const bool demanded = i == 40 || i == 41;
    const EncodedFrame frame =
        EncodeOrDie(kFormat, i, demanded ? FrameType::kKeyframe : FrameType::kAny);
    EXPECT_FALSE(frame.nals.empty()) << "frame " << i << " was skipped";
    EXPECT_EQ(frame.keyframe, i == 0 || demanded) << "frame " << i;
    if (demanded) ExpectKeyframe(frame);
  }
}

TEST_P(EncoderConformance, GivesEachPictureItsOwnTime) {
  ASSERT_TRUE(encoder().Configure(kFormat, kRate).ok());
  for (int i = 0; i < 5; ++i) {
    const Time captured_at = MakePicture(kFormat, i).captured_at;
    EXPECT_EQ(EncodeOrDie(kFormat, i, FrameType::kAny).captured_at, captured_at);
  }
}

TEST_P(EncoderConformance, ChangesTheBitrateWithoutAKeyframe) {
  ASSERT_TRUE(encoder().Configure(kFormat, kRate).ok());
  EncodeOrDie(kFormat, 0, FrameType::kAny);
  int index = 1;
  for (const int64_t kilobits : {0, 50, 2000, 100'000'000, 300}) {
    ASSERT_TRUE(encoder().SetBitrate(DataRate::FromKilobitsPerSecond(kilobits)).ok()) << kilobits;
    EXPECT_FALSE(EncodeOrDie(kFormat, index++, FrameType::kAny).keyframe);
  }
}

TEST_P(EncoderConformance, CanBeConfiguredForAnotherFormat) {
  ASSERT_TRUE(encoder().Configure(kFormat, kRate).ok());
  EncodeOrDie(kFormat, 0, FrameType::kAny);
  const VideoFormat larger = {PixelFormat::kI420, 642, 362, 15};
  ASSERT_TRUE(encoder().Configure(larger, kRate).ok());
  ExpectKeyframe(EncodeOrDie(larger, 1, FrameType::kAny));
}

TEST_P(EncoderConformance, RefusesPicturesThatItIsNotConfiguredFor) {
  ASSERT_TRUE(encoder().Configure(kFormat, kRate).ok());
  const VideoFormat other = {PixelFormat::kI420, 160, 120, 30};
  EncodedFrame out;
  EXPECT_FALSE(encoder().Encode(MakePicture(other, 0), FrameType::kAny, out).ok());
  EXPECT_TRUE(encoder().Encode(MakePicture(kFormat, 0), FrameType::kAny, out).ok());
}

TEST_P(EncoderConformance, RefusesCompressedPictures) {
  const VideoFormat format = {PixelFormat::kMjpeg, 640, 480, 30};
  EXPECT_EQ(encoder().Configure(format, kRate).code(), StatusCode::kUnsupported);
}

}  // namespace ocellus::hal
