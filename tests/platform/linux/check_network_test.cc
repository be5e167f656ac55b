// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/check_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ocellus::linux_platform {
namespace {

using ::testing::HasSubstr;

LoadedConfig ConfigOn(const char* address) {
  LoadedConfig loaded;
  loaded.sources.flags = {{"listen", address, "--listen"},
                          {"state-dir", testing::TempDir(), "--state-dir"}};
  const std::vector<app::RawSetting> layers[] = {loaded.sources.flags};
  loaded.config = *app::MakeConfig(layers);
  return loaded;
}

TEST(CheckNetwork, PrintsWhatItHasFound) {
  testing::internal::CaptureStdout();
  const Status status = CheckNetwork(ConfigOn("127.0.0.1"));
  const std::string report = testing::internal::GetCapturedStdout();
  EXPECT_TRUE(status.ok()) << status.message();
  EXPECT_THAT(report, HasSubstr("127.0.0.1"));
  EXPECT_THAT(report, HasSubstr("Verdict"));
}

TEST(CheckNetwork, AnAddressOfSomebodyElseIsAnError) {
  EXPECT_FALSE(CheckNetwork(ConfigOn("203.0.113.250")).ok());
}

}  // namespace
}  // namespace ocellus::linux_platform
