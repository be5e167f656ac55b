// SPDX-License-Identifier: Apache-2.0
// One STUN server, and what it sees of each of our bases. io thread only. Owned by Gatherer.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "firmware/rtc/gathering/context.h"
#include "firmware/rtc/gathering/mapping.h"
#include "firmware/rtc/gathering/server_addresses.h"
#include "firmware/rtc/gathering/server_status.h"
#include "firmware/rtc/gathering/server_url.h"

namespace ocellus::gathering {

class StunServer {
 public:
  // `context` outlives it.
  StunServer(const ServerUrl& url, Context& context);

  const ServerAddresses& addresses() const { return addresses_; }
  void HandleAsked() { addresses_.HandleAsked(); }
  void HandleResolved(Time now, const Result<std::vector<IpAddress>>& addresses);
  // The best first. At most kMaxMappingsPerServer of those that can reach the server are used.
  // Everything is asked again at once.
  void SetBases(Time now, Span<const SocketAddress> bases);

  // What the server sees of us, in the order of the bases.
  const std::vector<std::unique_ptr<Mapping>>& mappings() const { return mappings_; }
  ServerStatus status() const;

  // False: `in`, which carries `message`, does not answer a request of ours.
  bool HandleAnswer(Time now, const Datagram& in, const stun::Message& message);
  void HandleTimeout(Time now);
  std::optional<Transmit> PollTransmit(Time now, MutableBytes out);
  Time next_deadline() const;

 private:
  // Makes the mappings those of bases_ and the addresses in use; the same ones stay.
  void Update(Time now);
  // The mapping of `base` at `server`: one of `before`, one that rests, or a new one.
  std::unique_ptr<Mapping> TakeMapping(Time now, const SocketAddress& base,
                                       const SocketAddress& server,
                                       std::vector<std::unique_ptr<Mapping>>& before);
  void HandleFailure(Time now, const SocketAddress& server);

  ServerUrl url_;
  Context& context_;
  ServerAddresses addresses_;
  std::vector<SocketAddress> bases_;
  std::vector<std::unique_ptr<Mapping>> mappings_;
  // Of bases that are gone: when a cable is back, its mapping is told before the server has been
  // asked, for a viewer may be there first. Full: the oldest is forgotten.
  std::vector<std::unique_ptr<Mapping>> resting_;
};

}  // namespace ocellus::gathering
