// SPDX-License-Identifier: Apache-2.0
// What there is to check: the candidates of both sides, and what becomes of their pairs when ours
// change. Sections 5 and 6 of RFC 8445.
#include <algorithm>

#include "firmware/rtc/ice/agent.h"

namespace ocellus::ice {
namespace {

// RFC 8838 allows any candidate at any time; others are of no use to an agent with one component,
// or would have it probe what is no host.
bool IsUsable(const Candidate& candidate) {
  const IpAddress& ip = candidate.address.ip;
  return candidate.component == 1 && candidate.address.port != 0 &&
         candidate.transport == TransportProtocol::kUdp && !ip.is_unspecified() &&
         !ip.is_multicast();
}

bool HasUsableName(const Candidate& candidate) {
  return candidate.component == 1 && candidate.address.port != 0 &&
         candidate.transport == TransportProtocol::kUdp &&
         RemoteNames::IsResolvable(candidate.host_name);
}

// The peer connects to us from there, wherever "there" is then: its port is 9 (RFC 6544
// section 4.5), and the pair comes with its first check.
bool IsActiveTcp(const Candidate& candidate) {
  return candidate.transport == TransportProtocol::kTcp && candidate.component == 1 &&
         candidate.tcp_type == TcpType::kActive;
}

}  // namespace

// --- Ours ----------------------------------------------------------------------------------------

void Agent::SetLocalCandidates(Time now, Span<const LocalCandidate> candidates) {
  if (state_ == State::kFailed) return;
  const std::vector<Base> before = local_candidates_.bases();
  if (local_candidates_.Set(candidates) > 0) stats_.Count(Drop::kCandidateLimit);
  const std::vector<Base>& bases = local_candidates_.bases();
  const auto is_in = [](const Base& base, const std::vector<Base>& set) {
    return std::any_of(set.begin(), set.end(), [&](const Base& other) {
      return other.address == base.address && other.protocol == base.protocol;
    });
  };

  for (const Base& base : before) {
    if (!is_in(base, bases)) RemoveBase(base);
  }
  bool is_new = false;
  for (const Base& base : bases) {
    is_new = is_new || !is_in(base, before);
    if (!checklist_.AddLocal(base)) stats_.Count(Drop::kCandidateLimit);
  }
  const bool lost = active_ && checklist_.Find(*active_) == nullptr;
  if (lost) HandleBaseLost(now);
  if (checklist_.FormPairs(PriorityFloor()) > 0) stats_.Count(Drop::kCandidateLimit);
  if (is_new) PairWithActiveRemote();
  if (lost || (is_new && generation_connected_ && !selected_)) CheckAllAgain(now);
  MaybeNominate(now);
  UpdateDeadline();
}

void Agent::RemoveBase(const Base& base) {
  const auto is_its = [&](const Path& path) {
    return path.local == base.address && path.protocol == base.protocol;
  };
  for (const Pair& pair : checklist_) {
    if (is_its(pair.path)) Remember(pair, PairFailure::kAddressGone);
  }
  checklist_.RemoveLocal(base.address, base.protocol);
  if (reachable_ && is_its(*reachable_)) reachable_.reset();
  if (previous_ && is_its(previous_->pair.path)) DropPrevious();
}

void Agent::HandleBaseLost(Time now) {
  selected_.reset();
  challenger_.reset();
  doubted_since_.reset();
  state_ = State::kChecking;
  base_lost_ = now;
  valid_since_ = kNever;
  UpdateActive(now);
}

// The network has changed, so that no failure from before counts, and every answer is news. First
// where the peer was: it most likely still is, and all the rest in the usual order.
void Agent::CheckAllAgain(Time now) {
  Time turn = now;
  for (Pair& pair : checklist_) {
    const bool was_there = last_active_ && last_active_->remote == pair.path.remote &&
                           last_active_->protocol == pair.path.protocol;
    if (pair.state == PairState::kInProgress) {
      if (!was_there) continue;
      CancelCheck(pair);
    }
    pair.state = PairState::kWaiting;
    if (!was_there) continue;
    pair.triggered = turn;
    turn += kTa;
  }
}

// A new base is tried with where the peer is now, even if it is less preferred: the peer knows it
// then, and it is there when the one in use goes.
void Agent::PairWithActiveRemote() {
  if (!last_active_ || last_active_->protocol == TransportProtocol::kTcp ||
      !checklist_.HasRemote(last_active_->remote, last_active_->protocol)) {
    return;
  }
  if (checklist_.FormPairsWithRemote(last_active_->remote) > 0) {
    stats_.Count(Drop::kCandidateLimit);
  }
}

bool Agent::MayUse(const SocketAddress& local, TransportProtocol protocol) const {
  return local_candidates_.reveals_hosts() || checklist_.HasLocal(local, protocol);
}

// --- The peer's ----------------------------------------------------------------------------------

void Agent::AddRemoteCandidate(Time now, const Candidate& candidate) {
  if (state_ == State::kFailed) return stats_.Count(Drop::kFailed);
  if (IsActiveTcp(candidate)) return;
  if (candidate.host_name.empty()) {
    PairRemote(now, candidate);
  } else if (!HasUsableName(candidate)) {
    stats_.Count(Drop::kCandidateKind);
  } else if (!names_.Add(candidate)) {
    stats_.Count(Drop::kCandidateLimit);
  } else {
    PairResolved(now);
  }
  UpdateDeadline();
}

void Agent::EndOfRemoteCandidates(Time) {
  end_of_candidates_ = true;
  UpdateDeadline();
}

void Agent::HandleResolvedName(Time now, std::string_view name, Span<const IpAddress> addresses) {
  if (state_ == State::kFailed) return;
  names_.Resolve(name, addresses);
  PairResolved(now);
  UpdateDeadline();
}

void Agent::PairResolved(Time now) {
  while (const auto candidate = names_.PollCandidate()) {
    if (candidate->host_name.empty()) {
      PairRemote(now, *candidate);
    } else {
      stats_.Count(Drop::kUnresolvedName);
    }
  }
}

void Agent::PairRemote(Time now, const Candidate& candidate) {
  if (!IsUsable(candidate) || IsOurs(candidate.address)) {
    return stats_.Count(Drop::kCandidateKind);
  }
  if (!checklist_.AddRemote(candidate)) return stats_.Count(Drop::kCandidateLimit);
  last_candidate_ = now;
  if (checklist_.FormPairsWithRemote(candidate.address, PriorityFloor()) > 0) {
    stats_.Count(Drop::kCandidateLimit);
  }
}

bool Agent::IsOurs(const SocketAddress& address) const {
  return checklist_.IsOurs(address) ||
         local_candidates_.Find(address, TransportProtocol::kUdp) != nullptr;
}

uint64_t Agent::PriorityFloor() const {
  return selected_ ? checklist_.Find(*selected_)->priority : 0;
}

// --- For people ----------------------------------------------------------------------------------

std::vector<PairStatus> Agent::pairs() const {
  std::vector<PairStatus> pairs;
  if (previous_ && !selected_) pairs.push_back(previous_->pair);
  for (const Pair& pair : checklist_) pairs.push_back(StatusOf(pair));
  for (auto gone = dropped_.rbegin(); gone != dropped_.rend(); ++gone) {
    // What is there again is not shown as gone.
    if (checklist_.Find(gone->path) == nullptr) pairs.push_back(*gone);
  }
  return pairs;
}

PairStatus Agent::StatusOf(const Pair& pair) const {
  PairStatus status;
  status.path = pair.path;
  status.local_type = pair.local_type;
  status.remote_type = pair.remote_type;
  status.state = pair.state;
  status.works = pair.valid;
  status.selected = active_ == pair.id && (!previous_ || selected_);
  status.failure = pair.failure;
  status.error = pair.error;
  if (pair.rtt > Duration::zero()) status.rtt = pair.rtt;
  return status;
}

void Agent::Remember(const Pair& pair, PairFailure failure) {
  // One entry for each path: the last one.
  const auto same = std::find_if(dropped_.begin(), dropped_.end(),
                                 [&](const PairStatus& other) { return other.path == pair.path; });
  if (same != dropped_.end()) dropped_.erase(same);
  if (dropped_.size() == kMaxDroppedPairs) dropped_.erase(dropped_.begin());
  PairStatus status = StatusOf(pair);
  status.selected = false;
  status.works = false;
  status.failure = failure;
  dropped_.push_back(status);
}

}  // namespace ocellus::ice
