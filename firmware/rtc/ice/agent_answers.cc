// SPDX-License-Identifier: Apache-2.0
// What comes of our own checks: section 7.2.5 of RFC 8445.
#include "firmware/rtc/ice/agent.h"

namespace ocellus::ice {

using stun::AttributeType;

void Agent::HandleResponse(Time now, const Datagram& in, const stun::Message& response) {
  const auto question = FindQuestion(response.transaction_id());
  if (!question) return stats_.Count(Drop::kUnknownTransaction);
  // RFC 8445 section 7.2.5.2.1 fails the check of an asymmetric path; that is left to its timeout,
  // so that a stranger cannot do it.
  if (question->path != PathOf(in)) return stats_.Count(Drop::kWrongSource);
  if (!response.FingerprintMatches()) return stats_.Count(Drop::kFingerprint);
  const bool is_previous = question->kind == Question::Kind::kPreviousConsent;
  const Credentials& remote = is_previous ? previous_->remote : *remote_;
  if (!response.IntegrityMatches(AsBytes(remote.pwd))) return stats_.Count(Drop::kIntegrity);

  if (response.message_class() == stun::MessageClass::kError) {
    const auto error = response.FindErrorCode();
    if (!error) return stats_.Count(Drop::kAttribute);
    ++stats_.responses_received;
    return HandleError(now, *question, *error);
  }
  const auto mapped = response.FindXorAddress(AttributeType::kXorMappedAddress);
  if (!mapped) return stats_.Count(Drop::kAttribute);
  ++stats_.responses_received;
  is_authentic_ = !is_previous;
  if (is_previous) {
    if (const auto rtt = previous_->consent.HandleResponse(now, response.transaction_id())) {
      previous_->pair.rtt = *rtt;
    }
    return;
  }
  if (question->kind == Question::Kind::kConsent) {
    Pair& pair = *checklist_.Find(question->pair);
    pair.last_answered = now;
    pair.last_heard = now;
    if (const auto rtt = consent_->HandleResponse(now, response.transaction_id())) {
      UpdateRtt(pair, *rtt);
    }
    media_watch_.HandleAnswer();
    return;
  }
  HandleSuccess(now, *question, *mapped);
}

std::optional<Agent::Question> Agent::FindQuestion(const stun::TransactionId& transaction) const {
  Question question;
  if (consent_ && consent_->Asked(transaction)) {
    question.kind = Question::Kind::kConsent;
    question.pair = *active_;
    question.path = checklist_.Find(*active_)->path;
    return question;
  }
  if (previous_ && previous_->consent.Asked(transaction)) {
    question.kind = Question::Kind::kPreviousConsent;
    question.path = previous_->pair.path;
    return question;
  }
  for (const Pair& pair : checklist_) {
    if (pair.state != PairState::kInProgress || pair.transaction != transaction) continue;
    question.pair = pair.id;
    question.path = pair.path;
    question.role = role_;
    question.nominating = pair.nominating;
    question.current = true;
    if (pair.transmissions == 1) question.sent = pair.sent;
    return question;
  }
  for (size_t i = 0; i < cancelled_.size(); ++i) {
    const CancelledCheck& check = cancelled_[i];
    const Pair* pair = check.transaction == transaction ? checklist_.Find(check.pair) : nullptr;
    if (pair == nullptr) continue;
    question.pair = pair->id;
    question.path = pair->path;
    question.role = check.role;
    question.nominating = check.nominating;
    question.sent = check.sent;
    return question;
  }
  return std::nullopt;
}

void Agent::HandleSuccess(Time now, const Question& question, const SocketAddress& mapped) {
  NoteMappedAddress(question, mapped);
  Pair& pair = *checklist_.Find(question.pair);
  pair.valid = true;
  pair.failure = PairFailure::kNone;
  pair.last_answered = now;
  pair.last_heard = now;
  if (question.sent) UpdateRtt(pair, now - *question.sent);
  if (active_ == pair.id) {
    consent_->Renew(now);
    media_watch_.HandleAnswer();
  }
  // The answer to an older check does not end one that nominates.
  if (question.current || question.nominating == pair.nominating) {
    if (!question.current && pair.state == PairState::kInProgress) CancelCheck(pair);
    pair.state = PairState::kSucceeded;
    pair.transmissions = 0;
    pair.next_transmission = kNever;
    pair.triggered = kNever;
  }
  if (!reachable_) {
    reachable_ = question.path;
    Push(Reachable{question.path});
  }
  checklist_.Unfreeze(pair.foundation);

  const bool nominated_by_us =
      role_ == Role::kControlling && question.role == role_ && question.nominating;
  const bool nominated_by_peer = role_ == Role::kControlled && pair.nominated;
  pair.nominated = false;
  if (nominated_by_us) {
    pair.nominating = false;
    Select(now, pair.id);
  } else if (nominated_by_peer) {
    HandleNomination(now, pair.id);
  }
  UpdateActive(now);
  MaybeNominate(now);
}

// RFC 8445 section 7.2.5.3.1 and .2: seen from outside we are somebody else, so that the valid pair
// has a server-reflexive or peer-reflexive local candidate. Packets leave from its base all the
// same.
void Agent::NoteMappedAddress(const Question& question, const SocketAddress& mapped) {
  const Path& path = question.path;
  const Pair& pair = *checklist_.Find(question.pair);
  if (checklist_.HasLocal(mapped, path.protocol) || pair.local_type == CandidateType::kRelayed) {
    return;
  }
  if (const Candidate* known = local_candidates_.Find(mapped, path.protocol)) {
    checklist_.SetLocalCandidate(pair.id, known->type, known->priority);
  } else {
    checklist_.SetLocalCandidate(pair.id, CandidateType::kPeerReflexive,
                                 PeerReflexivePriority(pair.local_priority, path.protocol));
  }
}

void Agent::HandleError(Time now, const Question& question, stun::ErrorCode error) {
  // Consent is given by a success response alone, and taken away by its absence.
  if (question.kind != Question::Kind::kCheck) return;
  if (error != stun::ErrorCode::kRoleConflict) {
    // RFC 8445 section 7.2.5.2.4.
    if (!question.current) return;
    Pair& refused = *checklist_.Find(question.pair);
    refused.error = static_cast<uint16_t>(error);
    return FailPair(now, refused, PairFailure::kRefused);
  }
  // RFC 8445 section 7.2.5.1: switch, unless we have since, and "MUST change the tie-breaker".
  if (question.role == role_) {
    SwitchRole(now, role_ == Role::kControlling ? Role::kControlled : Role::kControlling);
    tie_breaker_ = random_.NextU64();
  }
  Pair& pair = *checklist_.Find(question.pair);
  if (pair.state == PairState::kInProgress) CancelCheck(pair);
  pair.state = PairState::kWaiting;
  pair.triggered = std::max(now, pair.sent + kTriggerInterval);
}

// RFC 6298 section 2, without the deviation.
void Agent::UpdateRtt(Pair& pair, Duration sample) {
  pair.rtt = pair.rtt == Duration() ? sample : (pair.rtt * 7 + sample) / 8;
  if (active_ == pair.id) stats_.rtt = pair.rtt;
}

void Agent::FailPair(Time now, Pair& pair, PairFailure failure) {
  pair.state = PairState::kFailed;
  pair.failure = failure;
  pair.valid = false;
  pair.nominating = false;
  pair.nominated = false;
  pair.transmissions = 0;
  pair.next_transmission = kNever;
  pair.triggered = kNever;
  UpdateActive(now);
  MaybeNominate(now);
}

}  // namespace ocellus::ice
