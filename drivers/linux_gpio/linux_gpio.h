// SPDX-License-Identifier: Apache-2.0
// GPIO lines through Linux's character device (linux/gpio.h, version 2 of its interface, from
// kernel 5.10 on). io thread only; a line is set by one ioctl, which does not block.
//
// Not libgpiod: its interface in Debian 12 (1.6) and in Debian 13 (2.2) have no call in common, and
// of the kernel's own we need two.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "hal/gpio.h"

namespace ocellus::drivers {

// The system calls that the driver makes, so that a test can stand in for the kernel. Errors are
// errno values, negated; interrupted calls are made again.
class GpioKernel {
 public:
  virtual ~GpioKernel() = default;

  // A file descriptor, or -errno.
  virtual int Open(const std::string& path) = 0;
  // 0 or more, or -errno.
  virtual int Ioctl(int fd, unsigned long request, void* argument) = 0;
  virtual void Close(int fd) = 0;
};

// The kernel itself.
std::unique_ptr<GpioKernel> MakeGpioKernel();

class LinuxGpio final : public hal::Gpio {
 public:
  // Must outlive its outputs.
  explicit LinuxGpio(std::unique_ptr<GpioKernel> kernel = MakeGpioKernel())
      : kernel_(std::move(kernel)) {}

  // A chip is its path or its name in /dev. Given back, a line keeps its level on most chips.
  Result<std::unique_ptr<hal::GpioOutput>> OpenOutput(const hal::GpioLine& line) override;

 private:
  std::unique_ptr<GpioKernel> kernel_;
};

}  // namespace ocellus::drivers
