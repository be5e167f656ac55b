// SPDX-License-Identifier: Apache-2.0
#include "drivers/v4l2_camera/capture_queue.h"

#include <errno.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/videodev2.h>

#include "firmware/base/limits.h"
#include "tests/drivers/v4l2_camera/fake_v4l2_device.h"

namespace ocellus::drivers {
namespace {

using testing::HasSubstr;

constexpr const char* kPath = "/dev/video0";

class CaptureQueueTest : public testing::TestWithParam<uint32_t> {
 protected:
  CaptureQueueTest() {
    device_.modes = {{V4L2_PIX_FMT_MJPEG, {}, {}}};
    if (type() == V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE) {
      device_.capabilities = V4L2_CAP_VIDEO_CAPTURE_MPLANE | V4L2_CAP_STREAMING;
    }
    file_->Open(kPath);
    v4l2_format format{};
    format.type = type();
    format.fmt.pix.width = 8;
    format.fmt.pix.height = 4;
    format.fmt.pix.pixelformat = V4L2_PIX_FMT_MJPEG;
    file_->Ioctl(VIDIOC_S_FMT, &format);
  }
  ~CaptureQueueTest() override { file_->Close(); }

  uint32_t type() const { return GetParam(); }
  Result<std::unique_ptr<CaptureQueue>> Start() {
    return CaptureQueue::Start(*file_, kPath, type());
  }

  hal::ManualClock clock_;
  FakeV4l2Device device_{clock_};
  const std::unique_ptr<DeviceFile> file_ = device_.MakeFile();
};

INSTANTIATE_TEST_SUITE_P(Types, CaptureQueueTest,
                         testing::Values(V4L2_BUF_TYPE_VIDEO_CAPTURE,
                                         V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE),
                         [](const auto& type) {
                           return type.param == V4L2_BUF_TYPE_VIDEO_CAPTURE ? "SinglePlanar"
                                                                            : "MultiPlanar";
                         });

TEST_P(CaptureQueueTest, GivesAllBuffersToTheKernelAndTakesThemBack) {
  {
    const auto queue = Start();
    ASSERT_TRUE(queue.ok()) << queue.status().message();
    EXPECT_TRUE(device_.streaming());
    EXPECT_EQ(device_.queued_buffers(), kV4l2Buffers);
    EXPECT_EQ(device_.mapped(), kV4l2Buffers);
  }
  EXPECT_FALSE(device_.streaming());
  EXPECT_EQ(device_.mapped(), 0u);
}

TEST_P(CaptureQueueTest, LendsFilledBuffersInOrder) {
  const auto queue = Start();
  ASSERT_TRUE(queue.ok());
  ASSERT_FALSE(*(*queue)->Dequeue());
  device_.Capture({20, 0x11, 0, std::chrono::microseconds(3'000'007), 0});
  device_.Capture({32, 0x22, 0, {}, 0});

  const auto first = (*queue)->Dequeue();
  ASSERT_TRUE(first.ok() && *first);
  EXPECT_EQ((*first)->data, Bytes(std::vector<uint8_t>(20, 0x11)));
  EXPECT_EQ((*first)->timestamp, std::chrono::microseconds(3'000'007));
  EXPECT_EQ((*first)->data.data(), device_.buffers()[(*first)->index].data()) << "copied";
  EXPECT_FALSE((*first)->damaged());
  const auto second = (*queue)->Dequeue();
  ASSERT_TRUE(second.ok() && *second);
  EXPECT_EQ((*second)->data.size(), 32u);
  EXPECT_EQ(device_.queued_buffers(), kV4l2Buffers - 2);

  EXPECT_TRUE((*queue)->Requeue((*first)->index).ok());
  EXPECT_EQ(device_.queued_buffers(), kV4l2Buffers - 1);
}

TEST_P(CaptureQueueTest, NeverLendsMoreThanIsMapped) {
  const auto queue = Start();
  ASSERT_TRUE(queue.ok());
  device_.Capture({1'000'000, 0, 0, {}, 0});
  EXPECT_EQ((**(*queue)->Dequeue()).data.size(), 32u);
}

TEST_P(CaptureQueueTest, MarksEmptyAndBrokenPicturesAsDamaged) {
  const auto queue = Start();
  ASSERT_TRUE(queue.ok());
  device_.Capture({0, 0, 0, {}, 0});
  device_.Capture({32, 0, V4L2_BUF_FLAG_ERROR, {}, 0});
  EXPECT_TRUE((**(*queue)->Dequeue()).damaged());
  EXPECT_TRUE((**(*queue)->Dequeue()).damaged());
}

TEST_P(CaptureQueueTest, SaysWhatFailed) {
  const auto expect = [&](unsigned long request, int error, const char* message) {
    device_.errors = {{request, error}};
    const auto queue = Start();
    EXPECT_EQ(queue.status().code(), StatusCode::kUnavailable);
    EXPECT_THAT(queue.status().message(), HasSubstr(message));
    EXPECT_EQ(device_.mapped(), 0u);
    device_.errors.clear();
  };
  expect(VIDIOC_REQBUFS, EBUSY, "is used by another program");
  expect(VIDIOC_REQBUFS, ENOMEM, "cannot get capture buffers: Cannot allocate memory");
  expect(VIDIOC_QUERYBUF, EINVAL, "cannot ask for a capture buffer: Invalid argument");
  expect(VIDIOC_QBUF, EIO, "cannot give a buffer back: Input/output error");
  expect(VIDIOC_STREAMON, EIO, "cannot start capturing: Input/output error");
  expect(VIDIOC_STREAMON, ENOSPC, "the USB bus has no bandwidth left");
}

TEST_P(CaptureQueueTest, SaysWhenTheDeviceIsGone) {
  const auto queue = Start();
  ASSERT_TRUE(queue.ok());
  device_.errors = {{VIDIOC_DQBUF, ENODEV}, {VIDIOC_QBUF, ENODEV}, {VIDIOC_STREAMOFF, ENODEV}};
  EXPECT_EQ((*queue)->Dequeue().status().code(), StatusCode::kUnavailable);
  EXPECT_EQ((*queue)->Requeue(0).code(), StatusCode::kUnavailable);
}

TEST_P(CaptureQueueTest, RefusesABufferThatDoesNotExist) {
  const auto queue = Start();
  ASSERT_TRUE(queue.ok());
  device_.captured_index_offset = kV4l2Buffers;
  device_.Capture({32, 0, 0, {}, 0});
  const auto buffer = (*queue)->Dequeue();
  EXPECT_EQ(buffer.status().code(), StatusCode::kUnavailable);
  EXPECT_THAT(buffer.status().message(), HasSubstr("buffer 4 of 4"));
}

using MultiPlanarQueueTest = CaptureQueueTest;
INSTANTIATE_TEST_SUITE_P(Types, MultiPlanarQueueTest,
                         testing::Values(V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE));

TEST_P(MultiPlanarQueueTest, SkipsTheHeaderBeforeThePicture) {
  const auto queue = Start();
  ASSERT_TRUE(queue.ok());
  device_.Capture({20, 0x33, 0, {}, 8});
  EXPECT_EQ((**(*queue)->Dequeue()).data.size(), 12u);
  device_.Capture({20, 0x33, 0, {}, 1'000'000});
  EXPECT_TRUE((**(*queue)->Dequeue()).damaged());
}

}  // namespace
}  // namespace ocellus::drivers
