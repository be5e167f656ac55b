// SPDX-License-Identifier: Apache-2.0
// What the server answers, and what follows from it.
#include <algorithm>
#include <utility>

#include "firmware/base/log.h"
#include "firmware/rtc/turn/client.h"

namespace ocellus::turn {
namespace {

using stun::AttributeType;
using stun::ErrorCode;
using stun::MessageClass;
using stun::Method;

// The comprehension-required attributes (RFC 8489 section 14: below 0x8000) of responses that we
// know, even where we have no use for them.
constexpr AttributeType kUnderstood[] = {AttributeType::kMappedAddress,
                                         AttributeType::kUsername,
                                         AttributeType::kErrorCode,
                                         AttributeType::kUnknownAttributes,
                                         AttributeType::kRealm,
                                         AttributeType::kNonce,
                                         AttributeType::kXorMappedAddress,
                                         AttributeType::kPasswordAlgorithm,
                                         AttributeType::kUserhash,
                                         AttributeType::kChannelNumber,
                                         AttributeType::kLifetime,
                                         AttributeType::kXorPeerAddress,
                                         AttributeType::kData,
                                         AttributeType::kXorRelayedAddress,
                                         AttributeType::kRequestedAddressFamily,
                                         AttributeType::kRequestedTransport};

bool IsUnderstood(const stun::Attribute& attribute) {
  constexpr unsigned kFirstOptional = 0x8000;
  return static_cast<unsigned>(attribute.type) >= kFirstOptional ||
         std::find(std::begin(kUnderstood), std::end(kUnderstood), attribute.type) !=
             std::end(kUnderstood);
}

bool UnderstandsAll(const stun::Message& response) {
  for (const stun::Attribute attribute : response) {
    if (!IsUnderstood(attribute)) return false;
  }
  return true;
}

StatusCode StatusCodeOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUnauthenticated:
    case ErrorCode::kForbidden:
    case ErrorCode::kStaleNonce:
    case ErrorCode::kWrongCredentials:
      return StatusCode::kPermissionDenied;
    case ErrorCode::kUnknownAttribute:
    case ErrorCode::kAddressFamilyNotSupported:
    case ErrorCode::kUnsupportedTransportProtocol:
    case ErrorCode::kPeerAddressFamilyMismatch:
      return StatusCode::kUnsupported;
    case ErrorCode::kAllocationQuotaReached:
    case ErrorCode::kInsufficientCapacity:
      return StatusCode::kResourceExhausted;
    case ErrorCode::kAllocationMismatch:
      return StatusCode::kFailedPrecondition;
    case ErrorCode::kTryAlternate:
    case ErrorCode::kServerError:
      return StatusCode::kUnavailable;
    case ErrorCode::kBadRequest:
    case ErrorCode::kRoleConflict:
      return StatusCode::kInternal;
  }
  return StatusCode::kInternal;
}

// "turn server refused: 486 Allocation Quota Reached", and what a person can do about it.
Failed Refusal(ErrorCode code, const std::string& detail = "") {
  std::string text =
      Format("turn server refused: %u %s", static_cast<unsigned>(code), ToString(code));
  if (!detail.empty()) text += " (" + detail + ")";
  Failed failed;
  failed.status = Status(StatusCodeOf(code), std::move(text));
  failed.error = code;
  return failed;
}

bool IsChallenge(ErrorCode code) {
  return code == ErrorCode::kUnauthenticated || code == ErrorCode::kStaleNonce;
}

}  // namespace

Transaction Client::TakeTransaction(size_t index) {
  Transaction taken = std::move(transactions_[index]);
  transactions_.erase(transactions_.begin() + static_cast<std::ptrdiff_t>(index));
  return taken;
}

