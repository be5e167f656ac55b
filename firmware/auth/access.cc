// SPDX-License-Identifier: Apache-2.0
#include "firmware/auth/access.h"

#include <algorithm>
#include <array>

#include "firmware/base/limits.h"

namespace ocellus::auth {
namespace {

bool IsInLocalNetwork(const IpAddress& ip) {
  return ip.is_private() || ip.is_loopback() || ip.is_link_local();
}

Duration DelayAfter(unsigned wrong) {
  if (wrong < kFreeAttempts) return Duration::zero();
  constexpr unsigned kMaxDoublings = 6;  // 64 s: more than kMaxAttemptDelay.
  const unsigned doublings = std::min(wrong - kFreeAttempts, kMaxDoublings);
  return std::min<Duration>(std::chrono::seconds(1) * (1 << doublings), kMaxAttemptDelay);
}

}  // namespace

IpAddress Household(const IpAddress& ip) {
  if (ip.is_v4()) return ip;
  std::array<uint8_t, 16> bytes{};
  std::copy_n(ip.bytes().begin(), 8, bytes.begin());
  return *IpAddress::FromBytes(bytes);
}

Access::Access(const Tokens& tokens, Viewing viewing) : viewing_(viewing) {
  const auto add = [this](std::string_view token, Role role) {
    known_.push_back({crypto::Sha256(AsBytes(token)), role});
  };
  // The highest role first: it counts should two have the same token.
  add(tokens.admin, Role::kAdmin);
  if (tokens.operator_token) add(*tokens.operator_token, Role::kOperator);
  if (tokens.viewer) add(*tokens.viewer, Role::kViewer);
}

Result<Role> Access::Check(Time now, const IpAddress& remote,
                           std::optional<std::string_view> token) {
  const IpAddress from = Household(remote);
  if (!token) {
    if (viewing_ == Viewing::kOpenInLocalNetwork && IsInLocalNetwork(remote)) return Role::kViewer;
    return Status(StatusCode::kPermissionDenied, "a token is needed");
  }
  const Duration wait = retry_after(now, remote);
  if (wait > Duration::zero()) {
    return Status(StatusCode::kResourceExhausted,
                  Format("too many wrong tokens: try again in %d s",
                         static_cast<int>(ToMilliseconds(wait) / 1000) + 1));
  }
  const crypto::Sha256Digest digest = crypto::Sha256(AsBytes(*token));
  if (const auto role = Find(digest)) return *role;
  NoteWrong(now, from, digest);
  return Status(StatusCode::kPermissionDenied, "the token is wrong");
}

Duration Access::retry_after(Time now, const IpAddress& remote) const {
  const Attempts* attempts = FindAttempts(now, Household(remote));
  return attempts == nullptr ? Duration::zero()
                             : std::max(attempts->next_allowed - now, Duration::zero());
}

// The time that this takes says nothing about the tokens: digests of what was sent are compared.
std::optional<Role> Access::Find(const crypto::Sha256Digest& digest) const {
  for (const Known& known : known_) {
    if (known.digest == digest) return known.role;
  }
  return std::nullopt;
}

const Access::Attempts* Access::FindAttempts(Time now, const IpAddress& from) const {
  for (const Attempts& attempts : attempts_) {
    if (attempts.from == from && now - attempts.last < kAttemptMemory) return &attempts;
  }
  return nullptr;
}

void Access::NoteWrong(Time now, const IpAddress& from, const crypto::Sha256Digest& digest) {
  auto found = std::find_if(attempts_.begin(), attempts_.end(),
                            [&](const Attempts& attempts) { return attempts.from == from; });
  if (found == attempts_.end() && attempts_.size() < kMaxAttemptAddresses) {
    found = attempts_.insert(found, Attempts{});
  } else if (found == attempts_.end()) {
    found = std::min_element(attempts_.begin(), attempts_.end(),
                             [](const Attempts& a, const Attempts& b) { return a.last < b.last; });
    *found = Attempts{};
  }
  if (now - found->last >= kAttemptMemory) found->wrong = 0;
  found->last = now;
  if (found->wrong > 0 && found->newest == digest) return;
  found->from = from;
  found->newest = digest;
  ++found->wrong;
  found->next_allowed = now + DelayAfter(found->wrong);
}

}  // namespace ocellus::auth
