// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/video_pipeline.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/media/video_pipeline_rig.h"

namespace ocellus::media {
namespace {

using hal::FrameType;
using hal::PixelFormat;
using std::chrono::milliseconds;
using std::chrono::seconds;

const Status kUnplugged(StatusCode::kUnavailable, "/dev/video0: unplugged");

TEST_F(VideoPipelineTest, EncodesEveryPicture) {
  RunFor(seconds(2));
  EXPECT_NEAR(static_cast<double>(frames_.size()), 60, 2);
  EXPECT_TRUE(frames_[0].keyframe);
  EXPECT_EQ(CountKeyframes(), 1);
  EXPECT_EQ(waker_.wakes(), static_cast<int>(frames_.size()));
  EXPECT_EQ(no_signal_.starts, 0);
}

TEST_F(VideoPipelineTest, TellsItsStatus) {
  RunFor(milliseconds(2500));
  const VideoStatus& status = pipeline_.status();
  EXPECT_EQ(status.state, CameraState::kRunning);
  EXPECT_EQ(status.camera, "fake camera");
  EXPECT_EQ(status.encoder, "fake encoder");
  EXPECT_EQ(status.format, hal::VideoFormat());
  EXPECT_NEAR(status.frames_per_second, 30, 1);
  EXPECT_EQ(status.frames_dropped, 0u);
  EXPECT_TRUE(status.reason.empty());
}

TEST_F(VideoPipelineTest, MakesAKeyframeOnRequest) {
  RunFor(seconds(1));
  frames_.clear();
  for (int i = 0; i < 10; ++i) pipeline_.RequestKeyframe();
  RunFor(seconds(1));
  EXPECT_TRUE(frames_[0].keyframe);
  EXPECT_EQ(CountKeyframes(), 1);
}

TEST_F(VideoPipelineTest, ConvertsAndDecodesWhatCamerasDeliver) {
  camera_.images = {{'J', 40, 30}};
  for (const PixelFormat format : {PixelFormat::kNv12, PixelFormat::kYuyv, PixelFormat::kMjpeg}) {
    frames_.clear();
    camera_.format = hal::VideoFormat{format, 640, 480, 30};
    RunFor(seconds(1));
    EXPECT_NEAR(static_cast<double>(frames_.size()), 30, 2) << ToString(format);
    EXPECT_EQ(pipeline_.status().format.pixel_format, format);
  }
  EXPECT_EQ(pipeline_.status().encoder_errors, 0u);
}

TEST_F(VideoPipelineTest, PassesH264OnAsItIs) {
  UseH264Camera();
  RunFor(milliseconds(1900));
  EXPECT_EQ(encoder_.encoded, 0);
  EXPECT_EQ(frames_[0].data, camera_.images[0]);
  EXPECT_EQ(frames_[1].data, camera_.images[1]);
  EXPECT_EQ(CountKeyframes(), 2);
  EXPECT_EQ(pipeline_.status().encoder, "");
  EXPECT_EQ(pipeline_.status().format.width, 1280);
}

TEST_F(VideoPipelineTest, AsksAnEncodingCameraForKeyframes) {
  UseH264Camera();
  RunFor(milliseconds(300));
  EXPECT_EQ(camera_.keyframe_requests, 0);
  pipeline_.RequestKeyframe();
  RunFor(milliseconds(34));
  EXPECT_EQ(camera_.keyframe_requests, 1);
  // It is asked again while none comes, and no more once it came.
  RunFor(seconds(2));
  EXPECT_EQ(camera_.keyframe_requests, 2);
}

TEST_F(VideoPipelineTest, DropsUntilAKeyframeWhenTheIoThreadIsLate) {
  RunFor(seconds(1));
  io_sleeps_ = true;
  RunFor(seconds(1));
  io_sleeps_ = false;
  frames_.clear();
  RunFor(seconds(1));
  size_t gap_at = 0;
  for (size_t i = 1; i < frames_.size(); ++i) {
    if (frames_[i].captured_at - frames_[i - 1].captured_at > milliseconds(100)) gap_at = i;
  }
  ASSERT_EQ(gap_at, kVideoMailboxFrames);
  EXPECT_TRUE(frames_[gap_at].keyframe);
  EXPECT_EQ(CountKeyframes(), 1);
  RunFor(seconds(1));
  EXPECT_GT(pipeline_.status().frames_dropped, 10u);
}

TEST_F(VideoPipelineTest, DropsUntilAKeyframeOfAnEncodingCamera) {
  UseH264Camera();
  RunFor(milliseconds(500));
  io_sleeps_ = true;
  RunFor(milliseconds(1000));
  io_sleeps_ = false;
  frames_.clear();
  RunFor(seconds(2));
  ASSERT_GT(frames_.size(), kVideoMailboxFrames);
  EXPECT_TRUE(frames_[kVideoMailboxFrames].keyframe);
  EXPECT_GE(camera_.keyframe_requests, 1);
}

// Fault table of the field: camera unplugged and back.
TEST_F(VideoPipelineTest, ShowsNoSignalWhileTheCameraIsAway) {
  RunFor(seconds(1));
  camera_.acquire_error = kUnplugged;
  camera_.start_error = kUnplugged;
  const Time unplugged_at = clock_.Now();
  frames_.clear();
  RunFor(seconds(10));
  ASSERT_FALSE(frames_.empty());
  EXPECT_TRUE(frames_[0].keyframe);
  EXPECT_LT(frames_[0].captured_at - unplugged_at, seconds(1));
  EXPECT_EQ(CountKeyframes(), 1);
  EXPECT_NEAR(static_cast<double>(frames_.size()), 10 * kNoSignalFramesPerSecond, 3);
  EXPECT_EQ(pipeline_.status().state, CameraState::kLost);
  EXPECT_EQ(pipeline_.status().reason, kUnplugged.message());

  camera_.acquire_error = {};
  camera_.start_error = {};
  const Time back_at = clock_.Now();
  const int encoded_no_signal = no_signal_.pictures;
  frames_.clear();
  RunFor(seconds(2));
  EXPECT_EQ(pipeline_.status().state, CameraState::kRunning);
  EXPECT_LT(no_signal_.pictures - encoded_no_signal, 2 * kNoSignalFramesPerSecond);
  for (const auto& frame : frames_) {
    if (!frame.keyframe) continue;
    EXPECT_LT(frame.captured_at - back_at, seconds(2));
  }
  EXPECT_EQ(CountKeyframes(), 1);
  EXPECT_EQ(no_signal_.stops, 1);
}

TEST_F(VideoPipelineTest, StartsWithNoSignalWhenTheCameraIsMissing) {
  camera_.start_error = {StatusCode::kUnavailable, "/dev/video0: no such device"};
  RunFor(seconds(1));
  ASSERT_FALSE(frames_.empty());
  EXPECT_TRUE(frames_[0].keyframe);
  EXPECT_EQ(pipeline_.status().reason, "/dev/video0: no such device");
}

TEST_F(VideoPipelineTest, ShowsNoSignalWithinASecondOfAHang) {
  RunFor(seconds(1));
  camera_.hangs = true;
  const Time hung_at = clock_.Now();
  frames_.clear();
  RunFor(seconds(3));
  ASSERT_FALSE(frames_.empty());
  EXPECT_LE(frames_[0].captured_at - hung_at, seconds(1));
  // Both wait in turn: still more than a picture every half second.
  EXPECT_GE(frames_.size(), 6u);
}

TEST_F(VideoPipelineTest, ReturnsFromNoSignalToAnEncodingCamera) {
  UseH264Camera();
  RunFor(seconds(1));
  camera_.acquire_error = kUnplugged;
  RunFor(seconds(2));
  camera_.acquire_error = {};
  frames_.clear();
  RunFor(seconds(4));
  size_t first = 0;
  while (first < frames_.size() && frames_[first].data.size() != camera_.images[0].size()) ++first;
  ASSERT_LT(first, frames_.size());
  EXPECT_TRUE(frames_[first].keyframe);
}

TEST_F(VideoPipelineTest, KeepsTimeMonotonicOverEverything) {
  for (int i = 0; i < 5; ++i) {
    camera_.time_error = i % 2 == 0 ? Duration(-seconds(100)) : Duration(seconds(100));
    RunFor(milliseconds(500));
    camera_.acquire_error = kUnplugged;
    RunFor(milliseconds(700));
    camera_.acquire_error = {};
    RunFor(seconds(2));
  }
  ASSERT_GT(frames_.size(), 100u);
  for (size_t i = 1; i < frames_.size(); ++i) {
    EXPECT_GE(frames_[i].captured_at - frames_[i - 1].captured_at, kMinFrameSpacing);
  }
}

TEST_F(VideoPipelineTest, FollowsAChangeOfResolution) {
  RunFor(seconds(1));
  frames_.clear();
  camera_.format = hal::VideoFormat{PixelFormat::kI420, 320, 240, 30};
  RunFor(seconds(1));
  EXPECT_TRUE(frames_[0].keyframe);
  EXPECT_EQ(CountKeyframes(), 1);
  EXPECT_EQ(pipeline_.status().format.width, 320);
}

TEST_F(VideoPipelineTest, BearsHalfPictures) {
  camera_.images = {{'J', 40, 30}, {'J', 40}, {'J', 40, 30}};
  camera_.format = hal::VideoFormat{PixelFormat::kMjpeg, 640, 480, 30};
  RunFor(seconds(3));
  EXPECT_NEAR(static_cast<double>(frames_.size()), 60, 3);
  EXPECT_EQ(CountKeyframes(), 1);
  EXPECT_GT(pipeline_.status().pictures_damaged, 20u);
  EXPECT_EQ(pipeline_.status().state, CameraState::kRunning);
}

TEST_F(VideoPipelineTest, AsksForAKeyframeAfterADamagedAccessUnit) {
  UseH264Camera();
  camera_.images[5] = {0xff, 0xff};
  RunFor(milliseconds(500));
  EXPECT_EQ(frames_.size(), 5u);
  EXPECT_GE(camera_.keyframe_requests, 1);
  RunFor(seconds(1));
  EXPECT_TRUE(frames_[5].keyframe);
}

TEST_F(VideoPipelineTest, RepairsTheEncoderAndGoesOn) {
  RunFor(seconds(1));
  encoder_.encode_error = {StatusCode::kInternal, "broken"};
  RunFor(seconds(2));
  encoder_.encode_error = {};
  frames_.clear();
  RunFor(seconds(3));
  ASSERT_GT(frames_.size(), 50u);
  EXPECT_TRUE(frames_[0].keyframe);
  EXPECT_GE(pipeline_.status().encoder_errors, 1u);
}

TEST_F(VideoPipelineTest, ChangesTheBitrateOfTheEncoder) {
  RunFor(seconds(1));
  StreamRequest request;
  request.bitrate = DataRate::FromKilobitsPerSecond(700);
  ASSERT_TRUE(pipeline_.SetStream(VideoCommandId(), request).ok());
  RunFor(seconds(1));
  EXPECT_EQ(encoder_.bitrates.back(), DataRate::FromKilobitsPerSecond(700));
  EXPECT_EQ(CountKeyframes(), 1);
}

TEST_F(VideoPipelineTest, TakesSnapshots) {
  RunFor(seconds(1));
  pipeline_.RequestSnapshot();
  RunFor(milliseconds(100));
  const std::optional<Snapshot> snapshot = pipeline_.PopSnapshot();
  ASSERT_TRUE(snapshot);
  EXPECT_TRUE(snapshot->status.ok());
  EXPECT_EQ(snapshot->jpeg, (std::vector<uint8_t>{'J', 40, 30}));
}

TEST_F(VideoPipelineTest, TakesSnapshotsOfAnEncodingCamera) {
  UseH264Camera();
  RunFor(milliseconds(200));
  pipeline_.RequestSnapshot();
  RunFor(seconds(1));
  const std::optional<Snapshot> snapshot = pipeline_.PopSnapshot();
  ASSERT_TRUE(snapshot);
  EXPECT_TRUE(snapshot->status.ok());
  EXPECT_GE(camera_.keyframe_requests, 1);
}

TEST_F(VideoPipelineTest, RefusesSnapshotsOfNoSignal) {
  camera_.start_error = kUnplugged;
  RunFor(seconds(1));
  pipeline_.RequestSnapshot();
  RunFor(seconds(1));
  const std::optional<Snapshot> snapshot = pipeline_.PopSnapshot();
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->status.code(), StatusCode::kUnavailable);
  EXPECT_EQ(snapshot->status.message(), kUnplugged.message());
}

TEST_F(VideoPipelineTest, ListsAndSetsControls) {
  controls_.controls = {hal::MakeControl("brightness", 0, 100, 50)};
  RunFor(milliseconds(100));
  ASSERT_EQ(pipeline_.status().controls.size(), 4u);
  EXPECT_TRUE(pipeline_.status().digital_view);
  ASSERT_TRUE(pipeline_.SetControl(VideoCommandId(7), "brightness", 70).ok());
  VideoCommandResult result = NextResult();
  EXPECT_EQ(result.id, VideoCommandId(7));
  EXPECT_TRUE(result.status.ok());
  EXPECT_EQ(result.control->value, 70);
  RunFor(milliseconds(100));
  EXPECT_EQ(pipeline_.status().controls[0].value, 70);
  ASSERT_TRUE(pipeline_.SetControl(VideoCommandId(8), "warp", 1).ok());
  result = NextResult();
  EXPECT_EQ(result.status.code(), StatusCode::kNotFound);
  EXPECT_FALSE(result.control);
}

TEST_F(VideoPipelineTest, HasNoControlsWhileTheCameraIsAway) {
  RunFor(milliseconds(100));
  camera_.acquire_error = kUnplugged;
  RunFor(seconds(1));
  EXPECT_TRUE(pipeline_.status().controls.empty());
  EXPECT_FALSE(pipeline_.status().digital_view);
  ASSERT_TRUE(pipeline_.SetControl(VideoCommandId(1), "rotate", 90).ok());
  EXPECT_EQ(NextResult().status.code(), StatusCode::kUnavailable);
  camera_.acquire_error = {};
  RunFor(seconds(2));
  EXPECT_EQ(pipeline_.status().controls.size(), 3u);
}

TEST_F(VideoPipelineTest, TheFirstPictureIsTurnedAsItWasBeforeTheProgramEnded) {
  VideoSettings settings;
  settings.controls = {{"rotate", 180}};
  VideoPipeline pipeline({camera_, &camera_, no_signal_, encoder_, decoder_, jpeg_, clock_, waker_,
                          &controls_, &transformer_},
                         settings);
  EXPECT_EQ(pipeline.status().kept_controls, settings.controls);
  ASSERT_TRUE(pipeline.RunOnce());
  ASSERT_EQ(transformer_.transforms.size(), 1u);
  EXPECT_EQ(transformer_.transforms[0].rotation, hal::Rotation::k180);
}

TEST_F(VideoPipelineTest, ACameraThatIsPluggedInAgainIsAsItWasSet) {
  controls_.controls = {hal::MakeControl("brightness", 0, 100, 50)};
  RunFor(milliseconds(100));
  ASSERT_TRUE(pipeline_.SetControl(VideoCommandId(1), "brightness", 70).ok());
  EXPECT_TRUE(NextResult().status.ok());
  EXPECT_EQ(pipeline_.status().kept_controls, (ControlValues{{"brightness", 70}}));
  camera_.acquire_error = kUnplugged;
  RunFor(seconds(1));
  controls_.controls[0].value = 50;
  camera_.acquire_error = {};
  RunFor(seconds(2));
  EXPECT_EQ(controls_.controls[0].value, 70);
  EXPECT_EQ(pipeline_.status().controls[0].value, 70);
}

TEST_F(VideoPipelineTest, ResetsControls) {
  RunFor(milliseconds(100));
  ASSERT_TRUE(pipeline_.SetControl(VideoCommandId(1), "vertical-flip", 1).ok());
  EXPECT_TRUE(NextResult().status.ok());
  ASSERT_TRUE(pipeline_.ResetControls(VideoCommandId(2), "").ok());
  EXPECT_TRUE(NextResult().status.ok());
  RunFor(milliseconds(100));
  EXPECT_TRUE(pipeline_.status().kept_controls.empty());
  EXPECT_EQ(pipeline_.status().controls[1].value, 0);
}

TEST_F(VideoPipelineTest, SaysNothingOfCommandsWithoutAnId) {
  controls_.controls = {hal::MakeControl("pan", -10, 10, 0)};
  RunFor(milliseconds(100));
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(pipeline_.SetControl(VideoCommandId(), "pan", i).ok());
    ASSERT_TRUE(pipeline_.SetControl(VideoCommandId(), "warp", i).ok());
    RunFor(milliseconds(50));
  }
  EXPECT_EQ(controls_.controls[0].value, 9);
  EXPECT_FALSE(pipeline_.PopResult());
}

