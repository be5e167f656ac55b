// SPDX-License-Identifier: Apache-2.0
#include "tools/benchmarks/channel_roles.h"

#include <algorithm>

#include "firmware/base/text.h"

namespace ocellus::benchmarks {
namespace {

constexpr std::string_view kEnd = "end";
constexpr size_t kSourceMessageSize = 64 * 1024;

// Bytes of a source that wait in the send buffer.
constexpr size_t kSourceWindow = 1024 * 1024;

}  // namespace

std::optional<ChannelRoles::Role> ChannelRoles::ParseRole(std::string_view text) {
  const std::string_view name = TakeUntil(text, ':');
  Role role{};
  if (StartsWith(name, "echo")) {
    role.kind = Kind::kEcho;
  } else if (name == "sink") {
    role.kind = Kind::kSink;
  } else if (name == "source") {
    role.kind = Kind::kSource;
    const auto bytes = ParseNumber<uint64_t>(TakeUntil(text, ':'));
    const auto size = text.empty() ? kSourceMessageSize : ParseNumber<size_t>(text);
    if (!bytes || !size || *size == 0) return std::nullopt;
    role.bytes = *bytes;
    role.message_size = *size;
  } else {
    return std::nullopt;
  }
  return role;
}

bool ChannelRoles::Assign(sctp::ChannelId id, std::string_view role) {
  const auto parsed = ParseRole(role);
  if (parsed) roles_[id] = *parsed;
  return parsed.has_value();
}

void ChannelRoles::HandleChannelEvent(Time now, peer::Peer& peer, const peer::Event& event) {
  if (const auto* message = std::get_if<sctp::ChannelMessage>(&event)) {
    const auto found = roles_.find(message->id);
    if (found != roles_.end()) {
      HandleMessage(now, peer, found->second, *message);
      return;
    }
  }
  listener_.HandleEvent(event);
  if (const auto* opened = std::get_if<sctp::ChannelOpened>(&event)) {
    if (opened->by_peer) Assign(opened->id, opened->options.label);
    const auto found = roles_.find(opened->id);
    if (found == roles_.end()) return;
    Continue(now, peer, opened->id, found->second);
  } else if (const auto* closed = std::get_if<sctp::ChannelClosed>(&event)) {
    roles_.erase(closed->id);
  } else if (std::holds_alternative<sctp::ChannelsFailed>(event)) {
    roles_.clear();
  }
}

void ChannelRoles::HandleMessage(Time now, peer::Peer& peer, Role& role,
                                 const sctp::ChannelMessage& message) {
  const bool ends = message.kind == sctp::MessageKind::kString;
  switch (role.kind) {
    case Kind::kEcho:
      role.echoes.push_back({message.kind, message.payload});
      Continue(now, peer, message.id, role);
      return;
    case Kind::kSink:
      if (ends && AsText(message.payload) == kEnd) {
        const std::string count = Format("%llu", static_cast<unsigned long long>(role.bytes));
        role.echoes.push_back({sctp::MessageKind::kString, {count.begin(), count.end()}});
        Continue(now, peer, message.id, role);
      } else {
        role.bytes += message.payload.size();
      }
      return;
    case Kind::kSource:
      if (const auto count = ParseNumber<uint64_t>(AsText(message.payload)); ends && count) {
        listener_.HandleDelivered(message.id, *count, now - role.began.value_or(now));
      }
      return;
  }
}

bool ChannelRoles::Continue(Time now, peer::Peer& peer) {
  if (peer.channels() == nullptr) return false;
  bool any = false;
  for (auto& [id, role] : roles_) any |= Continue(now, peer, id, role);
  return any;
}

bool ChannelRoles::Continue(Time now, peer::Peer& peer, sctp::ChannelId id, Role& role) {
  sctp::DataChannels& channels = *peer.channels();
  bool any = false;
  while (!role.echoes.empty()) {
    const Waiting& echo = role.echoes.front();
    const Status sent = channels.Send(now, id, echo.kind, echo.payload);
    if (sent.code() == StatusCode::kResourceExhausted) return any;
    role.echoes.pop_front();
    any = true;
  }
  if (role.kind == Kind::kSource) any |= FillSource(now, channels, id, role);
  return any;
}

bool ChannelRoles::FillSource(Time now, sctp::DataChannels& channels, sctp::ChannelId id,
                              Role& role) {
  if (role.ended) return false;
  if (!role.began) role.began = now;
  source_message_.resize(role.message_size, 0x5a);
  bool any = false;
  while (role.bytes > 0 && channels.buffered_amount(id) < kSourceWindow) {
    const auto size = static_cast<size_t>(std::min<uint64_t>(role.bytes, role.message_size));
    const Bytes payload = Bytes(source_message_).first(size);
    if (channels.room() < size) return any;
    if (!channels.Send(now, id, sctp::MessageKind::kBinary, payload).ok()) return any;
    role.bytes -= size;
    any = true;
  }
  if (role.bytes == 0) {
    role.ended = channels.Send(now, id, sctp::MessageKind::kString, AsBytes(kEnd)).ok();
  }
  return any || role.ended;
}

}  // namespace ocellus::benchmarks
