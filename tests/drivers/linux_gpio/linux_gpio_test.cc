// SPDX-License-Identifier: Apache-2.0
#include "drivers/linux_gpio/linux_gpio.h"

#include <errno.h>
#include <gmock/gmock.h>
#include <linux/gpio.h>

#include <map>

namespace ocellus::drivers {
namespace {

using ::testing::HasSubstr;

// One chip with four lines, by the rules of the kernel's driver.
class FakeGpioKernel final : public GpioKernel {
 public:
  struct Line {
    bool requested = false;
    bool active_low = false;
    bool level = false;
  };

  int Open(const std::string& path) override {
    opened = path;
    if (open_error != 0) return -open_error;
    return Add(-1);
  }

  int Ioctl(int fd, unsigned long request, void* argument) override {
    EXPECT_EQ(files.count(fd), 1u);
    if (request == GPIO_V2_GET_LINE_IOCTL) {
      return Request(*static_cast<gpio_v2_line_request*>(argument));
    }
    EXPECT_EQ(request, static_cast<unsigned long>(GPIO_V2_LINE_SET_VALUES_IOCTL));
    if (set_error != 0) return -set_error;
    const auto& values = *static_cast<gpio_v2_line_values*>(argument);
    EXPECT_EQ(values.mask, 1u);
    SetLevel(lines[files[fd]], values.bits != 0);
    return 0;
  }

  void Close(int fd) override {
    const int line = files[fd];
    if (line >= 0) lines[line].requested = false;
    EXPECT_EQ(files.erase(fd), 1u);
  }

  std::string opened;
  int open_error = 0;
  int set_error = 0;
  std::map<int, int> files;  // File descriptors, and the line of each; -1 for the chip.
  Line lines[4];

 private:
  static void SetLevel(Line& line, bool on) { line.level = on != line.active_low; }
  int Add(int line) {
    files[++last_fd_] = line;
    return last_fd_;
  }
  int Request(gpio_v2_line_request& request) {
    EXPECT_EQ(request.num_lines, 1u);
    EXPECT_STREQ(request.consumer, "ocellus");
    if (request.offsets[0] >= 4) return -EINVAL;
    Line& line = lines[request.offsets[0]];
    if (line.requested) return -EBUSY;
    EXPECT_TRUE(request.config.flags & GPIO_V2_LINE_FLAG_OUTPUT);
    EXPECT_EQ(request.config.num_attrs, 1u);
    EXPECT_EQ(request.config.attrs[0].attr.id,
              static_cast<uint32_t>(GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES));
    line.requested = true;
    line.active_low = (request.config.flags & GPIO_V2_LINE_FLAG_ACTIVE_LOW) != 0;
    SetLevel(line, (request.config.attrs[0].attr.values & 1) != 0);
    request.fd = Add(static_cast<int>(request.offsets[0]));
    return 0;
  }

  int last_fd_ = 10;
};

class LinuxGpioTest : public ::testing::Test {
 protected:
  Status OpenError(const hal::GpioLine& line) {
    const auto output = gpio_.OpenOutput(line);
    EXPECT_FALSE(output.ok());
    return output.status();
  }

  LinuxGpioTest() : LinuxGpioTest(std::make_unique<FakeGpioKernel>()) {}
  explicit LinuxGpioTest(std::unique_ptr<FakeGpioKernel> kernel)
      : kernel_(*kernel), gpio_(std::move(kernel)) {}

  FakeGpioKernel& kernel_;
  LinuxGpio gpio_;
};

TEST_F(LinuxGpioTest, SwitchesALine) {
  auto output = gpio_.OpenOutput({"gpiochip0", 2, false});
  ASSERT_TRUE(output.ok()) << output.status().message();
  EXPECT_EQ(kernel_.opened, "/dev/gpiochip0");
  EXPECT_FALSE(kernel_.lines[2].level);
  EXPECT_TRUE((*output)->Set(true).ok());
  EXPECT_TRUE(kernel_.lines[2].level);
  EXPECT_TRUE((*output)->Set(false).ok());
  EXPECT_FALSE(kernel_.lines[2].level);
}

TEST_F(LinuxGpioTest, IsOffFromTheFirstMomentOnWhereLowIsOn) {
  auto output = gpio_.OpenOutput({"gpiochip0", 1, true});
  ASSERT_TRUE(output.ok());
  EXPECT_TRUE(kernel_.lines[1].level);
  EXPECT_TRUE((*output)->Set(true).ok());
  EXPECT_FALSE(kernel_.lines[1].level);
}

TEST_F(LinuxGpioTest, TakesAPathOfAChip) {
  EXPECT_TRUE(gpio_.OpenOutput({"/dev/gpiochip-panel", 0, false}).ok());
  EXPECT_EQ(kernel_.opened, "/dev/gpiochip-panel");
}

TEST_F(LinuxGpioTest, LeavesNoFileOpen) {
  {
    auto output = gpio_.OpenOutput({"gpiochip0", 2, false});
    EXPECT_EQ(kernel_.files.size(), 1u);  // The line; the chip is closed.
  }
  EXPECT_TRUE(kernel_.files.empty());
  EXPECT_EQ(OpenError({"gpiochip0", 9, false}).code(), StatusCode::kNotFound);
  EXPECT_TRUE(kernel_.files.empty());
}

TEST_F(LinuxGpioTest, SaysWhatIsWrong) {
  EXPECT_THAT(OpenError({"gpiochip0", 9, false}).message(),
              HasSubstr("gpiochip0, line 9: the chip has no such line"));
  auto output = gpio_.OpenOutput({"gpiochip0", 3, false});
  EXPECT_EQ(OpenError({"gpiochip0", 3, false}).code(), StatusCode::kUnavailable);
  kernel_.open_error = ENOENT;
  EXPECT_EQ(OpenError({"gpiochip7", 0, false}).code(), StatusCode::kNotFound);
  kernel_.open_error = EACCES;
  EXPECT_EQ(OpenError({"gpiochip0", 0, false}).code(), StatusCode::kPermissionDenied);
  kernel_.set_error = EIO;
  EXPECT_EQ((*output)->Set(true).code(), StatusCode::kUnavailable);
}

}  // namespace
}  // namespace ocellus::drivers
