// SPDX-License-Identifier: Apache-2.0
// Storage in memory. What is written is there at once; a test may break the disk.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>

#include "firmware/base/limits.h"
#include "hal/storage.h"

namespace ocellus::hal {

class FakeStorage final : public Storage {
 public:
  Result<std::string> Read(std::string_view name) override {
    const auto found = stored.find(std::string(name));
    if (found == stored.end()) return Status(StatusCode::kNotFound, std::string(name));
    if (found->second.size() > kMaxStoredSize) {
      return Status(StatusCode::kResourceExhausted, std::string(name));
    }
    return found->second;
  }

  void Write(std::string_view name, std::optional<std::string> content) override {
    written_.push_back({std::string(name), write_status});
    if (!write_status.ok()) return;
    if (content) {
      stored[std::string(name)] = std::move(*content);
    } else {
      stored.erase(std::string(name));
    }
  }

  std::optional<StorageWritten> PollWritten() override {
    if (written_.empty()) return std::nullopt;
    StorageWritten written = std::move(written_.front());
    written_.pop_front();
    return written;
  }

  std::map<std::string, std::string> stored;
  Status write_status;  // What comes of the next writes.

 private:
  std::deque<StorageWritten> written_;
};

}  // namespace ocellus::hal
