// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/gathering/binding_request.h"

#include <algorithm>

#include "firmware/rtc/stun/message_writer.h"

namespace ocellus::gathering {
namespace {

// RFC 8489 section 14: below 0x8000 comprehension is required. These may stand in an answer: those
// of RFC 8489, and what servers of RFC 3489 add for old clients (MAPPED-ADDRESS, SOURCE-ADDRESS,
// CHANGED-ADDRESS).
bool IsUnderstood(stun::AttributeType type) {
  constexpr uint16_t kUnderstood[] = {0x0001, 0x0004, 0x0005, 0x0006, 0x0008,
                                      0x0009, 0x000A, 0x0014, 0x0015, 0x0020};
  const auto number = static_cast<uint16_t>(type);
  return number >= 0x8000 ||
         std::find(std::begin(kUnderstood), std::end(kUnderstood), number) != std::end(kUnderstood);
}

}  // namespace

BindingRequest::BindingRequest(Time start, const ice::Path& path,
                               const Retransmission& retransmission, Random& random,
                               uint32_t change_request)
    : path_(path), retransmission_(retransmission), change_request_(change_request), next_(start) {
  random.Fill(id_);
}

Transmit BindingRequest::Write(Time now, MutableBytes out) {
  CHECK(IsDue(now), "transmission %u is not due", sent_ + 1);
  stun::MessageWriter writer(out, {stun::MessageClass::kRequest, stun::Method::kBinding, id_});
  if (change_request_ != 0) writer.AddU32(stun::AttributeType::kChangeRequest, change_request_);
  writer.AddFingerprint();
  const auto size = writer.Finish();
  CHECK(size, "%zu bytes are too few for a binding request", out.size());

  const bool last = ++sent_ == retransmission_.transmissions;
  next_ = now + retransmission_.first_timeout *
                    (last ? retransmission_.last_timeout_factor : 1u << (sent_ - 1));
  last_sent_ = now;
  return ice::TransmitOver(path_, *size);
}

bool BindingRequest::IsAnsweredBy(const Datagram& in, const stun::Message& message) const {
  const bool answer = message.message_class() == stun::MessageClass::kSuccess ||
                      message.message_class() == stun::MessageClass::kError;
  return answer && sent_ > 0 && message.method() == stun::Method::kBinding &&
         in.protocol == path_.protocol && in.local == path_.local &&
         message.transaction_id() == id_ &&
         (!message.has_fingerprint() || message.FingerprintMatches());
}

std::optional<Duration> BindingRequest::RoundTrip(Time now) const {
  if (sent_ != 1) return std::nullopt;
  return now - last_sent_;
}

Result<SocketAddress> ReadMappedAddress(const stun::Message& answer) {
  if (answer.message_class() == stun::MessageClass::kError) {
    const auto code = answer.FindErrorCode();
    if (!code) return Status(StatusCode::kPermissionDenied, "refused");
    return Status(StatusCode::kPermissionDenied,
                  Format("refused: %u %s", static_cast<unsigned>(*code), stun::ToString(*code)));
  }
  for (const stun::Attribute attribute : answer) {
    if (IsUnderstood(attribute.type)) continue;
    return Status(StatusCode::kMalformed, Format("its answer has the unknown attribute 0x%04x",
                                                 static_cast<unsigned>(attribute.type)));
  }
  const auto mapped = answer.FindXorAddress(stun::AttributeType::kXorMappedAddress);
  if (!mapped || !IsUsable(*mapped)) {
    return Status(StatusCode::kMalformed, "its answer has no address of ours");
  }
  return *mapped;
}

bool IsUsable(const SocketAddress& address) {
  return address.port != 0 && !address.ip.is_unspecified() && !address.ip.is_multicast();
}

}  // namespace ocellus::gathering
