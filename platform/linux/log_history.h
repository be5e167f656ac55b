// SPDX-License-Identifier: Apache-2.0
// The newest log lines in memory. Any thread.
#pragma once

#include <deque>
#include <mutex>

#include "hal/log_history.h"

namespace ocellus::linux_platform {

class LinuxLogHistory final : public hal::LogHistory {
 public:
  // Keeps kMaxLogHistory lines. Full: the oldest is forgotten.
  void Add(LogLevel level, int64_t unix_millis, const char* text);

  std::vector<hal::LogLine> Read(uint64_t after, size_t most) const override;
  uint64_t newest() const override;

 private:
  mutable std::mutex mutex_;
  std::deque<hal::LogLine> lines_;
  uint64_t newest_ = 0;
};

}  // namespace ocellus::linux_platform
