// SPDX-License-Identifier: Apache-2.0
// The candidates of both sides and the pairs that they form, in the order of their priority (RFC
// 8445 section 6.1.2): one checklist of one data stream with one component, as BUNDLE and rtcp-mux
// make it. Knows what to check next, not when, and sends nothing. Owned by Agent.
//
// Invariants:
//  1. pairs_ is sorted by falling priority, and no two pairs have the same path.
//  2. Both ends of every pair's path are in locals_ and remotes_, with the path's protocol.
//  3. Pair ids are never used again, so that an answer to a removed pair finds nothing.
#pragma once

#include <optional>
#include <vector>

#include "firmware/base/limits.h"
#include "firmware/base/time.h"
#include "firmware/rtc/ice/candidate.h"
#include "firmware/rtc/ice/local_candidates.h"
#include "firmware/rtc/ice/pair_status.h"
#include "firmware/rtc/ice/types.h"
#include "firmware/rtc/stun/message.h"

namespace ocellus::ice {

using PairId = uint32_t;

struct Pair {
  PairId id = 0;
  Path path;
  CandidateType local_type = CandidateType::kHost;  // As the peer sees us.
  CandidateType remote_type = CandidateType::kHost;
  uint32_t local_priority = 0;
  uint32_t remote_priority = 0;
  uint64_t priority = 0;    // RFC 8445 section 6.1.2.3
  uint32_t foundation = 0;  // Pairs with the same one share their fate.
  PairState state = PairState::kFrozen;
  bool valid = false;         // A check of ours was answered: RFC 8445's valid list is these.
  bool heard = false;         // An authenticated check of the peer came this way.
  bool nominating = false;    // Controlling: our next check carries USE-CANDIDATE.
  bool nominated = false;     // Controlled: the peer's check did; select it as soon as it is valid.
  uint8_t transmissions = 0;  // Of the check that is in progress.
  stun::TransactionId transaction{};
  Duration timeout{};               // Its RTO.
  Time sent = Time::min();          // Its first transmission.
  Time next_transmission = kNever;  // Or its end, after the last one.
  Time triggered = kNever;          // A triggered check waits, to be sent from then on.
  Time last_heard = Time::min();    // When anything authenticated came this way.
  Time last_plain = Time::min();    // When a check without USE-CANDIDATE did.
  Time last_answered =
      Time::min();  // When a check of ours was answered: consent (RFC 7675 section 4.1).
  Duration rtt{};
  PairFailure failure = PairFailure::kNone;  // The last one, until it works.
  uint16_t error = 0;                        // With kRefused.
};

class Checklist {
 public:
  explicit Checklist(Role role) : role_(role) {}

  // Recomputes and reorders. RFC 8445 section 7.3.1.1.
  void SetRole(Role role);

  // A base of ours. One that is known takes the new priority and foundation. False when there are
  // kMaxLocalCandidates.
  bool AddLocal(const Base& base);
  bool HasLocal(const SocketAddress& address, TransportProtocol protocol) const {
    return FindLocal(address, protocol) != nullptr;
  }
  // Whether a base of ours has this address, over whatever protocol.
  bool IsOurs(const SocketAddress& address) const;
  // And its pairs.
  void RemoveLocal(const SocketAddress& address, TransportProtocol protocol);

  // A signalled candidate. One that was peer-reflexive until now takes the signalled priority.
  // False when there are kMaxRemoteCandidates.
  bool AddRemote(const Candidate& candidate);
  // A peer-reflexive one, found by a check from there (RFC 8445 section 7.3.1.3). When the list is
  // full, the remote that was silent for the longest time makes room; never `keep`'s.
  void LearnRemote(const Path& path, uint32_t priority, const std::optional<PairId>& keep);

  bool HasRemote(const SocketAddress& address, TransportProtocol protocol) const {
    return FindRemote(address, protocol) != nullptr;
  }

