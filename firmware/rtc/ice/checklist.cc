// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/ice/checklist.h"

#include <algorithm>
#include <string>

namespace ocellus::ice {
namespace {

bool IsHigher(const Pair& a, const Pair& b) {
  return a.priority != b.priority ? a.priority > b.priority : a.id < b.id;
}

// RFC 8445 section 6.1.2.2: the same IP version, and link-local IPv6 addresses only with each
// other. Loopback likewise: 127.0.0.1 of another host is not ours to probe.
bool MayPair(const IpAddress& local, const IpAddress& remote) {
  if (local.family() != remote.family() || local.is_loopback() != remote.is_loopback()) {
    return false;
  }
  return local.is_v4() || local.is_link_local() == remote.is_link_local();
}

// Whether it waits for an ordinary check; a triggered one has its own time.
bool IsDue(const Pair& pair) {
  return pair.state == PairState::kWaiting && pair.triggered == kNever;
}

}  // namespace

void Checklist::SetRole(Role role) {
  role_ = role;
  for (Pair& pair : pairs_) pair.priority = PriorityOf(pair.local_priority, pair.remote_priority);
  Sort();
}

bool Checklist::AddLocal(const Base& base) {
  for (Base& known : locals_) {
    if (known.address != base.address || known.protocol != base.protocol) continue;
    if (known.priority == base.priority && known.foundation == base.foundation) return true;
    for (Pair& pair : pairs_) {
      const bool is_its = pair.path.local == base.address && pair.path.protocol == base.protocol;
      if (!is_its || pair.local_priority != known.priority) continue;
      pair.local_priority = base.priority;
      pair.priority = PriorityOf(pair.local_priority, pair.remote_priority);
    }
    known = base;
    Sort();
    return true;
  }
  if (locals_.size() == kMaxLocalCandidates) return false;
  locals_.push_back(base);
  return true;
}

bool Checklist::IsOurs(const SocketAddress& address) const {
  return std::any_of(locals_.begin(), locals_.end(),
                     [&](const Base& base) { return base.address == address; });
}

void Checklist::RemoveLocal(const SocketAddress& address, TransportProtocol protocol) {
  const auto is_it = [&](const Base& base) {
    return base.address == address && base.protocol == protocol;
  };
  locals_.erase(std::remove_if(locals_.begin(), locals_.end(), is_it), locals_.end());
  RemoveIf([&](const Pair& pair) {
    return pair.path.local == address && pair.path.protocol == protocol;
  });
}

bool Checklist::AddRemote(const Candidate& candidate) {
  const Remote added{candidate.address, candidate.transport, candidate.priority,
                     candidate.foundation, candidate.type};
  for (Remote& remote : remotes_) {
    if (remote.address != added.address || remote.protocol != added.protocol) continue;
    if (remote.type == CandidateType::kPeerReflexive) {
      remote = added;
      for (Pair& pair : pairs_) {
        if (pair.path.remote != added.address || pair.path.protocol != added.protocol) continue;
        pair.remote_type = added.type;
        pair.remote_priority = added.priority;
        pair.priority = PriorityOf(pair.local_priority, pair.remote_priority);
      }
      Sort();
    }
    return true;
  }
  if (remotes_.size() == kMaxRemoteCandidates) return false;
  remotes_.push_back(added);
  return true;
}

void Checklist::LearnRemote(const Path& path, uint32_t priority,
                            const std::optional<PairId>& keep) {
  if (FindRemote(path.remote, path.protocol) != nullptr) return;
  if (remotes_.size() == kMaxRemoteCandidates) {
    const Pair* kept = keep ? Find(*keep) : nullptr;
    const Remote* silent = nullptr;
    Time silent_since = kNever;
    for (const Remote& remote : remotes_) {
      if (kept != nullptr && IsEndOf(kept->path, remote)) continue;
      Time heard = Time::min();
      for (const Pair& pair : pairs_) {
        if (IsEndOf(pair.path, remote)) heard = std::max(heard, pair.last_heard);
      }
      if (silent != nullptr && heard >= silent_since) continue;
      silent = &remote;
      silent_since = heard;
    }
    RemoveRemote(Remote(*silent));
  }
  // '~' is no ice-char, so that no signalled foundation is the same.
  const Foundation foundation("~" + std::to_string(++learned_));
  remotes_.push_back(
      {path.remote, path.protocol, priority, foundation, CandidateType::kPeerReflexive});
}

bool Checklist::IsEndOf(const Path& path, const Remote& remote) {
  return path.remote == remote.address && path.protocol == remote.protocol;
}

void Checklist::RemoveRemote(const Remote& gone) {
  const auto is_it = [&](const Remote& remote) {
    return remote.address == gone.address && remote.protocol == gone.protocol;
  };
  remotes_.erase(std::remove_if(remotes_.begin(), remotes_.end(), is_it), remotes_.end());
  RemoveIf([&](const Pair& pair) { return IsEndOf(pair.path, gone); });
}

size_t Checklist::FormPairs(uint64_t floor) {
  size_t left_out = 0;
  for (const Base& local : locals_) {
    for (const Remote& remote : remotes_) left_out += FormPair(local, remote, floor);
  }
  return left_out;
}

size_t Checklist::FormPairsWithRemote(const SocketAddress& address, uint64_t floor) {
  const Remote* remote = FindRemote(address, TransportProtocol::kUdp);
  CHECK(remote != nullptr, "%s is no candidate", address.ToString().c_str());
  size_t left_out = 0;
  for (const Base& local : locals_) left_out += FormPair(local, *remote, floor);
  return left_out;
}

size_t Checklist::FormPair(const Base& local, const Remote& remote, uint64_t floor) {
  if (local.protocol == TransportProtocol::kTcp || remote.protocol == TransportProtocol::kTcp ||
      !MayPair(local.address.ip, remote.address.ip)) {
    return 0;
  }
  const uint64_t priority = PriorityOf(local.priority, remote.priority);
  if (priority <= floor || Find(Path{local.address, remote.address}) != nullptr) return 0;
  if (pairs_.size() < kMaxCandidatePairs) {
    Insert(MakePair(local, remote));
    return 0;
  }
  // Only a pair that nothing has come of yet makes room.
  const Pair& lowest = pairs_.back();
  if (lowest.priority >= priority || lowest.heard || lowest.valid) return 1;
  pairs_.pop_back();
  Insert(MakePair(local, remote));
  return 1;
}

Pair& Checklist::Learn(const Path& path, const std::optional<PairId>& keep) {
  if (Pair* known = Find(path)) return *known;
  const Base* local = FindLocal(path.local, path.protocol);
  const Remote* remote = FindRemote(path.remote, path.protocol);
  CHECK(local != nullptr && remote != nullptr, "pair of unknown ends %s, %s",
        path.local.ToString().c_str(), path.remote.ToString().c_str());
  if (pairs_.size() == kMaxCandidatePairs) {
    auto silent = pairs_.end();
    for (auto pair = pairs_.begin(); pair != pairs_.end(); ++pair) {
      if (keep && pair->id == *keep) continue;
      // Of equals the last one, which has the lowest priority.
      if (silent == pairs_.end() || pair->last_heard <= silent->last_heard) silent = pair;
    }
    pairs_.erase(silent);
  }
  return Insert(MakePair(*local, *remote));
}

Pair Checklist::MakePair(const Base& local, const Remote& remote) {
  Pair pair;
  pair.id = next_id_++;
  pair.path = {local.address, remote.address, local.protocol};
  pair.local_type = local.type;
  pair.remote_type = remote.type;
  pair.local_priority = local.priority;
  pair.remote_priority = remote.priority;
  pair.priority = PriorityOf(pair.local_priority, pair.remote_priority);
  pair.foundation = FoundationOf(local, remote);
  // RFC 8445 section 6.1.2.6 and RFC 8838 section 12: the first pair of a foundation waits at
  // once, and so does one whose foundation is known to work; others are frozen until it is.
  bool has_peers = false;
  bool peer_succeeded = false;
  for (const Pair& other : pairs_) {
    if (other.foundation != pair.foundation) continue;
    has_peers = true;
    peer_succeeded = peer_succeeded || other.state == PairState::kSucceeded;
  }
  pair.state = has_peers && !peer_succeeded ? PairState::kFrozen : PairState::kWaiting;
  return pair;
}

// The foundation of a pair is that of its two candidates (RFC 8445 section 4). What shares one
// shares its address as well (section 5.1.1.3); a peer that gives the same to several addresses
// shall not have the good ones wait for the dead.
uint32_t Checklist::FoundationOf(const Base& local, const Remote& remote) const {
  uint32_t highest = 0;
  for (const Pair& other : pairs_) {
    highest = std::max(highest, other.foundation);
    if (other.path.local.ip != local.address.ip || other.path.remote.ip != remote.address.ip) {
      continue;
    }
    const Base* other_local = FindLocal(other.path.local, other.path.protocol);
    const Remote* other_remote = FindRemote(other.path.remote, other.path.protocol);
    if (other_local != nullptr && other_local->foundation == local.foundation &&
        other_remote != nullptr && other_remote->foundation == remote.foundation) {
      return other.foundation;
    }
  }
  return highest + 1;
}

Pair& Checklist::Insert(const Pair& pair) {
  return *pairs_.insert(std::upper_bound(pairs_.begin(), pairs_.end(), pair, IsHigher), pair);
}

void Checklist::Sort() { std::sort(pairs_.begin(), pairs_.end(), IsHigher); }

// RFC 8445 section 6.1.2.3: 2^32 * MIN(G,D) + 2 * MAX(G,D) + (G > D ? 1 : 0), where G is the
// controlling agent's candidate priority and D the controlled agent's.
uint64_t Checklist::PriorityOf(uint32_t local, uint32_t remote) const {
  const uint64_t g = role_ == Role::kControlling ? local : remote;
  const uint64_t d = role_ == Role::kControlling ? remote : local;
  return (std::min(g, d) << 32) + 2 * std::max(g, d) + (g > d ? 1 : 0);
}

const Base* Checklist::FindLocal(const SocketAddress& address, TransportProtocol protocol) const {
  for (const Base& local : locals_) {
    if (local.address == address && local.protocol == protocol) return &local;
  }
  return nullptr;
}

const Checklist::Remote* Checklist::FindRemote(const SocketAddress& address,
                                               TransportProtocol protocol) const {
  for (const Remote& remote : remotes_) {
    if (remote.address == address && remote.protocol == protocol) return &remote;
  }
  return nullptr;
}

const Pair* Checklist::Find(const Path& path) const {
  for (const Pair& pair : pairs_) {
    if (pair.path == path) return &pair;
  }
  return nullptr;
}

const Pair* Checklist::Find(PairId id) const {
  for (const Pair& pair : pairs_) {
    if (pair.id == id) return &pair;
  }
  return nullptr;
}

Pair* Checklist::Find(const Path& path) {
  return const_cast<Pair*>(static_cast<const Checklist*>(this)->Find(path));
}

Pair* Checklist::Find(PairId id) {
  return const_cast<Pair*>(static_cast<const Checklist*>(this)->Find(id));
}

Pair* Checklist::NextWaiting() {
  Pair* due = nullptr;
  size_t fewest = 0;
  for (Pair& pair : pairs_) {
    if (!IsDue(pair)) continue;
    const size_t tries = TriesOfEnds(pair);
    if (due != nullptr && tries >= fewest) continue;
    due = &pair;
    fewest = tries;
  }
  if (due != nullptr) return due;
  Pair* frozen = nullptr;
  for (Pair& pair : pairs_) {
    if (pair.state != PairState::kFrozen || frozen != nullptr) continue;
    const bool busy = std::any_of(pairs_.begin(), pairs_.end(), [&](const Pair& other) {
      return other.foundation == pair.foundation && other.state == PairState::kInProgress;
    });
    if (!busy) frozen = &pair;
  }
  if (frozen != nullptr) frozen->state = PairState::kWaiting;
  return frozen;
}

size_t Checklist::TriesOfEnds(const Pair& pair) const {
  size_t tries = 0;
  for (const Pair& other : pairs_) {
    if (other.sent == Time::min()) continue;
    if (other.path.local == pair.path.local) ++tries;
    if (other.path.remote == pair.path.remote) ++tries;
  }
  return tries;
}

bool Checklist::HasUnchecked() const {
  return std::any_of(pairs_.begin(), pairs_.end(), [&](const Pair& pair) {
    if (IsDue(pair)) return true;
    return pair.state == PairState::kFrozen &&
           std::none_of(pairs_.begin(), pairs_.end(), [&](const Pair& other) {
             return other.foundation == pair.foundation && other.state == PairState::kInProgress;
           });
  });
}

const Pair* Checklist::BestValid() const {
  const auto found =
      std::find_if(pairs_.begin(), pairs_.end(), [](const Pair& pair) { return pair.valid; });
  return found == pairs_.end() ? nullptr : &*found;
}

void Checklist::Unfreeze(uint32_t foundation) {
  for (Pair& pair : pairs_) {
    if (pair.foundation == foundation && pair.state == PairState::kFrozen) {
      pair.state = PairState::kWaiting;
    }
  }
}

void Checklist::SetLocalCandidate(PairId id, CandidateType type, uint32_t priority) {
  Pair* pair = Find(id);
  CHECK(pair != nullptr, "no pair %u", static_cast<unsigned>(id));
  pair->local_type = type;
  pair->local_priority = priority;
  pair->priority = PriorityOf(pair->local_priority, pair->remote_priority);
  Sort();
}

void Checklist::Reset() {
  remotes_.clear();
  pairs_.clear();
}

size_t Checklist::Count(PairState state) const {
  return static_cast<size_t>(std::count_if(pairs_.begin(), pairs_.end(),
                                           [&](const Pair& pair) { return pair.state == state; }));
}

}  // namespace ocellus::ice