void Client::HandleResponse(Time now, const stun::Message& response) {
  const stun::TransactionId id = response.transaction_id();
  size_t index = 0;
  while (index < transactions_.size() && transactions_[index].id() != id) ++index;
  if (index == transactions_.size() || transactions_[index].request().method != response.method()) {
    return stats_.Count(Drop::kUnknownTransaction);
  }
  std::optional<ErrorCode> code;
  if (response.message_class() == MessageClass::kError) {
    code = response.FindErrorCode();
    if (!code) return stats_.Count(Drop::kMalformed);
    if (IsChallenge(*code)) return HandleChallenge(now, index, response, *code);
  }
  if (!credentials_.Authenticate(response)) return HandleForgery(now, index);

  const Transaction over = TakeTransaction(index);
  last_heard_ = now;
  if (const auto round_trip = over.RoundTrip(now)) rtt_ = round_trip;
  if (code) return HandleError(now, over, response, *code);
  // RFC 8489 section 6.3.3: a success response with unknown comprehension-required attributes "is
  // discarded and the transaction is considered to have failed".
  if (!UnderstandsAll(response)) {
    return HandleNoAnswer(now, over,
                          Status(StatusCode::kUnsupported,
                                 "turn server's answer has an attribute that we do not know"));
  }
  HandleSuccess(now, over, response);
}

void Client::HandleChallenge(Time now, size_t index, const stun::Message& response,
                             ErrorCode code) {
  if (options_.username.empty() && state_ == State::kAllocating) {
    return Fail(Refusal(code, "no user name and password are set for it"));
  }
  const Status status = credentials_.HandleChallenge(response, code);
  const bool again = status.ok() && transactions_[index].challenges() < kMaxChallenges;
  if (again) {
    const Transaction over = TakeTransaction(index);
    last_heard_ = now;
    return Start(now, over.request(), over.challenges() + 1);
  }
  const std::string why = status.ok() ? "each nonce is stale at once" : status.message();
  if (state_ == State::kAllocating) return Fail(Refusal(code, why));
  // It cannot be told from a forged one, so the server's own answer is still waited for.
  stats_.Count(Drop::kChallenge);
  refresh_error_ = Refusal(code, why).status;
}

// RFC 8489 section 9.2.5: over UDP it "MUST be discarded, as if it had never been received"; over a
// stream the request ends, "and the layer MUST [...] signal that the integrity protection was
// violated".
void Client::HandleForgery(Time now, size_t index) {
  stats_.Count(Drop::kIntegrity);
  if (options_.protocol == TransportProtocol::kUdp) return transactions_[index].HandleForgery();
  HandleNoAnswer(now, TakeTransaction(index),
                 Status(StatusCode::kPermissionDenied,
                        "turn server's answer is not signed with our password"));
}

void Client::HandleSuccess(Time now, const Transaction& transaction,
                           const stun::Message& response) {
  const Request& request = transaction.request();
  if (request.method == Method::kAllocate) {
    HandleAllocated(now, transaction, response);
  } else if (request.method == Method::kRefresh) {
    if (state_ == State::kClosing) {
      state_ = State::kClosed;
    } else if (state_ == State::kAllocating) {
      StartAllocate(now);
    } else {
      refresh_error_ = Status();
      HandleLifetime(now, transaction, response);
    }
  } else if (request.method == Method::kCreatePermission) {
    for (const IpAddress& ip : request.permissions) {
      peers_.HandlePermitted(transaction.first_sent(), ip);
    }
  } else if (request.method == Method::kChannelBind) {
    peers_.HandleBound(now, transaction.first_sent(), {request.channel, *request.peer});
  }
}

// RFC 8656 section 7.3.
void Client::HandleAllocated(Time now, const Transaction& transaction,
                             const stun::Message& response) {
  Allocated allocated;
  for (const stun::Attribute attribute : response) {
    if (attribute.type != AttributeType::kXorRelayedAddress) continue;
    const auto relayed = response.ReadXorAddress(attribute.value);
    if (!relayed || RelayedFor(*relayed) != nullptr) continue;  // One of each family.
    relayed_.push_back(*relayed);
  }
  if (relayed_.empty()) {
    Failed failed;
    failed.status = Status(StatusCode::kMalformed, "turn server's answer has no relayed address");
    return Fail(std::move(failed));
  }
  state_ = State::kAllocated;
  HandleLifetime(now, transaction, response);
  keep_alive_interval_ = kMinKeepAlive;
  allocated.relayed = relayed_;
  allocated.mapped =
      response.FindXorAddress(AttributeType::kXorMappedAddress).value_or(SocketAddress());
  LOG_INFO("turn server lends us %s", relayed_.front().ToString().c_str());
  CHECK(events_.Push(std::move(allocated)), "a third event");
}

