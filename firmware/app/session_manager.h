// SPDX-License-Identifier: Apache-2.0
// All viewers of the camera: gives out the slots, finds the peer that a datagram is for, moves
// frames in and packets out, and frees the slot when a viewer is gone. Signalings see it as
// ViewerSessions.
//
// io thread only. Owned by CameraApp.
//
// Work is proportional to what happens: a datagram touches one viewer, a frame touches all, and
// only viewers that were touched or whose deadline has come are polled.
//
// Invariants:
//   1. Every route and ufrag points to a session that exists.
//   2. A session whose peer may have a new deadline is touched until it is polled.
//   3. A route to a session exists only for addresses that it sent to or that authenticated
//      themselves, so strangers cannot fill the table.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "firmware/app/packet_sender.h"
#include "firmware/app/rate_meter.h"
#include "firmware/base/frame_ring.h"
#include "firmware/base/log.h"
#include "firmware/base/ring.h"
#include "firmware/base/strong_id.h"
#include "firmware/rtc/peer/peer.h"
#include "firmware/rtc/sctp/data_channels.h"
#include "firmware/signaling/status_report.h"
#include "firmware/signaling/viewer_sessions.h"

namespace ocellus::app {

// A viewer for as long as he is here; never used again.
using ViewerId = StrongId<struct ViewerIdTag, uint64_t>;

struct ViewerLeft {};

// What happens on a viewer's data channels. ViewerLeft and sctp::ChannelsFailed end all of them.
struct ViewerEvent {
  ViewerId viewer;
  std::variant<sctp::ChannelEvent, ViewerLeft> event;
};

class SessionManager : public signaling::ViewerSessions {
 public:
  // What `peer_config` refers to outlives this, as `random` does.
  SessionManager(size_t max_viewers, const peer::PeerConfig& peer_config, Random& random);
  ~SessionManager() override;

  // --- ViewerSessions ---------------------------------------------------------------------------
  Result<signaling::AcceptedOffer> Accept(Time now, const signaling::Visitor& visitor,
                                          std::string_view offer_sdp) override;
  Result<signaling::CounterOffer> Offer(Time now, const signaling::Visitor& visitor) override;
  Status HandleAnswer(Time now, const signaling::SessionId& id,
                      std::string_view answer_sdp) override;
  Status AddCandidates(Time now, const signaling::SessionId& id, std::string_view ice_generation,
                       std::string_view sdp_fragment) override;
  Result<signaling::RestartedIce> RestartIce(Time now, const signaling::SessionId& id,
                                             std::string_view sdp_fragment) override;
  Status Close(Time now, const signaling::SessionId& id) override;
  bool Exists(const signaling::SessionId& id) const override;

  // --- The host ---------------------------------------------------------------------------------

  // Where viewers can reach us: for those that come, and for those that are here.
  void SetLocalCandidates(Time now, std::vector<ice::LocalCandidate> candidates);
  // Names that viewers have instead of addresses (".local"), to be looked up (ask after Transmit),
  // and what came of it: no addresses when nobody answers to it.
  std::optional<std::string> PollNameToResolve();
  void HandleResolvedName(Time now, std::string_view name, Span<const IpAddress> addresses);
  // Of the video, for offers and answers from now on.
  void SetProfileLevelId(const sdp::ProfileLevelId& id) { peer_config_.profile_level_id = id; }

  // --- Media ------------------------------------------------------------------------------------

  // `id` is new in the ring.
  void EnqueueFrame(Time now, FrameId id);
  // True once after any viewer needs a keyframe. Ask after Transmit.
  bool TakeKeyframeRequest();

  // --- Data channels ----------------------------------------------------------------------------

