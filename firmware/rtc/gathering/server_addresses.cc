// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/gathering/server_addresses.h"

#include <algorithm>
#include <utility>

#include "firmware/base/limits.h"

namespace ocellus::gathering {

bool CanReach(const SocketAddress& base, const SocketAddress& server) {
  return base.ip.family() == server.ip.family() && !base.ip.is_link_local() &&
         (!base.ip.is_loopback() || server.ip.is_loopback());
}

ServerAddresses::ServerAddresses(std::string host, uint16_t port, Random& random)
    : random_(random), host_(std::move(host)), port_(port) {
  const auto address = IpAddress::Parse(host_);
  literal_ = address.has_value();
  wanted_ = !literal_;
  if (literal_) Of(address->family()).addresses = {*address};
}

std::optional<SocketAddress> ServerAddresses::Current(IpAddress::Family family) const {
  const Candidates& candidates = Of(family);
  if (candidates.addresses.empty()) return std::nullopt;
  return SocketAddress{candidates.addresses[candidates.current], port_};
}

void ServerAddresses::HandleAsked() {
  wanted_ = false;
  asked_ = true;
}

void ServerAddresses::HandleResolved(Time now, const Result<std::vector<IpAddress>>& addresses) {
  if (!std::exchange(asked_, false)) return;
  if (!addresses.ok() || addresses->empty()) {
    error_ = addresses.ok() ? Status(StatusCode::kNotFound, "the name has no address")
                            : addresses.status();
    LookUpLater(now);
    return;
  }
  resolved_ = true;
  error_ = Status();
  Replace(IpAddress::Family::kV4, *addresses);
  Replace(IpAddress::Family::kV6, *addresses);
}

void ServerAddresses::Replace(IpAddress::Family family, const std::vector<IpAddress>& addresses) {
  const auto in_use = Current(family);
  Candidates& candidates = Of(family);
  candidates = {};
  for (const IpAddress& address : addresses) {
    const SocketAddress server{address, port_};
    if (address.family() != family || address.is_unspecified() || address.is_multicast()) continue;
    if (candidates.addresses.size() == kMaxAddressesPerName) break;
    if (in_use == server) candidates.current = candidates.addresses.size();
    candidates.addresses.push_back(address);
  }
}

void ServerAddresses::HandleUnreachable(Time now, const SocketAddress& address) {
  if (Current(address.ip.family()) != address) return;
  Candidates& candidates = Of(address.ip.family());
  if (++candidates.current < candidates.addresses.size()) return;
  candidates.current = 0;
  LookUpLater(now);
}

void ServerAddresses::LookUpLater(Time now) {
  if (literal_ || wanted_ || asked_ || next_lookup_ != kNever) return;
  next_lookup_ = now + backoff_.Next(random_);
}

void ServerAddresses::HandleReachable() {
  backoff_.Reset();
  next_lookup_ = kNever;
}

void ServerAddresses::Retry(Time now) {
  backoff_.Reset();
  if (next_lookup_ != kNever) next_lookup_ = now;
}

void ServerAddresses::HandleTimeout(Time now) {
  if (now < next_lookup_) return;
  next_lookup_ = kNever;
  wanted_ = true;
}

}  // namespace ocellus::gathering
