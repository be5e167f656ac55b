// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/viewer_ice_servers.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/hal/manual_clock.h"

namespace ocellus::app {
namespace {

gathering::Options Options(gathering::Credentials credentials) {
  gathering::Options options;
  options.servers = {*gathering::ServerUrl::Parse("stun:stun.example.net"),
                     *gathering::ServerUrl::Parse("turn:turn.example.net?transport=tcp")};
  options.credentials = std::move(credentials);
  return options;
}

class ViewerIceServersTest : public testing::Test {
 protected:
  hal::ManualClock clock_;
  WallClock wall_clock_ = clock_.Wall();
};

TEST_F(ViewerIceServersTest, AreThoseOfTheCamera) {
  ViewerIceServers servers(Options(gathering::StaticCredentials{"camera", "a password"}),
                           wall_clock_);
  const auto told = servers.ForViewer(clock_.Now());
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].url, "stun:stun.example.net");
  EXPECT_EQ(told[0].username, "");
  EXPECT_EQ(told[0].credential, "");
  EXPECT_EQ(told[1].url, "turn:turn.example.net?transport=tcp");
  EXPECT_EQ(told[1].username, "camera");
  EXPECT_EQ(told[1].credential, "a password");
}

TEST_F(ViewerIceServersTest, ASharedSecretIsNotToldButAUserWhoEndsWithinADay) {
  ViewerIceServers servers(Options(gathering::SharedSecret{"only for servers", "camera"}),
                           wall_clock_);
  const auto told = servers.ForViewer(clock_.Now());
  ASSERT_EQ(told.size(), 2u);
  EXPECT_NE(told[1].username.find(":viewer"), std::string::npos);
  EXPECT_EQ(told[1].credential.find("only for servers"), std::string::npos);
  const auto today =
      std::chrono::duration_cast<std::chrono::seconds>(wall_clock_.ToNtp(clock_.Now()).ToUnix());
  const long long expiry = std::atoll(told[1].username.c_str());
  EXPECT_GE(expiry, today.count() + 12 * 3600);
  EXPECT_LE(expiry, today.count() + 24 * 3600);
}

}  // namespace
}  // namespace ocellus::app
