// SPDX-License-Identifier: Apache-2.0
#include "drivers/test_pattern_camera/test_pattern_camera.h"

#include <algorithm>

#include "drivers/test_pattern_camera/cells.h"
#include "drivers/test_pattern_camera/no_signal_camera.h"
#include "tests/hal/camera_conformance.h"

namespace ocellus::hal {
namespace {

struct TestPatternRig final : CameraRig {
  Camera& camera() override { return pattern; }

  drivers::TestPatternCamera pattern{clock, clock};
};

struct NoSignalRig final : CameraRig {
  Camera& camera() override { return no_signal; }

  drivers::NoSignalCamera no_signal{clock, clock};
};

INSTANTIATE_TEST_SUITE_P(TestPattern, CameraConformance,
                         testing::Values([] { return std::make_unique<TestPatternRig>(); }));
INSTANTIATE_TEST_SUITE_P(NoSignal, CameraConformance,
                         testing::Values([] { return std::make_unique<NoSignalRig>(); }));

}  // namespace
}  // namespace ocellus::hal

namespace ocellus::drivers {
namespace {

constexpr Duration kPatience = std::chrono::seconds(2);
constexpr uint64_t kStartMilliseconds =
    static_cast<uint64_t>(hal::ManualClock::kUnixStart.count()) / 1000;

struct Rig {
  hal::ManualClock clock;
  TestPatternCamera pattern{clock, clock};
};

TEST(TestPatternCamera, NumbersAndTimesItsPicturesInCells) {
  Rig rig;
  ASSERT_TRUE(rig.pattern.Start({hal::PixelFormat::kI420, 640, 480, 25}).ok());
  for (uint32_t i = 0; i < 50; ++i) {
    const Result<hal::VideoFrame> frame = rig.pattern.Acquire(kPatience);
    ASSERT_TRUE(frame.ok());
    const std::optional<Cells> cells = ReadCells(*frame);
    ASSERT_TRUE(cells) << "picture " << i;
    EXPECT_EQ(cells->frame_number, i);
    EXPECT_EQ(cells->unix_milliseconds, kStartMilliseconds + 40 * i);
  }
}

TEST(TestPatternCamera, GoesOnCountingWhenItIsStartedAgain) {
  Rig rig;
  ASSERT_TRUE(rig.pattern.Start({}).ok());
  ASSERT_TRUE(rig.pattern.Acquire(kPatience).ok());
  rig.pattern.Stop();
  ASSERT_TRUE(rig.pattern.Start({}).ok());
  const Result<hal::VideoFrame> frame = rig.pattern.Acquire(kPatience);
  ASSERT_TRUE(frame.ok());
  EXPECT_EQ(ReadCells(*frame)->frame_number, 1u);
}

TEST(TestPatternCamera, MovesAndLeavesNoTraces) {
  Rig rig;
  ASSERT_TRUE(rig.pattern.Start({hal::PixelFormat::kI420, 320, 240, 30}).ok());
  // Below cells and text, all that is not the disc stays what it is.
  std::vector<uint8_t> last;
  size_t most_changed = 0;
  for (int i = 0; i < 400; ++i) {
    const Result<hal::VideoFrame> frame = rig.pattern.Acquire(kPatience);
    ASSERT_TRUE(frame.ok());
    const Bytes below = frame->planes[0].data.subspan(size_t{320} * 11 * 8);
    size_t changed = 0;
    for (size_t j = 0; j < last.size(); ++j) changed += last[j] != below[j] ? 1 : 0;
    EXPECT_EQ(changed > 0, i > 0) << "picture " << i;
    most_changed = std::max(most_changed, changed);
    last.assign(below.begin(), below.end());
  }
  EXPECT_LT(most_changed, 32u * 32u);
}

TEST(TestPatternCamera, FitsItsLayoutIntoEverySize) {
  for (const auto& [width, height] :
       {std::pair{160, 120}, {3840, 2160}, {3840, 16}, {160, 2160}, {1280, 720}, {333, 241}}) {
    Rig rig;
    const Result<hal::VideoFormat> format =
        rig.pattern.Start({hal::PixelFormat::kI420, width, height, 30});
    ASSERT_TRUE(format.ok());
    for (int i = 0; i < 3; ++i) {
      const Result<hal::VideoFrame> frame = rig.pattern.Acquire(kPatience);
      ASSERT_TRUE(frame.ok());
      EXPECT_TRUE(ReadCells(*frame)) << width << "x" << height;
    }
  }
}

int MeanOf(const hal::Plane& plane) {
  int64_t sum = 0;
  for (const uint8_t value : plane.data) sum += value;
  return static_cast<int>(sum / static_cast<int64_t>(plane.data.size()));
}

TEST(TestPatternCamera, HasControlsWithAnEffect) {
  Rig rig;
  EXPECT_TRUE(rig.pattern.List().empty());
  EXPECT_EQ(rig.pattern.Set("brightness", 10).code(), StatusCode::kUnavailable);
  ASSERT_TRUE(rig.pattern.Start({}).ok());
  ASSERT_EQ(rig.pattern.List().size(), 3u);
  Result<hal::VideoFrame> frame = rig.pattern.Acquire(kPatience);
  ASSERT_TRUE(frame.ok());
  const int luma = MeanOf(frame->planes[0]);
  const Bytes plain = frame->planes[1].data;
  EXPECT_TRUE(std::any_of(plain.begin(), plain.end(), [](uint8_t v) { return v != 128; }));

  ASSERT_TRUE(rig.pattern.Set("brightness", 30).ok());
  ASSERT_TRUE(rig.pattern.Set("saturation", 0).ok());
  frame = rig.pattern.Acquire(kPatience);
  ASSERT_TRUE(frame.ok());
  EXPECT_GT(MeanOf(frame->planes[0]), luma + 20);
  const Bytes grey = frame->planes[1].data;
  EXPECT_TRUE(std::all_of(grey.begin(), grey.end(), [](uint8_t v) { return v == 128; }));
  EXPECT_TRUE(ReadCells(*frame));
  EXPECT_EQ(rig.pattern.List()[0].value, 30);

  // Another size has them too.
  ASSERT_TRUE(rig.pattern.Start({hal::PixelFormat::kI420, 320, 240, 30}).ok());
  frame = rig.pattern.Acquire(kPatience);
  ASSERT_TRUE(frame.ok());
  EXPECT_EQ(frame->width, 320);
  EXPECT_GT(MeanOf(frame->planes[0]), luma + 20);
}

TEST(TimeOfDay, IsUtcWithMilliseconds) {
  EXPECT_EQ(TimeOfDay(0), "00:00:00.000 UTC");
  EXPECT_EQ(TimeOfDay(kStartMilliseconds + 1), "21:00:00.001 UTC");
  EXPECT_EQ(TimeOfDay(86'400'000 - 1), "23:59:59.999 UTC");
}

}  // namespace
}  // namespace ocellus::drivers
