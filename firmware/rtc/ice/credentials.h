// SPDX-License-Identifier: Apache-2.0
// The ufrag and password of one side (RFC 8445 section 5.3), and the USERNAME that binding
// requests carry: "their-ufrag:our-ufrag" seen from the sender (RFC 8445 section 7.2.2).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "firmware/base/bytes.h"
#include "firmware/base/random.h"

namespace ocellus::ice {

struct Credentials {
  std::string ufrag;  // 4 to 256 ice-chars.
  std::string pwd;    // 22 to 256 ice-chars.

  friend bool operator==(const Credentials& a, const Credentials& b) {
    return a.ufrag == b.ufrag && a.pwd == b.pwd;
  }
  friend bool operator!=(const Credentials& a, const Credentials& b) { return !(a == b); }
};

// RFC 8445 section 5.3: "at least 24 bits of randomness" in the ufrag, "at least 128 bits" in the
// password. These have 48 (it tells sessions apart, too) and 144.
Credentials GenerateCredentials(Random& random);

// Whether lengths and characters are those of RFC 8839 section 5.4.
bool IsValid(const Credentials& credentials);

// The first half of a USERNAME: whom the request is for. Nullopt when there is no colon. Borrows.
std::optional<std::string_view> RecipientUfrag(std::string_view username);

// Whom a datagram from an address that nobody knows is for: the recipient's ufrag, when it is a
// binding request with a USERNAME. Proves nothing; it only finds the agent that can tell. Borrows.
std::optional<std::string_view> RecipientUfrag(Bytes datagram);

}  // namespace ocellus::ice
