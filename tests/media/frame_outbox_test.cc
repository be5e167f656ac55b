// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/frame_outbox.h"

#include <gtest/gtest.h>

#include "tests/hal/fake_codecs.h"
#include "tests/media/counting_waker.h"

namespace ocellus::media {
namespace {

using hal::FrameType;
using std::chrono::milliseconds;

constexpr Time kNow{std::chrono::seconds(100)};

class FrameOutboxTest : public testing::Test {
 protected:
  bool SendOne(FrameType type, Time captured_at = kNow, Time now = kNow) {
    std::optional<hal::EncodedFrame> buffer = outbox_.Begin();
    if (!buffer) return false;
    hal::EncodedFrame frame = hal::MakeEncodedFrame(type);
    frame.captured_at = captured_at;
    return outbox_.Send(now, std::move(frame));
  }

  CountingWaker waker_;
  FrameOutbox outbox_{waker_};
};

TEST_F(FrameOutboxTest, BeginsWithAKeyframe) {
  EXPECT_FALSE(SendOne(FrameType::kAny));
  EXPECT_EQ(waker_.wakes(), 0);
  EXPECT_TRUE(SendOne(FrameType::kKeyframe));
  EXPECT_TRUE(SendOne(FrameType::kAny));
  EXPECT_EQ(waker_.wakes(), 2);
  EXPECT_TRUE(outbox_.Pop()->keyframe);
  EXPECT_FALSE(outbox_.Pop()->keyframe);
  EXPECT_FALSE(outbox_.Pop());
}

TEST_F(FrameOutboxTest, DropsUntilAKeyframeWhenTheIoThreadIsLate) {
  ASSERT_TRUE(SendOne(FrameType::kKeyframe));
  for (size_t i = 1; i < kVideoMailboxFrames; ++i) ASSERT_TRUE(SendOne(FrameType::kAny));
  EXPECT_FALSE(outbox_.keyframe_needed());
  EXPECT_FALSE(SendOne(FrameType::kKeyframe));
  EXPECT_TRUE(outbox_.keyframe_needed());

  outbox_.Recycle(*outbox_.Pop());
  EXPECT_FALSE(SendOne(FrameType::kAny));
  EXPECT_TRUE(SendOne(FrameType::kKeyframe));
  EXPECT_FALSE(outbox_.keyframe_needed());
}

TEST_F(FrameOutboxTest, GivesTheSameBuffersAgain) {
  std::optional<hal::EncodedFrame> frame = outbox_.Begin();
  frame->data.assign(10'000, 1);
  frame->keyframe = true;
  ASSERT_TRUE(outbox_.Send(kNow, std::move(*frame)));
  const uint8_t* memory = nullptr;
  {
    std::optional<hal::EncodedFrame> popped = outbox_.Pop();
    memory = popped->data.data();
    outbox_.Recycle(std::move(*popped));
  }
  // First in, first out: it comes back behind the other buffers.
  for (size_t i = 1; i < kVideoMailboxFrames; ++i) outbox_.Cancel(*outbox_.Begin());
  frame = outbox_.Begin();
  EXPECT_EQ(frame->data.data(), memory);
  EXPECT_TRUE(frame->data.empty());
  EXPECT_FALSE(frame->keyframe);
}

TEST_F(FrameOutboxTest, LetsTimeOnlyGrow) {
  ASSERT_TRUE(SendOne(FrameType::kKeyframe, kNow));
  ASSERT_TRUE(SendOne(FrameType::kAny, kNow - std::chrono::hours(1)));
  ASSERT_TRUE(SendOne(FrameType::kAny, kNow + std::chrono::hours(1), kNow + milliseconds(33)));
  ASSERT_TRUE(SendOne(FrameType::kAny, kNow + milliseconds(66), kNow + milliseconds(70)));
  EXPECT_EQ(outbox_.Pop()->captured_at, kNow);
  EXPECT_EQ(outbox_.Pop()->captured_at, kNow + kMinFrameSpacing);
  EXPECT_EQ(outbox_.Pop()->captured_at, kNow + milliseconds(33));
  EXPECT_EQ(outbox_.Pop()->captured_at, kNow + milliseconds(66));
}

TEST_F(FrameOutboxTest, ForgetsNoBufferOfDroppedFrames) {
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(SendOne(FrameType::kAny));
  EXPECT_TRUE(outbox_.Begin());
}

}  // namespace
}  // namespace ocellus::media
