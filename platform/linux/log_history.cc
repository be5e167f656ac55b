// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/log_history.h"

#include <algorithm>

#include "firmware/base/limits.h"

namespace ocellus::linux_platform {

void LinuxLogHistory::Add(LogLevel level, int64_t unix_millis, const char* text) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (lines_.size() >= kMaxLogHistory) lines_.pop_front();
  lines_.push_back({++newest_, unix_millis, level, text});
}

std::vector<hal::LogLine> LinuxLogHistory::Read(uint64_t after, size_t most) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const uint64_t fresh = newest_ > after ? newest_ - after : 0;
  const auto count = static_cast<std::ptrdiff_t>(
      std::min({static_cast<uint64_t>(lines_.size()), fresh, static_cast<uint64_t>(most)}));
  return {lines_.end() - count, lines_.end()};
}

uint64_t LinuxLogHistory::newest() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return newest_;
}

}  // namespace ocellus::linux_platform
