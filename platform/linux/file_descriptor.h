// SPDX-License-Identifier: Apache-2.0
// Owns a file descriptor, and closes it.
#pragma once

#include <unistd.h>

#include <utility>

namespace ocellus::linux_platform {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  // Takes what open(2) and its like return; a negative one means that there is none.
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor() {
    if (fd_ >= 0) close(fd_);
  }

  bool valid() const { return fd_ >= 0; }
  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

}  // namespace ocellus::linux_platform
