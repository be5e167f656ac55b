// SPDX-License-Identifier: Apache-2.0
// Host names to addresses: DNS and the host's own tables, and mDNS for names that end in ".local"
// (RFC 6762). io thread only; the waiting is done elsewhere, so no call blocks.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "firmware/base/socket_address.h"
#include "firmware/base/status.h"

namespace ocellus::hal {

struct ResolvedName {
  std::string name;  // As it was asked for.
  // The best first, never empty, each once. Errors name the host: kNotFound (nobody knows it),
  // kUnavailable (no server answers: later perhaps), kInvalidArgument (no host name at all),
  // kResourceExhausted (too many at once).
  Result<std::vector<IpAddress>> addresses;
};

class NameResolver {
 public:
  virtual ~NameResolver() = default;

  // Begins to look `name` up. Exactly one answer follows for each call, in any order, also for
  // what is an address already.
  virtual void Resolve(const std::string& name) = 0;

  // The next answer, or nullopt. The platform wakes the io thread when there is one.
  virtual std::optional<ResolvedName> Poll() = 0;
};

}  // namespace ocellus::hal
