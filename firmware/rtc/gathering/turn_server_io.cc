// SPDX-License-Identifier: Apache-2.0
// What goes between a TurnServer and the server: streams, messages, time.
#include <algorithm>
#include <utility>

#include "firmware/rtc/gathering/turn_server.h"

namespace ocellus::gathering {

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
  CHECK(stream_data_.empty(), "%zu bytes of the stream were not polled", stream_data_.size());
  if (!client_) return;
  stream_data_ = data;
  stream_now_ = now;
}

std::optional<turn::Relayed> TurnServer::PollStreamDatagram() {
  while (!stream_data_.empty()) {
    const auto message = framer_->Next(stream_data_);
    if (framer_->broken()) {
      Fail(stream_now_, {StatusCode::kMalformed, "the server sends what is not TURN"});
    } else if (message) {
      if (const auto relayed = HandleMessage(stream_now_, *message)) return relayed;
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
  if (client_ || stream_) status.address = server_;
  status.relayed = relayed_;
  if (mapped_) status.mapped = {*mapped_};
  if (client_) status.rtt = client_->rtt();
  status.error = error_.message();
  switch (state_) {
    case State::kIdle:
      status.state = !error_.ok() ? ServerState::kFailed : ServerState::kUnused;
      if (addresses_.is_resolving()) status.state = ServerState::kResolving;
      if (!addresses_.error().ok()) {
        status.state = ServerState::kFailed;
        status.error = "its name is not found: " + addresses_.error().message();
      }
      break;
    case State::kConnecting:
    case State::kAllocating:
      status.state = error_.ok() ? ServerState::kConnecting : ServerState::kFailed;
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
  return status;
}

}  // namespace ocellus::gathering
