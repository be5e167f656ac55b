// SPDX-License-Identifier: Apache-2.0
// A candidate as it is signalled: an address that may reach its owner (RFC 8445 section 5.1), and
// the value of the SDP attribute that carries it (RFC 8839 section 5.1, RFC 6544 section 4.5 for
// TCP). Any thread.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/datagram.h"
#include "firmware/base/status.h"

namespace ocellus::ice {

// 1 to 32 ice-chars; candidates with the same foundation are likely to share their fate.
class Foundation {
 public:
  static constexpr size_t kMaxSize = 32;  // RFC 8839 section 5.1: 1*32ice-char.

  Foundation() = default;
  // Longer text is our bug; what a peer sends is checked by Candidate::Parse.
  explicit Foundation(std::string_view text);

  std::string_view text() const { return {text_.data(), size_}; }
  friend bool operator==(const Foundation& a, const Foundation& b) { return a.text() == b.text(); }
  friend bool operator!=(const Foundation& a, const Foundation& b) { return !(a == b); }

 private:
  std::array<char, kMaxSize> text_{};
  uint8_t size_ = 0;
};

enum class CandidateType : uint8_t { kHost, kServerReflexive, kPeerReflexive, kRelayed };
// RFC 6544 section 4.5; only with TransportProtocol::kTcp.
enum class TcpType : uint8_t { kActive, kPassive, kSimultaneousOpen };

struct Candidate {
  Foundation foundation;
  uint16_t component = 1;  // 1 to 256; 1 is RTP, and everything else with rtcp-mux and BUNDLE.
  TransportProtocol transport = TransportProtocol::kUdp;
  std::optional<TcpType> tcp_type;
  uint32_t priority = 0;  // 1 to 2^31 - 1
  SocketAddress address;  // The port alone is meaningful when there is a host name.
  // Instead of an address: a name to be resolved, in practice a browser's "<uuid>.local".
  std::string host_name;
  CandidateType type = CandidateType::kHost;
  std::optional<SocketAddress> related;  // The base, or for relayed ones the mapped address.

  // Reads "candidate:1 1 udp 2122260223 192.0.2.1 40000 typ host ...", with "a=" before it or
  // without "candidate:", as browsers and SDP lines have it. Extensions other than tcptype are
  // skipped.
  // Errors: kMalformed (the grammar is broken, foundation longer than 32, an IPv6 zone);
  // kUnsupported (a transport or type that we do not know: skip the candidate, RFC 8839
  // section 5.1).
  static Result<Candidate> Parse(std::string_view text);

  // The same without "a=": "candidate:1 1 udp ...".
  std::string Write() const;

  friend bool operator==(const Candidate& a, const Candidate& b);
  friend bool operator!=(const Candidate& a, const Candidate& b) { return !(a == b); }
};

// A candidate of ours as gathering finds it, before it has a foundation and a priority (RFC 8445
// section 5.1.1).
struct LocalCandidate {
  CandidateType type = CandidateType::kHost;  // kHost, kServerReflexive or kRelayed.
  // kTcp: a passive one (RFC 6544 section 4.1), which is kHost or kServerReflexive.
  TransportProtocol protocol = TransportProtocol::kUdp;
  SocketAddress address;  // What the peer sends to.
  SocketAddress base;  // What Datagram::local says of that: of host and relayed ones the address.
  // As signalled in raddr and rport; nullopt where it shall stay hidden.
  std::optional<SocketAddress> related;
  // The STUN or TURN server that it is from, however numbered; 0: none. Tells foundations apart
  // (RFC 8445 section 5.1.1.3).
  uint32_t server = 0;

  friend bool operator==(const LocalCandidate& a, const LocalCandidate& b) {
    return a.type == b.type && a.protocol == b.protocol && a.address == b.address &&
           a.base == b.base && a.related == b.related && a.server == b.server;
  }
  friend bool operator!=(const LocalCandidate& a, const LocalCandidate& b) { return !(a == b); }
};

// One UDP host candidate for each address: all that a host without servers has.
std::vector<LocalCandidate> HostCandidates(Span<const SocketAddress> addresses);

// "host", "srflx", "prflx" or "relay", as RFC 8839 section 5.1 writes them.
const char* ToString(CandidateType type);

// RFC 8445 section 5.1.2.1, of component 1. `local_preference` orders the candidates of one host
// and type: 65535 is best.
uint32_t CandidatePriority(CandidateType type, uint16_t local_preference,
                           TransportProtocol protocol = TransportProtocol::kUdp);

// What a candidate of the same base would have that is only found through a check: the PRIORITY of
// that check (RFC 8445 section 7.1.1). Only the type preference differs.
uint32_t PeerReflexivePriority(uint32_t priority, TransportProtocol protocol);

}  // namespace ocellus::ice
