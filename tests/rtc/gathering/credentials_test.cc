// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/gathering/credentials.h"

#include <gtest/gtest.h>

namespace ocellus::gathering {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

const Time kNow{hours(1)};

WallClock ClockAt(int64_t unix_seconds) { return {kNow, NtpTime::FromUnix(seconds(unix_seconds))}; }

TEST(Credentials, MayBeNone) {
  const auto login = MakeLogin(std::monostate(), std::nullopt, kNow);
  ASSERT_TRUE(login);
  EXPECT_EQ(login->username, "");
  EXPECT_EQ(login->renew, kNever);
}

TEST(Credentials, StaticOnesAreAsTheyAre) {
  const auto login = MakeLogin(StaticCredentials{"camera", "a password"}, std::nullopt, kNow);
  ASSERT_TRUE(login);
  EXPECT_EQ(login->username, "camera");
  EXPECT_EQ(login->password, "a password");
  EXPECT_EQ(login->renew, kNever);
}

TEST(Credentials, ASharedSecretNeedsTheTimeOfDay) {
  const SharedSecret secret{"north", "camera", hours(1)};
  EXPECT_FALSE(MakeLogin(secret, std::nullopt, kNow));
  const auto login = MakeLogin(secret, ClockAt(1'700'000'000), kNow);
  ASSERT_TRUE(login);
  // 1,700,000,000 is 472,222 hours and 800 s.
  EXPECT_EQ(login->username, std::to_string(472'224 * 3600) + ":camera");
  EXPECT_EQ(login->password.size(), 28u);  // base64 of 20 bytes.
}

TEST(Credentials, LastOneToTwoLifetimesAndAreRenewedHalfALifetimeBefore) {
  const SharedSecret secret{"north", "camera", hours(1)};
  for (const int64_t today : {472'222 * 3600, 472'222 * 3600 + 1800, 472'222 * 3600 + 3599}) {
    const auto login = MakeLogin(secret, ClockAt(today), kNow);
    const int64_t expires = std::stoll(login->username);
    EXPECT_GT(expires - today, 3600);
    EXPECT_LE(expires - today, 7200);
    EXPECT_EQ(login->renew, kNow + seconds(expires - today - 1800));
    // What is made then is another user.
    const auto next = MakeLogin(secret, ClockAt(today), login->renew);
    EXPECT_NE(next->username, login->username);
  }
}

TEST(Credentials, ARestartedCameraIsTheSameUser) {
  const SharedSecret secret{"north", "camera", hours(24)};
  const auto before = MakeLogin(secret, ClockAt(1'700'000'000), kNow);
  const auto after = MakeLogin(secret, ClockAt(1'700'000'030), kNow);
  EXPECT_EQ(before->username, after->username);
  EXPECT_EQ(before->password, after->password);
}

}  // namespace
}  // namespace ocellus::gathering
