// SPDX-License-Identifier: Apache-2.0
#include "drivers/v4l2_camera/device_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

namespace ocellus::drivers {

namespace {

class KernelDeviceFile final : public DeviceFile {
 public:
  KernelDeviceFile() = default;
  KernelDeviceFile(const KernelDeviceFile&) = delete;
  KernelDeviceFile& operator=(const KernelDeviceFile&) = delete;
  ~KernelDeviceFile() override { Close(); }

  int Open(const std::string& path) override {
    Close();
    do {
      fd_ = open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    } while (fd_ < 0 && errno == EINTR);
    return fd_ < 0 ? -errno : 0;
  }

  void Close() override {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

  int Ioctl(unsigned long request, void* argument) override {
    int result;
    do {
      result = ioctl(fd_, request, argument);
    } while (result < 0 && errno == EINTR);
    return result < 0 ? -errno : result;
  }

  int Poll(Duration timeout) override {
    const int64_t micros = std::max<int64_t>(timeout.count(), 0);
    timespec time{};
    time.tv_sec = static_cast<time_t>(micros / 1'000'000);
    time.tv_nsec = static_cast<long>(micros % 1'000'000 * 1000);
    pollfd file{fd_, POLLIN, 0};
    const int result = ppoll(&file, 1, &time, nullptr);
    if (result < 0) return errno == EINTR ? 0 : -errno;
    return result == 0 ? 0 : file.revents;
  }

  int Map(uint32_t offset, size_t size, Bytes& memory) override {
    memory = {};
    void* const start = mmap(nullptr, size, PROT_READ, MAP_SHARED, fd_, static_cast<off_t>(offset));
    if (start == MAP_FAILED) return -errno;
    memory = Bytes(static_cast<const uint8_t*>(start), size);
    return 0;
  }

  void Unmap(Bytes memory) override { munmap(const_cast<uint8_t*>(memory.data()), memory.size()); }

 private:
  int fd_ = -1;
};

}  // namespace

std::unique_ptr<DeviceFile> MakeDeviceFile() { return std::make_unique<KernelDeviceFile>(); }

Status DeviceError(const std::string& path, const char* action, int error) {
  // strerror() may share its text between threads; this does not.
  const std::string reason = std::generic_category().message(error);
  switch (error) {
    case EACCES:
    case EPERM:
      return Status(StatusCode::kPermissionDenied,
                    Format("%s: no permission: add the user to the group video", path.c_str()));
    case EBUSY:
      return Status(StatusCode::kUnavailable,
                    Format("%s is used by another program", path.c_str()));
    case ENOENT:
    case ENODEV:
    case ENXIO:
      return Status(StatusCode::kUnavailable,
                    Format("%s is not there (%s)", path.c_str(), reason.c_str()));
    case ENOSPC:
      return Status(StatusCode::kUnavailable,
                    Format("%s: the USB bus has no bandwidth left for this size and frame rate",
                           path.c_str()));
    default:
      return Status(StatusCode::kUnavailable,
                    Format("%s: cannot %s: %s", path.c_str(), action, reason.c_str()));
  }
}

}  // namespace ocellus::drivers