  // To be polled until nullopt after each turn of HandleDatagram, HandleTimeout and Transmit.
  std::optional<ViewerEvent> PollViewerEvent();
  // As sctp::DataChannels; kNotFound when the viewer has left.
  Status Send(Time now, ViewerId viewer, sctp::ChannelId channel, sctp::MessageKind kind,
              Bytes payload);
  void CloseChannel(Time now, ViewerId viewer, sctp::ChannelId channel);
  size_t buffered_amount(ViewerId viewer, sctp::ChannelId channel) const;
  // Bytes that Send takes now, over all channels of the viewer; 0 when he has left.
  size_t room(ViewerId viewer) const;
  // Bytes of the largest message that the viewer takes; 0 when he has left.
  size_t max_message_size(ViewerId viewer) const;
  // nullptr when the viewer has left.
  const signaling::Visitor* visitor(ViewerId viewer) const;
  void SetRole(ViewerId viewer, auth::Role role);
  // Empty when the viewer has left.
  signaling::SessionId session_id(ViewerId viewer) const;

  // --- Packets ----------------------------------------------------------------------------------

  // Whether it came over a path that its viewer has authenticated.
  bool HandleDatagram(Time now, const Datagram& in);
  void HandleTimeout(Time now);
  // Hands what viewers have to send to `sender`, and frees the slots of those that are done.
  void Transmit(Time now, PacketSender& sender);
  Time next_deadline() const;

  // Every viewer gets a goodbye with the next Transmit.
  void CloseAll(Time now);

  size_t viewer_count() const { return sessions_.size(); }
  std::vector<signaling::ViewerStatus> GetViewers(Time now) const;
  const signaling::StatusTotals& totals() const { return totals_; }

 private:
  struct Session {
    Session(Time now, const peer::PeerConfig& config, Span<const ice::LocalCandidate> candidates,
            Random& random)
        : peer(now, config, candidates, random), created_at(now) {}

    signaling::SessionId id;
    ViewerId viewer;
    signaling::Visitor visitor;
    peer::Peer peer;
    Time created_at;
    bool touched = false;               // Must be polled.
    Time deadline = Time::min();        // Of the peer, as it was when last polled.
    std::vector<std::string> ufrags;    // Ours: of this ICE generation, last, and the one before.
    std::vector<SocketAddress> routes;  // At most kMaxRoutesPerViewer.
    uint64_t bytes_sent = 0;
    RateMeter send_rate;
  };

  Result<Session*> AddSession(Time now, const signaling::Visitor& visitor);
  // Frees the place of a viewer that never came. False when there is none.
  bool EvictUnreached(Time now);
  void RemoveSession(Session& session);
  Session* Find(const signaling::SessionId& id) const;

  Session* Find(ViewerId viewer) const;
  void Touch(Session& session);
  void UpdateUfrags(Session& session);
  void AddRoute(Session& session, const SocketAddress& remote);
  void RemoveOldestRoute(Session& session);
  void Deliver(Time now, Session& session, const Datagram& in);
  void HandleEvents(Time now, Session& session);
  // Does nothing with events that are not of data channels.
  void ForwardChannelEvent(const Session& session, peer::Event& event);
  // What it has to send. False when it is over with it.
  bool TransmitSession(Time now, Session& session, PacketSender& sender);

  const size_t max_viewers_;
  ice::Pacer pacer_;
  peer::PeerConfig peer_config_;
  Random& random_;
  std::vector<ice::LocalCandidate> local_candidates_;

  std::map<signaling::SessionId, std::unique_ptr<Session>> sessions_;
  std::map<std::string, Session*, std::less<>> by_ufrag_;
  std::unordered_multimap<SocketAddress, Session*> routes_;
  std::vector<Session*> touched_;
  std::unordered_map<ViewerId, Session*> by_viewer_;
  uint64_t last_viewer_ = 0;
  std::deque<ViewerEvent> viewer_events_;  // Polled each turn, so bounded by what one turn brings.
  // Full: the name is left out, and so is its candidate.
  Ring<std::string, kMaxNamesWaiting> names_to_resolve_;
  bool keyframe_wanted_ = false;
  signaling::StatusTotals totals_;
  LogLimiter refusal_log_{std::chrono::seconds(1)};
};

}  // namespace ocellus::app
