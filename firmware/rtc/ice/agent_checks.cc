// SPDX-License-Identifier: Apache-2.0
// The checks of both sides: sections 7.2.2 to 7.2.4 and 7.3 of RFC 8445.
#include <algorithm>

#include "firmware/rtc/ice/agent.h"
#include "firmware/rtc/stun/message_writer.h"

namespace ocellus::ice {
namespace {

using stun::AttributeType;

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
  if (check->generation != Generation::kCurrent) return;
  is_authentic_ = true;
  HandleCheck(now, PathOf(in), *check);
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
  UpdateActive(now);
}

void Agent::HandleCheck(Time now, const Path& path, const Check& check) {
  // From ourselves: two viewers' credentials were crossed.
  if (IsOurs(path.remote)) return;
  if (!checklist_.HasLocal(path.local, path.protocol)) {
    // An address of ours that was not announced: least preferred, but it works.
    Base base{path.local, path.protocol};
    base.priority = CandidatePriority(base.type, 0, base.protocol);
    if (!checklist_.AddLocal(base)) return stats_.Count(Drop::kCandidateLimit);
  }
  checklist_.LearnRemote(path, check.priority, active_);
  Pair& pair = checklist_.Learn(path, active_);
  if (!pair.heard || now >= pair.last_heard + kMaxSilence) DoubtSelected(now);
  pair.heard = true;
  if (!check.use_candidate) pair.last_plain = now;
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
// that it waits for it.
void Agent::Trigger(Time now, Pair& pair) {
  if (pair.triggered != kNever) return;
  if (pair.state == PairState::kSucceeded && IsFresh(now, pair)) return;
  if (pair.state == PairState::kInProgress) CancelCheck(pair);
  pair.state = PairState::kWaiting;
  pair.triggered = std::max(now, pair.sent + kTriggerInterval);
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
  if (const auto answer = responder_.PollTransmit(out, keys(), *dtls_)) return answer;
  if (previous_ && now >= previous_->consent.next_check() && now < previous_->consent.expires()) {
    Request request{previous_->pair.path, previous_->consent.Ask(now, random_), previous_->local,
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
    if (now < pair.next_transmission || pair.transmissions == MaxTransmissions(pair)) continue;
    return RepeatCheck(now, pair, out);
  }
  if (consent_ && now >= consent_->next_check() && now < consent_->expires()) {
    const Pair& pair = *checklist_.Find(*active_);
    Request request{pair.path, consent_->Ask(now, random_), local_, *remote_, pair.local_priority};
    // Named again, for a peer that has missed it or holds another pair for better.
    request.use_candidate = role_ == Role::kControlling && selected_;
    if (doubted_since_) consent_->AskBy(now + kDoubt / 2);
    return WriteRequest(request, out);
  }
  return PollOrdinaryCheck(now, out);
}

std::optional<Transmit> Agent::PollOrdinaryCheck(Time now, MutableBytes out) {
  if (now < next_ordinary_ || !checklist_.HasUnchecked()) return std::nullopt;
  if (!slot_) slot_ = pacer_ != nullptr ? pacer_->Reserve(now) : now;
  if (now < *slot_) return std::nullopt;
  slot_.reset();
  return StartCheck(now, *checklist_.NextWaiting(), out);
}

Transmit Agent::StartCheck(Time now, Pair& pair, MutableBytes out) {
  pair.timeout =
      pair.path.protocol == TransportProtocol::kTcp ? kTcpTimeout : RetransmissionTimeout();
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
  writer.AddU32(AttributeType::kPriority,
                PeerReflexivePriority(request.priority, request.path.protocol));
  writer.AddU64(
      role_ == Role::kControlling ? AttributeType::kIceControlling : AttributeType::kIceControlled,
      tie_breaker_);
  dtls_->Write(writer);
  writer.AddIntegrity(AsBytes(request.remote.pwd));
  writer.AddFingerprint();
  const auto size = writer.Finish();
  CHECK(size, "a check does not fit into %zu bytes", out.size());
  ++stats_.checks_sent;
  return TransmitOver(request.path, *size);
}

}  // namespace ocellus::ice
