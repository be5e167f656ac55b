// SPDX-License-Identifier: Apache-2.0
// hal::FileStore in one directory with a folder for each area. A thread waits for the disk: see
// file_disk.h for how files lie on it. io thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "hal/file_store.h"
#include "platform/linux/background_worker.h"

namespace ocellus::linux_platform {

class LinuxFileStore final : public hal::FileStore {
 public:
  // `directory` is made when the first file is created. `waker` must outlive this. The destructor
  // waits for what was started, at most kWorkerPatience. Errors: kResourceExhausted.
  static Result<std::unique_ptr<LinuxFileStore>> Open(const std::string& directory,
                                                      hal::Waker& waker);

  void Start(hal::FileRequestId id, hal::FileRequest request) override;
  std::optional<hal::FileCompletion> PollCompletion() override;

 private:
  using Worker =
      BackgroundWorker<std::pair<hal::FileRequestId, hal::FileRequest>, hal::FileCompletion>;

  explicit LinuxFileStore(std::unique_ptr<Worker> worker) : worker_(std::move(worker)) {}

  const std::unique_ptr<Worker> worker_;
};

}  // namespace ocellus::linux_platform
