// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/log_history.h"

#include <gtest/gtest.h>

#include <thread>

#include "firmware/base/limits.h"

namespace ocellus::linux_platform {
namespace {

TEST(LogHistory, GivesTheNewestLines) {
  LinuxLogHistory history;
  EXPECT_TRUE(history.Read(0, 10).empty());
  EXPECT_EQ(history.newest(), 0u);
  history.Add(LogLevel::kInfo, 1000, "one");
  history.Add(LogLevel::kWarn, 2000, "two");
  history.Add(LogLevel::kError, 3000, "three");
  EXPECT_EQ(history.newest(), 3u);

  const auto two = history.Read(0, 2);
  ASSERT_EQ(two.size(), 2u);
  EXPECT_EQ(two[0].text, "two");
  EXPECT_EQ(two[0].number, 2u);
  EXPECT_EQ(two[0].unix_millis, 2000);
  EXPECT_EQ(two[0].level, LogLevel::kWarn);
  EXPECT_EQ(two[1].text, "three");
  EXPECT_EQ(history.Read(2, 10).size(), 1u);
  EXPECT_TRUE(history.Read(3, 10).empty());
  EXPECT_TRUE(history.Read(99, 10).empty());
}

TEST(LogHistory, ForgetsTheOldest) {
  LinuxLogHistory history;
  for (size_t i = 0; i < kMaxLogHistory + 5; ++i) history.Add(LogLevel::kInfo, 0, "x");
  const auto lines = history.Read(0, 10 * kMaxLogHistory);
  EXPECT_EQ(lines.size(), kMaxLogHistory);
  EXPECT_EQ(lines.front().number, 6u);
}

TEST(LogHistory, IsForAnyThread) {
  LinuxLogHistory history;
  std::thread writer([&history] {
    for (int i = 0; i < 1000; ++i) history.Add(LogLevel::kInfo, 0, "x");
  });
  uint64_t last = 0;
  while (last < 1000) {
    for (const hal::LogLine& line : history.Read(last, 50)) {
      EXPECT_GT(line.number, last);
      last = line.number;
    }
  }
  writer.join();
}

}  // namespace
}  // namespace ocellus::linux_platform
