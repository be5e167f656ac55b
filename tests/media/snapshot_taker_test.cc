// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/snapshot_taker.h"

#include <gtest/gtest.h>

#include "tests/hal/fake_codecs.h"
#include "tests/media/counting_waker.h"

namespace ocellus::media {
namespace {

using hal::FrameType;
using std::chrono::milliseconds;

constexpr Time kNow{std::chrono::seconds(100)};

class SnapshotTakerTest : public testing::Test {
 protected:
  hal::VideoFrame Nv12Picture() {
    pixels_.assign(32 * 32 * 2, 128);
    hal::VideoFrame frame;
    frame.pixel_format = hal::PixelFormat::kNv12;
    frame.width = 32;
    frame.height = 32;
    frame.planes = {hal::Plane{pixels_, 32}, hal::Plane{pixels_, 32}, hal::Plane{}};
    frame.captured_at = kNow;
    return frame;
  }
  void Keyframe(Time captured_at) {
    hal::EncodedFrame frame = hal::MakeEncodedFrame(FrameType::kKeyframe);
    frame.captured_at = captured_at;
    taker_.HandleAccessUnit(frame);
  }

  std::vector<uint8_t> pixels_;
  hal::FakeDecoder decoder_;
  hal::FakeJpegCodec jpeg_;
  CountingWaker waker_;
  SnapshotTaker taker_{{decoder_, jpeg_, waker_}, 85};
};

TEST_F(SnapshotTakerTest, CostsNothingUntilSomebodyAsks) {
  taker_.HandleTurn(kNow);
  taker_.HandlePicture(hal::FakeDecoder::GreyPicture(kNow));
  Keyframe(kNow);
  EXPECT_EQ(jpeg_.encoded, 0);
  EXPECT_EQ(decoder_.decoded, 0);
  EXPECT_FALSE(taker_.Pop());
}

TEST_F(SnapshotTakerTest, TakesTheNextPicture) {
  taker_.Request();
  taker_.HandleTurn(kNow);
  EXPECT_TRUE(taker_.waiting());
  taker_.HandlePicture(hal::FakeDecoder::GreyPicture(kNow));
  EXPECT_FALSE(taker_.waiting());
  EXPECT_EQ(waker_.wakes(), 1);
  const std::optional<Snapshot> snapshot = taker_.Pop();
  ASSERT_TRUE(snapshot);
  EXPECT_TRUE(snapshot->status.ok());
  EXPECT_EQ(snapshot->jpeg, (std::vector<uint8_t>{'J', 1, 1}));
  EXPECT_EQ(snapshot->captured_at, kNow);
}

TEST_F(SnapshotTakerTest, ConvertsWhatJpegDoesNotTake) {
  taker_.Request();
  taker_.HandleTurn(kNow);
  taker_.HandlePicture(Nv12Picture());
  EXPECT_TRUE(taker_.Pop()->status.ok());
}

TEST_F(SnapshotTakerTest, AnswersRequestsThatWaitTogetherOnce) {
  for (int i = 0; i < 10; ++i) taker_.Request();
  taker_.HandleTurn(kNow);
  taker_.HandlePicture(hal::FakeDecoder::GreyPicture(kNow));
  taker_.HandleTurn(kNow);
  taker_.HandlePicture(hal::FakeDecoder::GreyPicture(kNow));
  EXPECT_TRUE(taker_.Pop());
  EXPECT_FALSE(taker_.Pop());
}

TEST_F(SnapshotTakerTest, DecodesTheNextKeyframeOfAnEncodingCamera) {
  Keyframe(kNow - milliseconds(100));
  taker_.Request();
  taker_.HandleTurn(kNow);
  taker_.HandleAccessUnit(hal::MakeEncodedFrame(FrameType::kAny));
  EXPECT_TRUE(taker_.waiting());
  Keyframe(kNow + milliseconds(50));
  const std::optional<Snapshot> snapshot = taker_.Pop();
  ASSERT_TRUE(snapshot);
  EXPECT_TRUE(snapshot->status.ok());
  EXPECT_EQ(snapshot->captured_at, kNow + milliseconds(50));
  EXPECT_EQ(decoder_.resets, 1);
}

TEST_F(SnapshotTakerTest, ShowsTheLastKeyframeWhenTheNextIsFarAway) {
  Keyframe(kNow - std::chrono::seconds(5));
  taker_.Request();
  taker_.HandleTurn(kNow);
  taker_.HandleTurn(kNow + kSnapshotKeyframeWait - milliseconds(1));
  EXPECT_FALSE(taker_.Pop());
  taker_.HandleTurn(kNow + kSnapshotKeyframeWait);
  const std::optional<Snapshot> snapshot = taker_.Pop();
  ASSERT_TRUE(snapshot);
  EXPECT_TRUE(snapshot->status.ok());
  EXPECT_EQ(snapshot->captured_at, kNow - std::chrono::seconds(5));
}

TEST_F(SnapshotTakerTest, FailsAfterAWhileWithoutPictures) {
  taker_.Request();
  taker_.HandleTurn(kNow);
  taker_.HandleTurn(kNow + kSnapshotTimeout);
  EXPECT_EQ(taker_.Pop()->status.code(), StatusCode::kTimeout);
}

TEST_F(SnapshotTakerTest, SaysWhyThereIsNoCamera) {
  Keyframe(kNow);
  taker_.Request();
  taker_.HandleTurn(kNow);
  taker_.HandleCameraLost("unplugged");
  const std::optional<Snapshot> snapshot = taker_.Pop();
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->status.code(), StatusCode::kUnavailable);
  EXPECT_EQ(snapshot->status.message(), "unplugged");
}

TEST_F(SnapshotTakerTest, TellsWhatTheCodecsSay) {
  jpeg_.encode_error = {StatusCode::kInternal, "no JPEG"};
  taker_.Request();
  taker_.HandleTurn(kNow);
  taker_.HandlePicture(hal::FakeDecoder::GreyPicture(kNow));
  EXPECT_EQ(taker_.Pop()->status.message(), "no JPEG");

  decoder_.decode_error = {StatusCode::kMalformed, "no picture"};
  taker_.Request();
  taker_.HandleTurn(kNow);
  Keyframe(kNow);
  EXPECT_EQ(taker_.Pop()->status.message(), "no picture");
}

TEST_F(SnapshotTakerTest, LosesNoAnswerWhenNobodyTakesThem) {
  for (int i = 0; i < 10; ++i) {
    taker_.Request();
    taker_.HandleTurn(kNow);
    taker_.HandlePicture(hal::FakeDecoder::GreyPicture(kNow));
  }
  int answers = 0;
  for (int i = 0; i < 20; ++i) {
    while (taker_.Pop()) ++answers;
    taker_.HandleTurn(kNow);
    taker_.HandlePicture(hal::FakeDecoder::GreyPicture(kNow));
  }
  EXPECT_GE(answers, 3);
  EXPECT_FALSE(taker_.waiting());
}

}  // namespace
}  // namespace ocellus::media
