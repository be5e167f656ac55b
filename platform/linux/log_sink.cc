// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/log_sink.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "firmware/base/status.h"

namespace ocellus::linux_platform {
namespace {

// Written once by StartLogging, before there are other threads: a LogSink has no state of its own.
LogFormat log_format = LogFormat::kText;
LinuxLogHistory* log_history = nullptr;

int SyslogPriority(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return 7;
    case LogLevel::kInfo:
      return 6;
    case LogLevel::kWarn:
      return 4;
    case LogLevel::kError:
      return 3;
  }
  return 3;
}

void WriteLine(LogLevel level, const char* message) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (log_history != nullptr) {
    log_history->Add(level, int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000, message);
  }
  tm local{};
  localtime_r(&now.tv_sec, &local);
  char time_of_day[32];
  std::snprintf(time_of_day, sizeof(time_of_day), "%02d:%02d:%02d.%03d", local.tm_hour,
                local.tm_min, local.tm_sec, static_cast<int>(now.tv_nsec / 1'000'000));
  const std::string line = FormatLogLine(log_format, level, time_of_day, message);
  // Nothing can be done about a terminal that has gone.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace

LogFormat DetectLogFormat() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  if (stream == nullptr || fstat(STDERR_FILENO, &status) != 0) return LogFormat::kText;
  const std::string own = Format("%llu:%llu", static_cast<unsigned long long>(status.st_dev),
                                 static_cast<unsigned long long>(status.st_ino));
  return own == stream ? LogFormat::kJournal : LogFormat::kText;
}

std::string FormatLogLine(LogFormat format, LogLevel level, const char* time_of_day,
                          const char* message) {
  std::string line = format == LogFormat::kJournal
                         ? Format("<%d>%s", SyslogPriority(level), message)
                         : Format("%s %-5s %s", time_of_day, ToString(level), message);
  for (char& c : line) {
    if (c == '\n') c = ' ';
  }
  return line + '\n';
}

void StartLogging(LogLevel lowest, LinuxLogHistory* history) {
  log_format = DetectLogFormat();
  log_history = history;
  SetLogSink(&WriteLine, lowest);
}

}  // namespace ocellus::linux_platform
