// SPDX-License-Identifier: Apache-2.0
// What a TURN client asks of its server (RFC 8656), before it is bytes. Plain values; any thread.
#pragma once

#include <optional>
#include <vector>

#include "firmware/rtc/stun/message.h"
#include "firmware/rtc/turn/long_term_credentials.h"

namespace ocellus::turn {

// Which relayed addresses an Allocate asks for, from most to least (RFC 8656 section 7.1): one of
// each family; one of IPv4, in the words that every server knows; one of IPv6.
enum class Families : uint8_t { kBoth, kV4, kV6 };

// Which fields count depends on the method.
struct Request {
  stun::Method method = stun::Method::kAllocate;
  Families families = Families::kBoth;  // Allocate.
  std::optional<uint32_t> lifetime;     // Refresh: seconds; 0 frees the allocation.
  std::vector<IpAddress> permissions;   // CreatePermission.
  uint16_t channel = 0;                 // ChannelBind: 0x4000 to 0x4FFF.
  std::optional<SocketAddress> peer;    // ChannelBind.
};

// Writes `request`, signed as far as `credentials` can. nullopt: `out` is too small for it.
std::optional<size_t> WriteRequest(const Request& request, const stun::TransactionId& id,
                                   const LongTermCredentials& credentials, MutableBytes out);

}  // namespace ocellus::turn
