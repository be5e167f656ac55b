// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/check_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ocellus::linux_platform {
namespace {

using ::testing::HasSubstr;

app::Config ConfigOn(const char* address) {
  const std::vector<std::vector<app::RawSetting>> no_settings;
  app::Config config = *app::MakeConfig(no_settings);
  config.listen = IpAddress::Parse(address);
  return config;
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
