// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/ice/responder.h"

#include <algorithm>
#include <iterator>

#include "firmware/rtc/stun/message_writer.h"

namespace ocellus::ice {
namespace {

using stun::AttributeType;
using stun::ErrorCode;

// The comprehension-required attributes (RFC 8489 section 14: below 0x8000) of a binding request
// that we know, even where we have no use for them.
constexpr AttributeType kUnderstood[] = {AttributeType::kUsername, AttributeType::kPriority,
                                         AttributeType::kUseCandidate, AttributeType::kRealm,
                                         AttributeType::kNonce};

bool IsUnderstood(AttributeType type) {
  constexpr unsigned kFirstOptional = 0x8000;
  return static_cast<unsigned>(type) >= kFirstOptional ||
         std::find(std::begin(kUnderstood), std::end(kUnderstood), type) != std::end(kUnderstood);
}

std::optional<Generation> FindGeneration(const stun::Message& request, const Keys& keys) {
  const auto username = request.Find(AttributeType::kUsername);
  if (!username) return std::nullopt;
  const auto ufrag = RecipientUfrag(AsText(*username));
  if (!ufrag) return std::nullopt;
  if (*ufrag == keys.current.ufrag) return Generation::kCurrent;
  if (keys.previous != nullptr && *ufrag == keys.previous->ufrag) return Generation::kPrevious;
  return std::nullopt;
}

const Credentials* CredentialsOf(Generation generation, const Keys& keys) {
  return generation == Generation::kCurrent ? &keys.current : keys.previous;
}

Check ReadCheck(const stun::Message& request, Generation generation, uint32_t priority) {
  Check check;
  check.generation = generation;
  check.priority = priority;
  check.use_candidate = request.Has(AttributeType::kUseCandidate);
  if (const auto controlling = request.FindU64(AttributeType::kIceControlling)) {
    check.role = Role::kControlling;
    check.tie_breaker = *controlling;
  } else if (const auto controlled = request.FindU64(AttributeType::kIceControlled)) {
    check.role = Role::kControlled;
    check.tie_breaker = *controlled;
  }
  return check;
}

}  // namespace

std::optional<Check> Responder::HandleRequest(Time now, const Datagram& in,
                                              const stun::Message& request, const Keys& keys,
                                              Stats& stats) {
  // RFC 8489 section 9.1.3: 400 without USERNAME or MESSAGE-INTEGRITY, 401 for a wrong one.
  const bool has_username = request.Has(AttributeType::kUsername);
  const auto generation = FindGeneration(request, keys);
  if (!generation) {
    stats.Count(Drop::kUsername);
    Refuse(now, in, request, has_username ? ErrorCode::kUnauthenticated : ErrorCode::kBadRequest);
    return std::nullopt;
  }
  // RFC 8445 section 7.1: a check carries FINGERPRINT. Without a right one it may be anything.
  if (!request.FingerprintMatches()) {
    stats.Count(Drop::kFingerprint);
    return std::nullopt;
  }
  if (!request.has_integrity()) {
    stats.Count(Drop::kIntegrity);
    Refuse(now, in, request, ErrorCode::kBadRequest);
    return std::nullopt;
  }
  if (!request.IntegrityMatches(AsBytes(CredentialsOf(*generation, keys)->pwd))) {
    stats.Count(Drop::kIntegrity);
    Refuse(now, in, request, ErrorCode::kUnauthenticated);
    return std::nullopt;
  }
  if (RefuseUnknownAttributes(in, request, *generation, stats)) return std::nullopt;
  const auto priority = request.FindU32(AttributeType::kPriority);
  if (!priority) {
    stats.Count(Drop::kAttribute);
    Answer answer = MakeAnswer(in, request);
    answer.error = ErrorCode::kBadRequest;
    answer.signed_by = *generation;
    Push(answer, stats);
    return std::nullopt;
  }
  ++stats.requests_received;
  return ReadCheck(request, *generation, *priority);
}

// RFC 8489 section 6.3.1: 420, naming them.
bool Responder::RefuseUnknownAttributes(const Datagram& in, const stun::Message& request,
                                        Generation generation, Stats& stats) {
  Answer answer = MakeAnswer(in, request);
  for (const stun::Attribute attribute : request) {
    if (IsUnderstood(attribute.type) || answer.unknown_count == answer.unknown.size()) continue;
    answer.unknown[answer.unknown_count++] = attribute.type;
  }
  if (answer.unknown_count == 0) return false;
  stats.Count(Drop::kAttribute);
  answer.error = ErrorCode::kUnknownAttribute;
  answer.signed_by = generation;
  Push(answer, stats);
  return true;
}

void Responder::Accept(const Datagram& in, const stun::Message& request, Generation generation,
                       Stats& stats) {
  Answer answer = MakeAnswer(in, request);
  answer.signed_by = generation;
  Push(answer, stats);
}

void Responder::RefuseRole(const Datagram& in, const stun::Message& request, Stats& stats) {
  Answer answer = MakeAnswer(in, request);
  answer.error = ErrorCode::kRoleConflict;
  answer.signed_by = Generation::kCurrent;
  Push(answer, stats);
}

void Responder::Refuse(Time now, const Datagram& in, const stun::Message& request,
                       ErrorCode error) {
  if (now < next_refusal_ || answers_.full() || !request.FingerprintMatches()) return;
  next_refusal_ = now + kRefusalInterval;
  Answer answer = MakeAnswer(in, request);
  answer.error = error;
  CHECK(answers_.Push(answer), "no room for a refusal: %zu", answers_.size());
}

Responder::Answer Responder::MakeAnswer(const Datagram& in, const stun::Message& request) {
  Answer answer;
  answer.path = PathOf(in);
  answer.id = request.transaction_id();
  answer.request_size = in.payload.size();
  return answer;
}

void Responder::Push(const Answer& answer, Stats& stats) {
  if (!answers_.Push(answer)) stats.Count(Drop::kResponseQueue);
}

std::optional<Transmit> Responder::PollTransmit(MutableBytes out, const Keys& keys,
                                                const stun::DtlsInStun& dtls) {
  while (!answers_.empty()) {
    const Answer answer = answers_.Pop();
    const Credentials* key =
        answer.signed_by ? CredentialsOf(*answer.signed_by, keys) : &keys.current;
    if (key == nullptr) continue;  // The restart has ended since.

    stun::Header header;
    header.message_class = answer.error ? stun::MessageClass::kError : stun::MessageClass::kSuccess;
    header.transaction_id = answer.id;
    stun::MessageWriter writer(out, header);
    size_t dtls_size = 0;
    if (!answer.error) {
      writer.AddXorAddress(AttributeType::kXorMappedAddress, answer.path.remote);
      dtls_size = dtls.Write(writer);
    } else {
      writer.AddErrorCode(*answer.error);
    }
    if (answer.unknown_count > 0) {
      writer.AddUnknownAttributes({answer.unknown.data(), answer.unknown_count});
    }
    if (answer.signed_by) writer.AddIntegrity(AsBytes(key->pwd));
    writer.AddFingerprint();
    const auto size = writer.Finish();
    CHECK(size, "an answer does not fit into %zu bytes", out.size());
    if (*size > answer.request_size + dtls_size) continue;
    return TransmitOver(answer.path, *size);
  }
  return std::nullopt;
}

}  // namespace ocellus::ice
