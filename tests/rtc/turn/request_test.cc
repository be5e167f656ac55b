// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/turn/request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware/base/limits.h"
#include "tests/rtc/turn/scripted_server.h"

namespace ocellus::turn {
namespace {

using stun::AttributeType;
using stun::Method;

constexpr stun::TransactionId kId = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

Buffer Written(const Request& request) {
  const LongTermCredentials credentials("user", "pass");
  uint8_t out[kMaxDatagramSize];
  const auto size = WriteRequest(request, kId, credentials, out);
  EXPECT_TRUE(size);
  return Buffer(out, out + size.value_or(0));
}

// RFC 8656 section 18.8: the number stands in front.
TEST(Request, AllocatesForUdp) {
  const Buffer bytes = Written({});
  const stun::Message message = ParseOrDie(bytes);
  EXPECT_EQ(message.message_class(), stun::MessageClass::kRequest);
  EXPECT_EQ(message.method(), Method::kAllocate);
  EXPECT_EQ(message.transaction_id(), kId);
  EXPECT_EQ(message.FindU32(AttributeType::kRequestedTransport), 17u << 24);
  EXPECT_FALSE(message.has_integrity());
}

// RFC 8656 section 7.1: ADDITIONAL-ADDRESS-FAMILY "MUST NOT" stand beside REQUESTED-ADDRESS-FAMILY.
TEST(Request, AsksForEachChoiceOfFamilies) {
  const auto families = [](Families wanted) {
    Request request;
    request.families = wanted;
    const Buffer bytes = Written(request);
    const stun::Message message = ParseOrDie(bytes);
    return std::pair(message.FindU32(AttributeType::kAdditionalAddressFamily),
                     message.FindU32(AttributeType::kRequestedAddressFamily));
  };
  using Found = std::optional<uint32_t>;
  EXPECT_EQ(families(Families::kBoth), std::pair(Found(2u << 24), Found()));
  EXPECT_EQ(families(Families::kV4), std::pair(Found(), Found()));
  EXPECT_EQ(families(Families::kV6), std::pair(Found(), Found(2u << 24)));
}

TEST(Request, RefreshesAndFrees) {
  Request request;
  request.method = Method::kRefresh;
  request.lifetime = 0;
  const Buffer bytes = Written(request);
  EXPECT_EQ(ParseOrDie(bytes).FindU32(AttributeType::kLifetime), 0u);
  EXPECT_FALSE(ParseOrDie(bytes).Has(AttributeType::kRequestedTransport));
}

TEST(Request, PermitsSeveralPeers) {
  Request request;
  request.method = Method::kCreatePermission;
  request.permissions = {*IpAddress::Parse("192.0.2.1"), *IpAddress::Parse("2001:db8::1")};
  const Buffer bytes = Written(request);
  const stun::Message message = ParseOrDie(bytes);
  std::vector<std::string> peers;
  for (const stun::Attribute attribute : message) {
    EXPECT_EQ(attribute.type, AttributeType::kXorPeerAddress);
    peers.push_back(message.ReadXorAddress(attribute.value).value().ip.ToString());
  }
  EXPECT_THAT(peers, testing::ElementsAre("192.0.2.1", "2001:db8::1"));
}

// RFC 8656 section 18.1: the number, and 16 bits of zeros.
TEST(Request, BindsAChannel) {
  Request request;
  request.method = Method::kChannelBind;
  request.channel = 0x4123;
  request.peer = At("192.0.2.1:5000");
  const Buffer bytes = Written(request);
  EXPECT_EQ(ParseOrDie(bytes).FindU32(AttributeType::kChannelNumber), 0x41230000u);
  EXPECT_EQ(ParseOrDie(bytes).FindXorAddress(AttributeType::kXorPeerAddress), At("192.0.2.1:5000"));
}

TEST(Request, OfTheMostPermissionsFitsIntoADatagram) {
  Request request;
  request.method = Method::kCreatePermission;
  request.permissions.resize(kMaxPermissionsPerRequest, *IpAddress::Parse("2001:db8::1"));
  EXPECT_LT(Written(request).size(), kMaxDatagramSize / 2);
}

TEST(Request, SaysWhenItDoesNotFit) {
  const LongTermCredentials credentials("user", "pass");
  uint8_t out[30];
  EXPECT_EQ(WriteRequest({}, kId, credentials, out), std::nullopt);
}

}  // namespace
}  // namespace ocellus::turn
