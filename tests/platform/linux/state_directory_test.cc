// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/state_directory.h"

#include <gtest/gtest.h>

#include <map>

namespace ocellus::linux_platform {
namespace {

std::string Find(std::map<std::string, std::string> variables,
                 std::optional<std::string> configured = std::nullopt) {
  return FindStateDirectory(configured, [&](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional<std::string>(found->second);
  });
}

TEST(StateDirectory, TakesTheFirstThatIsSet) {
  const std::map<std::string, std::string> all = {{"STATE_DIRECTORY", "/var/lib/unit"},
                                                  {"XDG_STATE_HOME", "/home/me/state"},
                                                  {"HOME", "/home/me"}};
  EXPECT_EQ(Find(all, "/tmp/mine"), "/tmp/mine");
  EXPECT_EQ(Find(all), "/var/lib/unit");
  EXPECT_EQ(Find({{"XDG_STATE_HOME", "/home/me/state"}, {"HOME", "/home/me"}}),
            "/home/me/state/ocellus");
  EXPECT_EQ(Find({{"HOME", "/home/me"}}), "/home/me/.local/state/ocellus");
  EXPECT_EQ(Find({}), "/var/lib/ocellus");
}

TEST(StateDirectory, TakesTheFirstOfSystemdsList) {
  EXPECT_EQ(Find({{"STATE_DIRECTORY", "/var/lib/a:/var/lib/b"}}), "/var/lib/a");
}

TEST(StateDirectory, IgnoresEmptyAndRelativeVariables) {
  EXPECT_EQ(Find({{"STATE_DIRECTORY", ""}, {"XDG_STATE_HOME", "state"}, {"HOME", ""}}),
            "/var/lib/ocellus");
}

}  // namespace
}  // namespace ocellus::linux_platform
