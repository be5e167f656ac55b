// SPDX-License-Identifier: Apache-2.0
// What every hal::Camera must do. A driver's test includes this, and says how to make the camera:
//
//   INSTANTIATE_TEST_SUITE_P(MyCamera, CameraConformance, testing::Values([] { ... }));
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "hal/camera.h"
#include "tests/hal/manual_clock.h"

namespace ocellus::hal {

// A camera that is in order, and what it needs; it lives in the time of `clock`.
struct CameraRig {
  virtual ~CameraRig() = default;
  virtual Camera& camera() = 0;

  ManualClock clock;
};
using MakeCameraRig = std::function<std::unique_ptr<CameraRig>()>;

class CameraConformance : public testing::TestWithParam<MakeCameraRig> {
 protected:
  static constexpr Duration kPatience = std::chrono::seconds(2);

  Camera& camera() { return rig_->camera(); }
  ManualClock& clock() { return rig_->clock; }

  VideoFormat StartOrDie() {
    const Result<VideoFormat> format = camera().Start(VideoFormat());
    CHECK(format.ok(), "%s", format.status().ToString().c_str());
    return *format;
  }

 private:
  std::unique_ptr<CameraRig> rig_ = GetParam()();
};

TEST_P(CameraConformance, HasANameForPeople) { EXPECT_FALSE(camera().name().empty()); }

TEST_P(CameraConformance, FailsCleanlyWhenItIsNotStarted) {
  const Result<VideoFrame> frame = camera().Acquire(kPatience);
  ASSERT_FALSE(frame.ok());
  EXPECT_EQ(frame.status().code(), StatusCode::kUnavailable);
}

TEST_P(CameraConformance, ReturnsAUsableFormat) {
  const VideoFormat format = StartOrDie();
  EXPECT_GT(format.width, 0);
  EXPECT_GT(format.height, 0);
  EXPECT_EQ(format.width % 2, 0);
  EXPECT_EQ(format.height % 2, 0);
  EXPECT_GT(format.frames_per_second, 0);
}

TEST_P(CameraConformance, TakesTheNearestOfAnyWish) {
  VideoFormat wish;
  for (const int size : {0, 1, 17, 333, 100'000}) {
    wish.width = wish.height = wish.frames_per_second = size;
    const Result<VideoFormat> format = camera().Start(wish);
    ASSERT_TRUE(format.ok()) << size << ": " << format.status().ToString();
    EXPECT_GT(format->width, 0);
    EXPECT_GT(format->frames_per_second, 0);
    EXPECT_TRUE(camera().Acquire(kPatience).ok()) << size;
    camera().Stop();
  }
}

TEST_P(CameraConformance, DeliversPicturesOfThatFormat) {
  const VideoFormat format = StartOrDie();
  for (int i = 0; i < 5; ++i) {
    const Result<VideoFrame> frame = camera().Acquire(kPatience);
    ASSERT_TRUE(frame.ok()) << frame.status().ToString();
    EXPECT_EQ(frame->pixel_format, format.pixel_format);
    EXPECT_EQ(frame->width, format.width);
    EXPECT_EQ(frame->height, format.height);
    EXPECT_FALSE(frame->planes[0].data.empty());
  }
}

TEST_P(CameraConformance, TellsTimesThatGrowAndAreNotInTheFuture) {
  StartOrDie();
  Time last = Time::min();
  for (int i = 0; i < 10; ++i) {
    const Result<VideoFrame> frame = camera().Acquire(kPatience);
    ASSERT_TRUE(frame.ok());
    EXPECT_GT(frame->captured_at, last);
    EXPECT_LE(frame->captured_at, clock().Now());
    last = frame->captured_at;
  }
}

TEST_P(CameraConformance, KeepsItsRate) {
  const VideoFormat format = StartOrDie();
  ASSERT_TRUE(camera().Acquire(kPatience).ok());
  const Time begin = clock().Now();
  const int frames = 2 * format.frames_per_second;
  for (int i = 0; i < frames; ++i) ASSERT_TRUE(camera().Acquire(kPatience).ok());
  EXPECT_NEAR(ToSeconds(clock().Now() - begin), 2.0, 0.1);
}

TEST_P(CameraConformance, WaitsNoLongerThanItIsTold) {
  StartOrDie();
  ASSERT_TRUE(camera().Acquire(kPatience).ok());
  const Time begin = clock().Now();
  const Result<VideoFrame> frame = camera().Acquire(std::chrono::milliseconds(1));
  ASSERT_FALSE(frame.ok());
  EXPECT_EQ(frame.status().code(), StatusCode::kTimeout);
  EXPECT_LE(clock().Now() - begin, std::chrono::milliseconds(1));
  EXPECT_TRUE(camera().Acquire(kPatience).ok());
}

TEST_P(CameraConformance, CanBeStoppedAtAnyTimeAndStartedAgain) {
  camera().Stop();
  for (int i = 0; i < 3; ++i) {
    StartOrDie();
    ASSERT_TRUE(camera().Acquire(kPatience).ok());
    camera().Stop();
    camera().Stop();
    EXPECT_FALSE(camera().Acquire(kPatience).ok());
  }
}

}  // namespace ocellus::hal
