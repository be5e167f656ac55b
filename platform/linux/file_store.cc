// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/file_store.h"

#include "platform/linux/file_disk.h"

namespace ocellus::linux_platform {

Result<std::unique_ptr<LinuxFileStore>> LinuxFileStore::Open(const std::string& directory,
                                                             hal::Waker& waker) {
  // Shared, for std::function is copied; the worker's thread alone uses it.
  const auto disk = std::make_shared<FileDisk>(directory);
  auto worker = Worker::Start(
      "files",
      [disk](std::pair<hal::FileRequestId, hal::FileRequest> request) {
        return disk->Do(request.first, std::move(request.second));
      },
      waker);
  if (!worker.ok()) return worker.status();
  // Not make_unique: the constructor is private.
  return std::unique_ptr<LinuxFileStore>(new LinuxFileStore(std::move(*worker)));
}

void LinuxFileStore::Start(hal::FileRequestId id, hal::FileRequest request) {
  worker_->Post({id, std::move(request)});
}

std::optional<hal::FileCompletion> LinuxFileStore::PollCompletion() { return worker_->Poll(); }

}  // namespace ocellus::linux_platform
