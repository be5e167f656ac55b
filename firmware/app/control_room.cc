// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/control_room.h"

#include <algorithm>

#include "firmware/base/limits.h"

namespace ocellus::app {
namespace {

using control::ClientId;
using control::FileTransfers;
using control::Server;
using control::TransferId;

// Whether a viewer has opened this channel for `label` and `protocol`, as both ask for it.
bool IsFor(const sctp::ChannelOptions& options, std::string_view label, std::string_view protocol) {
  return options.label == label && options.protocol == protocol && options.ordered &&
         !options.max_retransmits && !options.max_lifetime;
}

}  // namespace

ControlRoom::ControlRoom(const Parts& parts, const control::StreamParameters& settings)
    : parts_(parts),
      library_(parts.files),
      transfers_(library_),
      ptz_(parts.storage, CameraMemory::ReadPlace(parts.storage)),
      memory_(parts.storage, parts.settings, parts.video.status().kept_controls, ptz_.kept()),
      camera_({parts.video, parts.keyframes, ptz_, memory_, library_, parts.clock}, settings),
      server_({parts.device, camera_, parts.settings, ptz_, parts.outputs, parts.log, library_}) {}

void ControlRoom::Pump(Time now) {
  while (auto event = parts_.sessions.PollViewerEvent()) {
    const ViewerId viewer = event->viewer;
    const auto handle = [&](const auto& what) { HandleEvent(now, viewer, what); };
    if (const auto* channel = std::get_if<sctp::ChannelEvent>(&event->event)) {
      std::visit(handle, *channel);
    } else {
      handle(ViewerLeft{});
    }
  }
  camera_.Pump(now, server_);
  PumpFiles(now);
  server_.HandleTimeout(now);
  SendControlMessages(now);
  SendFiles(now);
}

Time ControlRoom::next_deadline() const {
  return std::min({camera_.next_deadline(), transfers_.next_deadline(), server_.next_deadline()});
}

void ControlRoom::HandleRpc(Time now, auth::Role role, const hal::HttpRequest& request) {
  server_.HandleHttp(now, request.id, role, request.remote, request.body);
}

void ControlRoom::HandleSnapshot(const media::Snapshot& snapshot) {
  camera_.HandleSnapshot(snapshot, server_);
}

std::optional<ViewerId> ControlRoom::viewer(ClientId client) const {
  const auto found = clients_.find(client);
  return found == clients_.end() ? std::nullopt : std::optional(found->second.viewer);
}

// --- Channels ------------------------------------------------------------------------------------

void ControlRoom::HandleEvent(Time now, ViewerId viewer, const sctp::ChannelOpened& opened) {
  const signaling::Visitor* visitor = parts_.sessions.visitor(viewer);
  if (visitor == nullptr) return;
  const ChannelKey key{viewer, opened.id};
  if (IsFor(opened.options, Server::kChannelLabel, Server::kChannelProtocol) &&
      !HasControlChannel(viewer)) {
    const ClientId client =
        server_.Open(now, visitor->role, visitor->remote, parts_.sessions.max_message_size(viewer));
    channels_[key] = client;
    clients_[client] = key;
  } else if (IsFor(opened.options, FileTransfers::kChannelLabel, FileTransfers::kChannelProtocol)) {
    const TransferId transfer =
        transfers_.Open(now, visitor->role, parts_.sessions.max_message_size(viewer));
    channels_[key] = transfer;
    transfer_channels_[transfer] = key;
  } else {
    LOG_DEBUG("a viewer's channel is closed: nothing is called \"%s\" (%s) here",
              opened.options.label.c_str(), opened.options.protocol.c_str());
    parts_.sessions.CloseChannel(now, viewer, opened.id);
  }
}

void ControlRoom::HandleEvent(Time now, ViewerId viewer, const sctp::ChannelMessage& message) {
  const auto found = channels_.find({viewer, message.id});
  if (found == channels_.end()) return;
  const Bytes payload(message.payload);
  if (const auto* transfer = std::get_if<TransferId>(&found->second)) {
    if (message.kind == sctp::MessageKind::kString) {
      transfers_.HandleText(now, *transfer, AsText(payload));
    } else {
      transfers_.HandleBinary(now, *transfer, payload);
    }
    return;
  }
  const ClientId client = std::get<ClientId>(found->second);
  if (message.kind == sctp::MessageKind::kString) {
    server_.HandleMessage(now, client, AsText(payload));
  } else {
    CloseControl(now, client);  // Nothing binary belongs here.
  }
}

void ControlRoom::HandleEvent(Time, ViewerId viewer, const sctp::ChannelClosed& closed) {
  const auto found = channels_.find({viewer, closed.id});
  if (found != channels_.end()) Forget(found);
}

void ControlRoom::HandleEvent(Time, ViewerId viewer, const sctp::ChannelsFailed& failed) {
  LOG_INFO("a viewer's data channels are gone: %s", failed.why.message().c_str());
  ForgetViewer(viewer);
}

void ControlRoom::HandleEvent(Time, ViewerId viewer, const ViewerLeft&) { ForgetViewer(viewer); }

// Files are looked after in every turn.
void ControlRoom::HandleEvent(Time, ViewerId, const sctp::BufferedAmountLow&) {}

bool ControlRoom::HasControlChannel(ViewerId viewer) const {
  for (auto channel = channels_.lower_bound({viewer, sctp::ChannelId(0)});
       channel != channels_.end() && channel->first.viewer == viewer; ++channel) {
    if (std::holds_alternative<ClientId>(channel->second)) return true;
  }
  return false;
}

void ControlRoom::ForgetViewer(ViewerId viewer) {
  while (true) {
    const auto channel = channels_.lower_bound({viewer, sctp::ChannelId(0)});
    if (channel == channels_.end() || channel->first.viewer != viewer) return;
    Forget(channel);
  }
}

void ControlRoom::Forget(std::map<ChannelKey, User>::iterator channel) {
  if (const auto* client = std::get_if<ClientId>(&channel->second)) {
    server_.Close(*client);
    clients_.erase(*client);
  } else {
    const TransferId transfer = std::get<TransferId>(channel->second);
    transfers_.HandleClosed(transfer);
    transfer_channels_.erase(transfer);
  }
  channels_.erase(channel);
}

void ControlRoom::CloseControl(Time now, ClientId client) {
  const auto found = clients_.find(client);
  if (found == clients_.end()) return;
  const ChannelKey key = found->second;
  Forget(channels_.find(key));
  parts_.sessions.CloseChannel(now, key.viewer, key.channel);
}

// --- What leaves ---------------------------------------------------------------------------------

void ControlRoom::PumpFiles(Time now) {
  transfers_.HandleTimeout(now);
  transfers_.HandleStore(now);
  while (auto finished = library_.PollFinished()) {
    server_.Finish(finished->ticket, std::move(finished->result));
  }
  while (const auto area = library_.PollChanged()) {
    server_.NotifyFilesChanged(*area);
  }
}

void ControlRoom::SendControlMessages(Time now) {
  while (auto message = server_.PollMessage()) {
    const auto found = clients_.find(message->client);
    if (found == clients_.end()) continue;
    const auto [viewer, channel] = found->second;
    const bool reads = parts_.sessions.buffered_amount(viewer, channel) <= kMaxControlBacklog;
    const Status status =
        !reads ? Status(StatusCode::kResourceExhausted)
               : parts_.sessions.Send(now, viewer, channel, sctp::MessageKind::kString,
                                      AsBytes(message->text));
    // Nobody reads there: what it asks for must not pile up.
    if (!status.ok()) CloseControl(now, message->client);
  }
  while (const auto kicked = server_.PollKicked()) CloseControl(now, *kicked);
}

// What is left when the control channel has its own: its answers must find room.
size_t ControlRoom::RoomForFiles(const ChannelKey& key) const {
  const size_t buffered = parts_.sessions.buffered_amount(key.viewer, key.channel);
  const size_t room = parts_.sessions.room(key.viewer);
  return std::min(kFileTransferWindow - std::min(buffered, kFileTransferWindow),
                  room - std::min(room, kMaxControlBacklog));
}

void ControlRoom::SendFiles(Time now) {
  std::vector<ChannelKey> failed;
  for (const auto& [transfer, key] : transfer_channels_) {
    while (true) {
      const auto message = transfers_.PollMessage(now, transfer, RoomForFiles(key));
      if (!message) break;
      const auto kind = message->kind == control::FileMessage::Kind::kText
                            ? sctp::MessageKind::kString
                            : sctp::MessageKind::kBinary;
      const Status sent =
          parts_.sessions.Send(now, key.viewer, key.channel, kind, message->payload);
      if (sent.ok()) continue;
      if (failure_log_.Allow(now)) {
        LOG_WARN("a file transfer ends: %s", sent.message().c_str());
      }
      failed.push_back(key);
      break;
    }
  }
  for (const ChannelKey& key : failed) {
    Forget(channels_.find(key));
    parts_.sessions.CloseChannel(now, key.viewer, key.channel);
  }
  while (const auto over = transfers_.PollFinished()) {
    const auto found = transfer_channels_.find(*over);
    if (found == transfer_channels_.end()) continue;
    const ChannelKey key = found->second;
    transfer_channels_.erase(found);
    channels_.erase(key);
    parts_.sessions.CloseChannel(now, key.viewer, key.channel);
  }
}

}  // namespace ocellus::app
