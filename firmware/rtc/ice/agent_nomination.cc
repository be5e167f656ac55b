// SPDX-License-Identifier: Apache-2.0
// Which pair the media takes: section 8 of RFC 8445.
#include <algorithm>

#include "firmware/rtc/ice/agent.h"

namespace ocellus::ice {

// Whether the pair is valid, and its last answer still counts as consent (RFC 7675 section 4.1).
bool Agent::IsFresh(Time now, const Pair& pair) const {
  return pair.valid && now < pair.last_answered + kConsentLifetime;
}

// Regular nomination (RFC 8445 section 8.1.1): of the best valid pair, as soon as no better one can
// still come, or patience ends.
void Agent::MaybeNominate(Time now) {
  nominate_at_ = kNever;
  if (role_ != Role::kControlling || !checklist_.BestValid()) return;
  const auto nominating = [](const Pair& pair) { return pair.nominating; };
  if (std::any_of(checklist_.begin(), checklist_.end(), nominating)) return;
  if (selected_) return MaybeReplaceSelected(now);
  const PairId best = checklist_.BestValid()->id;
  bool better_may_come = false;
  for (const Pair& pair : checklist_) {
    if (pair.id == best) break;
    better_may_come = better_may_come || pair.state != PairState::kFailed;
  }
  const Time patience_ends = valid_since_ + kNominationPatience;
  if (better_may_come && now < patience_ends) {
    nominate_at_ = patience_ends;
    return;
  }
  Nominate(now, *checklist_.Find(best));
}

// The peer has moved, and checks from where it is now (RFC 8445 has it restart; browsers expect to
// be followed).
void Agent::MaybeReplaceSelected(Time now) {
  if (now < checklist_.Find(*selected_)->last_heard + kMaxSilence) return;
  for (Pair& pair : checklist_) {
    if (now >= pair.last_heard + kMaxSilence || !IsFresh(now, pair)) continue;
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
// with no word for the selected one between.
void Agent::HandleNomination(Time now, PairId id) {
  if (selected_ == id) {
    challenger_.reset();
    return;
  }
  const Pair* selected = selected_ ? checklist_.Find(*selected_) : nullptr;
  const Pair& pair = *checklist_.Find(id);
  if (selected != nullptr && pair.priority < selected->priority && !pair.heard_plain &&
      challenger_ != id) {
    challenger_ = id;
    return;
  }
  Select(now, id);
}

// RFC 8445 section 8.1.2: pairs that nothing has come of are removed. The others stay, for the peer
// may move to one of them.
void Agent::Select(Time now, PairId id) {
  selected_ = id;
  state_ = State::kConnected;
  challenger_.reset();
  previous_.reset();
  nominate_at_ = kNever;
  checklist_.RemoveIf([&](const Pair& pair) { return !pair.heard && !pair.valid; });
  UpdateActive();
  const Path path = checklist_.Find(id)->path;
  if (log_limiter_.Allow(now)) {
    LOG_INFO("ice: selected %s to %s", path.local.ToString().c_str(),
             path.remote.ToString().c_str());
  }
  Push(Selected{path});
}

void Agent::UpdateActive() {
  const Pair* pair = selected_ ? checklist_.Find(*selected_) : checklist_.BestValid();
  const std::optional<PairId> active = pair ? std::optional<PairId>(pair->id) : std::nullopt;
  if (active == active_) return;
  active_ = active;
  consent_.reset();
  stats_.rtt = pair ? pair->rtt : Duration();
  if (pair) consent_.emplace(pair->last_answered, random_);
}

}  // namespace ocellus::ice
