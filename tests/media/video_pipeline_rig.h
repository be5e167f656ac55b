// SPDX-License-Identifier: Apache-2.0
// A video pipeline between fakes, for tests.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "firmware/media/video_pipeline.h"
#include "tests/hal/fake_camera.h"
#include "tests/hal/fake_camera_controls.h"
#include "tests/hal/fake_codecs.h"
#include "tests/hal/fake_picture_transformer.h"
#include "tests/media/counting_waker.h"

namespace ocellus::media {

// The pipeline between fakes, in virtual time. The io thread's side takes every frame at once,
// unless it sleeps.
class VideoPipelineTest : public testing::Test {
 protected:
  void UseH264Camera() {
    camera_.format = hal::VideoFormat{hal::PixelFormat::kH264, 1280, 720, 30};
    camera_.images = {hal::MakeEncodedFrame(hal::FrameType::kKeyframe).data};
    for (int i = 1; i < 30; ++i) {
      camera_.images.push_back(hal::MakeEncodedFrame(hal::FrameType::kAny).data);
    }
  }

  // Turns until `duration` has passed. Keeps what came out in frames_.
  void RunFor(Duration duration) {
    const Time end = clock_.Now() + duration;
    while (clock_.Now() < end) {
      const Time begin = clock_.Now();
      pipeline_.RunOnce();
      if (clock_.Now() == begin) clock_.Advance(std::chrono::milliseconds(1));
      while (!io_sleeps_) {
        std::optional<hal::EncodedFrame> frame = pipeline_.PopFrame();
        if (!frame) break;
        frames_.push_back(*frame);
        pipeline_.Recycle(std::move(*frame));
      }
    }
  }

  // The result of the only command that is under way, within a second.
  VideoCommandResult NextResult() {
    for (int i = 0; i < 100; ++i) {
      if (std::optional<VideoCommandResult> result = pipeline_.PopResult()) return *result;
      RunFor(std::chrono::milliseconds(10));
    }
    CHECK(false, "no result");
    return {};
  }

  VideoCommandResult SetStream(const StreamRequest& request) {
    CHECK(pipeline_.SetStream(VideoCommandId(1), request).ok(), "refused");
    return NextResult();
  }

  int CountKeyframes() const {
    int count = 0;
    for (const auto& frame : frames_) count += frame.keyframe ? 1 : 0;
    return count;
  }

  hal::ManualClock clock_;
  hal::FakeCamera camera_{clock_};
  hal::FakeCamera no_signal_{clock_};
  hal::FakeEncoder encoder_;
  hal::FakeDecoder decoder_;
  hal::FakeJpegCodec jpeg_;
  CountingWaker waker_;
  hal::FakeCameraControls controls_;
  hal::FakePictureTransformer transformer_;
  VideoPipeline pipeline_{{camera_, &camera_, no_signal_, encoder_, decoder_, jpeg_, clock_, waker_,
                           &controls_, &transformer_},
                          VideoSettings()};
  std::vector<hal::EncodedFrame> frames_;
  bool io_sleeps_ = false;
};

}  // namespace ocellus::media
