// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/storage.h"

#include <algorithm>

#include "firmware/base/limits.h"
#include "platform/linux/file.h"

namespace ocellus::linux_platform {
namespace {

// Names are our own: they never come from outside.
void CheckName(std::string_view name) {
  const bool good =
      !name.empty() && name.front() != '.' && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
      });
  CHECK(good, "not a name: \"%.*s\"", static_cast<int>(name.size()), name.data());
}

}  // namespace

Result<std::unique_ptr<LinuxStorage>> LinuxStorage::Open(std::string directory, hal::Waker& waker) {
  // Not make_unique: the constructor is private.
  std::unique_ptr<LinuxStorage> storage(new LinuxStorage(directory));
  auto worker = Worker::Start(
      "storage",
      [directory](WriteRequest request) -> std::optional<hal::StorageWritten> {
        Status status = WriteNow(directory, request);
        return hal::StorageWritten{std::move(request.name), std::move(status)};
      },
      waker);
  if (!worker.ok()) return worker.status();
  storage->worker_ = std::move(*worker);
  return storage;
}

LinuxStorage::~LinuxStorage() {
  for (auto& [name, next] : writing_) {
    if (next) worker_->Post(std::move(*next));
  }
}

Result<std::string> LinuxStorage::Read(std::string_view name) {
  CheckName(name);
  return ReadFile(directory_ + "/" + std::string(name), kMaxStoredSize, FileAccess::kSecret);
}

void LinuxStorage::Write(std::string_view name, std::optional<std::string> content) {
  CheckName(name);
  WriteRequest request{std::string(name), std::move(content)};
  const auto [writing, is_first] = writing_.try_emplace(request.name);
  if (is_first) {
    worker_->Post(std::move(request));
  } else {
    writing->second = std::move(request);
  }
}

std::optional<hal::StorageWritten> LinuxStorage::PollWritten() {
  std::optional<hal::StorageWritten> written = worker_->Poll();
  if (!written) return std::nullopt;
  const auto writing = writing_.find(written->name);
  CHECK(writing != writing_.end(), "\"%s\" was not written", written->name.c_str());
  if (writing->second) {
    worker_->Post(std::move(*writing->second));
    writing->second.reset();
  } else {
    writing_.erase(writing);
  }
  return written;
}

Status LinuxStorage::WriteNow(const std::string& directory, const WriteRequest& request) {
  const std::string path = directory + "/" + request.name;
  if (!request.content) {
    const Status removed = RemoveFile(path);
    return removed.code() == StatusCode::kNotFound ? Status() : removed;
  }
  if (request.content->size() > kMaxStoredSize) {
    return Status(StatusCode::kResourceExhausted,
                  Format("%s would be larger than %zu bytes", path.c_str(), kMaxStoredSize));
  }
  RETURN_IF_ERROR(CreateDirectories(directory));
  return WriteFileAtomically(path, AsBytes(*request.content), FileAccess::kSecret);
}

}  // namespace ocellus::linux_platform
