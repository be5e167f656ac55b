// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/network_parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/linux/clock.h"

namespace ocellus::linux_platform {
namespace {

using ::testing::HasSubstr;

class NetworkPartsTest : public testing::Test {
 protected:
  NetworkPartsTest() {
    const std::vector<std::vector<app::RawSetting>> no_settings;
    config_ = *app::MakeConfig(no_settings);
    config_.listen = IpAddress::Parse("127.0.0.1");
  }

  Result<NetworkParts> Open() { return OpenNetwork(config_, 0, clock_, **loop_); }

  const LinuxClock clock_;
  const Result<std::unique_ptr<EventLoop>> loop_ = EventLoop::Open();
  app::Config config_;
};

TEST_F(NetworkPartsTest, OneNumberIsThePortOfUdpAndTcp) {
  const auto parts = Open();
  ASSERT_TRUE(parts.ok()) << parts.status().message();
  EXPECT_NE(parts->udp->port(), 0);
  EXPECT_EQ(parts->tcp->port(), parts->udp->port());
  EXPECT_EQ(parts->trust, nullptr);
}

TEST_F(NetworkPartsTest, TcpIsClosedWhereNobodyNeedsIt) {
  config_.ice_tcp = false;
  EXPECT_EQ(Open()->tcp->port(), 0);
  config_.ice_tcp = true;
  config_.ice_policy = gathering::Policy::kRelay;
  EXPECT_EQ(Open()->tcp->port(), 0);
}

TEST_F(NetworkPartsTest, AuthoritiesAreReadOnlyForServersThatNeedThem) {
  config_.ca_file = "/nowhere/authorities.pem";
  config_.turn_servers.push_back(*gathering::ServerUrl::Parse("turn:turn.example.net"));
  EXPECT_TRUE(Open().ok());
  config_.turn_servers.push_back(*gathering::ServerUrl::Parse("turns:turn.example.net"));
  const auto parts = Open();
  ASSERT_FALSE(parts.ok());
  EXPECT_THAT(parts.status().message(), HasSubstr("/nowhere/authorities.pem"));
}

TEST_F(NetworkPartsTest, ServersAndCredentialsAreThoseOfTheConfiguration) {
  config_.stun_servers.push_back(*gathering::ServerUrl::Parse("stun:a"));
  config_.turn_servers.push_back(*gathering::ServerUrl::Parse("turn:b"));
  config_.turn_username = "garden";
  config_.turn_password = app::Secret{"a password"};
  gathering::Options options = GatheringOptionsOf(config_);
  ASSERT_EQ(options.servers.size(), 2u);
  EXPECT_EQ(options.servers[0].host, "a");
  EXPECT_EQ(options.servers[1].host, "b");
  const auto* user = std::get_if<gathering::StaticCredentials>(&options.credentials);
  ASSERT_NE(user, nullptr);
  EXPECT_EQ(user->username, "garden");
  EXPECT_EQ(user->password, "a password");

  config_.turn_password.reset();
  config_.turn_secret = app::Secret{"a secret"};
  options = GatheringOptionsOf(config_);
  const auto* shared = std::get_if<gathering::SharedSecret>(&options.credentials);
  ASSERT_NE(shared, nullptr);
  EXPECT_EQ(shared->secret, "a secret");
  EXPECT_EQ(shared->name, "garden");
}

}  // namespace
}  // namespace ocellus::linux_platform
