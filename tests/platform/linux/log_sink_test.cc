// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/log_sink.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "firmware/base/status.h"

namespace ocellus::linux_platform {
namespace {

TEST(LogSink, TextHasTimeAndLevel) {
  EXPECT_EQ(FormatLogLine(LogFormat::kText, LogLevel::kInfo, "12:34:56.789", "viewer 1 connected"),
            "12:34:56.789 info  viewer 1 connected\n");
}

TEST(LogSink, JournalGetsThePriorityAndNoTime) {
  EXPECT_EQ(FormatLogLine(LogFormat::kJournal, LogLevel::kError, "12:34", "x"), "<3>x\n");
  EXPECT_EQ(FormatLogLine(LogFormat::kJournal, LogLevel::kWarn, "12:34", "x"), "<4>x\n");
  EXPECT_EQ(FormatLogLine(LogFormat::kJournal, LogLevel::kInfo, "12:34", "x"), "<6>x\n");
  EXPECT_EQ(FormatLogLine(LogFormat::kJournal, LogLevel::kDebug, "12:34", "x"), "<7>x\n");
}

TEST(LogSink, NobodyCanForgeALineOfTheirOwn) {
  EXPECT_EQ(FormatLogLine(LogFormat::kJournal, LogLevel::kInfo, "", "a\n<3>b"), "<6>a <3>b\n");
}

TEST(LogSink, FormatIsTheJournalsOnlyWhenStderrGoesThere) {
  unsetenv("JOURNAL_STREAM");
  EXPECT_EQ(DetectLogFormat(), LogFormat::kText);
  setenv("JOURNAL_STREAM", "1:2", 1);
  EXPECT_EQ(DetectLogFormat(), LogFormat::kText);
  struct stat status {};
  ASSERT_EQ(fstat(STDERR_FILENO, &status), 0);
  setenv("JOURNAL_STREAM",
         Format("%llu:%llu", static_cast<unsigned long long>(status.st_dev),
                static_cast<unsigned long long>(status.st_ino))
             .c_str(),
         1);
  EXPECT_EQ(DetectLogFormat(), LogFormat::kJournal);
  unsetenv("JOURNAL_STREAM");
}

TEST(LogSink, WritesLevelsFromTheLowestOn) {
  testing::internal::CaptureStderr();
  StartLogging(LogLevel::kWarn, nullptr);
  LOG_INFO("not this");
  LOG_WARN("but %s", "this");
  SetLogSink(nullptr, LogLevel::kInfo);
  const std::string written = testing::internal::GetCapturedStderr();
  EXPECT_NE(written.find(" warn  but this\n"), std::string::npos) << written;
  EXPECT_EQ(written.find("not this"), std::string::npos) << written;
}

}  // namespace
}  // namespace ocellus::linux_platform
