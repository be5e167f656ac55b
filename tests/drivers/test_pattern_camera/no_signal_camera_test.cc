// SPDX-License-Identifier: Apache-2.0
#include "drivers/test_pattern_camera/no_signal_camera.h"

#include <gtest/gtest.h>

#include <vector>

#include "drivers/test_pattern_camera/cells.h"
#include "tests/hal/manual_clock.h"

namespace ocellus::drivers {
namespace {

// That it keeps the contract of a camera is tested in test_pattern_camera_test.cc.
struct NoSignalRig {
  hal::ManualClock clock;
  NoSignalCamera no_signal{clock, clock};
};

std::vector<uint8_t> NextLuma(NoSignalRig& rig) {
  const Result<hal::VideoFrame> frame = rig.no_signal.Acquire(std::chrono::seconds(2));
  CHECK(frame.ok(), "%s", frame.status().ToString().c_str());
  return {frame->planes[0].data.begin(), frame->planes[0].data.end()};
}

TEST(NoSignalCamera, ShowsTheTimeRunning) {
  NoSignalRig rig;
  ASSERT_TRUE(rig.no_signal.Start({hal::PixelFormat::kI420, 320, 240, 5}).ok());
  EXPECT_NE(NextLuma(rig), NextLuma(rig));
}

TEST(NoSignalCamera, HasNoCells) {
  NoSignalRig rig;
  ASSERT_TRUE(rig.no_signal.Start({}).ok());
  const Result<hal::VideoFrame> frame = rig.no_signal.Acquire(std::chrono::seconds(2));
  ASSERT_TRUE(frame.ok());
  EXPECT_FALSE(ReadCells(*frame));
}

TEST(NoSignalCamera, ShowsTheTextThatItIsGiven) {
  NoSignalRig rig;
  NoSignalCamera other(rig.clock, rig.clock, "CAMERA IS AWAY");
  ASSERT_TRUE(rig.no_signal.Start({}).ok());
  ASSERT_TRUE(other.Start({}).ok());
  const Result<hal::VideoFrame> frame = other.Acquire(std::chrono::seconds(2));
  ASSERT_TRUE(frame.ok());
  const Bytes luma = frame->planes[0].data;
  EXPECT_NE(NextLuma(rig), std::vector<uint8_t>(luma.begin(), luma.end()));
}

}  // namespace
}  // namespace ocellus::drivers
