// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/session_manager.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "firmware/app/network_status.h"
#include "firmware/base/limits.h"
#include "firmware/rtc/ice/credentials.h"

namespace ocellus::app {
namespace {

using signaling::SessionId;

// RFC 9725 section 4.8 and draft-ietf-wish-whep ask for session URLs that cannot be guessed:
// 24 characters of 6 bits are 144 bits.
constexpr size_t kSessionIdSize = 24;

// What logs and /status show of a session's id: enough to tell viewers apart, too little to guess
// the rest.
constexpr size_t kShownIdSize = 6;

// When all places are taken, those of viewers that nothing was heard of for this long are free: who
// sends offers and never comes keeps nobody out for longer. A viewer's first check comes within a
// round trip of its answer.
constexpr Duration kUnreachedGrace = std::chrono::seconds(5);

std::string ShownId(const SessionId& id) { return id.substr(0, kShownIdSize); }

Status NoSuchSession() { return {StatusCode::kNotFound, "there is no such session (any more)"}; }

}  // namespace

SessionManager::SessionManager(size_t max_viewers, const peer::PeerConfig& peer_config,
                               Random& random)
    : max_viewers_(max_viewers), peer_config_(peer_config), random_(random) {
  touched_.reserve(max_viewers);
  peer_config_.pacer = &pacer_;
}

SessionManager::~SessionManager() = default;

// --- ViewerSessions ------------------------------------------------------------------------------

Result<SessionManager::Session*> SessionManager::AddSession(Time now,
                                                            const signaling::Visitor& visitor) {
  // An answer without candidates would have its viewer wait in vain.
  if (local_candidates_.empty()) {
    return Status(StatusCode::kUnavailable,
                  "the camera has no address yet that a viewer could reach");
  }
  if (sessions_.size() >= max_viewers_ && !EvictUnreached(now)) {
    ++totals_.viewers_refused;
    if (refusal_log_.Allow(now)) {
      LOG_WARN("viewer refused: all %zu places are taken (--max-viewers)", max_viewers_);
    }
    return Status(StatusCode::kResourceExhausted,
                  Format("all %zu viewer places are taken", max_viewers_));
  }
  auto session = std::make_unique<Session>(now, peer_config_, local_candidates_, random_);
  session->id = random_.UrlChars(kSessionIdSize);
  session->visitor = visitor;
  session->viewer = ViewerId(++last_viewer_);
  Session* added = session.get();
  sessions_[added->id] = std::move(session);
  by_viewer_[added->viewer] = added;
  return added;
}

bool SessionManager::EvictUnreached(Time now) {
  Session* oldest = nullptr;
  for (auto& [id, session] : sessions_) {
    const peer::PeerStats stats = session->peer.stats();
    const bool unreached = stats.state != peer::State::kConnected && !stats.path;
    if (!unreached || now - session->created_at < kUnreachedGrace) continue;
    if (oldest == nullptr || session->created_at < oldest->created_at) oldest = session.get();
  }
  if (oldest == nullptr) return false;
  LOG_INFO("viewer %s never came, and makes room", ShownId(oldest->id).c_str());
  RemoveSession(*oldest);
  return true;
}

Result<signaling::AcceptedOffer> SessionManager::Accept(Time now, const signaling::Visitor& visitor,
                                                        std::string_view offer_sdp) {
  auto added = AddSession(now, visitor);
  if (!added.ok()) return added.status();
  Session& session = **added;
  auto answer = session.peer.Answer(now, offer_sdp);
  if (!answer.ok()) {
    if (refusal_log_.Allow(now)) {
      LOG_INFO("offer refused: %s", answer.status().ToString().c_str());
    }
    RemoveSession(session);
    return answer.status();
  }
  UpdateUfrags(session);
  Touch(session);
  keyframe_wanted_ = true;  // It is there when the handshake ends.
  ++totals_.viewers_accepted;
  LOG_INFO("viewer %s came, %zu of %zu", ShownId(session.id).c_str(), sessions_.size(),
           max_viewers_);
  return signaling::AcceptedOffer{session.id, std::move(*answer), session.ufrags.back()};
}

Result<signaling::CounterOffer> SessionManager::Offer(Time now, const signaling::Visitor& visitor) {
  auto added = AddSession(now, visitor);
  if (!added.ok()) return added.status();
  Session& session = **added;
  auto offer = session.peer.Offer(now);
  if (!offer.ok()) {
    RemoveSession(session);
    return offer.status();
  }
  UpdateUfrags(session);
  Touch(session);
  return signaling::CounterOffer{session.id, std::move(*offer), session.ufrags.back()};
}

Status SessionManager::HandleAnswer(Time now, const SessionId& id, std::string_view answer_sdp) {
  Session* session = Find(id);
  if (session == nullptr) return NoSuchSession();
  RETURN_IF_ERROR(session->peer.HandleAnswer(now, answer_sdp));
  Touch(*session);
  keyframe_wanted_ = true;
  ++totals_.viewers_accepted;
  return {};
}

Status SessionManager::AddCandidates(Time now, const SessionId& id, std::string_view ice_generation,
                                     std::string_view sdp_fragment) {
  Session* session = Find(id);
  if (session == nullptr) return NoSuchSession();
  if (ice_generation != session->ufrags.back()) {
    return {StatusCode::kFailedPrecondition, "the ICE session has been restarted since"};
  }
  Touch(*session);
  return session->peer.AddRemoteCandidates(now, sdp_fragment);
}

Result<signaling::RestartedIce> SessionManager::RestartIce(Time now, const SessionId& id,
                                                           std::string_view sdp_fragment) {
  Session* session = Find(id);
  if (session == nullptr) return NoSuchSession();
  auto fragment = session->peer.RestartIce(now, sdp_fragment);
  if (!fragment.ok()) return fragment.status();
  UpdateUfrags(*session);
  Touch(*session);
  return signaling::RestartedIce{std::move(*fragment), session->ufrags.back()};
}

Status SessionManager::Close(Time now, const SessionId& id) {
  Session* session = Find(id);
  if (session == nullptr) return NoSuchSession();
  session->peer.Close(now);
  Touch(*session);
  LOG_INFO("viewer %s said goodbye", ShownId(id).c_str());
  return {};
}

bool SessionManager::Exists(const SessionId& id) const { return Find(id) != nullptr; }

SessionManager::Session* SessionManager::Find(const SessionId& id) const {
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second->peer.state() == peer::State::kClosed) {
    return nullptr;
  }
  return found->second.get();
}

