// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/frame_ring.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>

namespace ocellus {
namespace {

FrameInfo Info(uint32_t media_time, bool keyframe = false) {
  FrameInfo info;
  info.media_time = media_time;
  info.keyframe = keyframe;
  return info;
}

// A frame of `payloads` payloads of `size` bytes, each filled with `fill`.
FrameId Push(FrameRing& ring, size_t payloads, size_t size, uint8_t fill, bool keyframe = false) {
  EXPECT_TRUE(ring.Begin(Info(fill, keyframe), payloads * size, payloads).ok());
  for (size_t i = 0; i < payloads; ++i) {
    for (uint8_t& byte : ring.Append(size)) byte = fill;
  }
  return ring.Commit();
}

TEST(FrameRing, GivesBackWhatWasPutIn) {
  FrameRing ring;
  EXPECT_EQ(ring.newest(), 0u);
  EXPECT_EQ(ring.Find(0), nullptr);
  EXPECT_EQ(ring.Find(1), nullptr);
  EXPECT_FALSE(ring.newest_keyframe());
  EXPECT_EQ(Push(ring, 3, 100, 7, true), 1u);
  EXPECT_EQ(ring.newest(), 1u);
  EXPECT_EQ(ring.newest_keyframe(), 1u);
  const FrameRing::Frame* frame = ring.Find(1);
  ASSERT_NE(frame, nullptr);
  EXPECT_EQ(frame->payload_count, 3u);
  EXPECT_EQ(frame->size, 300u);
  EXPECT_EQ(frame->info.media_time, 7u);
  EXPECT_EQ(ring.payload(*frame, 2).size(), 100u);
  EXPECT_EQ(ring.payload(*frame, 2)[99], 7);
  EXPECT_EQ(ring.Find(2), nullptr);
}

// FU-A slices of one frame go to the wire in one call only when they lie back to back.
TEST(FrameRing, StoresThePayloadsOfAFrameBackToBack) {
  FrameRing ring;
  const FrameId id = Push(ring, 4, 50, 1);
  const FrameRing::Frame& frame = *ring.Find(id);
  for (size_t i = 1; i < 4; ++i) {
    EXPECT_EQ(ring.payload(frame, i).data(), ring.payload(frame, i - 1).end());
  }
}

TEST(FrameRing, UsesOnlyWhatWasAppended) {
  FrameRing ring({100, 8, 8});
  ASSERT_TRUE(ring.Begin(Info(1), 60, 2).ok());
  ring.Append(10);
  ring.Commit();
  Push(ring, 1, 90, 2);
  EXPECT_NE(ring.Find(1), nullptr);
}

TEST(FrameRing, MakesRoomByDroppingTheOldest) {
  FrameRing ring({100, 8, 64});
  Push(ring, 1, 40, 1, true);
  Push(ring, 1, 40, 2);
  Push(ring, 1, 40, 3);
  EXPECT_EQ(ring.Find(1), nullptr);
  EXPECT_NE(ring.Find(2), nullptr);
  EXPECT_NE(ring.Find(3), nullptr);
  EXPECT_FALSE(ring.newest_keyframe());
}

TEST(FrameRing, HoldsNoMoreFramesThanItHasPlacesFor) {
  FrameRing ring({1000, 3, 64});
  for (uint8_t i = 1; i <= 5; ++i) Push(ring, 1, 1, i);
  EXPECT_EQ(ring.Find(2), nullptr);
  EXPECT_NE(ring.Find(3), nullptr);
}

TEST(FrameRing, HoldsNoMorePayloadsThanItHasPlacesFor) {
  FrameRing ring({1000, 64, 10});
  Push(ring, 4, 1, 1);
  Push(ring, 4, 1, 2);
  Push(ring, 4, 1, 3);
  EXPECT_EQ(ring.Find(1), nullptr);
  EXPECT_NE(ring.Find(2), nullptr);
}

TEST(FrameRing, RefusesAFrameThatIsLargerThanItself) {
  FrameRing ring({100, 8, 8});
  Push(ring, 1, 50, 1);
  EXPECT_EQ(ring.Begin(Info(2), 101, 1).code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(ring.Begin(Info(2), 10, 9).code(), StatusCode::kResourceExhausted);
  EXPECT_NE(ring.Find(1), nullptr);
  Push(ring, 1, 100, 2);
  EXPECT_EQ(ring.Find(1), nullptr);
  EXPECT_EQ(ring.payload(*ring.Find(2), 0).size(), 100u);
}

TEST(FrameRing, ForgetsAnUnfinishedFrame) {
  FrameRing ring({100, 8, 8});
  ASSERT_TRUE(ring.Begin(Info(1, true), 30, 1).ok());
  ring.Append(30);
  EXPECT_EQ(Push(ring, 1, 30, 2), 1u);
  EXPECT_EQ(ring.Find(1)->info.media_time, 2u);
  EXPECT_FALSE(ring.newest_keyframe());
}

TEST(FrameRing, KeepsEmptyFramesApartFromTheFullOnes) {
  FrameRing ring({100, 16, 16});
  Push(ring, 1, 50, 1);
  Push(ring, 1, 50, 2);
  Push(ring, 1, 50, 3);
  Push(ring, 0, 0, 4);
  Push(ring, 1, 50, 5);
  for (FrameId id = 1; id <= ring.newest(); ++id) {
    const FrameRing::Frame* frame = ring.Find(id);
    if (frame == nullptr || frame->payload_count == 0) continue;
    EXPECT_EQ(ring.payload(*frame, 0)[0], id);
    EXPECT_EQ(ring.payload(*frame, 0)[49], id);
  }
}

TEST(FrameRingDeath, ChecksItsCaller) {
  FrameRing ring({100, 8, 8});
  EXPECT_DEATH(ring.Append(1), "without Begin");
  EXPECT_DEATH(ring.Commit(), "without Begin");
  ASSERT_TRUE(ring.Begin(Info(1), 10, 1).ok());
  EXPECT_DEATH(ring.Append(11), "invariant 2");
  ring.Append(5);
  EXPECT_DEATH(ring.Append(1), "invariant 2");
  ring.Commit();
  EXPECT_DEATH((void)ring.payload(*ring.Find(1), 1), "payload 1 of 1");
}

// Against a model that only remembers: whatever the ring still has must be the newest frames
// without a gap, with their bytes untouched.
TEST(FrameRing, AgreesWithAModelUnderRandomPushes) {
  struct Model {
    FrameId id;
    FrameInfo info;
    std::vector<std::vector<uint8_t>> payloads;
  };
  constexpr unsigned kSeed = 7;
  std::mt19937 random(kSeed);
  const auto below = [&random](size_t bound) { return static_cast<size_t>(random()) % bound; };
  for (const FrameRing::Capacity capacity :
       {FrameRing::Capacity{1000, 8, 32}, {500, 64, 16}, {257, 3, 300}, {64, 64, 64}}) {
    FrameRing ring(capacity);
    std::deque<Model> model;
    size_t least_kept = 1000;
    for (int step = 0; step < 5000; ++step) {
      Model pushed;
      const size_t limit = below(10) == 0 ? capacity.bytes : capacity.bytes / 5;
      const size_t max_bytes = below(limit + 1);
      const size_t max_payloads = below(std::min<size_t>(capacity.payloads, 12) + 1);
      pushed.info = Info(static_cast<uint32_t>(step), below(10) == 0);
      ASSERT_TRUE(ring.Begin(pushed.info, max_bytes, max_payloads).ok());
      if (below(20) == 0) continue;  // Given up.
      size_t left = max_bytes;
      for (size_t i = below(max_payloads + 1); i > 0; --i) {
        std::vector<uint8_t>& payload = pushed.payloads.emplace_back(below(left + 1));
        left -= payload.size();
        for (uint8_t& byte : payload) byte = static_cast<uint8_t>(random());
        const MutableBytes out = ring.Append(payload.size());
        std::copy(payload.begin(), payload.end(), out.begin());
      }
      pushed.id = ring.Commit();
      model.push_back(std::move(pushed));
      if (model.size() > capacity.frames) model.pop_front();
      ASSERT_EQ(ring.newest(), model.back().id) << "seed " << kSeed << " step " << step;

      std::optional<FrameId> keyframe;
      size_t kept = 0;
      bool gone = false;
      for (auto known = model.rbegin(); known != model.rend(); ++known) {
        const FrameRing::Frame* frame = ring.Find(known->id);
        gone = gone || frame == nullptr;
        ASSERT_EQ(frame == nullptr, gone) << "a gap at " << known->id << ", step " << step;
        if (gone) continue;
        ++kept;
        if (known->info.keyframe && !keyframe) keyframe = known->id;
        ASSERT_EQ(frame->info.media_time, known->info.media_time);
        ASSERT_EQ(frame->payload_count, known->payloads.size());
        for (size_t i = 0; i < known->payloads.size(); ++i) {
          ASSERT_TRUE(ring.payload(*frame, i) == Bytes(known->payloads[i]))
              << "seed " << kSeed << " step " << step << " frame " << known->id;
        }
      }
      ASSERT_EQ(ring.newest_keyframe(), keyframe);
      if (step > 100) least_kept = std::min(least_kept, kept);
    }
    EXPECT_GE(least_kept, 1u);
  }
}

}  // namespace
}  // namespace ocellus
