// SPDX-License-Identifier: Apache-2.0
// hal::Storage in one directory: a file for each name, for our user only, replaced as a whole by a
// thread that waits for the disk. io thread only.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "hal/storage.h"
#include "platform/linux/background_worker.h"

namespace ocellus::linux_platform {

class LinuxStorage final : public hal::Storage {
 public:
  // `directory` is made when the first thing is written. `waker` must outlive this. The destructor
  // waits for what was written, at most kWorkerPatience. Errors: kResourceExhausted.
  static Result<std::unique_ptr<LinuxStorage>> Open(std::string directory, hal::Waker& waker);
  ~LinuxStorage() override;

  Result<std::string> Read(std::string_view name) override;
  void Write(std::string_view name, std::optional<std::string> content) override;
  std::optional<hal::StorageWritten> PollWritten() override;

 private:
  struct WriteRequest {
    std::string name;
    std::optional<std::string> content;
  };
  using Worker = BackgroundWorker<WriteRequest, hal::StorageWritten>;

  explicit LinuxStorage(std::string directory) : directory_(std::move(directory)) {}

  // On the worker's thread.
  static Status WriteNow(const std::string& directory, const WriteRequest& request);

  const std::string directory_;
  // The names that the worker has, and what each is to be afterwards, if that has changed.
  std::map<std::string, std::optional<WriteRequest>, std::less<>> writing_;
  std::unique_ptr<Worker> worker_;
};

}  // namespace ocellus::linux_platform
