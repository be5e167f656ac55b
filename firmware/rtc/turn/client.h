// SPDX-License-Identifier: Apache-2.0
// TURN client: one allocation on one server (RFC 8656), over UDP or over a stream. The server lends
// us an address there, and hands on what comes to it.
// Does not resolve names, open streams or frame them (stream_framer.h), and knows neither its own
// address nor the server's: the owner gives it what comes from the server, and nothing else, and
// sends what it writes to there. io thread only. Owned by the gatherer; one for all viewers.
// State: kAllocating -> kAllocated -> kClosing -> kClosed; kFailed from each of the first two. A
// client that has failed is final: the owner makes a new one when it is time.
//
// What keeps a forger out. Once the server has challenged us, only what it signs with our key is
// believed (RFC 8489 section 9.2.5). 401 and 438 cannot be signed: they are believed as far as
// asking again, a few times, with the nonce in them; they never end an allocation.
//
// Invariants:
//   1. There is at most one Allocate or Refresh on its way.
//   2. Only kAllocated has relayed addresses that packets go through, and peers.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "firmware/base/datagram.h"
#include "firmware/base/random.h"
#include "firmware/base/ring.h"
#include "firmware/base/status.h"
#include "firmware/base/time.h"
#include "firmware/rtc/stun/message.h"
#include "firmware/rtc/turn/long_term_credentials.h"
#include "firmware/rtc/turn/peer_table.h"
#include "firmware/rtc/turn/transaction.h"

namespace ocellus::turn {

// What we ask for: RFC 8656 section 7.2's default of 10 minutes.
constexpr std::chrono::seconds kAllocationLifetime = std::chrono::minutes(10);
// What we take a server's word for. RFC 8656 section 7.2 recommends that it grants an hour at
// most; what is below the first would have us do nothing else.
constexpr std::chrono::seconds kMinAllocationLifetime{4};
constexpr std::chrono::seconds kMaxAllocationLifetime = std::chrono::hours(1);
// After a Refresh that did not help, the next one. The allocation ends when its time is over only.
constexpr Duration kRefreshAgain = std::chrono::seconds(5);
// A server that is silent for so long while we send may have been restarted: a Refresh tells. Peers
// answer connectivity checks, and those of a connection come every 5 s at least (RFC 7675).
constexpr Duration kDoubtfulSilence = std::chrono::seconds(3);
// When nothing else is sent, a Refresh is, after a random time of so long: NATs in front of us
// should remember for 2 minutes (RFC 4787 section 4.3), and many do for 30 s only. Its answer says
// that the server still knows us, before a viewer needs it.
constexpr Duration kMinKeepAlive = std::chrono::seconds(15);
constexpr Duration kMaxKeepAlive = std::chrono::seconds(25);
// How often the same request is repeated because of a 401 or 438: the first one, a nonce that has
// become stale meanwhile, and some more in case somebody forges them.
constexpr unsigned kMaxChallenges = 4;

struct ClientOptions {
  // What carries the messages to the server; TLS is a stream as TCP is.
  TransportProtocol protocol = TransportProtocol::kUdp;
  std::string username;
  std::string password;
};

// The server has lent us addresses.
struct Allocated {
  std::vector<SocketAddress> relayed;  // One IPv4, one IPv6, or one of each.
  SocketAddress mapped;                // Where the server sees us: our server-reflexive address.
};

// There is no allocation (any more). Final.
struct Failed {
  Status status;  // For people: "turn server refused: 486 Allocation Quota Reached".
  std::optional<stun::ErrorCode> error;           // What the server said, when it said it.
  std::optional<SocketAddress> alternate_server;  // With 300: whom to ask instead.
};

using Event = std::variant<Allocated, Failed>;

// A packet that came through the relay. `payload` points into the bytes that were handed in.
struct Relayed {
  SocketAddress relayed;  // The address of ours that it came to.
  SocketAddress peer;     // Who sent it.
  MutableBytes payload;
};

// Why something that came in was not used.
enum class Drop : uint8_t {
  kMalformed,           // Neither a STUN message nor ChannelData, or one whose length lies.
  kUnexpected,          // A request, another indication, or too late.
  kUnknownTransaction,  // A response to nothing that we asked.
  kIntegrity,           // A response that is not made with our key.
  kChallenge,           // A 401 or 438 that nobody who knows our realm would send.
  kChannel,             // ChannelData on a channel that we have not asked for.
  kPeer,                // Data from a peer that we have not prepared.
};
constexpr size_t kDropReasons = static_cast<size_t>(Drop::kPeer) + 1;

// Counted since the client was made.
struct Stats {
  uint32_t requests_sent = 0;  // Retransmissions among them.
  uint32_t retransmissions = 0;
  uint32_t peers_refused = 0;  // 403 and 443.
  std::array<uint32_t, kDropReasons> drops{};

