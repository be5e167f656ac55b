// SPDX-License-Identifier: Apache-2.0
// Changes of the running stream, through the whole pipeline: what viewers get meanwhile is the
// point.
#include "firmware/media/stream_switch.h"

#include <algorithm>

#include "tests/media/video_pipeline_rig.h"

namespace ocellus::media {
namespace {

using hal::PixelFormat;
using std::chrono::milliseconds;
using std::chrono::seconds;

// What a change of the stream must keep: the next picture comes within this time.
constexpr Duration kLongestGap = milliseconds(500);

StreamRequest Size(int width, int height) {
  StreamRequest request;
  request.width = width;
  request.height = height;
  return request;
}

StreamRequest Rate(int frames_per_second) {
  StreamRequest request;
  request.frames_per_second = frames_per_second;
  return request;
}

StreamRequest Bitrate(int kilobits) {
  StreamRequest request;
  request.bitrate = DataRate::FromKilobitsPerSecond(kilobits);
  return request;
}

class StreamSwitchTest : public VideoPipelineTest {
 protected:
  // A camera that captures whatever is asked, up to this.
  void RunCamera(int width, int height, int frames_per_second = 30) {
    camera_.format = hal::VideoFormat{PixelFormat::kI420, width, height, frames_per_second};
    RunFor(seconds(1));
    frames_.clear();
  }

  Duration LongestGap() const {
    Duration longest{};
    for (size_t i = 1; i < frames_.size(); ++i) {
      longest = std::max(longest, frames_[i].captured_at - frames_[i - 1].captured_at);
    }
    return longest;
  }

