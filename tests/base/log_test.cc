// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/log.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "firmware/base/limits.h"

namespace ocellus {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class Log : public testing::Test {
 protected:
  Log() { lines().clear(); }
  ~Log() override { SetLogSink(nullptr, LogLevel::kInfo); }

  static std::vector<std::string>& lines() {
    static std::vector<std::string> lines;
    return lines;
  }
  static void Keep(LogLevel level, const char* message) {
    lines().push_back(std::string(ToString(level)) + " " + message);
  }
};

TEST_F(Log, WritesNothingWithoutASink) {
  EXPECT_FALSE(LogEnabled(LogLevel::kError));
  LOG_ERROR("lost");
  LogMessage(LogLevel::kError, "lost");
  EXPECT_TRUE(lines().empty());
}

TEST_F(Log, WritesFromTheLowestLevelUp) {
  SetLogSink(Keep, LogLevel::kWarn);
  int evaluated = 0;
  LOG_INFO("info %d", ++evaluated);
  LOG_WARN("warn %d", ++evaluated);
  LOG_ERROR("error %d", ++evaluated);
  EXPECT_EQ(lines(), (std::vector<std::string>{"warn warn 1", "error error 2"}));
  SetLogSink(Keep, LogLevel::kDebug);
  LOG_DEBUG("debug");
  EXPECT_EQ(lines().back(), "debug debug");
}

TEST_F(Log, CutsLongMessages) {
  SetLogSink(Keep, LogLevel::kInfo);
  LOG_INFO("%s", std::string(2 * kMaxLogMessage, 'x').c_str());
  EXPECT_EQ(lines()[0], "info " + std::string(kMaxLogMessage - 1, 'x'));
}

TEST(LogLimiter, LetsOneThroughEachInterval) {
  LogLimiter limiter(seconds(1));
  const Time start = Time(seconds(100));
  EXPECT_TRUE(limiter.Allow(start));
  EXPECT_FALSE(limiter.Allow(start));
  EXPECT_FALSE(limiter.Allow(start + milliseconds(999)));
  EXPECT_TRUE(limiter.Allow(start + seconds(1)));
  EXPECT_EQ(limiter.TakeSuppressed(), 2u);
  EXPECT_EQ(limiter.TakeSuppressed(), 0u);
}

}  // namespace
}  // namespace ocellus
