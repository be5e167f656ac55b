// SPDX-License-Identifier: Apache-2.0
// One viewer's connection: offer/answer, ICE, DTLS, SRTP and the RTP stream in it, and data
// channels beside it, as one sans-I/O object. It owns the protocol objects and hands bytes and
// events from one to the next; what each protocol asks stands in its own room. The frames are the
// FrameRing's, shared by all peers.
//
// A peer is a camera (Answer or Offer, with a `video` to send) or a viewer (OfferToReceive or
// OfferToSteer, and HandleAnswer): the viewer's side serves simulations and benchmarks.
//
// io thread only. Owned by the app's SessionManager.
//
// State: kNew -> kConnecting (descriptions exchanged) -> kConnected (SRTP keys agreed) -> kClosed.
// Invariants:
//   1. Nothing but STUN is read from a path on which no authenticated check was seen.
//   2. SRTP exists only after the fingerprint was verified, so media flows in kConnected only.
//   3. kClosed is final: nothing is read any more; what is left to say (BYE, close_notify, a
//      fatal alert) is polled once. Data channels say nothing: close_notify ends them too.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "firmware/base/datagram.h"
#include "firmware/base/frame_ring.h"
#include "firmware/base/log.h"
#include "firmware/base/ring.h"
#include "firmware/base/status.h"
#include "firmware/base/units.h"
#include "firmware/rtc/crypto/certificate.h"
#include "firmware/rtc/dtls/stun_piggyback.h"
#include "firmware/rtc/dtls/transport.h"
#include "firmware/rtc/ice/agent.h"
#include "firmware/rtc/rtp/packet.h"
#include "firmware/rtc/rtp/receive_stream.h"
#include "firmware/rtc/rtp/video_sender.h"
#include "firmware/rtc/sctp/data_channels.h"
#include "firmware/rtc/sdp/fragment.h"
#include "firmware/rtc/sdp/negotiation.h"
#include "firmware/rtc/srtp/session.h"

namespace ocellus::peer {

// Whether STUN carries the DTLS handshake, which saves a round trip where both sides do it
// (draft-hancke-webrtc-sped).
enum class HandshakeInStun : uint8_t { kNever, kWhenOffered, kOffer };

// What a peer needs from the house. The references outlive the peer.
struct PeerConfig {
  const crypto::Certificate& certificate;
  const std::vector<srtp::Profile>& srtp_profiles;  // In order of preference.
  const WallClock& wall_clock;                      // For NTP fields only.
  const FrameRing* video = nullptr;                 // What a camera sends; none for a viewer.
  ice::Pacer* pacer = nullptr;                      // Of all peers' checks; none: this is alone.
  sdp::ProfileLevelId profile_level_id{0x42, 0xe0, 0x1f};  // Of that video.
  HandshakeInStun handshake_in_stun = HandshakeInStun::kWhenOffered;
  bool data_channels = true;  // Whether to accept and offer them.
};

enum class State : uint8_t { kNew, kConnecting, kConnected, kClosed };

enum class CloseReason : uint8_t {
  kLocal,         // Close() was called.
  kBye,           // The other side said RTCP BYE or DTLS close_notify.
  kNeverReached,  // No path worked within kSetupTimeout.
  kConsentLost,   // The path stopped answering (RFC 7675).
  kSecurity,      // The DTLS handshake failed: wrong certificate, no common profile, alert ...
};

const char* ToString(State state);
const char* ToString(CloseReason reason);

// Keys are agreed: media flows. From now on there are channels(), where both sides want them.
struct Connected {
  ice::Path path;
  std::optional<srtp::Profile> profile;  // None: the other side wants data channels only.
};
// An RTP packet for a viewer. Borrowed from the datagram of the last HandleDatagram: poll events
// before that memory is used again.
struct MediaReceived {
  rtp::Packet packet;
};
struct Closed {
  CloseReason reason;
};
// A candidate's ".local" name is to be resolved: HandleResolvedName.
struct NameWanted {
  std::string name;
};
// The last ones are those of the data channels; see sctp::ChannelEvent.
using Event = std::variant<Connected, MediaReceived, Closed, NameWanted, sctp::ChannelOpened,
                           sctp::ChannelMessage, sctp::ChannelClosed, sctp::BufferedAmountLow,
                           sctp::ChannelsFailed>;

// From our description to SRTP keys. A viewer whose candidates lead nowhere frees its slot.
constexpr Duration kSetupTimeout = std::chrono::seconds(30);

struct PeerStats {
  State state = State::kNew;
  std::optional<ice::Path> path;  // In use.
  // What its ends are seen as; only with a path.
  ice::CandidateType local_type = ice::CandidateType::kHost;
  ice::CandidateType remote_type = ice::CandidateType::kHost;
  std::vector<ice::PairStatus> pairs;       // All that there were, with why not, for people.
  std::optional<Duration> round_trip_time;  // Of the last ICE check or RTCP report.
  std::optional<srtp::Profile> srtp_profile;
  Time created_at;
  std::optional<Time> connected_at;
  rtp::VideoSenderStats video;
  std::optional<sctp::ChannelStats> channels;    // Where data channels were agreed on.
  dtls::StunPiggyback::Stats handshake_in_stun;  // Zeros where it was not agreed on.
  uint64_t datagrams_received = 0;
  uint64_t datagrams_unauthenticated = 0;  // Dropped by invariant 1.
  uint64_t datagrams_invalid = 0;          // Neither STUN, DTLS nor valid SRTP.
  uint64_t data_ignored = 0;               // Messages in DTLS without data channels.
};

class Peer {
 public:
  Peer(Time now, const PeerConfig& config, Span<const ice::LocalCandidate> local_candidates,
       Random& random);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // --- Descriptions -----------------------------------------------------------------------------

