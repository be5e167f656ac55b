// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/log.h"

#include <atomic>
#include <cstdarg>
#include <cstdio>

#include "firmware/base/limits.h"

namespace ocellus {
namespace {

std::atomic<LogSink> log_sink{nullptr};
std::atomic<LogLevel> lowest_level{LogLevel::kInfo};

}  // namespace

const char* ToString(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warn";
    case LogLevel::kError:
      return "error";
  }
  return "unknown";
}

void SetLogSink(LogSink sink, LogLevel lowest) {
  log_sink = sink;
  lowest_level = lowest;
}

bool LogEnabled(LogLevel level) {
  return level >= lowest_level.load(std::memory_order_relaxed) &&
         log_sink.load(std::memory_order_relaxed) != nullptr;
}

void LogMessage(LogLevel level, const char* format, ...) {
  const LogSink sink = log_sink;
  if (sink == nullptr) return;
  char message[kMaxLogMessage];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(message, sizeof(message), format, arguments);
  va_end(arguments);
  sink(level, message);
}

}  // namespace ocellus
