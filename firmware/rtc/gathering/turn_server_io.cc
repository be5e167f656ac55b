// SPDX-License-Identifier: Apache-2.0
// What goes between a TurnServer and the server: streams, messages, time.
#include <algorithm>
#include <utility>

#include "firmware/base/limits.h"
#include "firmware/rtc/gathering/turn_server.h"

namespace ocellus::gathering {
namespace {

// The second one leaves 1.5 s after the request: longer than any round trip that works well.
constexpr uint32_t kSlowRetransmissions = 2;

}  // namespace

std::optional<StreamCommand> TurnServer::PollStreamCommand() {
  if (commands_.empty()) return std::nullopt;
  StreamCommand command = std::move(commands_.front());
  commands_.erase(commands_.begin());
  return command;
}

void TurnServer::HandleStreamOpened(Time now) {
  if (state_ == State::kConnecting) StartClient(now);
}

void TurnServer::HandleStreamClosed(Time now, const Status& why) {
  stream_.reset();  // There is nothing to close any more.
  Fail(now, {StatusCode::kUnavailable, "the connection is closed: " + why.message()});
}

void TurnServer::HandleStreamData(Time now, Bytes data) {
  if (!framer_) return;
  if (stream_data_.size() + data.size() > kMaxTurnStreamData) {
    return Fail(now, {StatusCode::kResourceExhausted, "too much of the connection was not read"});
  }
  stream_data_.insert(stream_data_.end(), data.begin(), data.end());
  stream_now_ = now;
}

std::optional<turn::Relayed> TurnServer::PollStreamDatagram() {
  while (client_ && framer_) {
    Bytes rest = Bytes(stream_data_).subspan(stream_taken_);
    const auto message = framer_->Next(rest);
    stream_taken_ = stream_data_.size() - rest.size();
    if (framer_->broken()) {
      Fail(stream_now_, {StatusCode::kMalformed, "the server sends what is not TURN"});
      framer_.reset();  // Also while the allocation is given back, when nothing fails any more.
    } else if (!message) {
      stream_data_.clear();
      stream_taken_ = 0;
      break;
    } else if (const auto relayed = HandleMessage(stream_now_, *message)) {
      return relayed;
    }
  }
  return std::nullopt;
}

std::optional<turn::Relayed> TurnServer::HandleMessage(Time now, MutableBytes message) {
  if (!client_) return std::nullopt;
  const auto relayed = client_->HandleMessage(now, message);
  if (!relayed) HandleEvents(now);
  return relayed;
}

void TurnServer::HandleTimeout(Time now) {
  addresses_.HandleTimeout(now);
  if (client_) {
    client_->HandleTimeout(now);
    HandleEvents(now);
  }
  switch (state_) {
    case State::kIdle:
      if (now >= due_) Start(now);
      break;
    case State::kConnecting:
      if (now >= due_) Fail(now, {StatusCode::kTimeout, "no connection"});
      break;
    case State::kAllocating:
      if (now >= due_) Fail(now, {StatusCode::kTimeout, "no answer"});
      break;
    case State::kReady:
      if (now >= GiveUpAt()) {
        Fail(now, {StatusCode::kTimeout, "it does not answer any more"});
      } else if (now >= RenewAt()) {
        Release(now);
      }
      break;
    case State::kReleasing:
      if (now < due_) break;
      Drop();
      state_ = State::kIdle;
      Start(now);
      break;
    case State::kClosed:
      if (now < due_) break;
      Drop();
      due_ = kNever;
      break;
  }
}

Time TurnServer::GiveUpAt() const {
  return doubted_ > client_->last_heard() ? doubted_ + kGiveUpTime : kNever;
}

// When to replace an allocation whose user grows old.
Time TurnServer::RenewAt() const {
  return login_.renew == kNever ? kNever : std::max(login_.renew, used_ + kQuiet);
}

Time TurnServer::next_deadline() const {
  Time deadline = std::min(addresses_.next_deadline(), due_);
  if (client_) deadline = std::min(deadline, client_->next_deadline());
  return state_ == State::kReady ? std::min({deadline, GiveUpAt(), RenewAt()}) : deadline;
}

std::optional<Outgoing> TurnServer::PollTransmit(Time now, MutableBytes out) {
  if (!client_) return std::nullopt;
  const auto size = client_->PollTransmit(now, out);
  if (!size) return std::nullopt;
  return Envelope(*size);
}

bool TurnServer::Prepare(Time now, const SocketAddress& peer) {
  return client_ && client_->Prepare(now, peer);
}

std::optional<Outgoing> TurnServer::Wrap(Time now, const Transmit& inner, MutableBytes packet) {
  if (!client_) return std::nullopt;
  const auto size = client_->Wrap(now, inner.local, inner.remote, packet, inner.size);
  if (!size) return std::nullopt;
  const Time heard = client_->last_heard();
  if (now >= heard + turn::kDoubtfulSilence && doubted_ <= heard) doubted_ = now;
  used_ = now;
  return Envelope(*size);
}

Outgoing TurnServer::Envelope(size_t size) const {
  const auto protocol = uses_udp() ? TransportProtocol::kUdp : TransportProtocol::kTcp;
  return {{base_, server_, size, protocol}, stream_};
}

ServerStatus TurnServer::status() const {
  ServerStatus status;
  status.url = url_.Write();
  status.transport = url_.transport;
  if (server_.port != 0) status.address = server_;
  status.relayed = relayed_;
  if (mapped_) status.mapped = {*mapped_};
  if (client_) status.rtt = client_->rtt();
  status.error = error_.message();
  switch (state_) {
    case State::kIdle:
      status.state = due_ == kNever ? ServerState::kUnused : ServerState::kConnecting;
      if (addresses_.is_resolving()) status.state = ServerState::kResolving;
      if (!addresses_.error().ok()) {
        status.error = "its name is not found: " + addresses_.error().message();
      }
      break;
    case State::kConnecting:
    case State::kAllocating:
      status.state = ServerState::kConnecting;
      if (error_.ok() && client_ && client_->stats().retransmissions >= kSlowRetransmissions) {
        status.error = "no answer yet";
      }
      break;
    case State::kReady:
      status.state = ServerState::kReady;
      if (GiveUpAt() != kNever) status.error = "silent for some seconds";
      break;
    case State::kReleasing:
    case State::kClosed:
      status.state = ServerState::kUnused;
      break;
  }
  if (state_ != State::kReady && !status.error.empty()) status.state = ServerState::kFailed;
  return status;
}

}  // namespace ocellus::gathering