  // A viewer's offer; returns our answer. Once, in kNew.
  // Errors: kMalformed, kUnsupported (as sdp), kInternal (DTLS could not be set up). The peer is
  // then of no further use.
  Result<std::string> Answer(Time now, std::string_view offer);
  // We offer our video, or to receive one. Once, in kNew, then HandleAnswer.
  Result<std::string> Offer(Time now);
  Result<std::string> OfferToReceive(Time now);
  // Or to steer a camera without watching: data channels alone.
  Result<std::string> OfferToSteer(Time now);
  Status HandleAnswer(Time now, std::string_view answer);

  // Trickled candidates. A fragment whose ufrag is not that of the other side's current
  // credentials is kFailedPrecondition. Candidates that we cannot use are skipped.
  Status AddRemoteCandidates(Time now, std::string_view fragment);
  // The other side's restart, with its new credentials; returns ours with our candidates. Media
  // goes on over the old path until a new one is selected (RFC 8445 section 9).
  Result<std::string> RestartIce(Time now, std::string_view fragment);
  // A restart of our own: the fragment is for the other side, and its answer for
  // HandleRestartAnswer. Should both ask at once, both get through.
  Result<std::string> RestartIce(Time now);
  Status HandleRestartAnswer(Time now, std::string_view fragment);
  // The network has changed, and with it our candidates. Media goes on over what remains, or from a
  // new address as soon as the viewer answers there, without signalling.
  void SetLocalCandidates(Time now, Span<const ice::LocalCandidate> candidates);
  // The answer to NameWanted. No addresses: nobody answers to the name.
  void HandleResolvedName(Time now, std::string_view name, Span<const IpAddress> addresses);

  // Routes STUN: the first half of USERNAME in every check that comes to us.
  // Empty before there is a description of ours.
  std::string_view local_ufrag() const;
  // The one from before an ICE restart, which keeps the old path alive. Empty when there is none.
  std::string_view previous_local_ufrag() const;

  // --- Media ------------------------------------------------------------------------------------

  // `id` is new in the ring.
  void EnqueueFrame(Time now, FrameId id);
  // True once after the viewer needs a keyframe: it joined, said PLI or FIR, or fell behind.
  bool TakeKeyframeRequest();
  // A viewer asks the camera for a keyframe (RFC 4585 section 6.3.1).
  void RequestRemoteKeyframe();

  // --- Data -------------------------------------------------------------------------------------

  // nullptr before Connected, when they were not agreed on, and once closed. Poll afterwards.
  sctp::DataChannels* channels() {
    return channels_ && state_ != State::kClosed ? &*channels_ : nullptr;
  }

  // --- The five verbs ---------------------------------------------------------------------------

  void HandleDatagram(Time now, const Datagram& in);
  void HandleTimeout(Time now);
  // To be called until nullopt after each of the others; after each datagram, too, for SACKs tell
  // what it has changed.
  std::optional<Transmit> PollTransmit(Time now, MutableBytes out);
  // To be called until nullopt after each of the others: HandleDatagram before PollTransmit, which
  // tells the peer how much was read; and PollTransmit, for a channel that wants more to send.
  std::optional<Event> PollEvent();
  Time next_deadline() const;

  // Says goodbye: BYE and close_notify come from PollTransmit once.
  void Close(Time now);

  State state() const { return state_; }
  // Where packets go now; see ice::Agent::path.
  std::optional<ice::Path> path() const { return ice_ ? ice_->path() : std::nullopt; }
  // Whether DTLS and SRTP are read from this path (invariant 1).
  bool IsAuthenticated(const ice::Path& path) const { return ice_ && ice_->IsAuthenticated(path); }
  PeerStats stats() const;

 private:
  enum class Side : uint8_t { kCamera, kViewer };

  void StartIce(Time now, ice::Role role);
  Result<std::string> OfferAsViewer(Time now, sdp::ViewerMedia media);
  sdp::LocalSession DescribeSession(HandshakeInStun wanted) const;
  sdp::LocalMedia DescribeMedia() const;
  std::string DescribeFragment(std::string_view mid) const;
  void AddCandidate(Time now, std::string_view text);
  void AddCandidates(Time now, const sdp::Fragment& fragment);
  Status WrongState(const char* what) const;
  bool MayRestart() const;
  static Status NotNew();
  static Result<sdp::Fragment> ParseRestart(std::string_view text);
  // Goes on with the other side's new credentials.
  Status TakeOver(Time now, const sdp::Fragment& fragment);
  Status ConnectTo(Time now, const sdp::RemoteTransport& remote, bool has_media);
  void SetUpVideo(const sdp::NegotiatedVideo& video);

