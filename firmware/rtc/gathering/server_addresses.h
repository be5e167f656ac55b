// SPDX-License-Identifier: Apache-2.0
// The addresses of one server: what its name was resolved to, and which of them is in use. An IP
// literal needs no resolver. io thread only. Owned by Gatherer.
//
// The first IPv4 and the first IPv6 address are used; one that does not answer makes room for the
// next of its family. After the last one the name is asked again, because it may have moved.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "firmware/base/random.h"
#include "firmware/base/socket_address.h"
#include "firmware/base/status.h"
#include "firmware/rtc/gathering/backoff.h"

namespace ocellus::gathering {

// Whether a packet from `base` may reach `server` and be answered: both of one family, no
// link-local address, and nothing leaves the host from a loopback one.
bool CanReach(const SocketAddress& base, const SocketAddress& server);

class ServerAddresses {
 public:
  // `host` is a name or an IP address; a name is wanted at once. `random` outlives it.
  ServerAddresses(std::string host, uint16_t port, Random& random);

  const std::string& host() const { return host_; }
  // In use now; nullopt when the server has none of that family, as far as is known.
  std::optional<SocketAddress> Current(IpAddress::Family family) const;
  // OK while the name is good, or nothing is known yet.
  const Status& error() const { return error_; }
  // Whether nothing is known yet.
  bool is_resolving() const { return !literal_ && !resolved_ && error_.ok(); }

  // Whether the name is to be looked up now.
  bool wants_lookup() const { return wanted_; }
  // Somebody has asked; HandleResolved is to follow.
  void HandleAsked();
  // At most kMaxAddressesPerName are kept. An address in use that is still among them stays so;
  // after an error the old ones stay.
  void HandleResolved(Time now, const Result<std::vector<IpAddress>>& addresses);

  // `address` does not answer. No news when it is not in use any more.
  void HandleUnreachable(Time now, const SocketAddress& address);
  // One of them answers: the name is not asked again.
  void HandleReachable();
  // Asks again at once for a name that was not found: the network has changed.
  void Retry(Time now);

  void HandleTimeout(Time now);
  Time next_deadline() const { return next_lookup_; }

 private:
  struct Candidates {
    std::vector<IpAddress> addresses;
    size_t current = 0;  // Below addresses.size(), or 0.
  };

  void Replace(IpAddress::Family family, const std::vector<IpAddress>& addresses);
  void LookUpLater(Time now);
  Candidates& Of(IpAddress::Family family) { return families_[static_cast<size_t>(family)]; }
  const Candidates& Of(IpAddress::Family family) const {
    return families_[static_cast<size_t>(family)];
  }

  Random& random_;
  std::string host_;
  uint16_t port_;
  std::array<Candidates, 2> families_;  // By IpAddress::Family.
  bool literal_ = false;
  bool resolved_ = false;
  bool wanted_ = false;  // To be looked up.
  bool asked_ = false;   // Being looked up.
  Time next_lookup_ = kNever;
  Backoff backoff_;
  Status error_;
};

}  // namespace ocellus::gathering
