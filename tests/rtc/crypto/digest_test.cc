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

TEST(Sha256Hasher, MatchesTheExamplesOfTheStandard) {
  Sha256Hasher two_blocks;
  two_blocks.Update(AsBytes("abcdbcdecdefdefgefghfghighij"));
  two_blocks.Update(AsBytes("hijkijkljklmklmnlmnomnopnopq"));
  EXPECT_EQ(ToHex(two_blocks.Finish()),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  Sha256Hasher a_million;
  for (int i = 0; i < 1000; ++i) a_million.Update(AsBytes(std::string(1000, 'a')));
  EXPECT_EQ(ToHex(a_million.Finish()),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256Hasher, DoesNotCareHowItsInputIsCut) {
  std::string message;
  for (int i = 0; i < 300; ++i) message += static_cast<char>(i * 7);
  const Sha256Digest whole = Sha256(AsBytes(message));
  for (size_t piece = 1; piece <= message.size(); ++piece) {
    Sha256Hasher hasher;
    hasher.Update({});
    for (size_t at = 0; at < message.size(); at += piece) {
      hasher.Update(AsBytes(std::string_view(message).substr(at, piece)));
    }
    EXPECT_EQ(hasher.Finish(), whole) << "pieces of " << piece;
  }
  EXPECT_EQ(Sha256Hasher().Finish(), Sha256({}));
}

TEST(Sha256Digest, IsReadAsItIsWritten) {
  const Sha256Digest digest = Sha256(AsBytes("abc"));
  EXPECT_EQ(ParseSha256(ToHex(digest)), digest);
  EXPECT_EQ(ParseSha256("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"),
            digest);
  EXPECT_FALSE(ParseSha256(""));
  EXPECT_FALSE(ParseSha256(ToHex(digest).substr(1)));
  EXPECT_FALSE(ParseSha256(ToHex(digest) + "0"));
  EXPECT_FALSE(ParseSha256(std::string(63, '0') + "g"));
}

}  // namespace
}  // namespace ocellus::crypto
