// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/camera_memory.h"

#include <gtest/gtest.h>

#include "firmware/app/settings.h"
#include "tests/hal/fake_storage.h"

namespace ocellus::app {
namespace {

using media::ControlValues;
using std::chrono::milliseconds;

const ControlValues kUpsideDown = {{"brightness", -12}, {"rotate", 180}};

class CameraMemoryTest : public testing::Test {
 protected:
  int CountWrites() {
    int writes = 0;
    while (storage_.PollWritten()) ++writes;
    return writes;
  }

  hal::FakeStorage storage_;
  Settings settings_ = *Settings::Open({}, storage_);
  CameraMemory memory_{storage_, settings_, {}};
  Time now_{std::chrono::seconds(100)};
};

TEST_F(CameraMemoryTest, BeginsWithoutAny) {
  EXPECT_TRUE(CameraMemory::ReadControls(storage_).empty());
  EXPECT_EQ(CameraMemory::ReadPlace(storage_), control::PtzTarget());
  memory_.KeepControls(now_, {});
  memory_.KeepPlace(now_, {});
  EXPECT_EQ(memory_.next_deadline(), kNever);
  memory_.Flush(now_);
  EXPECT_TRUE(storage_.stored.empty());
}

TEST_F(CameraMemoryTest, KeepsControlsForTheNextStart) {
  memory_.KeepControls(now_, kUpsideDown);
  EXPECT_EQ(memory_.next_deadline(), now_ + kCameraMemoryDelay);
  memory_.HandleTimeout(now_ + kCameraMemoryDelay - milliseconds(1));
  EXPECT_TRUE(storage_.stored.empty());
  memory_.HandleTimeout(now_ + kCameraMemoryDelay);
  EXPECT_EQ(storage_.stored["camera"], R"({"brightness":-12,"rotate":180})");
  EXPECT_EQ(CameraMemory::ReadControls(storage_), kUpsideDown);
  EXPECT_EQ(memory_.next_deadline(), kNever);
}

TEST_F(CameraMemoryTest, KeepsWhereTheCameraLooksForTheNextStart) {
  memory_.KeepPlace(now_, {0.25, {}, 0.5});
  EXPECT_EQ(memory_.next_deadline(), now_ + kCameraMemoryDelay);
  memory_.HandleTimeout(now_ + kCameraMemoryDelay);
  EXPECT_EQ(storage_.stored["ptz"], R"({"pan":0.25,"zoom":0.5})");
  EXPECT_EQ(storage_.stored.count("camera"), 0u);
  EXPECT_EQ(CameraMemory::ReadPlace(storage_), (control::PtzTarget{0.25, {}, 0.5}));
}

TEST_F(CameraMemoryTest, WritesNowAndThenWhileASliderIsDragged) {
  const Time end = now_ + std::chrono::seconds(10);
  for (int64_t value = 1; now_ < end; now_ += milliseconds(20)) {
    memory_.KeepControls(now_, {{"brightness", value++}});
    memory_.KeepStream(now_, {{}, {}, {}, DataRate::FromKilobitsPerSecond(1000 + value)});
    memory_.HandleTimeout(now_);
  }
  EXPECT_LE(CountWrites(), 2 * 5);
  memory_.Flush(now_);
  EXPECT_EQ(CameraMemory::ReadControls(storage_), (ControlValues{{"brightness", 500}}));
  EXPECT_EQ(settings_.config().bitrate, DataRate::FromKilobitsPerSecond(1501));
}

TEST_F(CameraMemoryTest, WritesAtTheEndOfTheProgram) {
  memory_.KeepControls(now_, kUpsideDown);
  memory_.Flush(now_);
  EXPECT_EQ(CameraMemory::ReadControls(storage_), kUpsideDown);
  memory_.KeepControls(now_, kUpsideDown);
  memory_.Flush(now_);
  EXPECT_EQ(CountWrites(), 1);
}

TEST_F(CameraMemoryTest, KeepsTheStreamAsSettings) {
  memory_.KeepStream(now_, {1280, 720, {}, {}});
  memory_.KeepStream(now_, {{}, {}, 15, DataRate::FromBitsPerSecond(1'234'567)});
  memory_.HandleTimeout(now_ + kCameraMemoryDelay);
  const Result<Settings> next = Settings::Open({}, storage_);
  EXPECT_EQ(next->config().width, 1280u);
  EXPECT_EQ(next->config().height, 720u);
  EXPECT_EQ(next->config().fps, 15u);
  EXPECT_EQ(next->config().bitrate, DataRate::FromKilobitsPerSecond(1234));
}

TEST_F(CameraMemoryTest, LeavesSettingsThatAreFixed) {
  Settings::Sources sources;
  sources.flags = {{"fps", "20", "--fps"}};
  Settings settings = *Settings::Open(sources, storage_);
  CameraMemory memory(storage_, settings, {});
  memory.KeepStream(now_, {640, 360, 10, {}});
  memory.Flush(now_);
  EXPECT_EQ(settings.config().fps, 20u);
  EXPECT_EQ(settings.config().height, 360u);
}

TEST_F(CameraMemoryTest, DamagedOnesDoNotStopTheCamera) {
  for (const char* damaged : {"", "{\"rotate\":1", "[1,2]", "{\"rotate\":\"half\"}", "7",
                              "{\"rotate\":0.5}", "{\"rotate\":1e300}"}) {
    storage_.stored["camera"] = damaged;
    EXPECT_TRUE(CameraMemory::ReadControls(storage_).empty()) << damaged;
  }
  std::string many = "{";
  for (size_t i = 0; i <= kMaxKeptControls; ++i) many += Format("\"c%d\":1,", static_cast<int>(i));
  many.back() = '}';
  storage_.stored["camera"] = many;
  EXPECT_TRUE(CameraMemory::ReadControls(storage_).empty());

  for (const char* damaged : {"", "{\"zoom\":1", "[0.5]", "{\"zoom\":-1}", "{\"pan\":\"left\"}"}) {
    storage_.stored["ptz"] = damaged;
    EXPECT_EQ(CameraMemory::ReadPlace(storage_), control::PtzTarget()) << damaged;
  }

  memory_.KeepControls(now_, kUpsideDown);
  memory_.Flush(now_);
  EXPECT_EQ(CameraMemory::ReadControls(storage_), kUpsideDown);
}

}  // namespace
}  // namespace ocellus::app