  // Hands events from one protocol to the next until all are quiet.
  void Advance(Time now);
  void HandleIceEvent(Time now, const ice::Event& event);
  void HandleSrtp(Time now, const Datagram& in);
  void HandleRtcp(Time now, Bytes compound);
  Time SecuredUntil() const { return *connected_at_ + ice::kConsentLifetime; }
  // Whether there are keys, and a path whose other end wants what they protect: it has answered a
  // check of ours, or completed the handshake, for which it had to read what we sent there.
  bool MayStream() const {
    return connected_at_ &&
           (ice_->has_consent() || (secured_path_ && ice_->path() == secured_path_));
  }
  std::optional<size_t> PollSecured(Time now, MutableBytes out);
  std::optional<size_t> PollRtcp(Time now, MutableBytes out);
  std::optional<size_t> PollFarewell(Time now, MutableBytes out);
  void CloseBecause(CloseReason reason);

  // peer_handshake.cc: the handshake, by itself and in STUN.
  void StartDtls(Time now);
  void HandleDtlsEvent(Time now, const dtls::Event& event);
  void HandleDtls(Time now, const Datagram& in);
  void HandleStun(Time now, const Datagram& in);
  // Takes what DTLS has to send into piggyback_, while that is active.
  void CaptureFlight(Time now);
  Time DtlsDeadline() const;
  std::optional<Transmit> PollStun(Time now, MutableBytes out);
  std::optional<size_t> PollDtls(Time now, MutableBytes out);
  // Media is about to go out on `path`.
  void NoteMediaSent(Time now, const ice::Path& path);
  void NoteHandshakeSent(const ice::Path& path);

  // peer_channels.cc: data channels, beside the video.
  void StartChannels(Time now);
  // The messages of the last DTLS datagram. False when there were none.
  bool ReceiveData(Time now);
  // Of the video and the data channels, whose turn it is.
  std::optional<size_t> PollVideoOrData(Time now, MutableBytes out);
  std::optional<size_t> PollVideo(Time now, MutableBytes out);
  std::optional<size_t> PollData(Time now, MutableBytes out);
  Time DataDeadline() const;
  std::optional<Event> PollChannelEvent();

  const PeerConfig config_;
  Random& random_;
  const Time created_at_;
  const uint64_t session_id_;
  const Ssrc ssrc_;  // Of our video, or of our reports as a viewer.
  const Ssrc rtx_ssrc_;
  const std::string cname_;
  std::vector<ice::LocalCandidate> local_candidates_;

  Side side_ = Side::kCamera;
  State state_ = State::kNew;
  Time setup_deadline_ = kNever;  // Set by our description, until connected.
  std::optional<Time> connected_at_;
  std::optional<sdp::SessionDescription> our_offer_;  // Until its answer comes.
  std::string mid_;                                   // Of the m-line that carries the transport.
  std::string remote_ufrag_;
  bool restart_pending_ = false;  // Ours, until the other side's new credentials come.

  std::optional<ice::Agent> ice_;
  std::unique_ptr<dtls::Transport> dtls_;
  bool dtls_started_ = false;
  dtls::StunPiggyback piggyback_;
  // What checks have carried before the answer that says what to do with it. Full: the oldest makes
  // room; a browser's ClientHello has two parts.
  Ring<std::vector<uint8_t>, 2> early_dtls_;
  bool reachable_ = false;  // The other side's checks may come before its answer.
  std::optional<srtp::Profile> srtp_profile_;
  std::optional<srtp::Session> srtp_;  // Invariant 2. Always there with video_sender_ or receiver_.
  // Where our side of the handshake went. Who completed it has read it there, if it went nowhere
  // else; that counts as consent for as long as consent lasts.
  std::optional<ice::Path> handshake_path_;
  bool handshake_moved_ = false;
  std::optional<ice::Path> secured_path_;
  // Where media goes, and since when.
  std::optional<ice::Path> media_path_;
  Time media_path_since_{};
  std::optional<rtp::VideoSender> video_sender_;
  std::optional<rtp::ReceiveStream> receiver_;
  std::optional<sdp::NegotiatedData> agreed_data_;
  std::optional<sctp::DataChannels> channels_;
  unsigned video_turns_ = 0;  // Packets since the last one of data could have left.
  bool closed_by_us_ = false;
  std::optional<ice::Path> farewell_path_;  // Where BYE and close_notify go (invariant 3).

  // Polled after each HandleDatagram, which makes at most three.
  Ring<Event, 4> events_;  // Full: a packet's event is dropped, which counts as a lost packet.
  uint64_t datagrams_received_ = 0;
  uint64_t datagrams_unauthenticated_ = 0;
  uint64_t datagrams_invalid_ = 0;
  uint64_t data_ignored_ = 0;
  LogLimiter log_limiter_{std::chrono::seconds(5)};
};

}  // namespace ocellus::peer