TEST_F(VideoPipelineTest, ShowsTheViewThatIsWanted) {
  RunFor(milliseconds(100));
  EXPECT_TRUE(transformer_.transforms.empty());
  pipeline_.SetView({2, 1, 0});
  RunFor(seconds(1));
  EXPECT_EQ(transformer_.transforms.back().area, (hal::PictureArea{320, 0, 320, 240}));
  EXPECT_EQ(CountKeyframes(), 1);
  pipeline_.SetView(View());
  RunFor(seconds(1));
  transformer_.transforms.clear();
  RunFor(seconds(1));
  EXPECT_TRUE(transformer_.transforms.empty());
}

TEST_F(VideoPipelineTest, SnapshotsShowWhatViewersSee) {
  RunFor(milliseconds(100));
  ASSERT_TRUE(pipeline_.SetControl(VideoCommandId(), "rotate", 90).ok());
  pipeline_.RequestSnapshot();
  RunFor(milliseconds(100));
  const std::optional<Snapshot> snapshot = pipeline_.PopSnapshot();
  ASSERT_TRUE(snapshot && snapshot->status.ok());
  EXPECT_EQ(snapshot->jpeg, (std::vector<uint8_t>{'J', 30, 40}));
}

TEST_F(VideoPipelineTest, RefusesCommandsWhileTooManyWait) {
  for (size_t i = 0; i < kMaxVideoCommands; ++i) {
    ASSERT_TRUE(pipeline_.SetControl(VideoCommandId(i + 1), "rotate", 0).ok());
  }
  EXPECT_EQ(pipeline_.SetControl(VideoCommandId(99), "rotate", 0).code(),
            StatusCode::kResourceExhausted);
  RunFor(milliseconds(100));
  EXPECT_TRUE(pipeline_.SetControl(VideoCommandId(99), "rotate", 0).ok());
}

