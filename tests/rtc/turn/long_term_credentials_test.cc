// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/turn/long_term_credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware/base/limits.h"
#include "firmware/rtc/stun/integrity.h"
#include "tests/rtc/stun/vectors.h"

namespace ocellus::turn {
namespace {

using stun::AttributeType;
using stun::ErrorCode;
using stun::Message;
using stun::MessageWriter;
using Buffer = std::vector<uint8_t>;

// RFC 8489 section 18.1: bit 0 is PASSWORD-ALGORITHMS, bit 1 user name anonymity.
constexpr char kPlainNonce[] = "f//499k954d6OL34oL9FSTvy64sA";
constexpr char kCookieWithoutFeatures[] = "obMatJos2AAAAf//499k954d6";
constexpr char kCookieWithAlgorithms[] = "obMatJos2gAAAf//499k954d6";
constexpr char kCookieWithBoth[] = "obMatJos2wAAAf//499k954d6";

constexpr uint8_t kMd5AndSha256[] = {0, 1, 0, 0, 0, 2, 0, 0};
constexpr uint8_t kSha256AndMd5[] = {0, 2, 0, 0, 0, 1, 0, 0};
constexpr uint8_t kSha256Only[] = {0, 2, 0, 0};
// One with five bytes of parameters, that nobody knows.
constexpr uint8_t kUnknownOnly[] = {0, 9, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0};
constexpr uint8_t kUnknownAndSha256[] = {0, 9, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0, 0, 2, 0, 0};

struct Says {
  std::string realm = "example.org";
  std::string nonce = kPlainNonce;
  Bytes algorithms = {};
};

Buffer Challenge(ErrorCode code, const Says& says) {
  Buffer bytes(4096);
  MessageWriter writer(bytes, {stun::MessageClass::kError, stun::Method::kAllocate, {}});
  writer.AddErrorCode(code);
  if (!says.realm.empty()) writer.AddText(AttributeType::kRealm, says.realm);
  if (!says.nonce.empty()) writer.AddText(AttributeType::kNonce, says.nonce);
  if (!says.algorithms.empty()) writer.Add(AttributeType::kPasswordAlgorithms, says.algorithms);
  bytes.resize(writer.Finish().value());
  return bytes;
}

Status Hear(LongTermCredentials& credentials, const Says& says,
            ErrorCode code = ErrorCode::kUnauthenticated) {
  const Buffer bytes = Challenge(code, says);
  return credentials.HandleChallenge(*Message::Parse(bytes), code);
}

Buffer Signed(const LongTermCredentials& credentials, stun::Header header = {}) {
  Buffer bytes(1024);
  MessageWriter writer(bytes, header);
  credentials.Sign(writer);
  bytes.resize(writer.Finish().value());
  return bytes;
}

// The server has the same credentials, and signs its answers as we sign our requests.
bool BelievesAnswerOf(LongTermCredentials& credentials, const LongTermCredentials& server) {
  const Buffer answer = Signed(server, {stun::MessageClass::kSuccess, stun::Method::kRefresh, {}});
  return credentials.Authenticate(*Message::Parse(answer));
}

TEST(LongTermCredentials, SaysNothingBeforeItIsAsked) {
  const LongTermCredentials credentials("user", "pass");
  EXPECT_FALSE(credentials.challenged());
  EXPECT_EQ(Signed(credentials).size(), stun::kHeaderSize);
}

// Checklist 1. The key of RFC 5769 section 2.4 is MD5("user:realm:password").
TEST(LongTermCredentials, SignsAsRfc5769Does) {
  const stun::Vector vector = stun::ReadVector("rfc5769-request-longterm.bin");
  LongTermCredentials credentials(vector.username, "TheMatrIX");
  ASSERT_TRUE(Hear(credentials, {}).ok());
  EXPECT_TRUE(credentials.Authenticate(*Message::Parse(vector.bytes)));

  const Buffer request = Signed(credentials);
  const auto message = Message::Parse(request);
  EXPECT_EQ(AsText(message->Find(AttributeType::kUsername).value()), vector.username);
  EXPECT_EQ(AsText(message->Find(AttributeType::kRealm).value()), "example.org");
  EXPECT_EQ(AsText(message->Find(AttributeType::kNonce).value()), kPlainNonce);
  EXPECT_TRUE(message->IntegrityMatches(vector.key));
  EXPECT_FALSE(message->has_integrity_sha256());
}

// RFC 8489 section 9.2.5: the user name is hidden, the first algorithm that we know is taken, the
// list is sent back, and there is MESSAGE-INTEGRITY-SHA256 only. USERHASH and key are those of
// appendix B.1.
TEST(LongTermCredentials, UsesWhatANewServerOffers) {
  LongTermCredentials credentials("マトリックス", "TheMatrIX");
  ASSERT_TRUE(Hear(credentials, {"example.org", kCookieWithBoth, kSha256AndMd5}).ok());
  const Buffer request = Signed(credentials);
  const auto message = Message::Parse(request);
  EXPECT_FALSE(message->Has(AttributeType::kUsername));
  EXPECT_TRUE(
      message->Find(AttributeType::kUserhash).value() ==
      Bytes(stun::FromHex("4A3CF38FEF6992BDA952C6780417DA0F24819415569E60B205C46E41407F1704")));
  EXPECT_TRUE(message->Find(AttributeType::kPasswordAlgorithms).value() == Bytes(kSha256AndMd5));
  EXPECT_EQ(message->FindU32(AttributeType::kPasswordAlgorithm), 0x00020000u);
  EXPECT_FALSE(message->has_integrity());
  EXPECT_TRUE(message->IntegritySha256Matches(
      crypto::Sha256(AsBytes("マトリックス:example.org:TheMatrIX"))));
}

TEST(LongTermCredentials, TakesTheFirstAlgorithmThatItKnows) {
  const std::pair<Bytes, uint32_t> cases[] = {
      {kMd5AndSha256, 0x00010000u}, {kSha256Only, 0x00020000u}, {kUnknownAndSha256, 0x00020000u}};
  for (const auto& [algorithms, chosen] : cases) {
    LongTermCredentials credentials("user", "pass");
    ASSERT_TRUE(Hear(credentials, {"example.org", kCookieWithAlgorithms, algorithms}).ok());
    const Buffer request = Signed(credentials);
    EXPECT_EQ(Message::Parse(request)->FindU32(AttributeType::kPasswordAlgorithm), chosen);
    EXPECT_TRUE(Message::Parse(request)->Has(AttributeType::kUsername));
  }
}

// RFC 8489 section 9.2.5: "the client MUST NOT retry the request".
TEST(LongTermCredentials, GivesUpWithoutAnAlgorithmThatItKnows) {
  LongTermCredentials credentials("user", "pass");
  const Says says{"example.org", kCookieWithAlgorithms, kUnknownOnly};
  EXPECT_EQ(Hear(credentials, says).code(), StatusCode::kUnsupported);
  constexpr uint8_t kCut[] = {0, 9, 0, 200};
  EXPECT_EQ(Hear(credentials, {"example.org", kCookieWithAlgorithms, kCut}).code(),
            StatusCode::kUnsupported);
  EXPECT_FALSE(credentials.challenged());
}

// RFC 8489 section 9.2.5: the nonce says that there is PASSWORD-ALGORITHMS, and there is not.
TEST(LongTermCredentials, NoticesBidDown) {
  LongTermCredentials credentials("user", "pass");
  EXPECT_EQ(Hear(credentials, {"example.org", kCookieWithAlgorithms}).code(),
            StatusCode::kUnsupported);
  EXPECT_TRUE(Hear(credentials, {"example.org", kCookieWithoutFeatures}).ok());
  EXPECT_FALSE(Message::Parse(Signed(credentials)).value().has_integrity_sha256());
}

// RFC 8489 section 9.2.5: such a response "MUST be ignored".
TEST(LongTermCredentials, NoticesBidDownInOtherAnswers) {
  LongTermCredentials credentials("user", "pass");
  ASSERT_TRUE(Hear(credentials, {}).ok());
  Buffer answer(256);
  MessageWriter writer(answer, {stun::MessageClass::kSuccess, stun::Method::kRefresh, {}});
  writer.AddText(AttributeType::kNonce, kCookieWithAlgorithms);
  writer.AddIntegrity(crypto::Md5(AsBytes("user:example.org:pass")));
  answer.resize(writer.Finish().value());
  EXPECT_FALSE(credentials.Authenticate(*Message::Parse(answer)));
}

TEST(LongTermCredentials, BelievesOnlyWhoKnowsThePassword) {
  LongTermCredentials credentials("user", "pass");
  LongTermCredentials server("user", "pass");
  LongTermCredentials stranger("user", "other");
  ASSERT_TRUE(Hear(credentials, {}).ok());
  EXPECT_FALSE(BelievesAnswerOf(credentials, server)) << "nothing is signed";
  ASSERT_TRUE(Hear(server, {}).ok());
  ASSERT_TRUE(Hear(stranger, {}).ok());
  EXPECT_TRUE(BelievesAnswerOf(credentials, server));
  EXPECT_FALSE(BelievesAnswerOf(credentials, stranger));
}

// RFC 8489 section 9.2.5: an answer is signed as the request was.
TEST(LongTermCredentials, BelievesNoWeakerIntegrityThanItsOwn) {
  LongTermCredentials credentials("user", "pass");
  LongTermCredentials weak("user", "pass");
  LongTermCredentials strong("user", "pass");
  const Says md5_of_two{"example.org", kCookieWithAlgorithms, kMd5AndSha256};
  ASSERT_TRUE(Hear(credentials, md5_of_two).ok());
  ASSERT_TRUE(Hear(strong, md5_of_two).ok());
  ASSERT_TRUE(Hear(weak, {"example.org", kPlainNonce}).ok());
  EXPECT_FALSE(BelievesAnswerOf(credentials, weak)) << "the same key, but SHA-1";
  EXPECT_TRUE(BelievesAnswerOf(credentials, strong));
}

// RFC 8489 section 9.2.5: "The client MUST NOT perform this retry if it is not changing [...]".
TEST(LongTermCredentials, KnowsThatThePasswordIsWrong) {
  LongTermCredentials credentials("user", "pass");
  ASSERT_TRUE(Hear(credentials, {}).ok());
  EXPECT_EQ(Hear(credentials, {"example.org", "another nonce"}).code(),
            StatusCode::kPermissionDenied);
  EXPECT_TRUE(Hear(credentials, {"another.org", "another nonce"}).ok());
  EXPECT_TRUE(Hear(credentials, {"another.org", "a third"}, ErrorCode::kStaleNonce).ok());
}

// Somebody who has shown our key to us stays who it is; a forger's realm or algorithms are refused,
// its nonce costs one more round trip.
TEST(LongTermCredentials, IsNotTakenOverByAForger) {
  LongTermCredentials credentials("user", "pass");
  LongTermCredentials server("user", "pass");
  ASSERT_TRUE(Hear(credentials, {}).ok());
  ASSERT_TRUE(Hear(server, {}).ok());
  ASSERT_TRUE(BelievesAnswerOf(credentials, server));

  for (const ErrorCode code : {ErrorCode::kUnauthenticated, ErrorCode::kStaleNonce}) {
    EXPECT_FALSE(Hear(credentials, {"evil.org", "n"}, code).ok());
    EXPECT_FALSE(Hear(credentials, {"example.org", "n", kSha256Only}, code).ok());
    EXPECT_FALSE(Hear(credentials, {"example.org", ""}, code).ok());
    EXPECT_TRUE(Hear(credentials, {"example.org", "n"}, code).ok());
    EXPECT_TRUE(Hear(credentials, {"", "n"}, code).ok()) << "438 without a realm is the same one's";
    EXPECT_TRUE(BelievesAnswerOf(credentials, server));
  }
}

// The key would be the same, but the integrity would be made with SHA-1 from then on.
TEST(LongTermCredentials, IsNotTalkedIntoAWeakerIntegrity) {
  LongTermCredentials credentials("user", "pass");
  LongTermCredentials server("user", "pass");
  const Says strong{"example.org", kCookieWithAlgorithms, kMd5AndSha256};
  ASSERT_TRUE(Hear(credentials, strong).ok());
  ASSERT_TRUE(Hear(server, strong).ok());
  ASSERT_TRUE(BelievesAnswerOf(credentials, server));
  EXPECT_FALSE(Hear(credentials, {"example.org", kPlainNonce}, ErrorCode::kStaleNonce).ok());
  EXPECT_TRUE(Hear(credentials, strong, ErrorCode::kStaleNonce).ok());
}

TEST(LongTermCredentials, RefusesChallengesWithoutRealmOrNonce) {
  LongTermCredentials credentials("user", "pass");
  EXPECT_EQ(Hear(credentials, {"", "nonce"}).code(), StatusCode::kMalformed);
  EXPECT_EQ(Hear(credentials, {"realm", ""}).code(), StatusCode::kMalformed);
  const std::string longest(kMaxStunTextSize, 'x');
  EXPECT_EQ(Hear(credentials, {"realm", longest + "x"}).code(), StatusCode::kMalformed);
  EXPECT_EQ(Hear(credentials, {longest + "x", "nonce"}).code(), StatusCode::kMalformed);
  EXPECT_TRUE(Hear(credentials, {longest, longest}).ok());
}

}  // namespace
}  // namespace ocellus::turn
