// SPDX-License-Identifier: Apache-2.0
// Log lines to stderr, one write(2) each so that threads do not mix theirs. Under systemd the
// journal gets the level as its own prefix and adds the time; a person at a terminal gets both
// as text.
#pragma once

#include <string>

#include "firmware/base/log.h"
#include "platform/linux/log_history.h"

namespace ocellus::linux_platform {

enum class LogFormat {
  kText,     // "12:34:56.789 info  message"
  kJournal,  // "<6>message", see sd-daemon(3)
};

// kJournal when stderr is connected to systemd's journal ($JOURNAL_STREAM, systemd.exec(5)).
LogFormat DetectLogFormat();

// `time_of_day` is used by kText. Ends with a newline; newlines in `message` become spaces.
std::string FormatLogLine(LogFormat format, LogLevel level, const char* time_of_day,
                          const char* message);

// Sends all logging to stderr and, where there is one, to `history`, which must live as long as
// anything logs. Call before other threads start.
void StartLogging(LogLevel lowest, LinuxLogHistory* history);

}  // namespace ocellus::linux_platform
