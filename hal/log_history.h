// SPDX-License-Identifier: Apache-2.0
// The last lines of the log, for those who look from afar. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "firmware/base/log.h"

namespace ocellus::hal {

struct LogLine {
  uint64_t number = 0;      // One more than the line before; the first is 1.
  int64_t unix_millis = 0;  // When, by the wall clock.
  LogLevel level = LogLevel::kInfo;
  std::string text;  // Without newline.
};

class LogHistory {
 public:
  virtual ~LogHistory() = default;

  // The lines after number `after`, the oldest first: of those that are still kept the newest
  // `most`.
  virtual std::vector<LogLine> Read(uint64_t after, size_t most) const = 0;
  // Of the newest line; 0 before the first.
  virtual uint64_t newest() const = 0;
};

}  // namespace ocellus::hal
