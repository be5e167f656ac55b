// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/ice/agent.h"

#include <algorithm>

namespace ocellus::ice {
namespace {

// RFC 8838 allows any candidate at any time; these are of no use to an agent with one UDP component
// and no resolver, or would have it probe what is no host.
bool IsUsable(const Candidate& candidate) {
  const IpAddress& ip = candidate.address.ip;
  return candidate.transport == TransportProtocol::kUdp && candidate.component == 1 &&
         candidate.host_name.empty() && candidate.address.port != 0 && !ip.is_unspecified() &&
         !ip.is_multicast();
}

Candidate MakeHostCandidate(const SocketAddress& address, uint16_t preference) {
  Candidate candidate;
  // Each address has its own preference, so that it can name the foundation as well.
  candidate.foundation = Foundation(std::to_string(65536 - preference));
  candidate.priority = CandidatePriority(CandidateType::kHost, preference);
  candidate.address = address;
  return candidate;
}

}  // namespace

Agent::Agent(Role role, Random& random)
    : random_(random),
      role_(role),
      tie_breaker_(random.NextU64()),
      local_(GenerateCredentials(random)),
      checklist_(role) {}

void Agent::SetLocalCandidates(Time now, Span<const LocalCandidate> candidates) {
  std::vector<SocketAddress> hosts;
  for (const LocalCandidate& candidate : candidates) {
    if (hosts.size() == kMaxLocalAddresses) break;
    if (candidate.type == CandidateType::kHost && candidate.protocol == TransportProtocol::kUdp) {
      hosts.push_back(candidate.address);
    }
  }
  const auto is_gone = [&](const Candidate& candidate) {
    return std::find(hosts.begin(), hosts.end(), candidate.address) == hosts.end();
  };
  for (const Candidate& candidate : local_candidates_) {
    if (is_gone(candidate)) checklist_.RemoveLocal(candidate.address);
  }
  local_candidates_.erase(
      std::remove_if(local_candidates_.begin(), local_candidates_.end(), is_gone),
      local_candidates_.end());

  if (IsSelectedGone()) {
    selected_.reset();
    challenger_.reset();
    state_ = State::kChecking;
    checking_since_ = now;
  }
  if (reachable_ && !checklist_.HasLocal(reachable_->local)) reachable_.reset();
  if (previous_ && !checklist_.HasLocal(previous_->path.local)) previous_.reset();
  UpdateActive();

  for (const SocketAddress& host : hosts) {
    const auto is_host = [&](const Candidate& candidate) { return candidate.address == host; };
    if (std::any_of(local_candidates_.begin(), local_candidates_.end(), is_host)) continue;
    // One that packets came to before it was announced stays as it is.
    if (!checklist_.AddLocal(host, next_preference_) && !checklist_.HasLocal(host)) continue;
    local_candidates_.push_back(MakeHostCandidate(host, next_preference_--));
    if (selected_ && checklist_.FormPairsWithLocal(host) > 0) stats_.Count(Drop::kCandidateLimit);
  }
  if (!selected_ && checklist_.FormPairs() > 0) stats_.Count(Drop::kCandidateLimit);
  MaybeNominate(now);
  UpdateDeadline();
}

void Agent::SetRemoteCredentials(Time now, Credentials remote) {
  if (!IsValid(remote)) return stats_.Count(Drop::kMalformed);
  if (state_ == State::kFailed || (remote_ && *remote_ == remote)) return;
  remote_ = std::move(remote);
  if (state_ == State::kNew) state_ = State::kChecking;
  checking_since_ = now;
  last_candidate_ = now;
  next_ordinary_ = now;
  UpdateDeadline();
}

void Agent::AddRemoteCandidate(Time now, const Candidate& candidate) {
  if (state_ == State::kFailed) return stats_.Count(Drop::kFailed);
  if (!IsUsable(candidate) || checklist_.HasLocal(candidate.address)) {
    return stats_.Count(Drop::kCandidateKind);
  }
  if (!checklist_.AddRemote(candidate)) return stats_.Count(Drop::kCandidateLimit);
  last_candidate_ = now;
  // A path that works is not compared with late ones; they are there if it breaks.
  if (!selected_ && checklist_.FormPairsWithRemote(candidate.address) > 0) {
    stats_.Count(Drop::kCandidateLimit);
  }
  UpdateDeadline();
}

void Agent::EndOfRemoteCandidates(Time) {
  end_of_candidates_ = true;
  UpdateDeadline();
}

std::optional<std::string> Agent::PollNameToResolve() { return std::nullopt; }

void Agent::HandleResolvedName(Time, std::string_view, Span<const IpAddress>) {}

std::vector<PairStatus> Agent::pairs() const {
  std::vector<PairStatus> pairs;
  for (const Pair& pair : checklist_) {
    PairStatus status;
    status.path = pair.path;
    status.state = pair.state;
    status.works = pair.valid;
    status.selected = selected_ == pair.id;
    if (pair.rtt > Duration::zero()) status.rtt = pair.rtt;
    pairs.push_back(status);
  }
  return pairs;
}

void Agent::Restart(Time now) {
  if (const Pair* pair = active_ ? checklist_.Find(*active_) : nullptr) {
    previous_.emplace(Previous{local_, *remote_, pair->path, pair->local_priority, *consent_});
  }
  Forget();
  local_ = GenerateCredentials(random_);
  state_ = State::kChecking;
  checking_since_ = now;
  UpdateDeadline();
}

// All that belongs to one generation of credentials, but not the credentials before it.
void Agent::Forget() {
  remote_.reset();
  checklist_.Reset();
  responder_.Clear();
  cancelled_.Clear();
  selected_.reset();
  challenger_.reset();
  reachable_.reset();
  end_of_candidates_ = false;
  valid_since_ = kNever;
  nominate_at_ = kNever;
  UpdateActive();
}

void Agent::HandleDatagram(Time now, const Datagram& in) {
  if (state_ == State::kFailed) return stats_.Count(Drop::kFailed);
  const auto message = stun::Message::Parse(in.payload);
  if (!message.ok() || message->method() != stun::Method::kBinding) {
    return stats_.Count(Drop::kMalformed);
  }
  switch (message->message_class()) {
    case stun::MessageClass::kRequest:
      HandleRequest(now, in, *message);
      break;
    case stun::MessageClass::kIndication:
      break;  // A keep-alive: RFC 8445 section 11. It asks for nothing.
    case stun::MessageClass::kSuccess:
    case stun::MessageClass::kError:
      HandleResponse(now, in, *message);
      break;
  }
  UpdateDeadline();
}

void Agent::HandleTimeout(Time now) {
  if (previous_ && now >= previous_->consent.expires()) previous_.reset();
  for (Pair& pair : checklist_) {
    if (pair.transmissions < kMaxTransmissions || now < pair.next_transmission) continue;
    // A path that carries consent checks is alive: bad luck is no reason to leave it.
    if (pair.nominating && IsFresh(now, pair)) {
      Nominate(now, pair);
    } else {
      FailPair(now, pair);
    }
  }
  while (consent_ && now >= consent_->expires()) LoseConsent(now);
  MaybeNominate(now);
  if (now >= GiveUpTime()) Fail(FailureReason::kNoPairWorks);
  UpdateDeadline();
}

// RFC 7675 section 5.1: without consent we "MUST cease transmission" on the path.
void Agent::LoseConsent(Time now) {
  if (selected_) return Fail(FailureReason::kConsentExpired);
  FailPair(now, *checklist_.Find(*active_));
}

void Agent::Fail(FailureReason reason) {
  LOG_INFO("ice: failed, %s",
           reason == FailureReason::kNoPairWorks ? "no pair works" : "consent expired");
  Forget();
  previous_.reset();
  state_ = State::kFailed;
  Push(Failed{reason});
}

Time Agent::GiveUpTime() const {
  if (state_ != State::kChecking || !remote_) return kNever;
  if (checklist_.Count(PairState::kFailed) != checklist_.size()) return kNever;
  const Time since =
      end_of_candidates_ ? checking_since_ : std::max(checking_since_, last_candidate_);
  return since + kPatience;
}

std::optional<Transmit> Agent::PollTransmit(Time now, MutableBytes out) {
  if (now < deadline_) return std::nullopt;
  CHECK(out.size() >= kMaxDatagramSize, "a buffer of %zu bytes", out.size());
  const std::optional<Transmit> transmit = PollNext(now, out);
  UpdateDeadline();
  return transmit;
}

std::optional<Event> Agent::PollEvent() {
  if (events_.empty()) return std::nullopt;
  return events_.Pop();
}

void Agent::Push(const Event& event) { events_.PushDroppingOldest(event); }

bool Agent::IsAuthenticated(const Path& path) const {
  if (previous_ && previous_->path == path) return true;
  const Pair* pair = checklist_.Find(path);
  return pair != nullptr && (pair->heard || pair->valid);
}

std::optional<Path> Agent::path() const {
  if (previous_ && !selected_) return previous_->path;
  if (active_) return checklist_.Find(*active_)->path;
  return reachable_;
}

void Agent::UpdateDeadline() {
  deadline_ = kNever;
  const auto consider = [this](Time time) { deadline_ = std::min(deadline_, time); };
  if (responder_.has_answers()) consider(Time());
  if (previous_) consider(std::min(previous_->consent.next_check(), previous_->consent.expires()));
  if (!remote_) return;
  for (const Pair& pair : checklist_) consider(std::min(pair.triggered, pair.next_transmission));
  if (checklist_.HasUnchecked()) consider(next_ordinary_);
  if (consent_) consider(std::min(consent_->next_check(), consent_->expires()));
  consider(nominate_at_);
  consider(GiveUpTime());
}

}  // namespace ocellus::ice
