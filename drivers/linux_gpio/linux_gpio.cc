// SPDX-License-Identifier: Apache-2.0
#include "drivers/linux_gpio/linux_gpio.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstring>
#include <system_error>

namespace ocellus::drivers {
namespace {

class LinuxGpioKernel final : public GpioKernel {
 public:
  int Open(const std::string& path) override {
    int fd;
    do {
      fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
    } while (fd < 0 && errno == EINTR);
    return fd < 0 ? -errno : fd;
  }
  int Ioctl(int fd, unsigned long request, void* argument) override {
    int result;
    do {
      result = ioctl(fd, request, argument);
    } while (result < 0 && errno == EINTR);
    return result < 0 ? -errno : result;
  }
  void Close(int fd) override { close(fd); }
};

// "gpiochip0, line 17"
std::string NameOf(const hal::GpioLine& line) {
  return Format("%s, line %u", line.chip.c_str(), static_cast<unsigned>(line.line));
}

// What a failed call means to a person; `error` is the errno value, positive.
Status GpioError(const hal::GpioLine& line, int error) {
  const std::string name = NameOf(line);
  switch (error) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
      return {StatusCode::kNotFound, name + ": there is no such chip"};
    case EINVAL:
      return {StatusCode::kNotFound, name + ": the chip has no such line"};
    case EACCES:
    case EPERM:
      return {StatusCode::kPermissionDenied,
              name + ": permission denied; the user needs the group gpio"};
    case EBUSY:
      return {StatusCode::kUnavailable, name + ": somebody else uses it"};
    case ENOTTY:
      return {StatusCode::kUnsupported, name + ": that is no GPIO chip, or the kernel is too old"};
    default:
      return {StatusCode::kUnavailable, name + ": " + std::generic_category().message(error)};
  }
}

class LinuxGpioOutput final : public hal::GpioOutput {
 public:
  LinuxGpioOutput(GpioKernel& kernel, hal::GpioLine line, int fd)
      : kernel_(kernel), line_(std::move(line)), fd_(fd) {}
  ~LinuxGpioOutput() override { kernel_.Close(fd_); }

  Status Set(bool on) override {
    gpio_v2_line_values values{};
    values.mask = 1;
    values.bits = on ? 1 : 0;
    const int result = kernel_.Ioctl(fd_, GPIO_V2_LINE_SET_VALUES_IOCTL, &values);
    if (result >= 0) return {};
    return {StatusCode::kUnavailable,
            NameOf(line_) + ": " + std::generic_category().message(-result)};
  }

 private:
  GpioKernel& kernel_;
  const hal::GpioLine line_;
  const int fd_;
};

}  // namespace

std::unique_ptr<GpioKernel> MakeGpioKernel() { return std::make_unique<LinuxGpioKernel>(); }

Result<std::unique_ptr<hal::GpioOutput>> LinuxGpio::OpenOutput(const hal::GpioLine& line) {
  const bool is_path = !line.chip.empty() && line.chip[0] == '/';
  const int chip = kernel_->Open(is_path ? line.chip : "/dev/" + line.chip);
  if (chip < 0) return GpioError(line, -chip);

  gpio_v2_line_request request{};
  request.offsets[0] = line.line;
  request.num_lines = 1;
  std::strncpy(request.consumer, "ocellus", sizeof(request.consumer) - 1);
  request.config.flags = GPIO_V2_LINE_FLAG_OUTPUT;
  if (line.active_low) request.config.flags |= GPIO_V2_LINE_FLAG_ACTIVE_LOW;
  // Off from the first moment on: without this, a line that is active when low would flash.
  request.config.num_attrs = 1;
  request.config.attrs[0].attr.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES;
  request.config.attrs[0].attr.values = 0;
  request.config.attrs[0].mask = 1;
  const int result = kernel_->Ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &request);
  kernel_->Close(chip);
  if (result < 0) return GpioError(line, -result);
  std::unique_ptr<hal::GpioOutput> output =
      std::make_unique<LinuxGpioOutput>(*kernel_, line, request.fd);
  return output;
}

}  // namespace ocellus::drivers
