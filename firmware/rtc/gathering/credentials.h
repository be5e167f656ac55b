// SPDX-License-Identifier: Apache-2.0
// How this camera proves to TURN servers that it may use them. Any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>

#include "firmware/base/units.h"

namespace ocellus::gathering {

// A user that the server knows (RFC 8489 section 9.2).
struct StaticCredentials {
  std::string username;
  std::string password;
};

// What the server's time-limited users are made of (coturn: use-auth-secret). Needs a clock that
// is right.
struct SharedSecret {
  std::string secret;
  std::string name;                                        // Told to the server, for its log.
  std::chrono::seconds lifetime = std::chrono::hours(24);  // Of each user, at least.
};

// std::monostate: none, for servers that ask for none.
using Credentials = std::variant<std::monostate, StaticCredentials, SharedSecret>;

// What one allocation is made with.
struct Login {
  std::string username;
  std::string password;
  Time renew = kNever;  // When it has half a lifetime left.
};

// Nullopt: a SharedSecret needs to know the wall clock.
//
// Users of a SharedSecret end at whole multiples of its lifetime, one to two lifetimes from now: a
// camera that was restarted is the same user as before, and may delete the allocation that it has
// forgotten (servers answer 441 to another one; RFC 8656 section 5).
std::optional<Login> MakeLogin(const Credentials& credentials,
                               const std::optional<WallClock>& wall_clock, Time now);

}  // namespace ocellus::gathering
