// SPDX-License-Identifier: Apache-2.0
#include "drivers/v4l2_camera/device_file.h"

#include <errno.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/videodev2.h>
#include <poll.h>

namespace ocellus::drivers {
namespace {

using testing::HasSubstr;

TEST(DeviceFile, ReturnsErrnoNegated) {
  const std::unique_ptr<DeviceFile> device = MakeDeviceFile();
  EXPECT_EQ(device->Open("/nonexistent/video0"), -ENOENT);
  v4l2_capability capability{};
  EXPECT_EQ(device->Ioctl(VIDIOC_QUERYCAP, &capability), -EBADF);
  ASSERT_EQ(device->Open("/dev/null"), 0);
  EXPECT_EQ(device->Ioctl(VIDIOC_QUERYCAP, &capability), -ENOTTY);
  device->Close();
  EXPECT_EQ(device->Ioctl(VIDIOC_QUERYCAP, &capability), -EBADF);
}

TEST(DeviceFile, PollsWithoutWaitingWhenTheTimeIsOver) {
  const std::unique_ptr<DeviceFile> device = MakeDeviceFile();
  ASSERT_EQ(device->Open("/dev/null"), 0);  // Always readable.
  EXPECT_EQ(device->Poll(std::chrono::milliseconds(-5)), POLLIN);
}

TEST(DeviceFile, MapsMemoryOrSaysWhyNot) {
  const std::unique_ptr<DeviceFile> device = MakeDeviceFile();
  ASSERT_EQ(device->Open("/dev/zero"), 0);
  Bytes memory;
  ASSERT_EQ(device->Map(0, 4096, memory), 0);
  ASSERT_EQ(memory.size(), 4096u);
  EXPECT_EQ(memory[4095], 0);
  device->Unmap(memory);
  ASSERT_EQ(device->Open("/dev/null"), 0);
  EXPECT_EQ(device->Map(0, 4096, memory), -ENODEV);
  EXPECT_TRUE(memory.empty());
}

TEST(DeviceError, NamesTheDeviceAndWhatAPersonCanDo) {
  const Status busy = DeviceError("/dev/video0", "open", EBUSY);
  EXPECT_EQ(busy.code(), StatusCode::kUnavailable);
  EXPECT_EQ(busy.message(), "/dev/video0 is used by another program");

  const Status denied = DeviceError("/dev/video0", "open", EACCES);
  EXPECT_EQ(denied.code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(denied.message(), "/dev/video0: no permission: add the user to the group video");

  const Status missing = DeviceError("/dev/video0", "open", ENOENT);
  EXPECT_EQ(missing.code(), StatusCode::kUnavailable);
  EXPECT_EQ(missing.message(), "/dev/video0 is not there (No such file or directory)");

  const Status broken = DeviceError("/dev/video0", "capture", EIO);
  EXPECT_EQ(broken.code(), StatusCode::kUnavailable);
  EXPECT_EQ(broken.message(), "/dev/video0: cannot capture: Input/output error");

  EXPECT_THAT(DeviceError("/dev/video0", "start", ENOSPC).message(), HasSubstr("USB"));
}

}  // namespace
}  // namespace ocellus::drivers
