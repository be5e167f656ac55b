// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/gathering/mapping.h"

#include <algorithm>
#include <utility>

namespace ocellus::gathering {
namespace {

// The third transmission leaves 1.5 s after the first: longer than any round trip that works well.
constexpr unsigned kTransmissionsUntilSlow = 3;

}  // namespace

Mapping::Mapping(Time start, const SocketAddress& base, const SocketAddress& server, Random& random)
    : random_(random), path_{base, server, TransportProtocol::kUdp} {
  Ask(start, Retransmission());
}

void Mapping::Ask(Time start, const Retransmission& retransmission) {
  request_.emplace(start, path_, retransmission, random_);
}

void Mapping::AskAgain(Time start) {
  backoff_.Reset();
  Ask(start, kRefreshRetransmission);
}

Status Mapping::error() const {
  const bool slow = request_ && request_->transmissions() >= kTransmissionsUntilSlow;
  if (error_.ok() && !mapped_ && slow) return {StatusCode::kTimeout, "no answer yet"};
  return error_;
}

bool Mapping::HandleAnswer(Time now, const Datagram& in, const stun::Message& message) {
  if (!request_ || in.remote != path_.remote || !request_->IsAnsweredBy(in, message)) return false;
  const Result<SocketAddress> mapped = ReadMappedAddress(message);
  if (!mapped.ok()) {
    Fail(now, mapped.status());
    return true;
  }
  if (const auto rtt = request_->RoundTrip(now)) rtt_ = rtt;
  request_.reset();
  mapped_ = *mapped;
  error_ = Status();
  forget_at_ = now + kMappingKept;
  backoff_.Reset();
  const auto spread = static_cast<uint32_t>(kMappingRefreshSpread.count());
  next_request_ = now + kMappingRefresh + Duration(random_.Below(spread));
  return true;
}

void Mapping::Fail(Time now, Status why) {
  error_ = std::move(why);
  failed_ = true;
  request_.reset();
  next_request_ = now + backoff_.Next(random_);
}

void Mapping::HandleTimeout(Time now) {
  if (now >= forget_at_) {
    mapped_.reset();
    forget_at_ = kNever;
  }
  if (request_ && request_->HasFailed(now)) {
    Fail(now,
         {StatusCode::kTimeout, Format("no answer to %u requests", request_->transmissions())});
  }
  if (!request_ && now >= next_request_) Ask(now, kRefreshRetransmission);
}

std::optional<Transmit> Mapping::PollTransmit(Time now, MutableBytes out) {
  if (!request_ || !request_->IsDue(now)) return std::nullopt;
  return request_->Write(now, out);
}

Time Mapping::next_deadline() const {
  return std::min(forget_at_, request_ ? request_->next_deadline() : next_request_);
}

}  // namespace ocellus::gathering
