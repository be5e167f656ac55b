// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/srtp/profile.h"

#include <gtest/gtest.h>

namespace ocellus::srtp {
namespace {

// RFC 5764 section 4.1.2 and RFC 7714 section 14.2.
TEST(Profile, HasItsNumberAndName) {
  EXPECT_EQ(static_cast<uint16_t>(Profile::kAes128CmHmacSha1_80), 0x0001);
  EXPECT_EQ(static_cast<uint16_t>(Profile::kAeadAes128Gcm), 0x0007);
  EXPECT_STREQ(ToString(Profile::kAes128CmHmacSha1_80), "AES_CM_128_HMAC_SHA1_80");
  EXPECT_STREQ(ToString(Profile::kAeadAes128Gcm), "AEAD_AES_128_GCM");
}

// RFC 3711 section 8.2: a 112-bit salt; RFC 7714 section 12: a 96-bit one.
TEST(Profile, HasItsSalt) {
  EXPECT_EQ(MasterSaltSize(Profile::kAes128CmHmacSha1_80), 14u);
  EXPECT_EQ(MasterSaltSize(Profile::kAeadAes128Gcm), 12u);
}

}  // namespace
}  // namespace ocellus::srtp
