// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/crypto/digest.h"

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

TEST(Md5, MatchesTheTestSuiteOfRfc1321) {
  EXPECT_EQ(Hex(Md5({})), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(Hex(Md5(AsBytes("message digest"))), "f96b697d7cb7938d525a2f31aaf161d0");
  EXPECT_EQ(Hex(Md5(AsBytes("1234567890123456789012345678901234567890"
                            "1234567890123456789012345678901234567890"))),
            "57edf4a22be3c955ac49da2e2107b67a");
}

// FIPS 180-4's examples, as NIST publishes them.
TEST(Sha256, MatchesTheExamplesOfTheStandard) {
  EXPECT_EQ(Hex(Sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Hex(Sha256(AsBytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace ocellus::crypto
