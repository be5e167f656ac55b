// SPDX-License-Identifier: Apache-2.0
// The system calls that a V4L2 driver makes, so that a test can stand in for the kernel. Errors
// are errno values, negated, as the kernel returns them; interrupted calls are made again.
#pragma once

#include <memory>
#include <string>

#include "firmware/base/bytes.h"
#include "firmware/base/status.h"
#include "firmware/base/time.h"

namespace ocellus::drivers {

class DeviceFile {
 public:
  virtual ~DeviceFile() = default;

  // Opens for reading and writing, non-blocking. Returns 0 or -errno.
  virtual int Open(const std::string& path) = 0;
  // Closes what is open; what was mapped stays so until Unmap.
  virtual void Close() = 0;

  // Returns 0 or more, or -errno.
  virtual int Ioctl(unsigned long request, void* argument) = 0;
  // Waits for input. Returns poll's revents, 0 after `timeout`, or -errno.
  virtual int Poll(Duration timeout) = 0;

  // Maps `size` bytes at `offset` for reading. An error leaves `memory` empty and returns -errno.
  virtual int Map(uint32_t offset, size_t size, Bytes& memory) = 0;
  virtual void Unmap(Bytes memory) = 0;
};

// The kernel itself.
std::unique_ptr<DeviceFile> MakeDeviceFile();

// What a failed call means to a person: `path` is the device, `action` what was tried ("start
// capturing"), `error` the errno value, positive.
//   kPermissionDenied  EACCES, EPERM: names the group that the user needs.
//   kUnavailable       everything else: missing, busy, gone, or broken.
Status DeviceError(const std::string& path, const char* action, int error);

}  // namespace ocellus::drivers
