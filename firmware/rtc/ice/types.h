// SPDX-License-Identifier: Apache-2.0
// Words that the parts of the ICE agent share (RFC 8445).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "firmware/base/datagram.h"
#include "firmware/base/time.h"

namespace ocellus::ice {

// RFC 8445 section 6.1.1: who nominates. The offerer is controlling, unless one side is lite.
enum class Role : uint8_t { kControlling, kControlled };

// Where packets go out of and to. `local` is one of our own addresses: a base, in the RFC's words.
struct Path {
  SocketAddress local;
  SocketAddress remote;
  TransportProtocol protocol = TransportProtocol::kUdp;

  friend bool operator==(const Path& a, const Path& b) {
    return a.remote == b.remote && a.local == b.local && a.protocol == b.protocol;
  }
  friend bool operator!=(const Path& a, const Path& b) { return !(a == b); }
};

// The path that a datagram took, and a datagram of `size` bytes on its way over one.
inline Path PathOf(const Datagram& in) { return {in.local, in.remote, in.protocol}; }
inline Transmit TransmitOver(const Path& path, size_t size) {
  return {path.local, path.remote, size, path.protocol};
}

// RFC 8445 section 6.1.2.6, figure 9:
//
//     kFrozen --unfrozen--> kWaiting --check sent--> kInProgress --answered--> kSucceeded
//                                                        '------timed out---> kFailed
//
// A triggered check takes any of them back to kWaiting.
enum class PairState : uint8_t { kFrozen, kWaiting, kInProgress, kSucceeded, kFailed };

// Why something that came in was not used.
enum class Drop : uint8_t {
  kMalformed,           // Not a STUN message, or not a binding message.
  kFailed,              // It came after the agent had failed.
  kFingerprint,         // FINGERPRINT is missing or wrong.
  kUsername,            // A request without USERNAME, or for another ufrag.
  kIntegrity,           // MESSAGE-INTEGRITY is missing or wrong.
  kAttribute,           // A request with an unknown attribute, or without one that it needs.
  kResponseQueue,       // A request more than can be answered before the next PollTransmit.
  kUnknownTransaction,  // A response to nothing that we asked.
  kWrongSource,         // A response from or to another address than the request's.
  kCandidateKind,       // A remote candidate that we cannot use: passive TCP, component 2, ...
  kCandidateLimit,      // A candidate, name or pair more than limits.h allows.
  kUnresolvedName,      // A remote candidate whose name nobody answers to.
  kHiddenAddress,       // It came to an address of ours that is to stay hidden.
};
constexpr size_t kDropReasons = static_cast<size_t>(Drop::kHiddenAddress) + 1;

// Counted since the agent was made.
struct Stats {
  uint32_t requests_received = 0;   // Authenticated ones.
  uint32_t responses_received = 0;  // Ones that matched.
  uint32_t checks_sent = 0;         // Retransmissions and consent checks among them.
  uint32_t retransmissions = 0;
  uint32_t role_switches = 0;
  std::array<uint32_t, kDropReasons> drops{};
  Duration rtt{};  // Of the path that is used, smoothed; zero until it is known.

  void Count(Drop reason) { ++drops[static_cast<size_t>(reason)]; }
  uint32_t dropped(Drop reason) const { return drops[static_cast<size_t>(reason)]; }
};

}  // namespace ocellus::ice
