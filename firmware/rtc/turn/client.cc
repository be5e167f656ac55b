// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/turn/client.h"

#include <algorithm>
#include <utility>

#include "firmware/base/log.h"
#include "firmware/rtc/stun/message_writer.h"

namespace ocellus::turn {

using stun::Method;

Client::Client(Time now, ClientOptions options, Random& random)
    : options_(std::move(options)),
      random_(random),
      credentials_(options_.username, options_.password) {
  StartAllocate(now);
}

void Client::Start(Time now, Request request, unsigned challenges) {
  stun::TransactionId id;
  random_.Fill(id);
  std::array<uint8_t, kMaxDatagramSize> bytes;
  const auto size = WriteRequest(request, id, credentials_, bytes);
  Transaction transaction(now, options_.protocol, std::move(request), id,
                          Bytes(bytes).first(size.value_or(0)), challenges);
  if (size) {
    transactions_.push_back(std::move(transaction));
  } else {
    HandleNoAnswer(now, transaction,
                   Status(StatusCode::kUnsupported,
                          "turn: user name, realm and nonce do not fit into a request"));
  }
}

void Client::StartAllocate(Time now) {
  Request request;
  request.method = Method::kAllocate;
  request.families = families_;
  Start(now, std::move(request));
}

void Client::StartRefresh(Time now, uint32_t lifetime) {
  constexpr Duration kRange = kMaxKeepAlive - kMinKeepAlive;
  keep_alive_interval_ =
      kMinKeepAlive + Duration(random_.Below(static_cast<uint32_t>(kRange.count())));
  refresh_at_ = kNever;
  Request request;
  request.method = Method::kRefresh;
  request.lifetime = lifetime;
  Start(now, std::move(request));
}

bool Client::WantsPeerRequest() const {
  return state_ == State::kAllocated && peers_.wants_anything() &&
         transactions_.size() < kMaxTurnTransactions;
}

bool Client::HasRequest(Time now) const {
  return WantsPeerRequest() ||
         std::any_of(transactions_.begin(), transactions_.end(),
                     [now](const Transaction& transaction) { return transaction.IsDue(now); });
}

void Client::StartPeerRequests(Time now) {
  while (WantsPeerRequest()) {
    Request permissions;
    permissions.method = Method::kCreatePermission;
    permissions.permissions = peers_.TakePermissions(now);
    if (!permissions.permissions.empty()) {
      Start(now, std::move(permissions));
      continue;
    }
    if (const auto channel = peers_.TakeChannel(now)) {
      Request bind;
      bind.method = Method::kChannelBind;
      bind.channel = channel->channel;
      bind.peer = channel->peer;
      Start(now, std::move(bind));
    }
  }
}

void Client::HandleTimeout(Time now) {
  for (size_t i = 0; i < transactions_.size();) {
    if (!transactions_[i].HasFailed(now)) {
      ++i;
      continue;
    }
    const Transaction over = TakeTransaction(i);
    HandleNoAnswer(now, over,
                   over.forged() ? Status(StatusCode::kPermissionDenied,
                                          "turn server's answers are not signed with our password")
                                 : Status(StatusCode::kTimeout, "turn server does not answer"));
  }
  if (state_ != State::kAllocated) return;
  if (now >= expires_) {
    Failed failed;
    failed.status = Status(StatusCode::kTimeout, Format("turn allocation has expired: %s",
                                                        refresh_error_.message().c_str()));
    return Fail(std::move(failed));
  }
  if (now >= refresh_due()) {
    StartRefresh(now, static_cast<uint32_t>(kAllocationLifetime.count()));
  }
  peers_.HandleTimeout(now);
}

std::optional<size_t> Client::PollTransmit(Time now, MutableBytes out) {
  CHECK(out.size() >= kMaxDatagramSize, "%zu bytes for a TURN message", out.size());
  StartPeerRequests(now);
  for (Transaction& transaction : transactions_) {
    if (!transaction.IsDue(now)) continue;
    transaction.HandleSent(now);
    ++stats_.requests_sent;
    if (transaction.transmissions() > 1) ++stats_.retransmissions;
    last_sent_ = now;
    std::copy(transaction.bytes().begin(), transaction.bytes().end(), out.begin());
    return transaction.bytes().size();
  }
  return std::nullopt;
}

std::optional<Event> Client::PollEvent() {
  if (events_.empty()) return std::nullopt;
  return events_.Pop();
}

Time Client::next_deadline() const {
  Time deadline = kNever;
  for (const Transaction& transaction : transactions_) {
    deadline = std::min(deadline, transaction.next_deadline());
  }
  if (state_ != State::kAllocated) return deadline;
  if (WantsPeerRequest()) return Time();
  return std::min({deadline, expires_, refresh_due(), peers_.next_deadline()});
}

void Client::Close(Time now) {
  if (state_ == State::kClosed || state_ == State::kFailed || state_ == State::kClosing) return;
  const bool asked = stats_.requests_sent > 0;
  transactions_.clear();
  peers_.Clear();
  relayed_.clear();
  state_ = asked ? State::kClosing : State::kClosed;
  if (asked) StartRefresh(now, 0);
}

void Client::Fail(Failed failed) {
  LOG_WARN("%s", failed.status.message().c_str());
  transactions_.clear();
  peers_.Clear();
  relayed_.clear();
  state_ = State::kFailed;
  CHECK(events_.Push(std::move(failed)), "a third event");
}

}  // namespace ocellus::turn
