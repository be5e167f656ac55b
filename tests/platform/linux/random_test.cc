// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace ocellus::linux_platform {
namespace {

TEST(LinuxRandom, FillsAllOfABufferThatNeedsSeveralCalls) {
  // getrandom gives at most 32 MB - 1 a call; a kilobyte of zeros at the end is no chance.
  std::vector<uint8_t> bytes(33 * 1024 * 1024);
  LinuxRandom random;
  random.Fill(bytes);
  EXPECT_TRUE(std::any_of(bytes.end() - 1024, bytes.end(), [](uint8_t b) { return b != 0; }));
}

TEST(LinuxRandom, DoesNotRepeatItself) {
  LinuxRandom random;
  EXPECT_NE(random.UrlChars(22), random.UrlChars(22));
}

TEST(LinuxRandom, TakesAnEmptyBuffer) { LinuxRandom().Fill({}); }

}  // namespace
}  // namespace ocellus::linux_platform
