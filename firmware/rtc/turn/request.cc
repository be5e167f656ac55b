// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/turn/request.h"

#include "firmware/rtc/stun/message_writer.h"

namespace ocellus::turn {
namespace {

using stun::AttributeType;

// A number of `bits` bits, followed by zeros up to 32 bits: how RFC 8656 section 18 writes all of
// its small ones.
constexpr uint32_t InFront(uint32_t number, unsigned bits) { return number << (32 - bits); }

// RFC 8656 section 18.6: "0x01: IPv4 address family. 0x02: IPv6 address family."
constexpr uint32_t kFamilyV6 = InFront(2, 8);
// RFC 8656 section 18.8: the protocol between the server and the peers, here 17 (UDP).
constexpr uint32_t kUdp = InFront(17, 8);

// coturn (4.6) knows ADDITIONAL-ADDRESS-FAMILY by a number of its own only. Others pass over it: it
// is comprehension-optional.
constexpr auto kCoturnsAdditionalAddressFamily = static_cast<AttributeType>(0x8032);

void AddFamilies(stun::MessageWriter& writer, Families families) {
  switch (families) {
    case Families::kBoth:
      // RFC 8656 section 18.9: beside the IPv4 address, which is the default.
      writer.AddU32(AttributeType::kAdditionalAddressFamily, kFamilyV6);
      writer.AddU32(kCoturnsAdditionalAddressFamily, kFamilyV6);
      break;
    case Families::kV4:
      break;
    case Families::kV6:
      writer.AddU32(AttributeType::kRequestedAddressFamily, kFamilyV6);
      break;
  }
}

}  // namespace

std::optional<size_t> WriteRequest(const Request& request, const stun::TransactionId& id,
                                   const LongTermCredentials& credentials, MutableBytes out) {
  stun::MessageWriter writer(out, {stun::MessageClass::kRequest, request.method, id});
  if (request.method == stun::Method::kAllocate) {
    writer.AddU32(AttributeType::kRequestedTransport, kUdp);
    AddFamilies(writer, request.families);
  }
  if (request.lifetime) writer.AddU32(AttributeType::kLifetime, *request.lifetime);
  if (request.channel != 0) {
    writer.AddU32(AttributeType::kChannelNumber, InFront(request.channel, 16));
  }
  // RFC 8656 section 10.1: a permission is for an IP address; the port may be any.
  for (const IpAddress& ip : request.permissions) {
    writer.AddXorAddress(AttributeType::kXorPeerAddress, {ip, 0});
  }
  if (request.peer) writer.AddXorAddress(AttributeType::kXorPeerAddress, *request.peer);
  credentials.Sign(writer);
  return writer.Finish();
}

}  // namespace ocellus::turn