void SessionManager::RemoveSession(Session& session) {
  for (const std::string& ufrag : session.ufrags) by_ufrag_.erase(ufrag);
  while (!session.routes.empty()) RemoveOldestRoute(session);
  touched_.erase(std::remove(touched_.begin(), touched_.end(), &session), touched_.end());
  viewer_events_.push_back({session.viewer, ViewerLeft{}});
  by_viewer_.erase(session.viewer);
  sessions_.erase(SessionId(session.id));
}

// --- Routing -------------------------------------------------------------------------------------

void SessionManager::UpdateUfrags(Session& session) {
  for (const std::string& ufrag : session.ufrags) by_ufrag_.erase(ufrag);
  session.ufrags.clear();
  // While a restart is under way, checks with the old credentials still keep the old path alive.
  for (const auto ufrag : {session.peer.previous_local_ufrag(), session.peer.local_ufrag()}) {
    if (ufrag.empty()) continue;
    session.ufrags.emplace_back(ufrag);
    by_ufrag_[session.ufrags.back()] = &session;
  }
}

void SessionManager::AddRoute(Session& session, const SocketAddress& remote) {
  if (std::find(session.routes.begin(), session.routes.end(), remote) != session.routes.end()) {
    return;
  }
  // The one in use comes back with the next packet that is sent to it.
  if (session.routes.size() >= kMaxRoutesPerViewer) RemoveOldestRoute(session);
  session.routes.push_back(remote);
  routes_.emplace(remote, &session);
}

void SessionManager::RemoveOldestRoute(Session& session) {
  const auto [begin, end] = routes_.equal_range(session.routes.front());
  routes_.erase(
      std::find_if(begin, end, [&](const auto& route) { return route.second == &session; }));
  session.routes.erase(session.routes.begin());
}

bool SessionManager::HandleDatagram(Time now, const Datagram& in) {
  const ice::Path path = ice::PathOf(in);
  if (const auto ufrag = ice::RecipientUfrag(Bytes(in.payload))) {
    const auto found = by_ufrag_.find(*ufrag);
    if (found == by_ufrag_.end()) {
      ++totals_.datagrams_dropped;
      return false;
    }
    Session& session = *found->second;
    Deliver(now, session, in);
    const bool authenticated = session.peer.IsAuthenticated(path);
    if (authenticated) AddRoute(session, in.remote);
    return authenticated;
  }
  // Viewers behind one NAT may have private addresses in common, so a route can be shared. Only the
  // peer that has authenticated the path takes media; STUN responses go to all, and each agent
  // knows its own transactions.
  const auto [begin, end] = routes_.equal_range(in.remote);
  const bool is_stun = !in.payload.empty() && in.payload[0] <= 3;
  bool taken = false;
  for (auto route = begin; route != end; ++route) {
    Session& session = *route->second;
    const bool authenticated = session.peer.IsAuthenticated(path);
    if (!is_stun && !authenticated) continue;
    Deliver(now, session, in);
    taken = true;
    if (!is_stun) return true;
  }
  if (!taken) ++totals_.datagrams_dropped;
  return false;
}

