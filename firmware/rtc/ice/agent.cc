// SPDX-License-Identifier: Apache-2.0
// The life of the agent: credentials, time, state, and what goes in and out.
#include "firmware/rtc/ice/agent.h"

#include <algorithm>

namespace ocellus::ice {

Agent::Agent(Role role, Random& random, Pacer* pacer)
    : random_(random),
      pacer_(pacer),
      role_(role),
      tie_breaker_(random.NextU64()),
      local_(GenerateCredentials(random)),
      checklist_(role) {}

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

void Agent::Restart(Time now) {
  if (const Pair* pair = active_ ? checklist_.Find(*active_) : nullptr) {
    previous_.emplace(Previous{local_, *remote_, StatusOf(*pair), pair->local_priority, *consent_});
    was_connected_ = true;
  }
  Forget();
  dropped_.clear();
  local_ = GenerateCredentials(random_);
  state_ = State::kChecking;
  checking_since_ = now;
  UpdateDeadline();
}

// All that belongs to one generation of credentials, but not the credentials before it.
void Agent::Forget() {
  remote_.reset();
  names_.Clear();
  checklist_.Reset();
  responder_.Clear();
  cancelled_.Clear();
  selected_.reset();
  active_.reset();
  consent_.reset();
  media_watch_ = MediaWatch();
  challenger_.reset();
  reachable_.reset();
  last_active_.reset();
  end_of_candidates_ = false;
  generation_connected_ = false;
  base_lost_ = Time::min();
  valid_since_ = kNever;
  nominate_at_ = kNever;
  return_after_ = Time::min();
  doubted_since_.reset();
  stats_.rtt = Duration();
}

void Agent::HandleDatagram(Time now, const Datagram& in) {
  is_authentic_ = false;
  if (state_ == State::kFailed) return stats_.Count(Drop::kFailed);
  if (!MayUse(in.local, in.protocol)) return stats_.Count(Drop::kHiddenAddress);
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
  if (previous_ && now >= previous_->consent.expires()) DropPrevious();
  for (Pair& pair : checklist_) {
    if (pair.transmissions < MaxTransmissions(pair) || now < pair.next_transmission) continue;
    // A path that carries consent checks is alive: bad luck is no reason to leave it.
    if (pair.nominating && IsFresh(now, pair)) {
      Nominate(now, pair);
    } else {
      FailPair(now, pair, PairFailure::kNoAnswer);
    }
  }
  while (consent_ && now >= consent_->expires()) LoseConsent(now);
  if (now >= media_watch_.next_question()) AskAboutSilence(now);
  MaybeNominate(now);
  if (doubted_since_ && now >= *doubted_since_ + kDoubt) doubted_since_.reset();
  if (now >= GiveUpTime()) {
    Fail(was_connected_ ? FailureReason::kConsentExpired : FailureReason::kNoPairWorks);
  }
  UpdateDeadline();
}

// RFC 7675 section 5.1: without consent we "MUST cease transmission" on the path.
void Agent::LoseConsent(Time now) {
  Pair& pair = *checklist_.Find(*active_);
  pair.failure = PairFailure::kConsentLost;
  if (selected_) return Fail(FailureReason::kConsentExpired);
  FailPair(now, pair, PairFailure::kConsentLost);
}

void Agent::DropPrevious() {
  consented_until_ = std::max(consented_until_, previous_->consent.expires());
  previous_.reset();
}

void Agent::Fail(FailureReason reason) {
  LOG_INFO("ice: failed, %s",
           reason == FailureReason::kNoPairWorks ? "no pair works" : "consent expired");
  for (size_t i = checklist_.size(); i > 0; --i) {
    const Pair& pair = checklist_.begin()[static_cast<std::ptrdiff_t>(i - 1)];
    Remember(pair, pair.failure);
  }
  Forget();
  previous_.reset();
  state_ = State::kFailed;
  Push(Failed{reason});
}

Time Agent::GiveUpTime() const {
  if (state_ != State::kChecking || active_ || previous_) return kNever;
  if (was_connected_) {
    // A restart gets the time that a first try gets; the search for a lost peer none beyond the
    // consent that it gave (RFC 7675 section 5.1).
    if (generation_connected_) return consented_until_;
    return std::max(consented_until_, checking_since_ + kPatience);
  }
  if (!remote_ || checklist_.Count(PairState::kFailed) != checklist_.size()) return kNever;
  const Time since =
      end_of_candidates_ ? checking_since_ : std::max(checking_since_, last_candidate_);
  return since + kPatience;
}

std::optional<Transmit> Agent::PollTransmit(Time now, MutableBytes out,
                                            const stun::DtlsInStun& dtls) {
  if (now < deadline_) return std::nullopt;
  CHECK(out.size() >= kMaxDatagramSize, "a buffer of %zu bytes", out.size());
  dtls_ = &dtls;
  const std::optional<Transmit> transmit = PollNext(now, out.first(kMaxDatagramSize));
  dtls_ = nullptr;
  UpdateDeadline();
  return transmit;
}

std::optional<Event> Agent::PollEvent() {
  if (events_.empty()) return std::nullopt;
  return events_.Pop();
}

void Agent::Push(const Event& event) { events_.PushDroppingOldest(event); }

void Agent::HandleMedia(Time now, const Path& path) {
  if (!active_ || last_active_ != path) return;
  const bool was_watching = media_watch_.is_watching();
  media_watch_.HandleMedia(now);
  if (!was_watching) UpdateDeadline();
}

bool Agent::IsAuthenticated(const Path& path) const {
  if (previous_ && previous_->pair.path == path) return true;
  const Pair* pair = checklist_.Find(path);
  return pair != nullptr && (pair->heard || pair->valid);
}

std::optional<Path> Agent::path() const {
  if (previous_ && !selected_) return previous_->pair.path;
  if (active_) return checklist_.Find(*active_)->path;
  return reachable_;
}

void Agent::UpdateDeadline() {
  deadline_ = kNever;
  const auto consider = [this](Time time) { deadline_ = std::min(deadline_, time); };
  if (responder_.has_answers()) consider(Time());
  if (previous_) consider(std::min(previous_->consent.next_check(), previous_->consent.expires()));
  consider(GiveUpTime());
  if (!remote_) return;
  for (const Pair& pair : checklist_) consider(std::min(pair.triggered, pair.next_transmission));
  if (checklist_.HasUnchecked())
    consider(slot_ ? std::max(next_ordinary_, *slot_) : next_ordinary_);
  if (consent_) consider(std::min(consent_->next_check(), consent_->expires()));
  consider(media_watch_.next_question());
  consider(nominate_at_);
  if (doubted_since_) consider(*doubted_since_ + kDoubt);
}

}  // namespace ocellus::ice
