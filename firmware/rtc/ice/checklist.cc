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

}  // namespace

void Checklist::SetRole(Role role) {
  role_ = role;
  for (Pair& pair : pairs_) pair.priority = PriorityOf(pair);
  Sort();
}

bool Checklist::AddLocal(const SocketAddress& address, uint16_t preference) {
  if (HasLocal(address) || locals_.size() == kMaxLocalAddresses) return false;
  locals_.push_back({address, preference});
  return true;
}

bool Checklist::HasLocal(const SocketAddress& address) const {
  return FindLocal(address) != nullptr;
}

void Checklist::RemoveLocal(const SocketAddress& address) {
  const auto is_it = [&](const Local& local) { return local.address == address; };
  locals_.erase(std::remove_if(locals_.begin(), locals_.end(), is_it), locals_.end());
  RemoveIf([&](const Pair& pair) { return pair.path.local == address; });
}

bool Checklist::AddRemote(const Candidate& candidate) {
  for (Remote& remote : remotes_) {
    if (remote.address != candidate.address) continue;
    if (remote.type == CandidateType::kPeerReflexive) {
      remote = {candidate.address, candidate.priority, candidate.foundation, candidate.type};
      for (Pair& pair : pairs_) {
        if (pair.path.remote != candidate.address) continue;
        pair.remote_priority = candidate.priority;
        pair.priority = PriorityOf(pair);
      }
      Sort();
    }
    return true;
  }
  if (remotes_.size() == kMaxRemoteCandidates) return false;
  remotes_.push_back({candidate.address, candidate.priority, candidate.foundation, candidate.type});
  return true;
}

void Checklist::LearnRemote(const SocketAddress& address, uint32_t priority,
                            const std::optional<PairId>& keep) {
  if (HasRemote(address)) return;
  if (remotes_.size() == kMaxRemoteCandidates) {
    const Pair* kept = keep ? Find(*keep) : nullptr;
    const Remote* silent = nullptr;
    Time silent_since = kNever;
    for (const Remote& remote : remotes_) {
      if (kept != nullptr && kept->path.remote == remote.address) continue;
      Time heard = Time::min();
      for (const Pair& pair : pairs_) {
        if (pair.path.remote == remote.address) heard = std::max(heard, pair.last_heard);
      }
      if (silent != nullptr && heard >= silent_since) continue;
      silent = &remote;
      silent_since = heard;
    }
    RemoveRemote(SocketAddress(silent->address));
  }
  // '~' is no ice-char, so that no signalled foundation is the same.
  const Foundation foundation("~" + std::to_string(++learned_));
  remotes_.push_back({address, priority, foundation, CandidateType::kPeerReflexive});
}

void Checklist::RemoveRemote(const SocketAddress& address) {
  const auto is_it = [&](const Remote& remote) { return remote.address == address; };
  remotes_.erase(std::remove_if(remotes_.begin(), remotes_.end(), is_it), remotes_.end());
  RemoveIf([&](const Pair& pair) { return pair.path.remote == address; });
}

size_t Checklist::FormPairs() {
  size_t left_out = 0;
  for (const Local& local : locals_) {
    for (const Remote& remote : remotes_) left_out += FormPair(local, remote);
  }
  return left_out;
}

size_t Checklist::FormPairsWithRemote(const SocketAddress& remote_address) {
  const Remote* remote = FindRemote(remote_address);
  CHECK(remote != nullptr, "%s is no candidate", remote_address.ToString().c_str());
  size_t left_out = 0;
  for (const Local& local : locals_) left_out += FormPair(local, *remote);
  return left_out;
}

size_t Checklist::FormPairsWithLocal(const SocketAddress& local_address) {
  const Local* local = FindLocal(local_address);
  CHECK(local != nullptr, "%s is no address of ours", local_address.ToString().c_str());
  size_t left_out = 0;
  for (const Remote& remote : remotes_) left_out += FormPair(*local, remote);
  return left_out;
}

size_t Checklist::FormPair(const Local& local, const Remote& remote) {
  if (!MayPair(local.address.ip, remote.address.ip)) return 0;
  if (Find(Path{local.address, remote.address}) != nullptr) return 0;
  const Pair pair = MakePair(local, remote);
  if (pairs_.size() == kMaxCandidatePairs) {
    // Only a pair that nothing has come of yet makes room.
    Pair& lowest = pairs_.back();
    if (lowest.priority >= pair.priority || lowest.heard || lowest.valid) return 1;
    pairs_.pop_back();
    Insert(pair);
    return 1;
  }
  Insert(pair);
  return 0;
}

Pair& Checklist::Learn(const Path& path, const std::optional<PairId>& keep) {
  if (Pair* known = Find(path)) return *known;
  const Local* local = FindLocal(path.local);
  const Remote* remote = FindRemote(path.remote);
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

Pair Checklist::MakePair(const Local& local, const Remote& remote) {
  Pair pair;
  pair.id = next_id_++;
  pair.path = {local.address, remote.address};
  pair.local_priority = CandidatePriority(CandidateType::kHost, local.preference);
  pair.remote_priority = remote.priority;
  pair.priority = PriorityOf(pair);
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

// The foundation of a pair is that of its two candidates (RFC 8445 section 4). Ours are all hosts,
// so that the address tells them apart.
uint32_t Checklist::FoundationOf(const Local& local, const Remote& remote) const {
  uint32_t highest = 0;
  for (const Pair& other : pairs_) {
    highest = std::max(highest, other.foundation);
    if (other.path.local.ip != local.address.ip) continue;
    const Remote* other_remote = FindRemote(other.path.remote);
    if (other_remote != nullptr && other_remote->foundation == remote.foundation) {
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
uint64_t Checklist::PriorityOf(const Pair& pair) const {
  const bool controlling = role_ == Role::kControlling;
  const uint64_t g = controlling ? pair.local_priority : pair.remote_priority;
  const uint64_t d = controlling ? pair.remote_priority : pair.local_priority;
  return (std::min(g, d) << 32) + 2 * std::max(g, d) + (g > d ? 1 : 0);
}

const Checklist::Local* Checklist::FindLocal(const SocketAddress& address) const {
  for (const Local& local : locals_) {
    if (local.address == address) return &local;
  }
  return nullptr;
}

const Checklist::Remote* Checklist::FindRemote(const SocketAddress& address) const {
  for (const Remote& remote : remotes_) {
    if (remote.address == address) return &remote;
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
  Pair* frozen = nullptr;
  for (Pair& pair : pairs_) {
    if (pair.state == PairState::kWaiting) return &pair;
    if (pair.state != PairState::kFrozen || frozen != nullptr) continue;
    const bool busy = std::any_of(pairs_.begin(), pairs_.end(), [&](const Pair& other) {
      return other.foundation == pair.foundation && other.state == PairState::kInProgress;
    });
    if (!busy) frozen = &pair;
  }
  if (frozen != nullptr) frozen->state = PairState::kWaiting;
  return frozen;
}

bool Checklist::HasUnchecked() const {
  return std::any_of(pairs_.begin(), pairs_.end(), [&](const Pair& pair) {
    if (pair.state == PairState::kWaiting) return true;
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

void Checklist::SetLocalPriority(PairId id, uint32_t priority) {
  Pair* pair = Find(id);
  CHECK(pair != nullptr, "no pair %u", static_cast<unsigned>(id));
  pair->local_priority = priority;
  pair->priority = PriorityOf(*pair);
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
