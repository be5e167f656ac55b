// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/crypto/hmac.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace ocellus::crypto {
namespace {

std::string Hex(Bytes bytes) {
  std::string text;
  for (const uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

std::string Hmac(const std::string& key, const std::string& message) {
  return Hex(HmacSha1(AsBytes(key), AsBytes(message)));
}

// RFC 2202 section 3, test cases 1 to 7 for HMAC-SHA-1.
TEST(HmacSha1, MatchesRfc2202) {
  std::string counting_key;
  for (char c = 1; c <= 25; ++c) counting_key += c;

  EXPECT_EQ(Hmac(std::string(20, '\x0b'), "Hi There"), "b617318655057264e28bc0b6fb378c8ef146be00");
  EXPECT_EQ(Hmac("Jefe", "what do ya want for nothing?"),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(Hmac(std::string(20, '\xaa'), std::string(50, '\xdd')),
            "125d7342b9ac11cd91a39af48aa17b4f63f175d3");
  EXPECT_EQ(Hmac(counting_key, std::string(50, '\xcd')),
            "4c9007f4026250c6bc8414f9bf50c86c2d7235da");
  EXPECT_EQ(Hmac(std::string(20, '\x0c'), "Test With Truncation"),
            "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04");
  EXPECT_EQ(Hmac(std::string(80, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
            "aa4ae5e15272d00e95705637ce8a3b55ed402112");
  EXPECT_EQ(Hmac(std::string(80, '\xaa'),
                 "Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data"),
            "e8e99d0f45237d786d6bbaa7965c7808bbff1a91");
}

TEST(HmacSha1, SignsTheTwoPartsAsOneMessage) {
  const std::string message =
      "a message that is longer than one block of sixty-four bytes of SHA-1";
  const Sha1Digest whole = HmacSha1(AsBytes("key"), AsBytes(message));
  for (size_t split = 0; split <= message.size(); ++split) {
    const Bytes bytes = AsBytes(message);
    EXPECT_EQ(HmacSha1(AsBytes("key"), bytes.first(split), bytes.subspan(split)), whole) << split;
  }
}

TEST(HmacSha1, TakesAnEmptyKeyAndMessage) {
  EXPECT_EQ(Hex(HmacSha1({}, {})), "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
}

// RFC 4231 sections 4.3 and 4.7: test cases 2 and 6.
TEST(HmacSha256, MatchesRfc4231) {
  EXPECT_EQ(Hex(HmacSha256(AsBytes("Jefe"), AsBytes("what do ya want "), AsBytes("for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(Hex(HmacSha256(AsBytes(std::string(131, '\xaa')),
                           AsBytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

}  // namespace
}  // namespace ocellus::crypto