void SessionManager::Deliver(Time now, Session& session, const Datagram& in) {
  session.peer.HandleDatagram(now, in);
  Touch(session);
  HandleEvents(now, session);
}

void SessionManager::HandleEvents(Time now, Session& session) {
  while (auto event = session.peer.PollEvent()) {
    if (const auto* connected = std::get_if<peer::Connected>(&*event)) {
      LOG_INFO("viewer %s connected in %lld ms: %s, %s", ShownId(session.id).c_str(),
               static_cast<long long>(ToMilliseconds(now - session.created_at)),
               connected->path.remote.ToString().c_str(),
               connected->profile ? srtp::ToString(*connected->profile) : "data channels only");
    } else if (auto* wanted = std::get_if<peer::NameWanted>(&*event)) {
      [[maybe_unused]] const bool kept = names_to_resolve_.Push(std::move(wanted->name));
    } else if (const auto* closed = std::get_if<peer::Closed>(&*event)) {
      LOG_INFO("viewer %s is gone: %s", ShownId(session.id).c_str(),
               peer::ToString(closed->reason));
    } else {
      ForwardChannelEvent(session, *event);
    }
  }
}

void SessionManager::ForwardChannelEvent(const Session& session, peer::Event& event) {
  std::visit(
      [&](auto& alternative) {
        using Alternative = std::decay_t<decltype(alternative)>;
        if constexpr (std::is_constructible_v<sctp::ChannelEvent, Alternative>) {
          viewer_events_.push_back({session.viewer, sctp::ChannelEvent(std::move(alternative))});
        }
      },
      event);
}

// --- Data channels -------------------------------------------------------------------------------

std::optional<ViewerEvent> SessionManager::PollViewerEvent() {
  if (viewer_events_.empty()) return std::nullopt;
  ViewerEvent event = std::move(viewer_events_.front());
  viewer_events_.pop_front();
  return event;
}

Status SessionManager::Send(Time now, ViewerId viewer, sctp::ChannelId channel,
                            sctp::MessageKind kind, Bytes payload) {
  Session* session = Find(viewer);
  sctp::DataChannels* channels = session == nullptr ? nullptr : session->peer.channels();
  if (channels == nullptr) return {StatusCode::kNotFound, "the viewer has left"};
  Touch(*session);
  return channels->Send(now, channel, kind, payload);
}

void SessionManager::CloseChannel(Time now, ViewerId viewer, sctp::ChannelId channel) {
  Session* session = Find(viewer);
  sctp::DataChannels* channels = session == nullptr ? nullptr : session->peer.channels();
  if (channels == nullptr) return;
  Touch(*session);
  channels->Close(now, channel);
}

size_t SessionManager::buffered_amount(ViewerId viewer, sctp::ChannelId channel) const {
  Session* session = Find(viewer);
  sctp::DataChannels* channels = session == nullptr ? nullptr : session->peer.channels();
  return channels == nullptr ? 0 : channels->buffered_amount(channel);
}

size_t SessionManager::room(ViewerId viewer) const {
  Session* session = Find(viewer);
  const sctp::DataChannels* channels = session == nullptr ? nullptr : session->peer.channels();
  return channels == nullptr ? 0 : channels->room();
}

size_t SessionManager::max_message_size(ViewerId viewer) const {
  Session* session = Find(viewer);
  const sctp::DataChannels* channels = session == nullptr ? nullptr : session->peer.channels();
  if (channels == nullptr) return 0;
  const size_t size = channels->peer_max_message_size();
  return size == 0 ? kMaxChannelMessageSize : size;
}

const signaling::Visitor* SessionManager::visitor(ViewerId viewer) const {
  const Session* session = Find(viewer);
  return session == nullptr ? nullptr : &session->visitor;
}

void SessionManager::SetRole(ViewerId viewer, auth::Role role) {
  if (Session* session = Find(viewer)) session->visitor.role = role;
}

SessionId SessionManager::session_id(ViewerId viewer) const {
  const Session* session = Find(viewer);
  return session == nullptr ? SessionId() : session->id;
}

SessionManager::Session* SessionManager::Find(ViewerId viewer) const {
  const auto found = by_viewer_.find(viewer);
  return found == by_viewer_.end() ? nullptr : found->second;
}