  int FramesPerSecond() {
    frames_.clear();
    RunFor(seconds(2));
    return static_cast<int>(frames_.size() + 1) / 2;
  }
};

TEST_F(StreamSwitchTest, ScalesTheRunningCaptureWithoutAGap) {
  RunCamera(1280, 720);
  const VideoCommandResult result = SetStream(Size(640, 360));
  EXPECT_TRUE(result.status.ok());
  EXPECT_EQ(result.stream->width, 640);
  EXPECT_EQ(result.stream->height, 360);
  RunFor(seconds(1));
  EXPECT_EQ(camera_.starts, 1);
  EXPECT_EQ(CountKeyframes(), 1);
  EXPECT_EQ(encoder_.configured.back().width, 640);
  EXPECT_LT(LongestGap(), milliseconds(40));
  EXPECT_EQ(pipeline_.status().stream.width, 640);
  EXPECT_EQ(pipeline_.status().format.width, 1280);
}

TEST_F(StreamSwitchTest, GoesBackToThePlainPath) {
  RunCamera(1280, 720);
  SetStream(Size(640, 360));
  SetStream(Size(1280, 720));
  transformer_.transforms.clear();
  RunFor(seconds(1));
  EXPECT_TRUE(transformer_.transforms.empty());
  EXPECT_EQ(encoder_.configured.back().width, 1280);
  EXPECT_EQ(camera_.starts, 1);
}

TEST_F(StreamSwitchTest, LeavesPicturesOutForALowerRate) {
  RunCamera(640, 480);
  EXPECT_EQ(SetStream(Rate(10)).stream->frames_per_second, 10);
  EXPECT_NEAR(FramesPerSecond(), 10, 1);
  EXPECT_EQ(camera_.starts, 1);
  EXPECT_EQ(encoder_.configured.back().frames_per_second, 10);
  EXPECT_EQ(SetStream(Rate(30)).stream->frames_per_second, 30);
  EXPECT_NEAR(FramesPerSecond(), 30, 1);
  EXPECT_EQ(camera_.starts, 1);
}

TEST_F(StreamSwitchTest, DoesNotDecodeTheJpegsThatItLeavesOut) {
  camera_.images = {{'J', 40, 30}};
  camera_.format = hal::VideoFormat{PixelFormat::kMjpeg, 640, 480, 30};
  RunFor(seconds(1));
  SetStream(Rate(1));
  RunFor(seconds(10));
  EXPECT_EQ(pipeline_.status().state, CameraState::kRunning);
  EXPECT_NEAR(FramesPerSecond(), 1, 1);
}

TEST_F(StreamSwitchTest, RestartsTheCameraForALargerSize) {
  RunFor(seconds(1));
  frames_.clear();
  const VideoCommandResult result = SetStream(Size(1280, 720));
  EXPECT_TRUE(result.status.ok());
  EXPECT_EQ(result.stream->width, 1280);
  RunFor(seconds(1));
  EXPECT_EQ(camera_.starts, 2);
  EXPECT_EQ(camera_.wanted.back().width, 1280);
  EXPECT_EQ(CountKeyframes(), 1);
  EXPECT_LT(LongestGap(), kLongestGap);
  EXPECT_EQ(no_signal_.pictures, 0);
}

TEST_F(StreamSwitchTest, RestartsTheCameraForAHigherRate) {
  RunFor(seconds(1));
  EXPECT_EQ(SetStream(Rate(60)).stream->frames_per_second, 60);
  EXPECT_EQ(camera_.wanted.back().frames_per_second, 60);
  EXPECT_EQ(camera_.wanted.back().width, 640);
  EXPECT_NEAR(FramesPerSecond(), 60, 1);
}

TEST_F(StreamSwitchTest, RepeatsTheLastPictureUntilTheCameraDelivers) {
  RunFor(seconds(1));
  frames_.clear();
  camera_.start_takes = milliseconds(400);
  camera_.first_picture_takes = milliseconds(1500);
  SetStream(Size(1280, 720));
  RunFor(seconds(3));
  EXPECT_LT(LongestGap(), kLongestGap);
  EXPECT_EQ(no_signal_.pictures, 0);
  // The repeated ones have the new size already: one keyframe is all that it takes.
  EXPECT_EQ(CountKeyframes(), 1);
  EXPECT_EQ(encoder_.configured.size(), 2u);
  EXPECT_EQ(encoder_.configured.back().width, 1280);
}

TEST_F(StreamSwitchTest, ShowsNoSignalWhenTheCameraDoesNotComeBack) {
  RunFor(seconds(1));
  camera_.start_error = {StatusCode::kUnavailable, "/dev/video0: unplugged"};
  frames_.clear();
  const VideoCommandResult result = SetStream(Size(1280, 720));
  EXPECT_EQ(result.status.code(), StatusCode::kUnavailable);
  EXPECT_EQ(result.status.message(), "/dev/video0: unplugged");
  RunFor(seconds(2));
  EXPECT_EQ(pipeline_.status().state, CameraState::kLost);
  EXPECT_LT(LongestGap(), kLongestGap);
  camera_.start_error = {};
  RunFor(seconds(2));
  EXPECT_EQ(pipeline_.status().stream.width, 1280);
}

TEST_F(StreamSwitchTest, ShowsNoSignalWhenTheCameraStaysSilent) {
  RunFor(seconds(1));
  camera_.first_picture_takes = seconds(100);
  frames_.clear();
  SetStream(Size(1280, 720));
  RunFor(seconds(3));
  EXPECT_EQ(pipeline_.status().state, CameraState::kLost);
  EXPECT_GT(no_signal_.pictures, 0);
  EXPECT_LT(LongestGap(), kLongestGap);
}

TEST_F(StreamSwitchTest, TakesTheNearestThatTheCameraHas) {
  RunCamera(1280, 720);
  const VideoCommandResult larger = SetStream(Size(3840, 2160));
  EXPECT_TRUE(larger.status.ok());
  EXPECT_EQ(larger.stream->width, 1280);
  EXPECT_EQ(larger.stream->height, 720);
  // Another shape is cut out of what there is.
  const VideoCommandResult other = SetStream(Size(640, 480));
  EXPECT_EQ(other.stream->width, 640);
  EXPECT_EQ(other.stream->height, 480);
  RunFor(seconds(1));
  EXPECT_EQ(transformer_.transforms.back().area, (hal::PictureArea{160, 0, 960, 720}));
  EXPECT_EQ(SetStream(Rate(120)).stream->frames_per_second, 30);
}

TEST_F(StreamSwitchTest, SwapsTheSizeOfARotatedStream) {
  RunCamera(1280, 720);
  ASSERT_TRUE(pipeline_.SetControl(VideoCommandId(1), "rotate", 90).ok());
  EXPECT_TRUE(NextResult().status.ok());
  frames_.clear();
  RunFor(seconds(1));
  EXPECT_EQ(encoder_.configured.back().width, 720);
  EXPECT_EQ(encoder_.configured.back().height, 1280);
  EXPECT_EQ(pipeline_.status().stream.height, 1280);
  const VideoCommandResult smaller = SetStream(Size(360, 640));
  EXPECT_EQ(smaller.stream->width, 360);
  EXPECT_EQ(smaller.stream->height, 640);
  EXPECT_EQ(camera_.starts, 1);
  RunFor(seconds(1));
  EXPECT_EQ(encoder_.configured.back().height, 640);
}

TEST_F(StreamSwitchTest, ChangesTheBitrateWithoutAKeyframe) {
  RunFor(seconds(1));
  frames_.clear();
  EXPECT_EQ(SetStream(Bitrate(700)).stream->bitrate, DataRate::FromKilobitsPerSecond(700));
  RunFor(seconds(1));
  EXPECT_EQ(encoder_.bitrates.back(), DataRate::FromKilobitsPerSecond(700));
  EXPECT_EQ(CountKeyframes(), 0);
  // A new size keeps it.
  SetStream(Size(320, 240));
  RunFor(milliseconds(100));
  EXPECT_EQ(encoder_.bitrates.back(), DataRate::FromKilobitsPerSecond(700));
}

TEST_F(StreamSwitchTest, DoesNothingForWhatIsAlreadyThere) {
  RunFor(seconds(1));
  frames_.clear();
  EXPECT_TRUE(SetStream(Size(640, 480)).status.ok());
  EXPECT_TRUE(SetStream(Rate(30)).status.ok());
  EXPECT_TRUE(SetStream({}).status.ok());
  RunFor(seconds(1));
  EXPECT_EQ(CountKeyframes(), 0);
  EXPECT_EQ(camera_.starts, 1);
}

TEST_F(StreamSwitchTest, RefusesWhatNoStreamCanBe) {
  RunFor(seconds(1));
  StreamRequest half;
  half.width = 640;
  for (const StreamRequest& request :
       {half, Size(0, 0), Size(641, 480), Size(640, 481), Size(-640, 480), Size(8, 480),
        Size(3840, 3840), Size(4096, 2160), Rate(0), Rate(-1), Rate(121), Bitrate(0),
        Bitrate(50'001)}) {
    const VideoCommandResult result = SetStream(request);
    EXPECT_EQ(result.status.code(), StatusCode::kInvalidArgument);
    EXPECT_FALSE(result.status.message().empty());
  }
  EXPECT_EQ(pipeline_.status().stream.width, 640);
  EXPECT_EQ(camera_.starts, 1);
}

TEST_F(StreamSwitchTest, NotesWhatIsWantedWhileTheCameraIsAway) {
  camera_.start_error = {StatusCode::kUnavailable, "/dev/video0: no such device"};
  RunFor(seconds(1));
  StreamRequest request = Size(1280, 720);
  request.frames_per_second = 15;
  const VideoCommandResult result = SetStream(request);
  EXPECT_TRUE(result.status.ok());
  EXPECT_EQ(result.stream->width, 1280);
  camera_.start_error = {};
  RunFor(seconds(3));
  EXPECT_EQ(pipeline_.status().stream.width, 1280);
  EXPECT_EQ(camera_.wanted.back().width, 1280);
  EXPECT_NEAR(FramesPerSecond(), 15, 1);
}

TEST_F(StreamSwitchTest, TellsAnEncodingCameraItsBitrate) {
  UseH264Camera();
  controls_.controls = {hal::MakeControl("bitrate", 100'000, 8'000'000, 2'000'000)};
  RunFor(seconds(1));
  EXPECT_EQ(pipeline_.status().stream.bitrate, DataRate::FromKilobitsPerSecond(2000));
  EXPECT_TRUE(SetStream(Bitrate(700)).status.ok());
  EXPECT_EQ(controls_.controls[0].value, 700'000);
  EXPECT_EQ(camera_.starts, 1);
}

TEST_F(StreamSwitchTest, SaysWhatAnEncodingCameraCannot) {
  UseH264Camera();
  RunFor(seconds(1));
  const VideoCommandResult result = SetStream(Bitrate(700));
  EXPECT_EQ(result.status.code(), StatusCode::kUnsupported);
  EXPECT_NE(result.status.message().find("bitrate"), std::string::npos);
  EXPECT_TRUE(pipeline_.status().controls.empty());
  EXPECT_FALSE(pipeline_.status().digital_view);
  EXPECT_TRUE(pipeline_.status().keyframes_on_demand);
  ASSERT_TRUE(pipeline_.SetControl(VideoCommandId(2), "rotate", 90).ok());
  EXPECT_EQ(NextResult().status.code(), StatusCode::kNotFound);
}

TEST_F(StreamSwitchTest, RestartsAnEncodingCameraForAnotherSize) {
  UseH264Camera();
  RunFor(milliseconds(900));
  camera_.format->width = 640;
  camera_.format->height = 480;
  frames_.clear();
  const VideoCommandResult result = SetStream(Size(640, 480));
  EXPECT_TRUE(result.status.ok());
  EXPECT_EQ(result.stream->width, 640);
  RunFor(seconds(2));
  EXPECT_EQ(camera_.wanted.back().width, 640);
  // Nothing of the new stream goes out before its keyframe.
  const auto keyframe = std::find_if(frames_.begin(), frames_.end(),
                                     [](const auto& frame) { return frame.keyframe; });
  ASSERT_NE(keyframe, frames_.end());
  EXPECT_GE(camera_.keyframe_requests, 1);
  EXPECT_EQ(encoder_.encoded, 0);
}

TEST_F(StreamSwitchTest, FollowsACameraFromPicturesToH264) {
  RunFor(seconds(1));
  UseH264Camera();
  std::rotate(camera_.images.begin(), camera_.images.begin() + 10, camera_.images.end());
  frames_.clear();
  RunFor(seconds(2));
  const auto first = std::find_if(frames_.begin(), frames_.end(), [this](const auto& frame) {
    return frame.data == camera_.images[20];
  });
  ASSERT_NE(first, frames_.end());
  EXPECT_TRUE(frames_[0].keyframe);
}

TEST_F(StreamSwitchTest, AnswersEveryCommandInOrder) {
  RunFor(seconds(1));
  for (uint64_t id = 1; id <= 8; ++id) {
    const bool large = id % 2 == 1;
    ASSERT_TRUE(
        pipeline_.SetStream(VideoCommandId(id), large ? Size(1280, 720) : Size(160, 120)).ok());
  }
  RunFor(seconds(2));
  for (uint64_t id = 1; id <= 8; ++id) {
    const std::optional<VideoCommandResult> result = pipeline_.PopResult();
    ASSERT_TRUE(result);
    EXPECT_EQ(result->id, VideoCommandId(id));
    EXPECT_TRUE(result->status.ok());
    EXPECT_EQ(result->stream->width, id % 2 == 1 ? 1280 : 160);
  }
  EXPECT_FALSE(pipeline_.PopResult());
}

// Without a transformer, every size is the camera's own.
TEST(StreamSwitchWithoutTransformer, RestartsTheCameraForASmallerSize) {
  hal::ManualClock clock;
  hal::FakeCamera camera(clock);
  CameraSupervisor supervisor(camera, clock, hal::VideoFormat());
  PictureShaper shaper(nullptr);
  CameraControlSet controls(nullptr, shaper);
  StreamSwitch stream({supervisor, shaper, controls}, DataRate::FromKilobitsPerSecond(1000));
  const std::optional<hal::VideoFrame> picture = supervisor.Acquire(seconds(1));
  ASSERT_TRUE(picture);
  supervisor.HandleUsable(*picture);
  EXPECT_FALSE(stream.Change(clock.Now(), VideoCommandId(1), Size(320, 240)));
  ASSERT_TRUE(stream.restart_due());
  EXPECT_TRUE(stream.Take(clock.Now()));
  stream.HandlePicture(*picture);
  EXPECT_FALSE(stream.held(clock.Now()));
  const VideoCommandResult result = stream.Restart();
  EXPECT_EQ(result.stream->width, 320);
  ASSERT_TRUE(stream.held(clock.Now()));
  EXPECT_EQ(stream.held(clock.Now())->width, 640);
  stream.DropHeld();
  EXPECT_FALSE(stream.held(clock.Now()));
}

}  // namespace
}  // namespace ocellus::media
