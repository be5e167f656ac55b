// SPDX-License-Identifier: Apache-2.0
// V4l2Camera on devices of a real kernel: vivid's cameras, and a USB camera (usb_camera.cc). Runs
// in the VM, as root, after tests/vm/v4l2_test has loaded the modules:
//   /dev/video0  vivid, single-planar
//   /dev/video1  vivid, multi-planar
//   /dev/video2  the USB camera, while it is plugged in; its metadata node is /dev/video3
// The argument is the path of the usb_camera program.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/videodev2.h>
#include <signal.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <functional>

#include "drivers/v4l2_camera/v4l2_camera.h"
#include "platform/linux/clock.h"
#include "tests/vm/usb_camera_pictures.h"

namespace ocellus::drivers {
namespace {

using hal::PixelFormat;
using hal::VideoFormat;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr const char* kVivid = "/dev/video0";
constexpr const char* kMultiPlanarVivid = "/dev/video1";
constexpr const char* kUsbCamera = "/dev/video2";

// Every picture is due after 33 ms; the emulation is slow, and pauses.
constexpr Duration kPatience = 3s;

std::string usb_camera_program;

// Asks again and again until `done`, for at most `limit`.
bool WaitFor(Duration limit, const std::function<bool()>& done) {
  const linux_platform::LinuxClock clock{};
  const Time deadline = clock.Now() + limit;
  while (!done()) {
    if (clock.Now() > deadline) return false;
    usleep(10'000);
  }
  return true;
}

// Finds a control of a device by the name that the driver gave it, and sets it.
void SetControl(const char* path, const std::string& name, int value) {
  const int device = open(path, O_RDWR);
  ASSERT_GE(device, 0);
  v4l2_queryctrl control{};
  control.id = V4L2_CTRL_FLAG_NEXT_CTRL;
  bool found = false;
  while (!found && ioctl(device, VIDIOC_QUERYCTRL, &control) == 0) {
    found = name == reinterpret_cast<const char*>(control.name);
    if (!found) control.id |= V4L2_CTRL_FLAG_NEXT_CTRL;
  }
  ASSERT_TRUE(found) << path << " has no control " << name;
  v4l2_control setting{control.id, value};
  EXPECT_EQ(ioctl(device, VIDIOC_S_CTRL, &setting), 0) << name;
  close(device);
}

// Takes vivid's driver away from its devices, or gives it back.
void WriteToVivid(const char* verb) {
  std::ofstream file(std::string("/sys/bus/platform/drivers/vivid/") + verb);
  file << "vivid.0" << std::flush;
  ASSERT_TRUE(file.good()) << verb;
}

class V4l2CameraInVm : public testing::Test {
 protected:
  // Expects `count` good pictures, each later than the one before.
  void ExpectPictures(V4l2Camera& camera, int count) {
    Time last{};
    for (int i = 0; i < count; ++i) {
      const auto frame = camera.Acquire(kPatience);
      ASSERT_TRUE(frame.ok()) << i << ": " << frame.status().ToString();
      EXPECT_GT(frame->captured_at, last);
      last = frame->captured_at;
      EXPECT_LT(clock_.Now() - last, 1s) << "not the newest picture";
    }
  }

  // Reads until a picture fails with `code`, and returns that error; kOk when none does. What an
  // unplugged camera leaves behind may be a damaged picture, which is no harm.
  Status ReadUntil(StatusCode code, V4l2Camera& camera, int at_most = 100) {
    for (int i = 0; i < at_most; ++i) {
      const auto frame = camera.Acquire(kPatience);
      if (frame.status().code() == code) return frame.status();
      EXPECT_TRUE(frame.ok() || frame.status().code() == StatusCode::kMalformed)
          << frame.status().ToString();
    }
    return {};
  }

  const linux_platform::LinuxClock clock_{};
};

using Vivid = V4l2CameraInVm;

TEST_F(Vivid, OffersItsControls) {
  V4l2Camera camera(kVivid, clock_);
  EXPECT_TRUE(camera.List().empty());
  EXPECT_EQ(camera.Set("brightness", 1).code(), StatusCode::kUnavailable);
  ASSERT_TRUE(camera.Start({PixelFormat::kYuyv, 640, 480, 30}).ok());
  const auto find = [&camera](std::string_view name) {
    for (hal::CameraControl& control : camera.List()) {
      if (control.name == name) return control;
    }
    ADD_FAILURE() << "no control " << name;
    return hal::CameraControl();
  };
  const hal::CameraControl brightness = find("brightness");
  EXPECT_EQ(brightness.title, "Brightness");
  EXPECT_EQ(brightness.minimum, 0);
  EXPECT_EQ(brightness.maximum, 255);
  EXPECT_EQ(find("horizontal-flip").type, hal::ControlType::kBoolean);

  EXPECT_TRUE(camera.Set("brightness", 200).ok());
  EXPECT_EQ(find("brightness").value, 200);
  EXPECT_EQ(camera.Set("brightness", 256).code(), StatusCode::kInvalidArgument);
  EXPECT_TRUE(camera.Set("brightness", brightness.default_value).ok());
  ExpectPictures(camera, 3);
}

TEST_F(Vivid, IsListedOnce) {
  EXPECT_THAT(V4l2Camera::ListNodes(), ElementsAre(kVivid, kMultiPlanarVivid));
}

TEST_F(Vivid, GivesYuyvInTheWantedSizeAndRate) {
  V4l2Camera camera(kVivid, clock_);
  const VideoFormat wanted{PixelFormat::kYuyv, 640, 480, 30};
  const auto format = camera.Start(wanted);
  ASSERT_TRUE(format.ok()) << format.status().ToString();
  EXPECT_EQ(*format, wanted);
  EXPECT_EQ(camera.name(), "V4L2 /dev/video0 (vivid)");
  ExpectPictures(camera, 30);

  // The test picture begins with a white bar (BT.601 limited range) and has others.
  const auto frame = camera.Acquire(kPatience);
  ASSERT_TRUE(frame.ok());
  const hal::Plane& plane = frame->planes[0];
  EXPECT_EQ(plane.stride, 1280u);
  ASSERT_EQ(plane.data.size(), 1280u * 480);
  EXPECT_NE(plane.data[240 * 1280], plane.data[240 * 1280 + 1278]);
}

TEST_F(Vivid, GivesYuyvInHighDefinition) {
  V4l2Camera camera(kVivid, clock_);
  const VideoFormat wanted{PixelFormat::kYuyv, 1280, 720, 30};
  ASSERT_EQ(*camera.Start(wanted), wanted);
  ExpectPictures(camera, 10);
}

TEST_F(Vivid, GivesNv12) {
  V4l2Camera camera(kVivid, clock_);
  for (const VideoFormat wanted : {VideoFormat{PixelFormat::kNv12, 640, 480, 30},
                                   VideoFormat{PixelFormat::kNv12, 1280, 720, 30}}) {
    ASSERT_EQ(*camera.Start(wanted), wanted);
    ExpectPictures(camera, 10);
    const auto frame = camera.Acquire(kPatience);
    ASSERT_TRUE(frame.ok());
    EXPECT_EQ(frame->planes[1].data.size() * 2, frame->planes[0].data.size());
    EXPECT_EQ(frame->planes[1].data.data(), frame->planes[0].data.end());
  }
}

TEST_F(Vivid, GivesNv12InAMultiPlanarQueue) {
  V4l2Camera camera(kMultiPlanarVivid, clock_);
  const VideoFormat wanted{PixelFormat::kNv12, 640, 480, 30};
  const auto format = camera.Start(wanted);
  ASSERT_TRUE(format.ok()) << format.status().ToString();
  EXPECT_EQ(*format, wanted);
  ExpectPictures(camera, 10);
}

TEST_F(Vivid, GivesTheNearestSizeAndRate) {
  V4l2Camera camera(kVivid, clock_);
  const auto format = camera.Start({PixelFormat::kMjpeg, 650, 490, 29});
  ASSERT_TRUE(format.ok());
  EXPECT_EQ(*format, (VideoFormat{PixelFormat::kNv12, 640, 480, 30}));
}

TEST_F(Vivid, KeepsTheTimeWhileBuffersAreDropped) {
  SetControl(kVivid, "Percentage of Dropped Buffers", 50);
  V4l2Camera camera(kVivid, clock_);
  ASSERT_TRUE(camera.Start({PixelFormat::kNv12, 640, 480, 30}).ok());
  ExpectPictures(camera, 15);
  SetControl(kVivid, "Percentage of Dropped Buffers", 0);
}

TEST_F(Vivid, GoesOnAfterADamagedBuffer) {
  V4l2Camera camera(kVivid, clock_);
  ASSERT_TRUE(camera.Start({PixelFormat::kNv12, 640, 480, 30}).ok());
  ExpectPictures(camera, 3);
  // The next picture may overtake the damaged one before we look, so this can take a few.
  Status damage;
  for (int i = 0; i < 20 && damage.ok(); ++i) {
    SetControl(kVivid, "Inject V4L2_BUF_FLAG_ERROR", 1);
    damage = ReadUntil(StatusCode::kMalformed, camera, 4);
  }
  EXPECT_EQ(damage.code(), StatusCode::kMalformed) << damage.ToString();
  ExpectPictures(camera, 5);
}

TEST_F(Vivid, SaysThatStreamingFailedAndStartsAgain) {
  V4l2Camera camera(kVivid, clock_);
  ASSERT_TRUE(camera.Start({PixelFormat::kNv12, 640, 480, 30}).ok());
  ExpectPictures(camera, 3);
  SetControl(kVivid, "Inject Fatal Streaming Error", 1);
  const Status error = ReadUntil(StatusCode::kUnavailable, camera);
  EXPECT_EQ(error.code(), StatusCode::kUnavailable);
  EXPECT_THAT(error.message(), HasSubstr("/dev/video0"));
  EXPECT_THAT(error.message(), HasSubstr("Input/output error"));

  ASSERT_TRUE(camera.Start({PixelFormat::kNv12, 640, 480, 30}).ok());
  ExpectPictures(camera, 3);
}

TEST_F(Vivid, SaysWhichStepFailed) {
  V4l2Camera camera(kVivid, clock_);
  SetControl(kVivid, "Inject VIDIOC_REQBUFS Error", 1);
  EXPECT_EQ(camera.Start({}).status().code(), StatusCode::kUnavailable);
  SetControl(kVivid, "Inject VIDIOC_STREAMON Error", 1);
  const auto format = camera.Start({});
  EXPECT_EQ(format.status().code(), StatusCode::kUnavailable);
  EXPECT_THAT(format.status().message(), HasSubstr("start capturing"));
  EXPECT_TRUE(camera.Start({}).ok());
}

TEST_F(Vivid, SaysThatAnotherProgramUsesIt) {
  V4l2Camera first(kVivid, clock_);
  ASSERT_TRUE(first.Start({PixelFormat::kNv12, 640, 480, 30}).ok());
  V4l2Camera second(kVivid, clock_);
  const auto format = second.Start({PixelFormat::kNv12, 640, 480, 30});
  EXPECT_EQ(format.status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(format.status().message(), "/dev/video0 is used by another program");
  ExpectPictures(first, 3);  // Unharmed.

  first.Stop();
  EXPECT_TRUE(second.Start({PixelFormat::kNv12, 640, 480, 30}).ok());
}

TEST_F(Vivid, SaysThatTheUserMayNot) {
  constexpr uid_t kNobody = 65534;
  ASSERT_EQ(seteuid(kNobody), 0);
  V4l2Camera camera(kVivid, clock_);
  const auto format = camera.Start({});
  const std::vector<std::string> listed = V4l2Camera::ListNodes();
  ASSERT_EQ(seteuid(0), 0);
  EXPECT_EQ(format.status().code(), StatusCode::kPermissionDenied);
  EXPECT_THAT(format.status().message(), HasSubstr("add the user to the group video"));
  EXPECT_THAT(listed, ElementsAre(kVivid, kMultiPlanarVivid));
}

TEST_F(Vivid, ComesBackAfterADisconnect) {
  V4l2Camera camera(kVivid, clock_);
  ASSERT_TRUE(camera.Start({PixelFormat::kNv12, 640, 480, 30}).ok());
  ExpectPictures(camera, 3);
  SetControl(kVivid, "Disconnect", 1);
  const Status error = ReadUntil(StatusCode::kUnavailable, camera);
  EXPECT_EQ(error.code(), StatusCode::kUnavailable);
  EXPECT_THAT(error.message(), HasSubstr("is not there (No such device)"));
  camera.Stop();  // Closing a disconnected vivid revives it.

  ASSERT_TRUE(camera.Start({PixelFormat::kNv12, 640, 480, 30}).ok());
  ExpectPictures(camera, 3);
}

TEST_F(Vivid, ComesBackAfterItsDriverWasAway) {
  V4l2Camera camera(kVivid, clock_);
  ASSERT_TRUE(camera.Start({PixelFormat::kYuyv, 640, 480, 30}).ok());
  ExpectPictures(camera, 3);
  WriteToVivid("unbind");
  EXPECT_EQ(ReadUntil(StatusCode::kUnavailable, camera).code(), StatusCode::kUnavailable);
  camera.Stop();
  const auto format = camera.Start({});
  EXPECT_EQ(format.status().code(), StatusCode::kUnavailable);
  EXPECT_THAT(format.status().message(), HasSubstr("/dev/video0 is not there"));

  WriteToVivid("bind");
  ASSERT_TRUE(WaitFor(5s, [&] { return camera.Start({PixelFormat::kYuyv, 640, 480, 30}).ok(); }));
  ExpectPictures(camera, 3);
}

// A USB camera of 640x480 at 30 pictures a second, plugged in.
class UsbCamera : public V4l2CameraInVm {
 protected:
  static constexpr VideoFormat kMjpeg{PixelFormat::kMjpeg, 640, 480, 30};
  static constexpr VideoFormat kH264{PixelFormat::kH264, 640, 480, 30};

  // Before the camera runs: it takes longer than the buffers last.
  static void SetUpTestSuite() {
    mjpeg_pictures_ = vm::MakePictures(kMjpeg);
    h264_pictures_ = vm::MakePictures(kH264);
    Plug();
  }
  static void TearDownTestSuite() { Unplug(); }

  static void Plug() {
    char width[] = "640", height[] = "480", rate[] = "30";
    char* const arguments[] = {usb_camera_program.data(), width, height, rate, nullptr};
    ASSERT_EQ(
        posix_spawn(&process_, usb_camera_program.c_str(), nullptr, nullptr, arguments, environ),
        0);
    ASSERT_TRUE(WaitFor(30s, [] { return access(kUsbCamera, R_OK | W_OK) == 0; }));
  }

  static void Unplug() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }

  // Expects `count` pictures of usb_camera, in order. An MJPEG one may be skipped, no H.264 one.
  void ExpectPicturesOf(V4l2Camera& camera, const VideoFormat& format, int count) {
    const bool every_picture_counts = format == kH264;
    const std::vector<vm::Picture>& pictures =
        every_picture_counts ? h264_pictures_ : mjpeg_pictures_;
    size_t next = 0;
    for (int i = 0; i < count; ++i) {
      const auto frame = camera.Acquire(kPatience);
      ASSERT_TRUE(frame.ok()) << i << ": " << frame.status().ToString();
      const auto is_frame = [&](const vm::Picture& picture) {
        return frame->planes[0].data == Bytes(picture);
      };
      const auto found = std::find_if(pictures.begin(), pictures.end(), is_frame);
      ASSERT_NE(found, pictures.end()) << i << ": not what the camera sent";
      const size_t index = static_cast<size_t>(found - pictures.begin());
      EXPECT_TRUE(index == next || !every_picture_counts) << index << ", not " << next;
      next = (index + 1) % pictures.size();
    }
  }

  inline static pid_t process_ = 0;
  inline static std::vector<vm::Picture> mjpeg_pictures_;
  inline static std::vector<vm::Picture> h264_pictures_;
};

TEST_F(UsbCamera, IsListedWithoutItsMetadataNode) {
  EXPECT_THAT(V4l2Camera::ListNodes(), ElementsAre(kVivid, kMultiPlanarVivid, kUsbCamera));
}

TEST_F(UsbCamera, GivesMjpegRatherThanH264WithoutKeyframesOnDemand) {
  V4l2Camera camera(kUsbCamera, clock_);
  const auto format = camera.Start({PixelFormat::kI420, 640, 480, 30});
  ASSERT_TRUE(format.ok()) << format.status().ToString();
  EXPECT_EQ(*format, kMjpeg);
  EXPECT_THAT(camera.name(), HasSubstr("Ocellus test camera"));
  ExpectPicturesOf(camera, kMjpeg, 30);
}

TEST_F(UsbCamera, PassesH264ThroughWithoutAGap) {
  V4l2Camera camera(kUsbCamera, clock_);
  ASSERT_EQ(*camera.Start(kH264), kH264);
  ExpectPicturesOf(camera, kH264, 45);
  camera.RequestKeyframe();  // Cannot, and must do no harm.
  ExpectPictures(camera, 5);
}

TEST_F(UsbCamera, ReportsTheGapThatASlowReaderLeaves) {
  V4l2Camera camera(kUsbCamera, clock_);
  ASSERT_EQ(*camera.Start(kH264), kH264);
  ExpectPicturesOf(camera, kH264, 5);
  usleep(500'000);
  const Status gap = ReadUntil(StatusCode::kMalformed, camera, 10);
  EXPECT_EQ(gap.code(), StatusCode::kMalformed);
  EXPECT_THAT(gap.message(), HasSubstr("lost"));
  EXPECT_TRUE(camera.Acquire(kPatience).ok());
}

TEST_F(UsbCamera, ChangesItsFormat) {
  V4l2Camera camera(kUsbCamera, clock_);
  ASSERT_EQ(*camera.Start(kMjpeg), kMjpeg);
  ExpectPicturesOf(camera, kMjpeg, 5);
  camera.Stop();
  ASSERT_EQ(*camera.Start(kH264), kH264);
  ExpectPicturesOf(camera, kH264, 5);
}

TEST_F(UsbCamera, ComesBackAfterBeingUnplugged) {
  V4l2Camera camera(kUsbCamera, clock_);
  ASSERT_TRUE(camera.Start(kMjpeg).ok());
  ExpectPictures(camera, 5);
  Unplug();
  const Time unplugged = clock_.Now();
  EXPECT_EQ(ReadUntil(StatusCode::kUnavailable, camera).code(), StatusCode::kUnavailable);
  EXPECT_LT(clock_.Now() - unplugged, 5s);
  camera.Stop();
  EXPECT_EQ(camera.Start(kMjpeg).status().code(), StatusCode::kUnavailable);

  Plug();
  ASSERT_TRUE(WaitFor(5s, [&] { return camera.Start(kMjpeg).ok(); }));
  ExpectPicturesOf(camera, kMjpeg, 5);
}

}  // namespace
}  // namespace ocellus::drivers

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc != 2) {
    std::fprintf(stderr, "usage: v4l2_camera_vm_test USB_CAMERA_PROGRAM\n");
    return 2;
  }
  ocellus::drivers::usb_camera_program = argv[1];
  return RUN_ALL_TESTS();
}
