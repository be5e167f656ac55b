// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/ice/consent.h"

namespace ocellus::ice {

Consent::Consent(Time granted, Random& random) : granted_(granted) { Schedule(granted, random); }

void Consent::Schedule(Time now, Random& random) {
  const uint32_t spread = static_cast<uint32_t>(kConsentInterval.count() * 4 / 10);
  next_check_ = now + kConsentInterval * 8 / 10 + Duration(random.Below(spread + 1));
}

stun::TransactionId Consent::Ask(Time now, Random& random) {
  Question question;
  random.Fill(question.id);
  question.sent = now;
  questions_.PushDroppingOldest(question);
  Schedule(now, random);
  return question.id;
}

bool Consent::Asked(const stun::TransactionId& id) const {
  for (size_t i = 0; i < questions_.size(); ++i) {
    if (questions_[i].id == id && id != stun::TransactionId{}) return true;
  }
  return false;
}

std::optional<Duration> Consent::HandleResponse(Time now, const stun::TransactionId& id) {
  for (size_t i = 0; i < questions_.size(); ++i) {
    if (questions_[i].id != id) continue;
    const Duration round_trip = now - questions_[i].sent;
    questions_[i] = Question();  // An answer counts once.
    granted_ = now;
    return round_trip;
  }
  return std::nullopt;
}

}  // namespace ocellus::ice
