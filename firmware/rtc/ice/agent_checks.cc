// SPDX-License-Identifier: Apache-2.0
// The checks of both sides and what comes of them: section 7 of RFC 8445.
#include <algorithm>

#include "firmware/rtc/ice/agent.h"
#include "firmware/rtc/stun/message_writer.h"

namespace ocellus::ice {
namespace {

using stun::AttributeType;

// What a peer-reflexive candidate found through a check would have: PRIORITY of that check, RFC
// 8445 section 7.1.1. Only the type preference differs from the local candidate's own.
uint32_t PeerReflexivePriority(uint32_t local_priority) {
  return (CandidatePriority(CandidateType::kPeerReflexive, 0) & 0xFF000000) |
         (local_priority & 0x00FFFFFF);
}

}  // namespace

// --- Checks of the peer. RFC 8445 section 7.3.

void Agent::HandleRequest(Time now, const Datagram& in, const stun::Message& request) {
  const auto check = responder_.HandleRequest(now, in, request, keys(), stats_);
  if (!check) return;
  if (check->generation == Generation::kCurrent && check->role == role_ &&
      !ResolveRoleConflict(now, *check)) {
    return responder_.RefuseRole(in, request, stats_);
  }
  responder_.Accept(in, request, check->generation, stats_);
  if (check->generation == Generation::kCurrent) HandleCheck(now, PathOf(in), *check);
}

// RFC 8445 section 7.3.1.1: the larger tie-breaker is controlling, the receiver's if they are
// equal.
bool Agent::ResolveRoleConflict(Time now, const Check& check) {
  const bool we_win = tie_breaker_ >= check.tie_breaker;
  const Role due = we_win ? Role::kControlling : Role::kControlled;
  if (due == role_) return false;
  SwitchRole(now, due);
  return true;
}

void Agent::SwitchRole(Time now, Role role) {
  for (Pair& pair : checklist_) {
    // Checked again in its turn: not all at once, or a peer could multiply its packets.
    if (pair.state == PairState::kInProgress) CancelCheck(pair);
    pair.nominating = false;
    pair.nominated = false;
  }
  role_ = role;
  checklist_.SetRole(role);
  ++stats_.role_switches;
  if (log_limiter_.Allow(now)) {
    LOG_INFO("ice: role conflict, now %s",
             role == Role::kControlling ? "controlling" : "controlled");
  }
  MaybeNominate(now);
  UpdateActive();
}

void Agent::HandleCheck(Time now, const Path& path, const Check& check) {
  // From ourselves: two viewers' credentials were crossed.
  if (checklist_.HasLocal(path.remote)) return;
  // An address of ours that was not announced: least preferred, but it works.
  constexpr uint16_t kUnannounced = 0;
  if (!checklist_.HasLocal(path.local) && !checklist_.AddLocal(path.local, kUnannounced)) {
    return stats_.Count(Drop::kCandidateLimit);
  }
  checklist_.LearnRemote(path.remote, check.priority, active_);
  Pair& pair = checklist_.Learn(path, active_);
  pair.heard = true;
  pair.heard_plain = pair.heard_plain || !check.use_candidate;
  pair.last_heard = now;
  if (!reachable_) {
    reachable_ = path;
    Push(Reachable{path});
  }
  Trigger(now, pair);
  if (role_ == Role::kControlling) return MaybeNominate(now);
  if (!check.use_candidate) return;
  // RFC 8445 section 7.3.1.5: nominated now if it is valid, else once it is.
  if (IsFresh(now, pair)) {
    HandleNomination(now, pair.id);
  } else {
    pair.nominated = true;
  }
}

// RFC 8445 section 7.3.1.4. Sent at once rather than at the next Ta, for the peer has just shown
// that it waits for it; the same pair at most once per Ta.
void Agent::Trigger(Time now, Pair& pair) {
  if (pair.triggered != kNever) return;
  if (pair.state == PairState::kSucceeded && IsFresh(now, pair)) return;
  if (pair.state == PairState::kInProgress) CancelCheck(pair);
  pair.state = PairState::kWaiting;
  pair.triggered = std::max(now, pair.sent + kTa);
}

// "[...] will not retransmit the Binding requests [...], will not treat the lack of response to be
// a failure, but will wait the duration of the transaction timeout for a response."
void Agent::CancelCheck(Pair& pair) {
  CancelledCheck check{pair.transaction, pair.id, role_, pair.nominating, std::nullopt};
  if (pair.transmissions == 1) check.sent = pair.sent;
  cancelled_.PushDroppingOldest(check);
  pair.state = PairState::kWaiting;
  pair.transmissions = 0;
  pair.next_transmission = kNever;
}

// --- Our own checks. RFC 8445 section 7.2.

std::optional<Transmit> Agent::PollNext(Time now, MutableBytes out) {
  if (const auto answer = responder_.PollTransmit(out, keys())) return answer;
  if (previous_ && now >= previous_->consent.next_check() && now < previous_->consent.expires()) {
    Request request{previous_->path, previous_->consent.Ask(now, random_), previous_->local,
                    previous_->remote, previous_->priority};
    return WriteRequest(request, out);
  }
  if (!remote_) return std::nullopt;

  Pair* triggered = nullptr;
  for (Pair& pair : checklist_) {
    if (pair.triggered > now) continue;
    if (triggered == nullptr || pair.triggered < triggered->triggered) triggered = &pair;
  }
  if (triggered != nullptr) return StartCheck(now, *triggered, out);

  for (Pair& pair : checklist_) {
    if (now < pair.next_transmission || pair.transmissions == kMaxTransmissions) continue;
    return RepeatCheck(now, pair, out);
  }
  if (consent_ && now >= consent_->next_check() && now < consent_->expires()) {
    const Pair& pair = *checklist_.Find(*active_);
    Request request{pair.path, consent_->Ask(now, random_), local_, *remote_, pair.local_priority};
    // Named again, for a peer that has missed it or holds another pair for better.
    request.use_candidate = role_ == Role::kControlling && selected_;
    return WriteRequest(request, out);
  }
  if (now < next_ordinary_) return std::nullopt;
  Pair* waiting = checklist_.NextWaiting();
  if (waiting == nullptr) return std::nullopt;
  return StartCheck(now, *waiting, out);
}

Transmit Agent::StartCheck(Time now, Pair& pair, MutableBytes out) {
  pair.timeout = RetransmissionTimeout();
  pair.state = PairState::kInProgress;
  pair.triggered = kNever;
  pair.transmissions = 1;
  pair.sent = now;
  pair.next_transmission = now + pair.timeout;
  random_.Fill(pair.transaction);
  next_ordinary_ = now + kTa;
  return WriteCheck(pair, out);
}

// RFC 8489 section 6.2.1: after RTO, 2 RTO, 4 RTO, ...; the last one waits Rm * RTO.
Transmit Agent::RepeatCheck(Time now, Pair& pair, MutableBytes out) {
  ++pair.transmissions;
  ++stats_.retransmissions;
  const unsigned factor =
      pair.transmissions == kMaxTransmissions ? kLastTimeoutFactor : 1u << (pair.transmissions - 1);
  pair.next_transmission = now + pair.timeout * factor;
  return WriteCheck(pair, out);
}

// RFC 8445 section 14.3: MAX(500ms, Ta * N * (Num-Waiting + Num-In-Progress)), with one checklist.
Duration Agent::RetransmissionTimeout() const {
  const size_t busy =
      checklist_.Count(PairState::kWaiting) + checklist_.Count(PairState::kInProgress);
  return std::max<Duration>(kMinRto, kTa * static_cast<int>(busy));
}

Transmit Agent::WriteCheck(const Pair& pair, MutableBytes out) {
  Request request{pair.path, pair.transaction, local_, *remote_, pair.local_priority};
  request.use_candidate = pair.nominating;
  return WriteRequest(request, out);
}

Transmit Agent::WriteRequest(const Request& request, MutableBytes out) {
  stun::Header header;
  header.transaction_id = request.transaction;
  stun::MessageWriter writer(out, header);
  writer.AddJoinedText(AttributeType::kUsername, request.remote.ufrag, ':', request.local.ufrag);
  if (request.use_candidate) writer.AddFlag(AttributeType::kUseCandidate);
  writer.AddU32(AttributeType::kPriority, PeerReflexivePriority(request.priority));
  writer.AddU64(
      role_ == Role::kControlling ? AttributeType::kIceControlling : AttributeType::kIceControlled,
      tie_breaker_);
  writer.AddIntegrity(AsBytes(request.remote.pwd));
  writer.AddFingerprint();
  const auto size = writer.Finish();
  CHECK(size, "a check does not fit into %zu bytes", out.size());
  ++stats_.checks_sent;
  return TransmitOver(request.path, *size);
}

// --- Answers to our checks. RFC 8445 section 7.2.5.

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
  if (is_previous) {
    previous_->consent.HandleResponse(now, response.transaction_id());
    return;
  }
  if (question->kind == Question::Kind::kConsent) {
    Pair& pair = *checklist_.Find(question->pair);
    pair.last_answered = now;
    pair.last_heard = now;
    if (const auto rtt = consent_->HandleResponse(now, response.transaction_id())) {
      UpdateRtt(pair, *rtt);
    }
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
    question.path = previous_->path;
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
  // RFC 8445 section 7.2.5.3.1: seen from outside we are somebody else, so that the valid pair has
  // a peer-reflexive local candidate. Packets leave from its base all the same.
  const Path path = question.path;
  if (mapped != path.local && !checklist_.HasLocal(mapped)) {
    const uint32_t priority = checklist_.Find(question.pair)->local_priority;
    checklist_.SetLocalPriority(question.pair, PeerReflexivePriority(priority));
  }
  Pair& pair = *checklist_.Find(question.pair);
  pair.valid = true;
  pair.last_answered = now;
  pair.last_heard = now;
  if (question.sent) UpdateRtt(pair, now - *question.sent);
  if (active_ == pair.id) consent_->Renew(now);
  // The answer to an older check does not end one that nominates.
  if (question.current || question.nominating == pair.nominating) {
    if (!question.current && pair.state == PairState::kInProgress) CancelCheck(pair);
    pair.state = PairState::kSucceeded;
    pair.transmissions = 0;
    pair.next_transmission = kNever;
    pair.triggered = kNever;
  }
  if (valid_since_ == kNever) valid_since_ = now;
  if (!reachable_) {
    reachable_ = path;
    Push(Reachable{path});
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
  UpdateActive();
  MaybeNominate(now);
}

void Agent::HandleError(Time now, const Question& question, stun::ErrorCode error) {
  // Consent is given by a success response alone, and taken away by its absence.
  if (question.kind != Question::Kind::kCheck) return;
  if (error != stun::ErrorCode::kRoleConflict) {
    // RFC 8445 section 7.2.5.2.4.
    if (question.current) FailPair(now, *checklist_.Find(question.pair));
    return;
  }
  // RFC 8445 section 7.2.5.1: switch, unless we have since, and "MUST change the tie-breaker".
  if (question.role == role_) {
    SwitchRole(now, role_ == Role::kControlling ? Role::kControlled : Role::kControlling);
    tie_breaker_ = random_.NextU64();
  }
  Pair& pair = *checklist_.Find(question.pair);
  if (pair.state == PairState::kInProgress) CancelCheck(pair);
  pair.state = PairState::kWaiting;
  pair.triggered = std::max(now, pair.sent + kTa);
}

// RFC 6298 section 2, without the deviation.
void Agent::UpdateRtt(Pair& pair, Duration sample) {
  pair.rtt = pair.rtt == Duration() ? sample : (pair.rtt * 7 + sample) / 8;
  if (active_ == pair.id) stats_.rtt = pair.rtt;
}

void Agent::FailPair(Time now, Pair& pair) {
  pair.state = PairState::kFailed;
  pair.valid = false;
  pair.nominating = false;
  pair.nominated = false;
  pair.transmissions = 0;
  pair.next_transmission = kNever;
  pair.triggered = kNever;
  UpdateActive();
  MaybeNominate(now);
}

}  // namespace ocellus::ice
