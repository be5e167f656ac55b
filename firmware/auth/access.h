// SPDX-License-Identifier: Apache-2.0
// Who may do what: tokens and the roles that they stand for, and whether people without one may
// look. Wrong tokens are slowed down: after kFreeAttempts of them, an address waits for one second,
// then two, four ... up to kMaxAttemptDelay, and until then even a right one is refused. The same
// one again (a page asks more than once) is no further attempt.
//
// io thread only. Owned by the app.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/auth/role.h"
#include "firmware/base/socket_address.h"
#include "firmware/base/status.h"
#include "firmware/base/time.h"
#include "firmware/rtc/crypto/digest.h"

namespace ocellus::auth {

// Somebody who types a token makes mistakes.
constexpr unsigned kFreeAttempts = 5;
constexpr Duration kMaxAttemptDelay = std::chrono::seconds(60);
// After so long without a wrong token an address has its free attempts again.
constexpr Duration kAttemptMemory = std::chrono::minutes(10);

// Characters of UrlChars: 132 bits, more than anybody can try.
constexpr size_t kGeneratedTokenSize = 22;

// Of tokens that people choose. Shorter ones are guessed.
constexpr size_t kMinTokenSize = 8;
constexpr size_t kMaxTokenSize = 128;

struct Tokens {
  std::string admin;
  std::optional<std::string> operator_token;
  std::optional<std::string> viewer;
};

// Whether somebody without a token is a viewer.
enum class Viewing : uint8_t {
  kWithToken,
  kOpenInLocalNetwork,  // To private, link-local and loopback addresses.
};

// What attempts and requests are counted by: the address, or of IPv6 the /64, which is what one
// household has.
IpAddress Household(const IpAddress& ip);

class Access {
 public:
  // Keeps digests of the tokens only.
  Access(const Tokens& tokens, Viewing viewing);

  // The role of somebody at `remote` who shows `token`, if any. Errors: kPermissionDenied (no token
  // where one is needed, or a wrong one), kResourceExhausted (too many wrong ones from there: try
  // again after retry_after).
  Result<Role> Check(Time now, const IpAddress& remote, std::optional<std::string_view> token);

  // How long tokens from `remote` are refused for; zero when they are not.
  Duration retry_after(Time now, const IpAddress& remote) const;

 private:
  struct Known {
    crypto::Sha256Digest digest;
    Role role;
  };
  struct Attempts {
    IpAddress from;  // A household.
    unsigned wrong = 0;
    crypto::Sha256Digest newest{};  // The last wrong one: who shows it again has guessed nothing.
    Time last;
    Time next_allowed;
  };

  std::optional<Role> Find(const crypto::Sha256Digest& digest) const;
  const Attempts* FindAttempts(Time now, const IpAddress& from) const;
  void NoteWrong(Time now, const IpAddress& from, const crypto::Sha256Digest& digest);

  std::vector<Known> known_;
  Viewing viewing_;
  // At most kMaxAttemptAddresses. Full: the one that was quiet for longest is forgotten.
  std::vector<Attempts> attempts_;
};

}  // namespace ocellus::auth