// --- Turns ---------------------------------------------------------------------------------------

void SessionManager::Touch(Session& session) {
  if (session.touched) return;
  session.touched = true;
  touched_.push_back(&session);
}

void SessionManager::SetLocalCandidates(Time now, std::vector<ice::LocalCandidate> candidates) {
  local_candidates_ = std::move(candidates);
  for (auto& [id, session] : sessions_) {
    session->peer.SetLocalCandidates(now, local_candidates_);
    Touch(*session);
  }
}

std::optional<std::string> SessionManager::PollNameToResolve() {
  if (names_to_resolve_.empty()) return std::nullopt;
  return names_to_resolve_.Pop();
}

void SessionManager::HandleResolvedName(Time now, std::string_view name,
                                        Span<const IpAddress> addresses) {
  for (auto& [id, session] : sessions_) {
    session->peer.HandleResolvedName(now, name, addresses);
    Touch(*session);
  }
}

void SessionManager::EnqueueFrame(Time now, FrameId frame) {
  for (auto& [id, session] : sessions_) {
    session->peer.EnqueueFrame(now, frame);
    Touch(*session);
  }
}

bool SessionManager::TakeKeyframeRequest() { return std::exchange(keyframe_wanted_, false); }

void SessionManager::HandleTimeout(Time now) {
  for (auto& [id, session] : sessions_) {
    if (session->deadline > now) continue;
    session->peer.HandleTimeout(now);
    Touch(*session);
  }
}

void SessionManager::Transmit(Time now, PacketSender& sender) {
  std::vector<Session*> finished;
  for (Session* session : touched_) {
    session->touched = false;
    if (!TransmitSession(now, *session, sender)) finished.push_back(session);
  }
  touched_.clear();
  for (Session* session : finished) RemoveSession(*session);
}

bool SessionManager::TransmitSession(Time now, Session& session, PacketSender& sender) {
  HandleEvents(now, session);
  SocketAddress last_remote;
  uint64_t bytes = 0;
  while (true) {
    const auto transmit = session.peer.PollTransmit(now, sender.SendBuffer());
    if (!transmit) break;
    sender.Send(now, *transmit);
    bytes += transmit->size;
    ++totals_.packets_sent;
    if (transmit->remote != last_remote) {
      AddRoute(session, transmit->remote);
      last_remote = transmit->remote;
    }
  }
  totals_.bytes_sent += bytes;
  session.bytes_sent += bytes;
  session.send_rate.Update(now, session.bytes_sent);
  session.deadline = session.peer.next_deadline();
  if (session.peer.TakeKeyframeRequest()) keyframe_wanted_ = true;
  return session.peer.state() != peer::State::kClosed;
}

Time SessionManager::next_deadline() const {
  Time next = kNever;
  for (const auto& [id, session] : sessions_) {
    next = std::min(next, session->deadline);
  }
  return next;
}

void SessionManager::CloseAll(Time now) {
  for (auto& [id, session] : sessions_) {
    session->peer.Close(now);
    Touch(*session);
  }
}

std::vector<signaling::ViewerStatus> SessionManager::GetViewers(Time now) const {
  std::vector<signaling::ViewerStatus> viewers;
  for (const auto& [id, session] : sessions_) {
    const peer::PeerStats stats = session->peer.stats();
    signaling::ViewerStatus viewer;
    viewer.id = ShownId(id);
    viewer.state = peer::ToString(stats.state);
    if (stats.path) {
      viewer.local_address = stats.path->local.ToString();
      viewer.remote_address = stats.path->remote.ToString();
    }
    for (const ice::PairStatus& pair : stats.pairs) {
      if (pair.selected || (stats.path && pair.path == *stats.path)) {
        viewer.path = ToPathStatus(pair);
      } else {
        viewer.pairs.push_back(ToPathStatus(pair));
      }
    }
    viewer.round_trip_time = stats.round_trip_time;
    viewer.bitrate = session->send_rate.rate();
    viewer.packets_sent = stats.video.packets_sent;
    if (stats.video.last_report) {
      viewer.packets_lost = static_cast<uint64_t>(
          std::max(0, static_cast<int>(stats.video.last_report->cumulative_lost)));
    }
    viewer.packets_retransmitted = stats.video.retransmissions_sent;
    viewer.nacks = stats.video.nacks_received;
    viewer.keyframe_requests = stats.video.keyframe_requests_received;
    viewer.duration = now - session->created_at;
    viewers.push_back(std::move(viewer));
  }
  return viewers;
}

}  // namespace ocellus::app
