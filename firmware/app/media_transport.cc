// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/media_transport.h"

#include <algorithm>
#include <utility>

namespace ocellus::app {

using gathering::Gatherer;
using gathering::StreamId;
using hal::TcpConnectionId;
using hal::TcpRoom;

namespace {

// RFC 7983 section 7: STUN and DTLS begin with less than 128, RTP and RTCP do not.
TcpRoom RoomFor(Bytes packet) { return packet[0] < 128 ? TcpRoom::kAll : TcpRoom::kMedia; }

}  // namespace

MediaTransport::MediaTransport(const Parts& parts, gathering::Options options)
    : parts_(parts),
      relay_only_(options.policy == gathering::Policy::kRelay),
      gatherer_(std::move(options), parts.random),
      frame_(ice::kTcpFrameHeaderSize + kMaxDatagramSize) {}

MediaTransport::~MediaTransport() = default;

void MediaTransport::SetHosts(Time now, Span<const IpAddress> hosts) {
  std::vector<SocketAddress> addresses;
  for (const IpAddress& ip : hosts) addresses.push_back({ip, parts_.udp.port()});
  parts_.tcp.HandleNetworkChange();
  gatherer_.SetHosts(now, addresses);
}

// --- In ------------------------------------------------------------------------------------------

Span<Datagram> MediaTransport::ReceiveUdp(Time now) {
  while (true) {
    const Span<Datagram> batch = parts_.udp.Receive();
    if (batch.empty()) return batch;
    // What is for viewers moves to the front.
    size_t kept = 0;
    for (Datagram& datagram : batch) {
      const Gatherer::Verdict verdict = gatherer_.HandleDatagram(now, datagram);
      if (verdict == Gatherer::Verdict::kConsumed) continue;
      if (verdict == Gatherer::Verdict::kNotOurs && relay_only_) {
        ++stats_.direct_dropped;
        continue;
      }
      if (&batch[kept] != &datagram) batch[kept] = datagram;
      ++kept;
    }
    if (kept > 0) return batch.first(kept);
  }
}

std::optional<Datagram> MediaTransport::ReceiveTcp(Time now) {
  while (true) {
    if (const auto relayed = gatherer_.PollStreamDatagram()) return relayed;
    if (!tcp_rest_.bytes.empty()) {
      if (const auto datagram = NextOfViewer()) return datagram;
      continue;
    }
    const auto event = parts_.tcp.PollEvent();
    if (!event) return std::nullopt;
    HandleTcpEvent(now, *event);
  }
}

void MediaTransport::HandleTcpEvent(Time now, const hal::TcpEvent& event) {
  if (const auto* accepted = std::get_if<hal::TcpAccepted>(&event)) {
    AddViewer(now, *accepted);
  } else if (const auto* connected = std::get_if<hal::TcpConnected>(&event)) {
    const auto server = servers_.find(connected->id);
    if (server == servers_.end()) return;
    server->second.connected = true;
    if (server->second.tls) {
      SendCiphertext(connected->id, server->second, TcpRoom::kAll);
    } else {
      gatherer_.HandleStreamOpened(now, server->second.stream);
    }
  } else if (const auto* data = std::get_if<hal::TcpData>(&event)) {
    if (viewers_.count(data->id) > 0) {
      tcp_rest_ = *data;
    } else if (const auto server = servers_.find(data->id); server != servers_.end()) {
      HandleServerData(now, server->first, server->second, data->bytes);
    }
  } else {
    const auto& closed = std::get<hal::TcpClosed>(event);
    RemoveViewer(closed.id);
    CloseServer(now, closed.id, closed.why);
  }
}

// --- Viewers' TCP connections --------------------------------------------------------------------

void MediaTransport::AddViewer(Time now, const hal::TcpAccepted& accepted) {
  if (viewers_.size() >= kMaxViewerTcpConnections && !EvictUnproven()) {
    ++stats_.tcp_refused;
    if (log_limiter_.Allow(now)) {
      LOG_WARN("TCP connection of %s refused: all %zu are taken",
               accepted.remote.ToString().c_str(), kMaxViewerTcpConnections);
    }
    parts_.tcp.Close(accepted.id);
    return;
  }
  ViewerConnection& viewer = viewers_[accepted.id];
  viewer.local = accepted.local;
  viewer.remote = accepted.remote;
  viewer.expires = now + kUnprovenLifetime;
  viewers_by_remote_[accepted.remote] = accepted.id;
  next_expiry_ = std::min(next_expiry_, viewer.expires);
}

// The connection that has been silent for longest makes room. False when all have proven
// themselves.
bool MediaTransport::EvictUnproven() {
  auto oldest = viewers_.end();
  for (auto it = viewers_.begin(); it != viewers_.end(); ++it) {
    if (it->second.proven) continue;
    if (oldest == viewers_.end() || it->second.expires < oldest->second.expires) oldest = it;
  }
  if (oldest == viewers_.end()) return false;
  ++stats_.tcp_refused;
  CloseViewer(oldest->first);
  return true;
}

void MediaTransport::CloseViewer(TcpConnectionId id) {
  parts_.tcp.Close(id);
  RemoveViewer(id);
}

void MediaTransport::RemoveViewer(TcpConnectionId id) {
  const auto found = viewers_.find(id);
  if (found == viewers_.end()) return;
  const auto by_remote = viewers_by_remote_.find(found->second.remote);
  if (by_remote != viewers_by_remote_.end() && by_remote->second == id) {
    viewers_by_remote_.erase(by_remote);
  }
  if (tcp_rest_.id == id) tcp_rest_ = {};
  viewers_.erase(found);
}

std::optional<Datagram> MediaTransport::NextOfViewer() {
  ViewerConnection& viewer = viewers_.at(tcp_rest_.id);
  const auto payload = viewer.deframer.Next(tcp_rest_.bytes);
  if (payload) {
    return Datagram{viewer.local, viewer.remote, *payload, TransportProtocol::kTcp};
  }
  if (viewer.deframer.broken()) {
    CloseViewer(tcp_rest_.id);
  }
  tcp_rest_ = {};
  return std::nullopt;
}

void MediaTransport::HandleAuthenticated(Time now, const Datagram& in) {
  if (in.protocol != TransportProtocol::kTcp) return;
  const auto found = viewers_by_remote_.find(in.remote);
  if (found == viewers_by_remote_.end()) return;
  ViewerConnection& viewer = viewers_.at(found->second);
  viewer.proven = true;
  viewer.expires = now + kSilentLifetime;
}

// --- Connections to TURN servers -----------------------------------------------------------------

void MediaTransport::PumpStreamCommands(Time now) {
  while (const auto command = gatherer_.PollStreamCommand()) {
    if (const auto* open = std::get_if<gathering::StreamOpen>(&*command)) {
      OpenServer(now, *open);
      continue;
    }
    const StreamId stream = std::get<gathering::StreamClose>(*command).id;
    const auto found = FindServer(stream);
    if (found == servers_.end()) continue;
    if (found->second.tls) {
      found->second.tls->Close();
      SendCiphertext(found->first, found->second, TcpRoom::kAll);
    }
    parts_.tcp.Close(found->first);
    servers_.erase(found);
  }
}

void MediaTransport::OpenServer(Time now, const gathering::StreamOpen& command) {
  ServerConnection server;
  server.stream = command.id;
  if (!command.tls_name.empty()) {
    if (parts_.trust == nullptr) {
      return gatherer_.HandleStreamClosed(
          now, command.id, {StatusCode::kFailedPrecondition, "no authorities are trusted"});
    }
    auto tls = crypto::TlsClient::Open({command.tls_name, *parts_.trust, parts_.random});
    if (!tls.ok()) return gatherer_.HandleStreamClosed(now, command.id, tls.status());
    server.tls = std::move(*tls);
  }
  servers_.emplace(parts_.tcp.Connect(command.server), std::move(server));
}

void MediaTransport::HandleServerData(Time now, TcpConnectionId id, ServerConnection& server,
                                      MutableBytes data) {
  if (!server.tls) return gatherer_.HandleStreamData(now, server.stream, data);
  const bool was_connected = server.tls->state() == crypto::TlsClient::State::kConnected;
  server.tls->HandleCiphertext(data);
  SendCiphertext(id, server, TcpRoom::kAll);
  if (!was_connected && server.tls->state() == crypto::TlsClient::State::kConnected) {
    gatherer_.HandleStreamOpened(now, server.stream);
  }
  while (const auto plaintext = server.tls->Read()) {
    gatherer_.HandleStreamData(now, server.stream, *plaintext);
  }
  if (server.tls->state() == crypto::TlsClient::State::kClosed) {
    const Status why = server.tls->why_closed();
    parts_.tcp.Close(id);
    CloseServer(now, id, why);
  }
}

void MediaTransport::CloseServer(Time now, TcpConnectionId id, const Status& why) {
  const auto found = servers_.find(id);
  if (found == servers_.end()) return;
  const StreamId stream = found->second.stream;
  servers_.erase(found);
  gatherer_.HandleStreamClosed(now, stream, why);
}

MediaTransport::Servers::iterator MediaTransport::FindServer(StreamId stream) {
  return std::find_if(servers_.begin(), servers_.end(),
                      [&](const auto& server) { return server.second.stream == stream; });
}

// What the connection does not take waits, and is tried again with the next packet or event.
void MediaTransport::SendCiphertext(TcpConnectionId id, ServerConnection& server, TcpRoom room) {
  const Bytes ciphertext = server.tls->ciphertext();
  if (ciphertext.empty() || !parts_.tcp.Send(id, ciphertext, room)) return;
  server.tls->TakeCiphertext(ciphertext.size());
}

void MediaTransport::SendToStream(StreamId stream, Bytes message, TcpRoom room) {
  const auto found = FindServer(stream);
  if (found == servers_.end()) return;
  auto& [id, server] = *found;
  bool sent = false;
  if (!server.tls) {
    sent = parts_.tcp.Send(id, message, room);
  } else {
    SendCiphertext(id, server, room);
    // What TLS has encrypted cannot be dropped any more, so media waits outside.
    const bool has_room = room == TcpRoom::kAll || server.tls->ciphertext().empty();
    sent = has_room && server.tls->Write(message);
    SendCiphertext(id, server, room);
  }
  if (!sent) ++stats_.tcp_dropped;
}

// --- Out -----------------------------------------------------------------------------------------

MutableBytes MediaTransport::SendBuffer() {
  return parts_.udp.SendBuffer().first(kMaxDatagramSize);
}

void MediaTransport::Send(Time now, const Transmit& transmit) {
  if (transmit.protocol == TransportProtocol::kTcp) return SendByTcp(transmit);
  if (!gatherer_.IsRelayed(transmit.local)) {
    // With the relay policy no candidate of ours leads here.
    if (!relay_only_) parts_.udp.Send(transmit);
    return;
  }
  MutableBytes packet = parts_.udp.SendBuffer();
  if (gatherer_.PrepareRelay(now, transmit)) {
    // The server must hear of the peer first.
    const Bytes bytes = Bytes(packet).first(transmit.size);
    overtaken_.assign(bytes.begin(), bytes.end());
    SendOwnRequests(now);
    packet = parts_.udp.SendBuffer();
    std::copy(overtaken_.begin(), overtaken_.end(), packet.begin());
  }
  const TcpRoom room = RoomFor(packet);
  if (const auto outgoing = gatherer_.Relay(now, transmit, packet)) {
    Dispatch(*outgoing, packet, room);
  }
}

void MediaTransport::SendByTcp(const Transmit& transmit) {
  const auto found = viewers_by_remote_.find(transmit.remote);
  const Bytes packet = Bytes(parts_.udp.SendBuffer()).first(transmit.size);
  std::copy(packet.begin(), packet.end(), frame_.begin() + ice::kTcpFrameHeaderSize);
  if (found == viewers_by_remote_.end() ||
      !parts_.tcp.Send(found->second, ice::FrameForTcp(frame_, transmit.size), RoomFor(packet))) {
    ++stats_.tcp_dropped;
  }
}

void MediaTransport::SendOwnRequests(Time now) {
  while (true) {
    const MutableBytes packet = parts_.udp.SendBuffer();
    const auto outgoing = gatherer_.PollTransmit(now, packet);
    if (!outgoing) return;
    Dispatch(*outgoing, packet, TcpRoom::kAll);
  }
}

void MediaTransport::Dispatch(const gathering::Outgoing& outgoing, Bytes packet, TcpRoom room) {
  if (outgoing.stream) {
    SendToStream(*outgoing.stream, packet.first(outgoing.transmit.size), room);
  } else {
    parts_.udp.Send(outgoing.transmit);
  }
}

void MediaTransport::Flush(Time now) {
  PumpStreamCommands(now);
  SendOwnRequests(now);
  for (auto& [id, server] : servers_) {
    if (server.tls && server.connected) SendCiphertext(id, server, TcpRoom::kAll);
  }
  parts_.udp.Flush();
}

// --- Time ----------------------------------------------------------------------------------------

void MediaTransport::HandleTimeout(Time now) {
  if (now >= gatherer_.next_deadline()) gatherer_.HandleTimeout(now);
  if (now < next_expiry_) return;
  next_expiry_ = kNever;
  std::vector<TcpConnectionId> expired;
  for (const auto& [id, viewer] : viewers_) {
    if (now >= viewer.expires) {
      expired.push_back(id);
    } else {
      next_expiry_ = std::min(next_expiry_, viewer.expires);
    }
  }
  for (const TcpConnectionId id : expired) CloseViewer(id);
}

Time MediaTransport::next_deadline() const {
  return std::min(gatherer_.next_deadline(), next_expiry_);
}

void MediaTransport::Close(Time now) {
  gatherer_.Close(now);
  Flush(now);
  while (!viewers_.empty()) CloseViewer(viewers_.begin()->first);
}

}  // namespace ocellus::app
