// SPDX-License-Identifier: Apache-2.0
// Our own candidates as they are signalled: gives each one the foundation and the priority that it
// keeps for as long as it is announced (RFC 8445 sections 5.1.1.3 and 5.1.2, RFC 6544 section 4.2),
// and says which bases they have. io thread only. Owned by Agent.
#pragma once

#include <vector>

#include "firmware/base/limits.h"
#include "firmware/rtc/ice/candidate.h"

namespace ocellus::ice {

// Where packets of ours leave from: what candidates have as their base.
struct Base {
  SocketAddress address;
  TransportProtocol protocol = TransportProtocol::kUdp;
  CandidateType type = CandidateType::kHost;  // Or kRelayed.
  uint32_t priority = 0;                      // Of the best candidate that has this base.
  uint32_t foundation = 0;                    // Of that candidate; 0: it was never announced.
};

class LocalCandidates {
 public:
  // The best first. Those that were there before keep what they have. Returns how many were left
  // out, for there are too many: kMaxLocalAddresses hosts of each protocol and kMaxLocalCandidates
  // in all. Redundant ones (RFC 8445 section 5.1.3) are left out uncounted.
  size_t Set(Span<const LocalCandidate> candidates);

  // In the order of Set.
  const std::vector<Candidate>& signalled() const { return signalled_; }
  const std::vector<Base>& bases() const { return bases_; }
  // The one at this address; null when there is none.
  const Candidate* Find(const SocketAddress& address, TransportProtocol protocol) const;

  // Whether those announced last include one that is not relayed. Addresses that were not announced
  // may then be used as well; otherwise they are to stay hidden, also while nothing is announced.
  bool reveals_hosts() const { return reveals_hosts_; }

 private:
  struct Entry {
    LocalCandidate found;
    uint32_t foundation = 0;
    uint32_t priority = 0;
  };

  static bool IsRedundant(const LocalCandidate& candidate, std::vector<Entry>& entries);
  // `entries` are those of this Set so far; entries_ still those of the last one.
  Entry MakeEntry(const LocalCandidate& candidate, const std::vector<Entry>& entries);
  uint32_t FoundationOf(const LocalCandidate& candidate, const std::vector<Entry>& entries);
  void CollectBases();

  std::vector<Entry> entries_;  // At most kMaxLocalCandidates.
  std::vector<Candidate> signalled_;
  std::vector<Base> bases_;
  uint32_t last_foundation_ = 0;
  uint16_t next_rank_ = 0;  // Of the next new candidate: the later, the less preferred.
  bool reveals_hosts_ = false;
};

}  // namespace ocellus::ice
