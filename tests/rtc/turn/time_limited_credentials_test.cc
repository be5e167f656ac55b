// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/turn/time_limited_credentials.h"

#include <gtest/gtest.h>

namespace ocellus::turn {
namespace {

// The password by OpenSSL: printf 1433895918:viewer | openssl dgst -sha1 -hmac north -binary |
// base64
TEST(TimeLimitedCredentials, AreThoseThatCoturnMakes) {
  const TimeLimitedCredentials credentials =
      MakeTimeLimitedCredentials("north", 1433895918, "viewer");
  EXPECT_EQ(credentials.username, "1433895918:viewer");
  EXPECT_EQ(credentials.password, "kSveLHtHMpq3z2TmTh8v/zqtCoM=");
}

TEST(TimeLimitedCredentials, NeedNoName) {
  EXPECT_EQ(MakeTimeLimitedCredentials("north", 1433895918, "").username, "1433895918");
}

TEST(TimeLimitedCredentials, LastBeyond2038) {
  EXPECT_EQ(MakeTimeLimitedCredentials("north", 4102444800, "x").username, "4102444800:x");
}

}  // namespace
}  // namespace ocellus::turn