void Client::HandleLifetime(Time now, const Transaction& transaction,
                            const stun::Message& response) {
  const uint32_t seconds = response.FindU32(AttributeType::kLifetime)
                               .value_or(static_cast<uint32_t>(kAllocationLifetime.count()));
  const Duration lifetime =
      std::clamp(std::chrono::seconds(seconds), kMinAllocationLifetime, kMaxAllocationLifetime);
  expires_ = transaction.first_sent() + lifetime;
  // A quarter of the time remains for a Refresh that is not answered at first.
  refresh_at_ = std::max(transaction.first_sent() + lifetime * 3 / 4, now + kRefreshAgain / 2);
}

void Client::HandleError(Time now, const Transaction& transaction, const stun::Message& response,
                         ErrorCode code) {
  const Request& request = transaction.request();
  if (state_ == State::kClosing) {
    state_ = State::kClosed;
    return;
  }
  if (request.method == Method::kAllocate) return HandleAllocateError(now, response, code);
  if (state_ == State::kAllocating) {  // What was in our way could not be freed, or is gone.
    if (code == ErrorCode::kAllocationMismatch) return StartAllocate(now);
    return Fail(Refusal(code, "our port has another user's allocation there"));
  }
  // RFC 8656 section 5: they tell that the allocation is not there, or not ours.
  if (code == ErrorCode::kAllocationMismatch || code == ErrorCode::kWrongCredentials) {
    return Fail(Refusal(code, "the allocation is gone"));
  }
  const bool peer_refused =
      code == ErrorCode::kForbidden || code == ErrorCode::kPeerAddressFamilyMismatch;
  if (!peer_refused) return HandleNoAnswer(now, transaction, Refusal(code).status);
  if (request.method == Method::kCreatePermission) {
    if (request.permissions.size() == 1) ++stats_.peers_refused;
    peers_.HandleRefused(now, request.permissions);
  } else if (request.method == Method::kChannelBind) {
    peers_.HandleNotBound(now, {request.channel, *request.peer}, kAskRefusedAgain);
  } else {
    HandleNoAnswer(now, transaction, Refusal(code).status);
  }
}

void Client::HandleAllocateError(Time now, const stun::Message& response, ErrorCode code) {
  // RFC 8656 section 7.4: 440 for an address family that the server has not; servers that do not
  // know ADDITIONAL-ADDRESS-FAMILY may refuse it by 420.
  const bool fewer = code == ErrorCode::kAddressFamilyNotSupported ||
                     (code == ErrorCode::kUnknownAttribute && families_ == Families::kBoth);
  if (fewer && families_ != Families::kV6) {
    families_ = families_ == Families::kBoth ? Families::kV4 : Families::kV6;
    return StartAllocate(now);
  }
  // Our port is the same each time that we are started, and what it had before lives on for some
  // minutes. RFC 8656 section 7.4 would have us take another port: it is the one of all viewers.
  if (code == ErrorCode::kAllocationMismatch && !released_former_) {
    released_former_ = true;
    return StartRefresh(now, 0);
  }
  if (code == ErrorCode::kTryAlternate) {
    const auto alternate = response.FindAddress(AttributeType::kAlternateServer);
    Failed failed = Refusal(code, alternate ? "it names " + alternate->ToString() : "");
    failed.alternate_server = alternate;
    return Fail(std::move(failed));
  }
  Fail(Refusal(code, code == ErrorCode::kAllocationMismatch
                         ? "our port has an allocation there already"
                         : ""));
}

void Client::HandleNoAnswer(Time now, const Transaction& transaction, Status why) {
  const Request& request = transaction.request();
  if (state_ == State::kClosing) {
    state_ = State::kClosed;
  } else if (state_ == State::kAllocating) {
    Failed failed;
    failed.status = std::move(why);
    Fail(std::move(failed));
  } else if (request.method == Method::kRefresh) {
    refresh_error_ = std::move(why);
    refresh_at_ = now + kRefreshAgain;
  } else if (request.method == Method::kCreatePermission) {
    peers_.HandleFailed(now, request.permissions);
  } else if (request.method == Method::kChannelBind) {
    peers_.HandleNotBound(now, {request.channel, *request.peer}, kAskAgain);
  }
}

}  // namespace ocellus::turn
