// SPDX-License-Identifier: Apache-2.0
// How this camera proves to TURN servers that it may use them. Plain values; any thread.
#pragma once

#include <chrono>
#include <string>
#include <variant>

namespace ocellus::gathering {

// A user that the server knows (RFC 8489 section 9.2).
struct StaticCredentials {
  std::string username;
  std::string password;
};

// What the server's time-limited users are made of (coturn: use-auth-secret): each allocation gets
// a user of its own, which needs a clock that is right.
struct SharedSecret {
  std::string secret;
  std::string name;                                        // Told to the server, for its log.
  std::chrono::seconds lifetime = std::chrono::hours(24);  // Of each user.
};

// std::monostate: none, for servers that ask for none.
using Credentials = std::variant<std::monostate, StaticCredentials, SharedSecret>;

}  // namespace ocellus::gathering