  // Forms the pairs that do not exist yet and whose priority is above `floor`. RFC 8445 sections
  // 6.1.2.2 to 6.1.2.6, RFC 8838 section 12. Bases over TCP make none: they are passive, and the
  // peer connects (RFC 6544 section 6.2). Pairs more than kMaxCandidatePairs are left out, lowest
  // priority first; returns how many.
  size_t FormPairs(uint64_t floor = 0);
  // Only those of one remote candidate.
  size_t FormPairsWithRemote(const SocketAddress& remote, uint64_t floor = 0);
  // The pair of a check that came this way, formed if it must be, whatever the pairing rules say:
  // the network has shown that it works. When the list is full, the pair that was silent for the
  // longest time makes room; never `keep`. Both ends must have been added.
  Pair& Learn(const Path& path, const std::optional<PairId>& keep);

  Pair* Find(const Path& path);
  const Pair* Find(const Path& path) const;
  Pair* Find(PairId id);
  const Pair* Find(PairId id) const;

  // The next pair for an ordinary check, after unfreezing one if none is waiting; null when there
  // is none. RFC 8445 section 6.1.4.2, but for the order: each address of either side has its turn
  // before any is tried twice, so that of four addresses on each side three dead ones cost three
  // checks, not fifteen.
  Pair* NextWaiting();
  bool HasUnchecked() const;  // Whether NextWaiting would find one.
  // The valid pair with the highest priority.
  const Pair* BestValid() const;
  // RFC 8445 section 7.2.5.3.3: pairs with the same foundation become worth a check.
  void Unfreeze(uint32_t foundation);
  // A check of this pair showed that the peer sees us as another candidate than its base (RFC 8445
  // section 7.2.5.3.2): reorders, so that references to pairs are void.
  void SetLocalCandidate(PairId id, CandidateType type, uint32_t priority);

  // Removes the pairs for which `remove(pair)` holds.
  template <typename Predicate>
  void RemoveIf(Predicate remove) {
    size_t kept = 0;
    for (size_t i = 0; i < pairs_.size(); ++i) {
      if (remove(pairs_[i])) continue;
      if (kept != i) pairs_[kept] = pairs_[i];
      ++kept;
    }
    pairs_.resize(kept);
  }

  // Removes remote candidates and pairs; local addresses stay. For a restart.
  void Reset();

  size_t Count(PairState state) const;
  size_t remote_count() const { return remotes_.size(); }

  // In the order of invariant 1; references are void after anything that adds, removes or reorders.
  std::vector<Pair>::iterator begin() { return pairs_.begin(); }
  std::vector<Pair>::iterator end() { return pairs_.end(); }
  std::vector<Pair>::const_iterator begin() const { return pairs_.begin(); }
  std::vector<Pair>::const_iterator end() const { return pairs_.end(); }
  size_t size() const { return pairs_.size(); }
  bool empty() const { return pairs_.empty(); }

 private:
  struct Remote {
    SocketAddress address;
    TransportProtocol protocol = TransportProtocol::kUdp;
    uint32_t priority = 0;
    Foundation foundation;
    CandidateType type = CandidateType::kHost;
  };

  const Base* FindLocal(const SocketAddress& address, TransportProtocol protocol) const;
  const Remote* FindRemote(const SocketAddress& address, TransportProtocol protocol) const;
  uint64_t PriorityOf(uint32_t local, uint32_t remote) const;
  uint32_t FoundationOf(const Base& local, const Remote& remote) const;
  Pair MakePair(const Base& local, const Remote& remote);
  size_t FormPair(const Base& local, const Remote& remote, uint64_t floor);
  Pair& Insert(const Pair& pair);
  // How many pairs with the same local or remote address have been checked.
  size_t TriesOfEnds(const Pair& pair) const;
  static bool IsEndOf(const Path& path, const Remote& remote);
  void RemoveRemote(const Remote& gone);
  void Sort();

  Role role_;
  std::vector<Base> locals_;     // At most kMaxLocalCandidates.
  std::vector<Remote> remotes_;  // At most kMaxRemoteCandidates.
  std::vector<Pair> pairs_;      // At most kMaxCandidatePairs.
  PairId next_id_ = 1;
  unsigned learned_ = 0;  // Peer-reflexive candidates so far, for their foundations.
};

}  // namespace ocellus::ice