  void Count(Drop reason) { ++drops[static_cast<size_t>(reason)]; }
  uint32_t dropped(Drop reason) const { return drops[static_cast<size_t>(reason)]; }
};

class Client {
 public:
  enum class State : uint8_t { kAllocating, kAllocated, kClosing, kClosed, kFailed };

  // `random` must outlive the client and be unpredictable. The first PollTransmit asks the server.
  Client(Time now, ClientOptions options, Random& random);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // One datagram from the server, or one message of the stream. What was in it when it is a peer's.
  std::optional<Relayed> HandleMessage(Time now, MutableBytes message);
  void HandleTimeout(Time now);
  // The size of a message for the server, written into `out`, which has at least kMaxDatagramSize
  // bytes.
  std::optional<size_t> PollTransmit(Time now, MutableBytes out);
  std::optional<Event> PollEvent();
  // In the past while something waits for PollTransmit.
  Time next_deadline() const;

  // Makes `peer` reachable: the server lets in only whom it was told of (a permission, which lasts
  // while we go on sending). True when PollTransmit has something that should leave before the
  // packet itself. For every packet or once: Wrap does the same, only later.
  bool Prepare(Time now, const SocketAddress& peer);

  // Wraps packet[0, size) in place for `peer`, to leave from `relayed`, and returns the size that
  // it has now: by its channel once there is one (4 bytes more), in a Send indication before (at
  // most kMaxRelayOverhead more). nullopt: that address is not ours, the server refuses the peer,
  // or there is no room. Allocates nothing when the peer is known.
  std::optional<size_t> Wrap(Time now, const SocketAddress& relayed, const SocketAddress& peer,
                             MutableBytes packet, size_t size);

  // Gives the allocation back: PollTransmit has a Refresh with lifetime 0, once or, when it is not
  // answered, more often.
  void Close(Time now);

  State state() const { return state_; }
  const Stats& stats() const { return stats_; }
  // Of the last request that was sent once and answered.
  const std::optional<Duration>& rtt() const { return rtt_; }
  // When the server last sent anything; the beginning of time until it has.
  Time last_heard() const { return last_heard_; }

 private:
  // Sends a request, with a new transaction id. `challenges`: how often it was refused for its
  // nonce.
  void Start(Time now, Request request, unsigned challenges = 0);
  void StartAllocate(Time now);
  // With a lifetime of 0: gives back what this address has at the server.
  void StartRefresh(Time now, uint32_t lifetime);
  void StartPeerRequests(Time now);
  bool WantsPeerRequest() const;
  // Whether PollTransmit has a request, new or to be repeated.
  bool HasRequest(Time now) const;
  // When the next Refresh is due: for more time, or to keep the mapping alive.
  Time refresh_due() const {
    return refresh_at_ == kNever ? kNever
                                 : std::min(refresh_at_, last_sent_ + keep_alive_interval_);
  }

  // client_data.cc
  std::optional<Relayed> HandleChannelData(Time now, MutableBytes message);
  std::optional<Relayed> HandleData(Time now, MutableBytes datagram, const stun::Message& data);
  const SocketAddress* RelayedFor(const SocketAddress& peer) const;
  std::optional<size_t> WrapInSend(const SocketAddress& peer, MutableBytes packet, size_t size);

  // client_responses.cc
  void HandleResponse(Time now, const stun::Message& response);
  void HandleChallenge(Time now, size_t index, const stun::Message& response, stun::ErrorCode code);
  void HandleForgery(Time now, size_t index);
  Transaction TakeTransaction(size_t index);
  // `transaction` is over, and answered.
  void HandleSuccess(Time now, const Transaction& transaction, const stun::Message& response);
  void HandleAllocated(Time now, const Transaction& transaction, const stun::Message& response);
  void HandleLifetime(Time now, const Transaction& transaction, const stun::Message& response);
  void HandleError(Time now, const Transaction& transaction, const stun::Message& response,
                   stun::ErrorCode code);
  void HandleAllocateError(Time now, const stun::Message& response, stun::ErrorCode code);
  // `transaction` is over without an answer that could be used; `why` is for people.
  void HandleNoAnswer(Time now, const Transaction& transaction, Status why);
  void Fail(Failed failed);

  ClientOptions options_;
  Random& random_;
  LongTermCredentials credentials_;
  PeerTable peers_;
  std::vector<Transaction> transactions_;  // At most kMaxTurnTransactions and one.
  State state_ = State::kAllocating;
  Families families_ = Families::kBoth;
  bool released_former_ = false;  // Whether a 437 has been answered by freeing what is there.

  std::vector<SocketAddress> relayed_;
  Time expires_ = kNever;     // When the server forgets the allocation.
  Time refresh_at_ = kNever;  // When to ask for more time; kNever while we do.
  Status refresh_error_;      // Why the last Refresh did not help.

  Time last_heard_{};
  Time last_sent_{};
  Duration keep_alive_interval_{};

  Ring<Event, 2> events_;  // There are two in a life.
  Stats stats_;
  std::optional<Duration> rtt_;
};

}  // namespace ocellus::turn
