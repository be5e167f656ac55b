// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/stun/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware/rtc/crypto/digest.h"
#include "firmware/rtc/stun/integrity.h"
#include "firmware/rtc/stun/message_writer.h"
#include "tests/rtc/stun/vectors.h"

namespace ocellus::stun {
namespace {

Message ParseOrDie(const std::vector<uint8_t>& bytes) {
  auto message = Message::Parse(bytes);
  EXPECT_TRUE(message.ok()) << message.status().ToString();
  return *message;
}

Message ParseOrDie(std::vector<uint8_t>&&) = delete;  // A Message borrows.

StatusCode ParseCode(std::string_view hex) { return Message::Parse(FromHex(hex)).status().code(); }

// Checklist 1.
TEST(Message, ReadsTheRequestOfRfc5769) {
  const Vector vector = ReadVector("rfc5769-request.bin");
  const Message message = ParseOrDie(vector.bytes);
  EXPECT_EQ(message.message_class(), MessageClass::kRequest);
  EXPECT_EQ(message.method(), Method::kBinding);
  EXPECT_THAT(message.transaction_id(),
              testing::ElementsAreArray(FromHex("b7e7a701bc34d686fa87dfae")));
  EXPECT_EQ(AsText(message.Find(AttributeType::kSoftware).value()), "STUN test client");
  EXPECT_EQ(AsText(message.Find(AttributeType::kUsername).value()), "evtj:h6vY");
  EXPECT_EQ(message.FindU32(AttributeType::kPriority), 0x6e0001ffu);
  EXPECT_EQ(message.FindU64(AttributeType::kIceControlled), 0x932ff9b151263b36u);
  EXPECT_FALSE(message.Has(AttributeType::kUseCandidate));
  EXPECT_TRUE(message.FingerprintMatches());
  EXPECT_TRUE(message.IntegrityMatches(AsBytes("VOkJxbRl1RmTxUk/WvJxBt")));
  EXPECT_FALSE(message.IntegrityMatches(AsBytes("VOkJxbRl1RmTxUk/WvJxBT")));
}

// Checklist 1.
TEST(Message, ReadsTheResponsesOfRfc5769) {
  const Vector v4 = ReadVector("rfc5769-response-ipv4.bin");
  EXPECT_EQ(ParseOrDie(v4.bytes).message_class(), MessageClass::kSuccess);
  EXPECT_EQ(ParseOrDie(v4.bytes).FindXorAddress(AttributeType::kXorMappedAddress),
            SocketAddress::Parse("192.0.2.1:32853"));
  const Vector v6 = ReadVector("rfc5769-response-ipv6.bin");
  EXPECT_EQ(ParseOrDie(v6.bytes).FindXorAddress(AttributeType::kXorMappedAddress),
            SocketAddress::Parse("[2001:db8:1234:5678:11:2233:4455:6677]:32853"));
}

// Checklist 1. The key is the MD5 that the RFC gives for user, realm and password.
TEST(Message, ReadsTheLongTermRequestOfRfc5769) {
  const Vector vector = ReadVector("rfc5769-request-longterm.bin");
  const Message message = ParseOrDie(vector.bytes);
  EXPECT_EQ(AsText(message.Find(AttributeType::kUsername).value()), vector.username);
  EXPECT_EQ(AsText(message.Find(AttributeType::kRealm).value()), "example.org");
  EXPECT_EQ(AsText(message.Find(AttributeType::kNonce).value()), "f//499k954d6OL34oL9FSTvy64sA");
  EXPECT_FALSE(message.has_fingerprint());
  EXPECT_FALSE(message.FingerprintMatches());
  EXPECT_TRUE(message.IntegrityMatches(vector.key));
}

TEST(Message, ReadsEveryCapturedCheckOfBrowsers) {
  const std::vector<Vector> vectors = ReadVectors();
  ASSERT_GT(vectors.size(), 60u);
  for (const Vector& vector : vectors) {
    SCOPED_TRACE(vector.name);
    const Message message = ParseOrDie(vector.bytes);
    EXPECT_TRUE(message.IntegrityMatches(vector.key));
    EXPECT_EQ(message.FingerprintMatches(), vector.name != "rfc5769-request-longterm.bin");
    EXPECT_EQ(AsText(message.Find(AttributeType::kUsername).value_or(Bytes())), vector.username);
    EXPECT_EQ(message.Has(AttributeType::kXorMappedAddress), vector.message_class == "success");
  }
}

// Checklist 1. A flipped bit of a short-term message breaks the framing, FINGERPRINT or
// MESSAGE-INTEGRITY; of the long-term one, which has no FINGERPRINT, the integrity.
TEST(Message, RejectsEveryFlippedBit) {
  for (const Vector& vector : ReadVectors()) {
    SCOPED_TRACE(vector.name);
    for (size_t bit = 0; bit < vector.bytes.size() * 8; ++bit) {
      std::vector<uint8_t> bytes = vector.bytes;
      bytes[bit / 8] = static_cast<uint8_t>(bytes[bit / 8] ^ 1 << bit % 8);
      const auto message = Message::Parse(bytes);
      if (!message.ok()) continue;
      const bool believed =
          message->has_fingerprint()
              ? message->FingerprintMatches()
              : message->IntegrityMatches(vector.key) &&
                    ParseOrDie(vector.bytes).has_fingerprint() == message->has_fingerprint();
      EXPECT_FALSE(believed) << "bit " << bit;
    }
  }
}

// Checklist 1. What the HMAC covers is safe without the CRC, too.
TEST(Message, IntegrityNoticesEveryFlippedBitBeforeIt) {
  const Vector vector = ReadVector("rfc5769-request.bin");
  for (size_t bit = 0; bit < 100 * 8; ++bit) {
    if (bit / 8 == 2 || bit / 8 == 3) continue;  // The length: HMAC has its own.
    std::vector<uint8_t> bytes = vector.bytes;
    bytes[bit / 8] = static_cast<uint8_t>(bytes[bit / 8] ^ 1 << bit % 8);
    const auto message = Message::Parse(bytes);
    EXPECT_FALSE(message.ok() && message->IntegrityMatches(vector.key)) << "bit " << bit;
  }
}

TEST(Message, EndsEveryTruncation) {
  for (const Vector& vector : ReadVectors()) {
    for (size_t size = 0; size < vector.bytes.size(); ++size) {
      EXPECT_FALSE(Message::Parse(Bytes(vector.bytes).first(size)).ok()) << vector.name << size;
    }
  }
}

// Checklist 13.
TEST(Message, RefusesLengthsThatLie) {
  EXPECT_EQ(ParseCode("000100012112A44200000000000000000000000000"), StatusCode::kMalformed);
  EXPECT_EQ(ParseCode("000100082112A4420000000000000000000000000006FFFF61626364"),
            StatusCode::kTruncated);
  EXPECT_EQ(ParseCode("000100042112A442000000000000000000000000"), StatusCode::kTruncated);
  EXPECT_EQ(ParseCode("000100002112A44200000000000000000000000000000000"), StatusCode::kMalformed);
  // An attribute of 5 bytes whose padding is missing.
  EXPECT_EQ(ParseCode("000100082112A4420000000000000000000000000006000561626364"),
            StatusCode::kTruncated);
}

TEST(Message, RefusesWhatIsNotStun) {
  EXPECT_EQ(ParseCode("800100002112A442000000000000000000000000"), StatusCode::kMalformed);
  EXPECT_EQ(ParseCode("000100002112A443000000000000000000000000"), StatusCode::kMalformed);
  EXPECT_FALSE(Message::LooksLikeStun(FromHex("16fefd000000000000000000")));
  EXPECT_FALSE(Message::LooksLikeStun({}));
  EXPECT_TRUE(Message::LooksLikeStun(FromHex("000100002112A442")));
}

// RFC 8489 section 5 scatters class and method over the type.
TEST(Message, TakesClassAndMethodApart) {
  struct Case {
    const char* type;
    MessageClass message_class;
    unsigned method;
  };
  for (const Case& c :
       {Case{"0001", MessageClass::kRequest, 0x001}, Case{"0011", MessageClass::kIndication, 0x001},
        Case{"0101", MessageClass::kSuccess, 0x001}, Case{"0111", MessageClass::kError, 0x001},
        Case{"0103", MessageClass::kSuccess, 0x003}, Case{"3EEF", MessageClass::kRequest, 0xFFF}}) {
    const auto bytes = FromHex(std::string(c.type) + "00002112A442000000000000000000000000");
    const Message message = ParseOrDie(bytes);
    EXPECT_EQ(message.message_class(), c.message_class) << c.type;
    EXPECT_EQ(static_cast<unsigned>(message.method()), c.method) << c.type;
  }
}

// RFC 8489 section 14.5: what follows MESSAGE-INTEGRITY "MUST be ignored".
TEST(Message, IgnoresAttributesThatNothingProtects) {
  std::string hex = "000100202112A442000000000000000000000000";
  hex += "00080014" + std::string(40, '0');  // MESSAGE-INTEGRITY
  hex += "0024000400000001";                 // PRIORITY
  const auto bytes = FromHex(hex);
  const Message message = ParseOrDie(bytes);
  EXPECT_TRUE(message.has_integrity());
  EXPECT_FALSE(message.Has(AttributeType::kPriority));
  EXPECT_FALSE(message.begin() != message.end());
}

// RFC 8489 section 14.7: "MUST be the last attribute".
TEST(Message, RefusesAttributesAfterTheFingerprint) {
  EXPECT_EQ(ParseCode("000100102112A442000000000000000000000000"
                      "8028000400000000"
                      "0024000400000001"),
            StatusCode::kMalformed);
}

// The request of RFC 8489 appendix B.1, as its verified erratum has it (with PASSWORD-ALGORITHM).
constexpr char kSha256Request[] =
    "000100902112A44278AD3433C6AD72C029DA412E"
    "001E00204A3CF38FEF6992BDA952C6780417DA0F24819415569E60B205C46E41407F1704"
    "001500296F624D61744A6F733241414143662F2F3439396B39353464364F4C33346F4C394653547679363473410000"
    "00"
    "0014000B6578616D706C652E6F726700"
    "001D000400020000"
    "001C0020B5C7BF005B6C52A21C51C5E892F81924136296CB927C43149309278CC6518E65";

// The key is SHA-256 of "user:realm:password" there.
crypto::Sha256Digest Sha256RequestKey() {
  return crypto::Sha256(AsBytes("マトリックス:example.org:TheMatrIX"));
}

// Checklist 1.
TEST(Message, ReadsTheSha256RequestOfRfc8489) {
  const auto bytes = FromHex(kSha256Request);
  const Message message = ParseOrDie(bytes);
  EXPECT_TRUE(message.has_integrity_sha256());
  EXPECT_FALSE(message.has_integrity());
  EXPECT_FALSE(message.Has(AttributeType::kMessageIntegritySha256));
  EXPECT_TRUE(message.IntegritySha256Matches(Sha256RequestKey()));
  EXPECT_FALSE(message.IntegrityMatches(Sha256RequestKey()));
  EXPECT_EQ(AsText(message.Find(AttributeType::kRealm).value()), "example.org");
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    if (bit / 8 == 2 || bit / 8 == 3) continue;  // The length: HMAC has its own.
    auto flipped = bytes;
    flipped[bit / 8] = static_cast<uint8_t>(flipped[bit / 8] ^ 1 << bit % 8);
    const auto other = Message::Parse(flipped);
    EXPECT_FALSE(other.ok() && other->IntegritySha256Matches(Sha256RequestKey())) << "bit " << bit;
  }
}

// RFC 8489 section 14.6: it "can be truncated", and the length in the header counts what is left.
TEST(Message, ReadsASha256TagThatIsCut) {
  auto bytes = FromHex(std::string(kSha256Request).substr(0, 2 * (164 - 16)));
  bytes[3] = 0x80;
  bytes[131] = 16;
  const auto tag = ComputeIntegritySha256(Bytes(bytes).first(128), Sha256RequestKey(), 16);
  std::copy_n(tag.begin(), 16, bytes.begin() + 132);
  EXPECT_TRUE(ParseOrDie(bytes).IntegritySha256Matches(Sha256RequestKey()));
  bytes.back() = static_cast<uint8_t>(bytes.back() ^ 1);
  EXPECT_FALSE(ParseOrDie(bytes).IntegritySha256Matches(Sha256RequestKey()));
}

TEST(Message, RefusesSha256TagsOfAnotherSize) {
  for (const char* size : {"000C", "0012", "0024"}) {
    const unsigned bytes = ParseNumber<unsigned>(size, 16).value();
    const unsigned padded = (bytes + 3) & ~3u;
    const std::string length = padded + 4 == 40 ? "0028" : padded + 4 == 24 ? "0018" : "0010";
    EXPECT_EQ(ParseCode("0001" + length + "2112A442000000000000000000000000" + "001C" + size +
                        std::string(2 * padded, '0')),
              StatusCode::kMalformed)
        << size;
  }
}

// RFC 8489 sections 14.5 and 14.6: of the two, both may be there, and nothing but the fingerprint
// may follow the SHA-256 one.
TEST(Message, ReadsBothKindsOfIntegrity) {
  uint8_t out[256];
  MessageWriter writer(out, {});
  writer.AddU32(AttributeType::kPriority, 1);
  writer.AddIntegrity(AsBytes("key"));
  writer.AddIntegritySha256(AsBytes("key"));
  writer.AddU32(AttributeType::kLifetime, 1);
  writer.AddFingerprint();
  const auto message = Message::Parse(Bytes(out).first(writer.Finish().value()));
  ASSERT_TRUE(message.ok());
  EXPECT_TRUE(message->IntegrityMatches(AsBytes("key")));
  EXPECT_TRUE(message->IntegritySha256Matches(AsBytes("key")));
  EXPECT_TRUE(message->Has(AttributeType::kPriority));
  EXPECT_FALSE(message->Has(AttributeType::kLifetime));
  EXPECT_TRUE(message->FingerprintMatches());
}

TEST(Message, RefusesTagsOfAnotherSize) {
  EXPECT_EQ(ParseCode("000100082112A4420000000000000000000000000008000400000000"),
            StatusCode::kMalformed);
  EXPECT_EQ(ParseCode("0001000C2112A442000000000000000000000000802800080000000000000000"),
            StatusCode::kMalformed);
}

TEST(Message, TakesTheFirstOfRepeatedAttributes) {
  const auto bytes = FromHex(
      "000100102112A442000000000000000000000000"
      "0024000400000001"
      "0024000400000002");
  const Message message = ParseOrDie(bytes);
  EXPECT_EQ(message.FindU32(AttributeType::kPriority), 1u);
}

TEST(Message, HasNoValueWhereTheFormIsWrong) {
  const auto bytes = FromHex(
      "000100242112A442000000000000000000000000"
      "0024000301020300"          // PRIORITY of three bytes
      "00200008000300001020304A"  // an address family that does not exist
      "0009000400000764"          // error class 7
      "802A000400000000");
  const Message message = ParseOrDie(bytes);  // ICE-CONTROLLING of four bytes
  EXPECT_FALSE(message.FindU32(AttributeType::kPriority));
  EXPECT_FALSE(message.FindXorAddress(AttributeType::kXorMappedAddress));
  EXPECT_FALSE(message.FindErrorCode());
  EXPECT_FALSE(message.FindU64(AttributeType::kIceControlling));
}

// RFC 5780 sections 7.3 and 7.4, RFC 8489 section 14.15: these are not exclusive-ored.
TEST(Message, ReadsPlainAddresses) {
  const auto bytes = FromHex(
      "010100242112A4420102030405060708090A0B0C"
      "802B0008000101BBC0000201"
      "802C00140002005020010DB8000000000000000000000001");
  const Message message = ParseOrDie(bytes);
  EXPECT_EQ(message.FindAddress(AttributeType::kResponseOrigin),
            SocketAddress::Parse("192.0.2.1:443"));
  EXPECT_EQ(message.FindAddress(AttributeType::kOtherAddress),
            SocketAddress::Parse("[2001:db8::1]:80"));
  EXPECT_FALSE(message.FindAddress(AttributeType::kAlternateServer));
}

// RFC 8656 section 7.3: an answer may have an IPv4 and an IPv6 XOR-RELAYED-ADDRESS.
TEST(Message, ReadsAttributesThatComeMoreThanOnce) {
  const auto bytes = FromHex(
      "010300242112A4420102030405060708090A0B0C"
      "001600080001E0A9E112A643"
      "00160014000221422106A9FA0102030405060708090A0B0D");
  const Message message = ParseOrDie(bytes);
  std::vector<std::string> relayed;
  for (const Attribute attribute : message) {
    if (attribute.type != AttributeType::kXorRelayedAddress) continue;
    relayed.push_back(message.ReadXorAddress(attribute.value).value().ToString());
  }
  EXPECT_THAT(relayed, testing::ElementsAre("192.0.2.1:49595", "[14:db8::1]:80"));
}

TEST(Message, NamesErrorsAsTheRfcDoes) {
  EXPECT_STREQ(ToString(ErrorCode::kAllocationQuotaReached), "Allocation Quota Reached");
  EXPECT_STREQ(ToString(ErrorCode::kStaleNonce), "Stale Nonce");
  EXPECT_STREQ(ToString(static_cast<ErrorCode>(699)), "");
}

}  // namespace
}  // namespace ocellus::stun
