// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/file_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include "firmware/base/limits.h"
#include "firmware/control/file_area.h"
#include "firmware/rtc/crypto/digest.h"
#include "platform/linux/file.h"
#include "platform/linux/system_error.h"

namespace ocellus::linux_platform {
namespace {

// Bytes after which the disk is waited for: so progress is true, a commit is short, and what a
// power cut leaves of an upload is most of it.
constexpr uint64_t kSyncStep = 4 * 1024 * 1024;

constexpr std::string_view kPartEnding = ".part";

std::string LabelOf(const std::string& area, const std::string& name) { return area + "/" + name; }

std::string PartNameOf(const hal::CreateFile& request) {
  return "." + request.name + "." + crypto::ToHex(request.digest) + std::string(kPartEnding);
}

bool IsPartName(std::string_view name) {
  return name.size() > kPartEnding.size() && name.front() == '.' &&
         name.substr(name.size() - kPartEnding.size()) == kPartEnding;
}

// Areas are the program's own; names were checked where they came in, and are again.
Status CheckPlace(const std::string& area, const std::string& name) {
  const bool good = !area.empty() && std::all_of(area.begin(), area.end(),
                                                 [](char c) { return c >= 'a' && c <= 'z'; });
  CHECK(good, "not an area: \"%s\"", area.c_str());
  return control::CheckFileName(name);
}

int64_t UnixMilliseconds(const timespec& time) {
  return static_cast<int64_t>(time.tv_sec) * 1000 + time.tv_nsec / 1'000'000;
}

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

}  // namespace

std::optional<hal::FileCompletion> FileDisk::Do(hal::FileRequestId id,
                                                const hal::FileRequest& request) {
  hal::FileCompletion completion;
  completion.id = id;
  if (const auto* list = std::get_if<hal::ListFiles>(&request)) {
    completion.status = List(*list, completion);
  } else if (const auto* remove = std::get_if<hal::DeleteFile>(&request)) {
    completion.status = Delete(*remove);
  } else if (const auto* open_file = std::get_if<hal::OpenFile>(&request)) {
    completion.status = Open(*open_file, completion);
  } else if (const auto* create = std::get_if<hal::CreateFile>(&request)) {
    completion.status = Create(*create, completion);
  } else if (const auto* read_file = std::get_if<hal::ReadFile>(&request)) {
    completion.status = Read(*read_file, completion);
  } else if (const auto* append = std::get_if<hal::AppendFile>(&request)) {
    completion.status = Append(*append);
  } else if (const auto* commit = std::get_if<hal::CommitFile>(&request)) {
    completion.status = Commit(*commit);
  } else if (const auto* close_file = std::get_if<hal::CloseFile>(&request)) {
    Close(*close_file);
    return std::nullopt;
  }
  return completion;
}

Status FileDisk::List(const hal::ListFiles& request, hal::FileCompletion& completion) const {
  Result<std::vector<Entry>> entries = ReadFolder(FolderOf(request.area));
  if (!entries.ok()) return entries.status();
  for (Entry& entry : *entries) {
    if (entry.is_part) continue;
    completion.files.push_back({std::move(entry.name), entry.size, entry.modified_unix_ms});
  }
  completion.total = completion.files.size();
  const auto is_newer = [](const hal::FileEntry& a, const hal::FileEntry& b) {
    if (a.modified_unix_ms != b.modified_unix_ms) return a.modified_unix_ms > b.modified_unix_ms;
    return a.name > b.name;  // Recordings of the same moment are numbered.
  };
  std::sort(completion.files.begin(), completion.files.end(), is_newer);
  completion.files.resize(std::min(completion.files.size(), request.most));
  return {};
}

Status FileDisk::Delete(const hal::DeleteFile& request) const {
  RETURN_IF_ERROR(CheckPlace(request.area, request.name));
  const std::string folder = FolderOf(request.area);
  const std::string path = folder + "/" + request.name;
  if (unlink(path.c_str()) != 0) return SystemError(errno, LabelOf(request.area, request.name));
  SyncDirectory(folder);
  return {};
}

Status FileDisk::Open(const hal::OpenFile& request, hal::FileCompletion& completion) {
  RETURN_IF_ERROR(CheckPlace(request.area, request.name));
  OpenedFile opened;
  opened.label = LabelOf(request.area, request.name);
  const std::string path = FolderOf(request.area) + "/" + request.name;
  // Not blocking, so that a FIFO by that name does not hold us up; no way out by a link either.
  opened.file = FileDescriptor(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
  struct stat status {};
  if (!opened.file.valid() || fstat(opened.file.get(), &status) != 0) {
    return SystemError(errno, opened.label);
  }
  if (!S_ISREG(status.st_mode)) {
    return Status(StatusCode::kUnsupported, opened.label + ": not a regular file");
  }
  completion.size = static_cast<uint64_t>(status.st_size);
  open_.insert_or_assign(request.file, std::move(opened));
  return {};
}

Status FileDisk::Create(const hal::CreateFile& request, hal::FileCompletion& completion) {
  RETURN_IF_ERROR(CheckPlace(request.area, request.name));
  OpenedFile opened;
  opened.label = LabelOf(request.area, request.name);
  opened.folder = FolderOf(request.area);
  opened.part = PartNameOf(request);
  opened.name = request.name;
  opened.size = request.size;
  if (FindOpenPart(opened.folder, opened.part) != nullptr) {
    return Status(StatusCode::kFailedPrecondition, opened.label + ": is being written already");
  }
  RETURN_IF_ERROR(CreateDirectories(opened.folder));
  const std::string path = opened.folder + "/" + opened.part;
  opened.file = FileDescriptor(
      open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
  struct stat status {};
  if (!opened.file.valid() || fstat(opened.file.get(), &status) != 0) {
    return SystemError(errno, opened.label);
  }
  completion.size = static_cast<uint64_t>(status.st_size);
  if (completion.size > request.size) {
    if (ftruncate(opened.file.get(), 0) != 0) return SystemError(errno, opened.label);
    completion.size = 0;
  }
  const Status room = MakeRoom(request, opened.part, completion.size);
  if (!room.ok()) {
    if (completion.size == 0) unlink(path.c_str());
    return room;
  }
  open_.insert_or_assign(request.file, std::move(opened));
  return {};
}

Status FileDisk::MakeRoom(const hal::CreateFile& request, const std::string& part,
                          uint64_t there) const {
  const std::string folder = FolderOf(request.area);
  Result<std::vector<Entry>> entries = ReadFolder(folder);
  if (!entries.ok()) return entries.status();
  uint64_t bytes = request.size;
  size_t files = 1;
  std::vector<Entry> left;  // By other attempts, the oldest first.
  for (Entry& entry : *entries) {
    if (entry.name == part || entry.name == request.name) continue;
    const OpenedFile* written = FindOpenPart(folder, entry.name);
    bytes += written != nullptr ? written->size : entry.size;
    ++files;
    if (entry.is_part && written == nullptr) left.push_back(std::move(entry));
  }
  std::sort(left.begin(), left.end(),
            [](const Entry& a, const Entry& b) { return a.modified_unix_ms < b.modified_unix_ms; });

  const uint64_t more = request.size - there;
  Status room = CheckRoom(request, bytes, files, more);
  for (const Entry& oldest : left) {
    if (room.ok()) break;
    unlink((folder + "/" + oldest.name).c_str());
    bytes -= oldest.size;
    --files;
    room = CheckRoom(request, bytes, files, more);
  }
  return room;
}

Status FileDisk::CheckRoom(const hal::CreateFile& request, uint64_t bytes, size_t files,
                           uint64_t more) const {
  const auto number = [](uint64_t value) { return static_cast<unsigned long long>(value); };
  if (bytes > request.quota) {
    return Status(StatusCode::kResourceExhausted,
                  Format("%s would have %llu bytes and may have %llu: delete what is old",
                         request.area.c_str(), number(bytes), number(request.quota)));
  }
  if (files > kMaxUploadedFiles) {
    return Status(StatusCode::kResourceExhausted,
                  Format("%s would have %zu files and may have %zu: delete what is old",
                         request.area.c_str(), files, kMaxUploadedFiles));
  }
  struct statvfs disk {};
  if (statvfs(FolderOf(request.area).c_str(), &disk) != 0) return SystemError(errno, request.area);
  const uint64_t free = static_cast<uint64_t>(disk.f_bavail) * disk.f_frsize;
  if (more + kMinFreeDiskSpace > free) {
    return Status(StatusCode::kResourceExhausted,
                  Format("the disk has %llu bytes left and %llu are needed", number(free),
                         number(more + kMinFreeDiskSpace)));
  }
  return {};
}

Status FileDisk::Read(const hal::ReadFile& request, hal::FileCompletion& completion) const {
  const auto opened = open_.find(request.file);
  if (opened == open_.end()) return Status(StatusCode::kFailedPrecondition, "the file is not open");
  completion.content.resize(request.size);
  size_t done = 0;
  while (done < request.size) {
    const ssize_t size = pread(opened->second.file.get(), completion.content.data() + done,
                               request.size - done, static_cast<off_t>(request.offset + done));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return SystemError(errno, opened->second.label);
    if (size == 0) break;
    done += static_cast<size_t>(size);
  }
  completion.content.resize(done);
  return {};
}

Status FileDisk::Append(const hal::AppendFile& request) {
  const auto found = open_.find(request.file);
  if (found == open_.end() || found->second.part.empty()) {
    return Status(StatusCode::kFailedPrecondition, "the file is not open for writing");
  }
  OpenedFile& opened = found->second;
  size_t done = 0;
  while (done < request.content.size()) {
    const ssize_t size =
        write(opened.file.get(), request.content.data() + done, request.content.size() - done);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return SystemError(errno, opened.label);
    done += static_cast<size_t>(size);
  }
  opened.unsynced += done;
  if (opened.unsynced < kSyncStep) return {};
  opened.unsynced = 0;
  if (fdatasync(opened.file.get()) != 0) return SystemError(errno, opened.label);
  return {};
}

Status FileDisk::Commit(const hal::CommitFile& request) {
  const auto found = open_.find(request.file);
  if (found == open_.end() || found->second.part.empty()) {
    return Status(StatusCode::kFailedPrecondition, "the file is not open for writing");
  }
  const OpenedFile& opened = found->second;
  if (fsync(opened.file.get()) != 0) return SystemError(errno, opened.label);
  const std::string part = opened.folder + "/" + opened.part;
  const std::string path = opened.folder + "/" + opened.name;
  if (rename(part.c_str(), path.c_str()) != 0) return SystemError(errno, opened.label);
  SyncDirectory(opened.folder);
  open_.erase(found);
  return {};
}

void FileDisk::Close(const hal::CloseFile& request) {
  const auto opened = open_.find(request.file);
  if (opened == open_.end()) return;
  const std::string& part = opened->second.part;
  if (!part.empty() && request.unfinished == hal::Unfinished::kDiscard) {
    unlink((opened->second.folder + "/" + part).c_str());
  }
  open_.erase(opened);
}

Result<std::vector<FileDisk::Entry>> FileDisk::ReadFolder(const std::string& folder) const {
  std::vector<Entry> entries;
  const std::unique_ptr<DIR, CloseDirectory> directory(opendir(folder.c_str()));
  if (!directory) {
    if (errno == ENOENT) return entries;
    return SystemError(errno, folder.substr(folder.find_last_of('/') + 1));
  }
  while (const dirent* found = readdir(directory.get())) {
    const std::string name = found->d_name;
    const bool is_part = IsPartName(name);
    if (!is_part && !control::CheckFileName(name).ok()) continue;
    struct stat status {};
    if (fstatat(dirfd(directory.get()), found->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (!S_ISREG(status.st_mode)) continue;
    entries.push_back(
        {name, static_cast<uint64_t>(status.st_size), UnixMilliseconds(status.st_mtim), is_part});
  }
  return entries;
}

const FileDisk::OpenedFile* FileDisk::FindOpenPart(const std::string& folder,
                                                   const std::string& part) const {
  for (const auto& [handle, opened] : open_) {
    if (opened.folder == folder && opened.part == part) return &opened;
  }
  return nullptr;
}

}  // namespace ocellus::linux_platform
