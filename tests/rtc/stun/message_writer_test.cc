// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/stun/message_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rtc/stun/vectors.h"

namespace ocellus::stun {
namespace {

constexpr TransactionId kId = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

TEST(MessageWriter, WritesWhatMessageReads) {
  uint8_t out[512];
  MessageWriter writer(out, {MessageClass::kRequest, Method::kBinding, kId});
  writer.AddJoinedText(AttributeType::kUsername, "their", ':', "ours+/");
  writer.AddFlag(AttributeType::kUseCandidate);
  writer.AddU32(AttributeType::kPriority, 0x6e0001ff);
  writer.AddU64(AttributeType::kIceControlling, 0x0102030405060708);
  writer.AddText(AttributeType::kSoftware, "x");
  writer.AddIntegrity(AsBytes("password"));
  writer.AddFingerprint();
  const auto size = writer.Finish();
  ASSERT_TRUE(size);
  EXPECT_EQ(*size % 4, 0u);

  const auto message = Message::Parse(Bytes(out).first(*size));
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(message->message_class(), MessageClass::kRequest);
  EXPECT_EQ(message->transaction_id(), kId);
  EXPECT_EQ(AsText(message->Find(AttributeType::kUsername).value()), "their:ours+/");
  EXPECT_TRUE(message->Has(AttributeType::kUseCandidate));
  EXPECT_EQ(message->FindU32(AttributeType::kPriority), 0x6e0001ffu);
  EXPECT_EQ(message->FindU64(AttributeType::kIceControlling), 0x0102030405060708u);
  EXPECT_EQ(AsText(message->Find(AttributeType::kSoftware).value()), "x");
  EXPECT_TRUE(message->IntegrityMatches(AsBytes("password")));
  EXPECT_TRUE(message->FingerprintMatches());
}

TEST(MessageWriter, TakesAValueWhereItStands) {
  uint8_t out[64];
  std::memset(out, 0xEE, sizeof(out));
  std::memcpy(out + kHeaderSize + kAttributeHeaderSize, "hello", 5);
  MessageWriter writer(out, {MessageClass::kIndication, Method::kSend, kId});
  writer.AddInPlace(AttributeType::kData, 5);
  const auto size = writer.Finish();
  EXPECT_EQ(size, kHeaderSize + kAttributeHeaderSize + 8);
  const auto message = Message::Parse(Bytes(out).first(*size));
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(AsText(message->Find(AttributeType::kData).value()), "hello");
  EXPECT_EQ(out[*size - 1], 0) << "padding";
}

TEST(MessageWriter, WritesErrors) {
  uint8_t out[128];
  MessageWriter writer(out, {MessageClass::kError, Method::kBinding, kId});
  writer.AddErrorCode(ErrorCode::kUnknownAttribute);
  const AttributeType unknown[] = {static_cast<AttributeType>(0x0031),
                                   static_cast<AttributeType>(0x7fff),
                                   static_cast<AttributeType>(0x0002)};
  writer.AddUnknownAttributes(unknown);
  const auto message = Message::Parse(Bytes(out).first(writer.Finish().value()));
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(message->FindErrorCode(), ErrorCode::kUnknownAttribute);
  EXPECT_TRUE(message->Find(AttributeType::kUnknownAttributes).value() ==
              Bytes(FromHex("00317fff0002")));
}

TEST(MessageWriter, WritesAddressesThatMessageReads) {
  for (const char* text : {"192.0.2.1:32853", "[2001:db8:1234:5678:11:2233:4455:6677]:65535"}) {
    const SocketAddress address = *SocketAddress::Parse(text);
    uint8_t out[128];
    MessageWriter writer(out, {MessageClass::kRequest, Method::kCreatePermission, kId});
    writer.AddXorAddress(AttributeType::kXorPeerAddress, address);
    writer.AddAddress(AttributeType::kOtherAddress, address);
    const auto message = Message::Parse(Bytes(out).first(writer.Finish().value()));
    ASSERT_TRUE(message.ok());
    EXPECT_EQ(message->FindXorAddress(AttributeType::kXorPeerAddress), address);
    EXPECT_EQ(message->FindAddress(AttributeType::kOtherAddress), address);
    EXPECT_NE(message->FindAddress(AttributeType::kXorPeerAddress), address);
  }
}

TEST(MessageWriter, WritesEachClassAndMethod) {
  for (const MessageClass message_class : {MessageClass::kRequest, MessageClass::kIndication,
                                           MessageClass::kSuccess, MessageClass::kError}) {
    for (const unsigned method : {0x001u, 0x003u, 0x0A5u, 0xFFFu}) {
      uint8_t out[kHeaderSize];
      MessageWriter writer(out, {message_class, static_cast<Method>(method), kId});
      const auto message = Message::Parse(Bytes(out).first(writer.Finish().value()));
      ASSERT_TRUE(message.ok());
      EXPECT_EQ(message->message_class(), message_class);
      EXPECT_EQ(static_cast<unsigned>(message->method()), method);
    }
  }
}

// RFC 5769 pads with spaces in its requests and we with zeros, so these two are the byte-exact
// ones.
TEST(MessageWriter, MakesTheResponsesOfRfc5769) {
  for (const auto& [name, address] :
       {std::pair("rfc5769-response-ipv4.bin", "192.0.2.1:32853"),
        std::pair("rfc5769-response-ipv6.bin", "[2001:db8:1234:5678:11:2233:4455:6677]:32853")}) {
    SCOPED_TRACE(name);
    const Vector vector = ReadVector(name);
    uint8_t out[128];
    MessageWriter writer(out, {MessageClass::kSuccess, Method::kBinding,
                               Message::Parse(vector.bytes)->transaction_id()});
    writer.AddText(AttributeType::kSoftware, "test vector");
    writer.AddXorAddress(AttributeType::kXorMappedAddress, *SocketAddress::Parse(address));
    const size_t size = writer.Finish().value();
    // The one byte of padding in the vector is a space.
    out[35] = ' ';
    std::vector<uint8_t> expected(vector.bytes.begin(),
                                  vector.bytes.begin() + static_cast<std::ptrdiff_t>(size));
    expected[3] = static_cast<uint8_t>(size - kHeaderSize);
    EXPECT_THAT(std::vector<uint8_t>(out, out + size), testing::ElementsAreArray(expected));
  }
}

TEST(MessageWriter, SaysWhenTheBufferIsTooSmall) {
  uint8_t out[200];
  for (size_t size = 0; size < 64; ++size) {
    MessageWriter writer(MutableBytes(out, size), {MessageClass::kSuccess, Method::kBinding, kId});
    writer.AddXorAddress(AttributeType::kXorMappedAddress, {});
    writer.AddIntegrity(AsBytes("password"));
    writer.AddFingerprint();
    EXPECT_EQ(writer.Finish(), std::nullopt) << size;
  }
}

}  // namespace
}  // namespace ocellus::stun
