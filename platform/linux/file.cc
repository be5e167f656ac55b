// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>

#include "platform/linux/file_descriptor.h"
#include "platform/linux/system_error.h"

namespace ocellus::linux_platform {
namespace {

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status WriteAll(int fd, Bytes content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t size = write(fd, content.data(), content.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return SystemError(errno, "cannot write " + path);
    content = content.subspan(static_cast<size_t>(size));
  }
  return {};
}

// Creates `path`, which must not exist, with all of `content` on the disk.
Status WriteNewFile(const std::string& path, Bytes content, FileAccess access) {
  const mode_t mode = access == FileAccess::kSecret ? 0600 : 0644;
  const FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!file.valid()) return SystemError(errno, "cannot create " + path);
  RETURN_IF_ERROR(WriteAll(file.get(), content, path));
  if (fsync(file.get()) != 0) return SystemError(errno, "cannot write " + path);
  return {};
}

// A secret must be ours (or root's) alone.
Status CheckSecret(const struct stat& status, const std::string& path) {
  if (status.st_uid != geteuid() && status.st_uid != 0) {
    return Status(StatusCode::kPermissionDenied,
                  Format("%s belongs to another user (%u)", path.c_str(),
                         static_cast<unsigned>(status.st_uid)));
  }
  if ((status.st_mode & 077) != 0) {
    return Status(StatusCode::kPermissionDenied,
                  Format("%s is open to other users (mode %04o): chmod 600 it, or delete it for "
                         "a new one",
                         path.c_str(), static_cast<unsigned>(status.st_mode & 07777)));
  }
  return {};
}

}  // namespace

Result<std::string> ReadFile(const std::string& path, size_t max_size, FileAccess access) {
  // Not blocking, so that a FIFO by that name does not hold us up.
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return SystemError(errno, "cannot read " + path);
  struct stat status {};
  if (fstat(file.get(), &status) != 0) return SystemError(errno, "cannot read " + path);
  if (!S_ISREG(status.st_mode)) {
    return Status(StatusCode::kUnsupported, "cannot read " + path + ": it is not a regular file");
  }
  if (access == FileAccess::kSecret) RETURN_IF_ERROR(CheckSecret(status, path));
  std::string content;
  char part[4096];
  while (true) {
    const ssize_t size = read(file.get(), part, sizeof(part));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return SystemError(errno, "cannot read " + path);
    if (size == 0) return content;
    content.append(part, static_cast<size_t>(size));
    if (content.size() > max_size) {
      return Status(StatusCode::kResourceExhausted,
                    Format("%s is larger than %zu bytes", path.c_str(), max_size));
    }
  }
}

Status WriteFileAtomically(const std::string& path, Bytes content, FileAccess access) {
  const std::string temporary = path + ".new";
  unlink(temporary.c_str());  // One that a power cut left.
  Status status = WriteNewFile(temporary, content, access);
  if (status.ok() && rename(temporary.c_str(), path.c_str()) != 0) {
    status = SystemError(errno, "cannot write " + path);
  }
  if (!status.ok()) {
    unlink(temporary.c_str());
    return status;
  }
  SyncDirectory(DirectoryOf(path));
  return {};
}

Status RemoveFile(const std::string& path) {
  if (unlink(path.c_str()) != 0) return SystemError(errno, "cannot delete " + path);
  SyncDirectory(DirectoryOf(path));
  return {};
}

void SyncDirectory(const std::string& directory) {
  const FileDescriptor file(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Some file systems cannot; they have made the change durable as well as they do.
  if (file.valid()) fsync(file.get());
}

Status CreateDirectories(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0) return {};
  if (errno == ENOENT && DirectoryOf(path) != path) {
    RETURN_IF_ERROR(CreateDirectories(DirectoryOf(path)));
    if (mkdir(path.c_str(), 0700) == 0) return {};
  }
  const int error = errno;
  struct stat status {};
  if (stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return {};
  return SystemError(error, "cannot create the directory " + path);
}

}  // namespace ocellus::linux_platform
