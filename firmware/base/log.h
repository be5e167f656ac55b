// SPDX-License-Identifier: Apache-2.0
// Log lines for people. The sink is the one piece of process-wide state in firmware/: set once by
// the platform before other threads start. Until then nothing is written.
//
//   error  a person must act           info   once per session event
//   warn   degraded, or recovered      debug  per packet; rate-limit it with LogLimiter
//
// Never keys, passwords, tokens or whole SDP.
#pragma once

#include "firmware/base/time.h"

namespace ocellus {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

const char* ToString(LogLevel level);

// Called on whichever thread logs; must be thread-safe. `message` is borrowed, without newline.
using LogSink = void (*)(LogLevel level, const char* message);

void SetLogSink(LogSink sink, LogLevel lowest);
bool LogEnabled(LogLevel level);
// Longer messages are cut at kMaxLogMessage bytes. Any thread.
void LogMessage(LogLevel level, const char* format, ...) __attribute__((format(printf, 2, 3)));

// Lets one message through each `interval`, and counts those that it held back.
class LogLimiter {
 public:
  explicit LogLimiter(Duration interval) : interval_(interval) {}

  bool Allow(Time now) {
    if (now < next_) {
      ++suppressed_;
      return false;
    }
    next_ = now + interval_;
    return true;
  }
  // How many were held back since the last call.
  unsigned TakeSuppressed() {
    const unsigned count = suppressed_;
    suppressed_ = 0;
    return count;
  }

 private:
  Duration interval_;
  Time next_{};
  unsigned suppressed_ = 0;
};

}  // namespace ocellus

#define LOG_AT(level, ...) \
  (::ocellus::LogEnabled(level) ? ::ocellus::LogMessage(level, __VA_ARGS__) : static_cast<void>(0))
#define LOG_DEBUG(...) LOG_AT(::ocellus::LogLevel::kDebug, __VA_ARGS__)
#define LOG_INFO(...) LOG_AT(::ocellus::LogLevel::kInfo, __VA_ARGS__)
#define LOG_WARN(...) LOG_AT(::ocellus::LogLevel::kWarn, __VA_ARGS__)
#define LOG_ERROR(...) LOG_AT(::ocellus::LogLevel::kError, __VA_ARGS__)
