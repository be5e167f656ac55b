// SPDX-License-Identifier: Apache-2.0
// Finds the addresses under which this camera can be reached: its own, what NATs make of them
// (STUN, RFC 8489) and what TURN servers lend (RFC 8656); and keeps all of them alive. One for the
// program, before any viewer and for all of them: RFC 8445 section 5.1.1 with mappings and
// allocations that outlive a session. Sans I/O; io thread only. Owned by app::MediaTransport.
//
// The media port is shared: bindings and UDP allocations leave from it, so HandleDatagram is asked
// about every datagram first. A packet that came through a relay looks like any other afterwards,
// and one that leaves from a relayed address is wrapped by Relay().
//
// Invariants:
//  1. No relayed address equals a host address or another relay's: `local` tells them apart.
//  2. No two UDP allocations share the pair of base and server address.
//
// Relay, PrepareRelay and HandleDatagram of relayed packets allocate nothing.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "firmware/base/datagram.h"
#include "firmware/base/random.h"
#include "firmware/base/status.h"
#include "firmware/base/units.h"
#include "firmware/rtc/gathering/context.h"
#include "firmware/rtc/gathering/outgoing.h"
#include "firmware/rtc/gathering/policy.h"
#include "firmware/rtc/gathering/server_status.h"
#include "firmware/rtc/gathering/server_url.h"
#include "firmware/rtc/gathering/stream.h"
#include "firmware/rtc/gathering/stun_server.h"
#include "firmware/rtc/gathering/turn_server.h"
#include "firmware/rtc/ice/candidate.h"

namespace ocellus::gathering {

struct Options {
  std::vector<ServerUrl> servers;  // The preferred first. At most kMaxIceServers are used.
  Policy policy = Policy::kAll;
  Credentials credentials;  // For all TURN servers.
  bool tcp = false;         // Whether the media port is open for TCP too (ICE-TCP, RFC 6544).
  // Told by the user: the same port reaches us there (1:1 NAT, a forwarded port).
  std::vector<IpAddress> public_addresses;
};

// A clock that was off by so much may be why servers have refused us.
constexpr Duration kWallClockStep = std::chrono::minutes(1);

class Gatherer {
 public:
  // `random` must outlive the gatherer and be unpredictable: transaction ids are made of it.
  Gatherer(Options options, Random& random);
  Gatherer(const Gatherer&) = delete;
  Gatherer& operator=(const Gatherer&) = delete;

  // Our addresses on the UDP media port, the best first; the same for TCP where options.tcp. May be
  // called again when the network changes: whatever had failed is tried again at once.
  void SetHosts(Time now, Span<const SocketAddress> hosts);
  // Where the wall clock stands, for credentials of a SharedSecret; until then no allocation is
  // made with one. At any time again: after a step of kWallClockStep whatever had failed is tried
  // again at once.
  void SetWallClock(Time now, const WallClock& wall_clock);

  // Names of servers to be looked up; HandleResolvedName is to follow. May be asked for again.
  std::optional<std::string> PollNameToResolve();
  void HandleResolvedName(Time now, std::string_view name,
                          const Result<std::vector<IpAddress>>& addresses);

  std::optional<StreamCommand> PollStreamCommand();
  void HandleStreamOpened(Time now, StreamId id);
  // `why` is told to people.
  void HandleStreamClosed(Time now, StreamId id, const Status& why);
  // In any cut. PollStreamDatagram is to be polled until it has nothing more: of what is not
  // polled, kMaxTurnStreamData bytes are kept, and more closes the stream.
  void HandleStreamData(Time now, StreamId id, Bytes data);
  // What relays over streams have brought. The payload is borrowed until the next call.
  std::optional<Datagram> PollStreamDatagram();

  enum class Verdict : uint8_t {
    kNotOurs,   // For somebody else.
    kConsumed,  // An answer to us: done.
    kRelayed,   // `in` is now the datagram that was in it, for whoever has its `local`.
  };
  Verdict HandleDatagram(Time now, Datagram& in);
  void HandleTimeout(Time now);
  // `out` has at least kMaxDatagramSize bytes.
  std::optional<Outgoing> PollTransmit(Time now, MutableBytes out);
  // In the past while something waits to be sent.
  Time next_deadline() const;

  // Whether what leaves from `local` goes through Relay().
  bool IsRelayed(const SocketAddress& local) const;
  // To be called before Relay: has the server let the peer in. True when PollTransmit has something
  // that should leave before.
  bool PrepareRelay(Time now, const Transmit& inner);
  // Wraps packet[0, inner.size) in place, for the server; `packet` is the whole buffer, which must
  // be kMaxRelayOverhead larger. Nullopt: the relay is gone, or there is no room.
  std::optional<Outgoing> Relay(Time now, const Transmit& inner, MutableBytes packet);

  // The best first: hosts, server-reflexive ones, relayed ones.
  const std::vector<ice::LocalCandidate>& candidates() const { return candidates_; }
  // True once after each change of candidates().
  bool TakeChanged() { return std::exchange(changed_, false); }
  // In the order of the options.
  std::vector<ServerStatus> servers() const;

  // Gives the allocations back: PollTransmit has the last words, PollStreamCommand the closes.
  // Nothing else works afterwards.
  void Close(Time now);

 private:
  // One of the two is set.
  struct Server {
    std::unique_ptr<StunServer> stun;
    std::unique_ptr<TurnServer> turn;

    const ServerAddresses& addresses() const {
      return stun ? stun->addresses() : turn->addresses();
    }
  };
  // Whose a relayed address is.
  struct Route {
    SocketAddress relayed;
    TurnServer* server = nullptr;
  };

  TurnServer* FindStream(StreamId id);
  TurnServer* FindRelay(const SocketAddress& local);
  bool HandleAnswer(Time now, const Datagram& in);

  // gatherer_candidates.cc: makes candidates_, routes_ and watched_ what the servers say now.
  void Update();
  void AddHosts(std::vector<ice::LocalCandidate>& found) const;
  void AddPublicAddresses(TransportProtocol protocol,
                          std::vector<ice::LocalCandidate>& found) const;
  void AddMapped(std::vector<ice::LocalCandidate>& found) const;
  void AddRelayed(std::vector<ice::LocalCandidate>& found);
  bool IsHost(const SocketAddress& address) const;

  Options options_;
  Context context_;
  std::vector<SocketAddress> hosts_;
  std::vector<Server> servers_;  // In the order of the options.

  std::vector<ice::LocalCandidate> candidates_;
  bool changed_ = false;
  std::vector<Route> routes_;
  // Where answers and relayed datagrams come from: everything else is not ours.
  std::vector<SocketAddress> watched_;
};

}  // namespace ocellus::gathering
