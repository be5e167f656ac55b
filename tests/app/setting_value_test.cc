// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/setting_value.h"

#include <gtest/gtest.h>

#include "firmware/base/limits.h"

namespace ocellus::app {
namespace {

// Whether `text` is taken for `member`, into `config`.
template <typename T>
bool Takes(std::string_view text, T Config::*member, Config& config, SettingRange range = {}) {
  return ParseSettingValue(text, member, range, config);
}
template <typename T>
bool Takes(std::string_view text, T Config::*member, SettingRange range = {}) {
  Config config;
  return Takes(text, member, config, range);
}

TEST(SettingValue, NumbersKeepToTheirRangeAndStep) {
  const SettingRange range{16, 3840, 2};
  EXPECT_TRUE(Takes("16", &Config::width, range));
  EXPECT_TRUE(Takes("3840", &Config::width, range));
  for (const char* text : {"15", "17", "3842", "", "16x", "-16", "4294967312"}) {
    EXPECT_FALSE(Takes(text, &Config::width, range)) << text;
  }
  EXPECT_EQ(AllowedSettingValues(&Config::width, range), "even numbers from 16 to 3840");
}

TEST(SettingValue, ListsOfAddressesHaveCommasAndSpaces) {
  Config config;
  ASSERT_TRUE(Takes("203.0.113.7, 2001:db8::7", &Config::public_addresses, config));
  ASSERT_EQ(config.public_addresses.size(), 2u);
  EXPECT_EQ(config.public_addresses[1], *IpAddress::Parse("2001:db8::7"));
  // Again: the later value replaces the earlier one.
  ASSERT_TRUE(Takes("192.0.2.1", &Config::public_addresses, config));
  EXPECT_EQ(config.public_addresses.size(), 1u);
  for (const char* text : {"", "192.0.2.1,", ",192.0.2.1", "192.0.2.1 192.0.2.2", "home"}) {
    EXPECT_FALSE(Takes(text, &Config::public_addresses)) << text;
  }
}

TEST(SettingValue, ListsAreNoLongerThanTheLimit) {
  std::string addresses = "192.0.2.1";
  for (size_t i = 1; i < kMaxPublicAddresses; ++i) addresses += ",192.0.2.1";
  EXPECT_TRUE(Takes(addresses, &Config::public_addresses));
  EXPECT_FALSE(Takes(addresses + ",192.0.2.1", &Config::public_addresses));
  std::string servers = "stun:a";
  for (size_t i = 1; i < kMaxStunServers; ++i) servers += ",stun:a";
  EXPECT_TRUE(Takes(servers, &Config::stun_servers));
  EXPECT_FALSE(Takes(servers + ",stun:a", &Config::stun_servers));
}

TEST(SettingValue, StunAndTurnServersAreNotMixedUp) {
  EXPECT_TRUE(Takes("stun:stun.example.net", &Config::stun_servers));
  EXPECT_FALSE(Takes("turn:turn.example.net", &Config::stun_servers));
  EXPECT_TRUE(Takes("turn:turn.example.net?transport=tcp", &Config::turn_servers));
  EXPECT_FALSE(Takes("stun:stun.example.net", &Config::turn_servers));
  EXPECT_FALSE(Takes("http://turn.example.net", &Config::turn_servers));
}

TEST(SettingValue, PolicyIsAllOrRelay) {
  Config config;
  ASSERT_TRUE(Takes("relay", &Config::ice_policy, config));
  EXPECT_EQ(config.ice_policy, gathering::Policy::kRelay);
  ASSERT_TRUE(Takes("all", &Config::ice_policy, config));
  EXPECT_EQ(config.ice_policy, gathering::Policy::kAll);
  EXPECT_FALSE(Takes("Relay", &Config::ice_policy));
}

}  // namespace
}  // namespace ocellus::app
