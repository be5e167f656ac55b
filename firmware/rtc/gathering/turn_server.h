// SPDX-License-Identifier: Apache-2.0
// One TURN server, and our allocation on it: over UDP from the media port, or through a stream
// that the owner opens. Keeps trying, and notices when the server is gone. io thread only. Owned by
// Gatherer.
//
//     kIdle --due, and all is there--> kConnecting (streams) --> kAllocating --> kReady
//       ^--------------- failed: backs off, next address -----------------'        |
//       '-- kReleasing <---- closed, or its user grows old and nobody needs it ----'
//
// How the death of a server is noticed, without ICMP: a stream closes; and turn::Client asks by a
// Refresh what has become of an allocation that is silent while we send (turn::kDoubtfulSilence). A
// server that was restarted answers 437, and the next allocation begins a second later. One that
// says nothing is given up after kGiveUpTime more: until then its candidate stays, for a cable that
// is plugged in again finds the allocation as it was.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "firmware/rtc/gathering/backoff.h"
#include "firmware/rtc/gathering/context.h"
#include "firmware/rtc/gathering/outgoing.h"
#include "firmware/rtc/gathering/server_addresses.h"
#include "firmware/rtc/gathering/server_status.h"
#include "firmware/rtc/gathering/server_url.h"
#include "firmware/rtc/turn/client.h"
#include "firmware/rtc/turn/stream_framer.h"

namespace ocellus::gathering {

// For the connection and, over TLS, its handshake; and then for the allocation, which takes two
// round trips.
constexpr Duration kConnectTimeout = std::chrono::seconds(10);
constexpr Duration kAllocateTimeout = std::chrono::seconds(10);

// What a server may take to answer the Refresh, which leaves at 0, 0.5, 1.5, 3.5 and 7.5 s. With
// the silence before it, less than the 30 s after which viewers lose consent (RFC 7675
// section 5.1).
constexpr Duration kGiveUpTime = std::chrono::seconds(15);

// An allocation that has carried nothing for so long may be replaced when its user grows old.
// coturn looks at the end of a user's time only when it allocates, so one in use stays.
constexpr Duration kQuiet = std::chrono::seconds(30);
// Servers take a moment to forget a 5-tuple (coturn: 1 s).
constexpr Duration kReleaseTime = std::chrono::seconds(2);

// RFC 8489 section 10: servers that name each other must not keep us busy: after so many in a row
// the next attempt begins at the first one again, later.
constexpr unsigned kMaxRedirects = 3;

class TurnServer {
 public:
  // `context` outlives it.
  TurnServer(const ServerUrl& url, Context& context);
  TurnServer(const TurnServer&) = delete;
  TurnServer& operator=(const TurnServer&) = delete;

  const ServerAddresses& addresses() const { return addresses_; }
  void HandleAsked() { addresses_.HandleAsked(); }
  void HandleResolved(Time now, const Result<std::vector<IpAddress>>& addresses);
  // The best first. An allocation from a base that is gone has failed; failures are tried again at
  // once.
  void SetBases(Time now, Span<const SocketAddress> bases);
  // The wall clock was set: whatever had failed is tried again at once.
  void Retry(Time now);

  // True once after each change of relayed() or mapped().
  bool TakeChanged() { return std::exchange(changed_, false); }
  // Empty unless there is an allocation.
  const std::vector<SocketAddress>& relayed() const { return relayed_; }
  // How the server sees us, with `base` when that is our media port.
  const std::optional<SocketAddress>& mapped() const { return mapped_; }
  bool uses_udp() const { return url_.transport == ServerTransport::kUdp; }
  // Of the attempt or allocation that there is.
  const SocketAddress& base() const { return base_; }
  std::optional<SocketAddress> udp_server() const;
  ServerStatus status() const;

  std::optional<StreamCommand> PollStreamCommand();
  bool Owns(StreamId stream) const { return stream_ == stream; }
  void HandleStreamOpened(Time now);
  void HandleStreamClosed(Time now, const Status& why);
  void HandleStreamData(Time now, Bytes data);
  // The next relayed datagram of the stream, good until the next call.
  std::optional<turn::Relayed> PollStreamDatagram();

  // One datagram from udp_server() to base(). Nullopt: it was for us.
  std::optional<turn::Relayed> HandleMessage(Time now, MutableBytes message);
  void HandleTimeout(Time now);
  std::optional<Outgoing> PollTransmit(Time now, MutableBytes out);
  Time next_deadline() const;

  bool Prepare(Time now, const SocketAddress& peer);
  // Wraps packet[0, inner.size) in place.
  std::optional<Outgoing> Wrap(Time now, const Transmit& inner, MutableBytes packet);

  // Gives the allocation back; nothing is tried any more.
  void Close(Time now);

 private:
  enum class State : uint8_t { kIdle, kConnecting, kAllocating, kReady, kReleasing, kClosed };

  // Finds a server address that one of our bases reaches; false when there is none.
  bool ChooseRoute();
  void Start(Time now);
  void StartClient(Time now);
  void HandleEvents(Time now);
  void HandleAllocated(Time now, const turn::Allocated& allocated);
  void HandleFailed(Time now, const turn::Failed& failed);
  void Fail(Time now, Status why);
  void Release(Time now);
  // Forgets the attempt or allocation, and closes its stream.
  void Drop();
  Time GiveUpAt() const;
  Time RenewAt() const;
  Outgoing Envelope(size_t size) const;

  ServerUrl url_;
  Context& context_;
  ServerAddresses addresses_;
  std::vector<SocketAddress> bases_;
  // Tried next; after a failure the other one has its turn.
  IpAddress::Family family_ = IpAddress::Family::kV4;

  State state_ = State::kIdle;
  Time due_{};  // kIdle: of the next attempt. kConnecting, kAllocating, kReleasing: it ends then.
  Backoff backoff_;
  Status error_;
  // RFC 8489 section 10: the server that the last one has named instead of itself.
  std::optional<SocketAddress> redirect_;
  unsigned redirects_ = 0;  // In a row.

  // Of the attempt or allocation.
  SocketAddress base_;
  SocketAddress server_;
  std::optional<StreamId> stream_;
  std::vector<StreamCommand> commands_;
  Login login_;
  std::unique_ptr<turn::Client> client_;
  std::unique_ptr<turn::StreamFramer> framer_;  // Of streams.
  std::vector<SocketAddress> relayed_;
  std::optional<SocketAddress> mapped_;

  bool changed_ = false;
  // Of the stream, from stream_taken_ on not polled yet; and when the last of it came. More than
  // kMaxTurnStreamData: the stream is closed.
  std::vector<uint8_t> stream_data_;
  size_t stream_taken_ = 0;
  Time stream_now_{};

  Time used_{};     // By a packet of ours to a peer.
  Time doubted_{};  // When we used it although it was silent.
};

}  // namespace ocellus::gathering
