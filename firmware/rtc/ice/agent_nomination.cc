// SPDX-License-Identifier: Apache-2.0
// Which pair the media takes: section 8 of RFC 8445.
#include <algorithm>

#include "firmware/rtc/ice/agent.h"

namespace ocellus::ice {
namespace {

// What a path is made of: relays cost most, for each is another host on the way, and TCP delays
// what comes after a loss.
int Cost(const Pair& pair) {
  constexpr int kRelay = 2;
  constexpr int kTcp = 1;
  return (pair.local_type == CandidateType::kRelayed ? kRelay : 0) +
         (pair.remote_type == CandidateType::kRelayed ? kRelay : 0) +
         (pair.path.protocol == TransportProtocol::kTcp ? kTcp : 0);
}

bool IsBetter(const Pair& pair, const Pair& selected) { return Cost(pair) < Cost(selected); }

}  // namespace

// Whether the pair is valid, and its last answer still counts as consent (RFC 7675 section 4.1).
bool Agent::IsFresh(Time now, const Pair& pair) const {
  return pair.valid && now < pair.last_answered + kConsentLifetime;
}

// The pair to be used while none is selected: of those that have answered since a base of ours was
// lost, if any has, the one with the highest priority; else of those that the peer consented to
// before.
const Pair* Agent::BestUsable(Time now) const {
  const Pair* best = nullptr;
  for (const Pair& pair : checklist_) {
    if (!IsFresh(now, pair)) continue;
    if (pair.last_answered >= base_lost_) return &pair;
    if (best == nullptr) best = &pair;
  }
  return best;
}

// Regular nomination (RFC 8445 section 8.1.1): of the best valid pair, as soon as no better one can
// still come, or patience ends.
void Agent::MaybeNominate(Time now) {
  nominate_at_ = kNever;
  if (role_ != Role::kControlling) return;
  for (Pair& pair : checklist_) {
    if (!pair.nominating) continue;
    if (IsStuck(now, pair)) FailPair(now, pair, PairFailure::kNoAnswer);  // And nominates another.
    return;
  }
  if (selected_) return MaybeReplaceSelected(now);
  const Pair* best = BestUsable(now);
  if (best == nullptr || best->last_answered < base_lost_) return;
  if (valid_since_ == kNever) valid_since_ = now;
  bool better_may_come = false;
  for (const Pair& pair : checklist_) {
    if (pair.id == best->id) break;
    better_may_come = better_may_come || pair.state != PairState::kFailed;
  }
  const Time patience_ends = valid_since_ + kNominationPatience;
  if (better_may_come && now < patience_ends) {
    nominate_at_ = patience_ends;
    return;
  }
  Nominate(now, *checklist_.Find(best->id));
}

bool Agent::IsStuck(Time now, const Pair& nominated) const {
  const bool is_silent = nominated.last_heard <= nominated.sent;
  if (nominated.transmissions == 0 || !is_silent || now < nominated.sent + kStuckNomination) {
    return false;
  }
  return std::any_of(checklist_.begin(), checklist_.end(), [&](const Pair& other) {
    return other.last_heard > nominated.sent && IsFresh(now, other);
  });
}

void Agent::DoubtSelected(Time now) {
  if (role_ != Role::kControlling || !selected_ || doubted_since_) return;
  doubted_since_ = now;
  consent_->AskBy(now);
}

// A consent check ahead of its time shows a NAT that has forgotten us, and the peer behind it,
// where we are now. When it is not answered either, another pair may work.
void Agent::AskAboutSilence(Time now) {
  media_watch_.Ask(now);
  if (media_watch_.is_first_doubt()) CheckAllAgain(now);
  if (consent_) consent_->AskBy(now);
}

// Because the peer has moved, and checks from where it is now (RFC 8445 has it restart; browsers
// expect to be followed), or because a better kind of path has turned out to work, under the rule
// of kReturnDelay.
void Agent::MaybeReplaceSelected(Time now) {
  const Pair& selected = *checklist_.Find(*selected_);
  if (doubted_since_ && selected.last_heard >= *doubted_since_) doubted_since_.reset();
  const bool has_moved = doubted_since_ && now >= *doubted_since_ + kDoubt;
  const bool is_silent = has_moved || now >= selected.last_heard + kMaxSilence;
  if (!is_silent && now < return_after_) return;
  for (Pair& pair : checklist_) {
    if (now >= pair.last_heard + kMaxSilence || !IsFresh(now, pair)) continue;
    if (has_moved && pair.last_heard < *doubted_since_) continue;
    if (!is_silent && !IsBetter(pair, selected)) continue;
    if (is_silent) return_after_ = now + kReturnDelay;
    return Nominate(now, pair);
  }
}

void Agent::Nominate(Time now, Pair& pair) {
  if (pair.state == PairState::kInProgress) CancelCheck(pair);
  pair.nominating = true;
  pair.state = PairState::kWaiting;
  pair.triggered = now;
}

// The peer's USE-CANDIDATE for a valid pair. One that was checked without it before is meant: RFC
// 8445 nominates so, and browsers when they leave the old pair, whatever the priority. Peers that
// nominate aggressively name every pair from the start, over and over, and mean the one of the
// highest priority (RFC 5245 section 8.1.1.2); a lower one is believed only when it is named twice
// with no word for the selected one between. So is one whose naming may have been overtaken by that
// of the selected pair.
void Agent::HandleNomination(Time now, PairId id) {
  if (selected_ == id) {
    challenger_.reset();
    return;
  }
  const Pair* selected = selected_ ? checklist_.Find(*selected_) : nullptr;
  const Pair& pair = *checklist_.Find(id);
  const bool is_late = pair.last_plain < selected_at_ && now < selected_at_ + kLateNomination;
  const bool is_doubtful = pair.last_plain == Time::min() || is_late;
  if (selected != nullptr && pair.priority < selected->priority && is_doubtful &&
      challenger_ != id) {
    challenger_ = id;
    return;
  }
  Select(now, id);
}

void Agent::Select(Time now, PairId id) {
  selected_ = id;
  selected_at_ = now;
  state_ = State::kConnected;
  was_connected_ = true;
  generation_connected_ = true;
  challenger_.reset();
  previous_.reset();
  doubted_since_.reset();
  nominate_at_ = kNever;
  DropOvertaken(*checklist_.Find(id));
  UpdateActive(now);
  const Path path = checklist_.Find(id)->path;
  if (log_limiter_.Allow(now)) {
    LOG_INFO("ice: selected %s to %s", path.local.ToString().c_str(),
             path.remote.ToString().c_str());
  }
  Push(Selected{path});
}

// RFC 8445 section 8.1.2: pairs that nothing has come of are removed, except those that could turn
// out better. Those that work stay, too, for the peer may move to one of them.
void Agent::DropOvertaken(const Pair& selected) {
  const auto is_overtaken = [priority = selected.priority](const Pair& pair) {
    const bool is_hopeless = pair.state == PairState::kFailed || pair.priority < priority;
    return !pair.heard && !pair.valid && is_hopeless;
  };
  for (size_t i = checklist_.size(); i > 0; --i) {
    const Pair& pair = checklist_.begin()[static_cast<std::ptrdiff_t>(i - 1)];
    if (!is_overtaken(pair)) continue;
    const bool was_tried = pair.sent != Time::min();
    const PairFailure late = was_tried ? PairFailure::kOvertaken : PairFailure::kNotTried;
    Remember(pair, pair.failure != PairFailure::kNone ? pair.failure : late);
  }
  checklist_.RemoveIf(is_overtaken);
}

void Agent::UpdateActive(Time now) {
  const Pair* pair = selected_ ? checklist_.Find(*selected_) : BestUsable(now);
  const std::optional<PairId> active = pair ? std::optional<PairId>(pair->id) : std::nullopt;
  if (active == active_) return;
  if (consent_) consented_until_ = consent_->expires();
  active_ = active;
  consent_.reset();
  media_watch_ = MediaWatch();
  stats_.rtt = pair ? pair->rtt : Duration();
  if (pair == nullptr) return;
  consent_.emplace(pair->last_answered, random_);
  last_active_ = pair->path;
}

}  // namespace ocellus::ice
