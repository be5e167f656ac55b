// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/crypto/fingerprint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ocellus::crypto {
namespace {

// From a browser's SDP.
constexpr char kText[] =
    "sha-256 "
    "19:E2:1C:3B:4B:9F:81:E6:B8:5C:F4:A5:A8:D8:73:04:BB:05:2F:70:9F:04:A9:0E:05:E9:26:33:E8:"
    "70:88:A2";

StatusCode ParseCode(const std::string& text) { return Fingerprint::Parse(text).status().code(); }

TEST(Fingerprint, ParsesAndWritesTheSdpForm) {
  const Result<Fingerprint> fingerprint = Fingerprint::Parse(kText);
  ASSERT_TRUE(fingerprint.ok());
  EXPECT_EQ(fingerprint->algorithm, HashAlgorithm::kSha256);
  ASSERT_EQ(fingerprint->bytes.size(), 32u);
  EXPECT_EQ(fingerprint->bytes.front(), 0x19);
  EXPECT_EQ(fingerprint->bytes.back(), 0xa2);
  EXPECT_EQ(fingerprint->ToString(), kText);
}

// RFC 8122 section 5 has upper case; some peers write lower case.
TEST(Fingerprint, ParsesEitherCase) {
  std::string lower = kText;
  for (char& c : lower) c = static_cast<char>(std::tolower(c));
  std::string upper = kText;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  EXPECT_EQ(*Fingerprint::Parse(lower), *Fingerprint::Parse(kText));
  EXPECT_EQ(*Fingerprint::Parse(upper), *Fingerprint::Parse(kText));
}

TEST(Fingerprint, RefusesWhatIsNotOne) {
  const std::string text = kText;
  EXPECT_EQ(ParseCode(""), StatusCode::kUnsupported);
  EXPECT_EQ(ParseCode("md5 00:11"), StatusCode::kUnsupported);
  EXPECT_EQ(ParseCode("sha-256"), StatusCode::kMalformed);
  EXPECT_EQ(ParseCode("sha-256 "), StatusCode::kMalformed);
  EXPECT_EQ(ParseCode(text.substr(0, text.size() - 1)), StatusCode::kMalformed);
  EXPECT_EQ(ParseCode(text.substr(0, text.size() - 3)), StatusCode::kMalformed);
  EXPECT_EQ(ParseCode(text + ":00"), StatusCode::kMalformed);
  EXPECT_EQ(ParseCode(text + " "), StatusCode::kMalformed);
  for (size_t i = 8; i < text.size(); ++i) {
    std::string wrong = text;
    wrong[i] = 'x';
    EXPECT_EQ(ParseCode(wrong), StatusCode::kMalformed) << i;
  }
}

TEST(Fingerprint, ParsesEveryHashAndKnowsThatSha1IsWeak) {
  const auto text_of = [](const std::string& hash, size_t size) {
    std::string text = hash + " 00";
    for (size_t i = 1; i < size; ++i) text += ":00";
    return text;
  };
  EXPECT_FALSE(Fingerprint::Parse(text_of("sha-1", 20))->is_strong());
  EXPECT_TRUE(Fingerprint::Parse(text_of("sha-256", 32))->is_strong());
  EXPECT_TRUE(Fingerprint::Parse(text_of("sha-384", 48))->is_strong());
  EXPECT_TRUE(Fingerprint::Parse(text_of("sha-512", 64))->is_strong());
  EXPECT_EQ(ParseCode(text_of("sha-512", 32)), StatusCode::kMalformed);
}

// FIPS 180-2 appendix B.1: the digest of "abc".
TEST(Fingerprint, IsTheHashOfTheCertificate) {
  EXPECT_EQ(Fingerprint::Of(AsBytes("abc"), HashAlgorithm::kSha256).ToString(),
            "sha-256 BA:78:16:BF:8F:01:CF:EA:41:41:40:DE:5D:AE:22:23:B0:03:61:A3:96:17:7A:9C:B4:10:"
            "FF:61:F2:00:15:AD");
}

// Checklist 18. RFC 8122 section 5.
TEST(MatchesAnyFingerprint, LooksAtTheStrongestHashOnly) {
  const Bytes der = AsBytes("certificate");
  const auto right = [&](HashAlgorithm algorithm) { return Fingerprint::Of(der, algorithm); };
  const auto wrong = [](HashAlgorithm algorithm) {
    return Fingerprint::Of(AsBytes("other"), algorithm);
  };
  constexpr auto kSha256 = HashAlgorithm::kSha256;
  constexpr auto kSha512 = HashAlgorithm::kSha512;
  EXPECT_TRUE(MatchesAnyFingerprint({right(kSha256)}, der));
  EXPECT_TRUE(MatchesAnyFingerprint({wrong(kSha256), right(kSha256)}, der));
  EXPECT_TRUE(MatchesAnyFingerprint({wrong(kSha256), right(kSha512)}, der));
  EXPECT_FALSE(MatchesAnyFingerprint({right(kSha256), wrong(kSha512)}, der));
  EXPECT_FALSE(MatchesAnyFingerprint({wrong(kSha256)}, der));
  EXPECT_FALSE(MatchesAnyFingerprint({}, der));

  Fingerprint sha1;
  sha1.algorithm = HashAlgorithm::kSha1;
  sha1.bytes.resize(20);
  EXPECT_FALSE(MatchesAnyFingerprint({sha1}, der));
  EXPECT_TRUE(MatchesAnyFingerprint({sha1, right(kSha256)}, der));
}

}  // namespace
}  // namespace ocellus::crypto
