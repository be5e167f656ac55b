// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/setting_table.h"

#include <gtest/gtest.h>

#include <set>

namespace ocellus::app {
namespace {

TEST(SettingTable, HasEachSettingOnce) {
  std::set<std::string> keys;
  for (const SettingSpec& setting : SettingTable()) {
    EXPECT_TRUE(keys.insert(setting.key).second) << setting.key;
    EXPECT_EQ(FindSettingSpec(setting.key), &setting);
    EXPECT_FALSE(setting.Allowed().empty()) << setting.key;
  }
  EXPECT_EQ(FindSettingSpec("none"), nullptr);
}

// A command line, the environment of a process and the page must not show them.
TEST(SettingTable, KnowsItsSecrets) {
  std::set<std::string> secrets;
  for (const SettingSpec& setting : SettingTable()) {
    if (setting.is_secret()) secrets.insert(setting.key);
  }
  EXPECT_EQ(secrets, (std::set<std::string>{"admin-token", "operator-token", "turn-password",
                                            "turn-secret", "viewer-token"}));
}

TEST(SettingTable, NamesVariables) {
  EXPECT_EQ(EnvironmentNameOf("http-port"), "OCELLUS_HTTP_PORT");
}

}  // namespace
}  // namespace ocellus::app