// The two threads of the program, for the thread sanitizer.
TEST_F(VideoPipelineTest, TalksToTheIoThreadWithoutLocks) {
  std::thread video([this] { pipeline_.Run(); });
  int frames = 0;
  int snapshots = 0;
  int commands = 0;
  int results = 0;
  while (frames < 2000 || snapshots < 3) {
    if (std::optional<hal::EncodedFrame> frame = pipeline_.PopFrame()) {
      ASSERT_FALSE(frame->nals.empty());
      pipeline_.Recycle(std::move(*frame));
      if (++frames % 50 == 0) pipeline_.RequestKeyframe();
      if (frames % 100 == 0) pipeline_.RequestSnapshot();
      StreamRequest request;
      request.bitrate = DataRate::FromKilobitsPerSecond(100 + frames);
      if (pipeline_.SetStream(VideoCommandId(1), request).ok()) ++commands;
      pipeline_.SetView({1.0 + frames % 7, 0.5, 0.5});
    }
    if (pipeline_.PopSnapshot()) ++snapshots;
    while (pipeline_.PopResult()) ++results;
    pipeline_.status();
    std::this_thread::yield();
  }
  pipeline_.Stop();
  video.join();
  EXPECT_LE(results, commands);
  EXPECT_GT(results, 0);
  EXPECT_EQ(camera_.stops, 1);
}

}  // namespace
}  // namespace ocellus::media
