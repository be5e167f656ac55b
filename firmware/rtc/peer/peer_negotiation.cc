// SPDX-License-Identifier: Apache-2.0
// How a Peer comes to be: from descriptions to an ICE agent, a DTLS transport and an RTP stream,
// and the terms of data channels.
#include "firmware/rtc/peer/peer.h"

namespace ocellus::peer {
namespace {

// Of the size that RFC 7022 section 4.2 asks of short-term CNAMEs: 96 bits.
std::string MakeCname(Random& random) { return random.UrlChars(16); }

}  // namespace

Peer::Peer(Time now, const PeerConfig& config, Span<const ice::LocalCandidate> local_candidates,
           Random& random)
    : config_(config),
      random_(random),
      created_at_(now),
      session_id_(random.NextU64() >> 1),
      ssrc_(random.NextU32()),
      // Any other value than ssrc_, all equally likely (checklist: no SSRC is used twice).
      rtx_ssrc_(ssrc_.value() + 1 + random.Below(0xffffffff)),
      cname_(MakeCname(random)),
      local_candidates_(local_candidates.begin(), local_candidates.end()) {}

Peer::~Peer() = default;

Status Peer::WrongState(const char* what) const {
  return {StatusCode::kFailedPrecondition, Format("%s in state \"%s\"", what, ToString(state_))};
}

void Peer::StartIce(Time now, ice::Role role) {
  setup_deadline_ = now + kSetupTimeout;
  ice_.emplace(role, random_, config_.pacer);
  ice_->SetLocalCandidates(now, local_candidates_);
}

sdp::LocalSession Peer::DescribeSession(HandshakeInStun wanted) const {
  sdp::LocalSession session;
  session.session_id = session_id_;
  session.ufrag = ice_->local_credentials().ufrag;
  session.pwd = ice_->local_credentials().pwd;
  session.fingerprint = config_.certificate.fingerprint().ToString();
  session.dtls_in_stun = config_.handshake_in_stun >= wanted;
  for (const ice::Candidate& candidate : ice_->local_candidates()) {
    session.candidates.push_back(candidate.Write());
  }
  return session;
}

sdp::LocalMedia Peer::DescribeMedia() const {
  sdp::LocalMedia media;
  media.data_channels = config_.data_channels;
  if (config_.video != nullptr) {
    sdp::LocalVideo video;
    video.profile_level_id = config_.profile_level_id;
    video.ssrc = ssrc_;
    video.rtx_ssrc = rtx_ssrc_;
    video.cname = cname_;
    media.video = video;
  }
  return media;
}

Result<std::string> Peer::Answer(Time now, std::string_view offer_text) {
  if (state_ != State::kNew || ice_) return WrongState("an offer");
  auto offer = sdp::SessionDescription::Parse(offer_text);
  if (!offer.ok()) return offer.status();
  // RFC 8445 section 6.1.1: the offerer controls, unless it is lite.
  StartIce(now, offer->ice_lite ? ice::Role::kControlling : ice::Role::kControlled);
  auto answer =
      sdp::CreateAnswer(*offer, DescribeSession(HandshakeInStun::kWhenOffered), DescribeMedia());
  if (!answer.ok()) return answer.status();
  agreed_data_ = answer->data;
  RETURN_IF_ERROR(ConnectTo(now, answer->remote, answer->video.has_value()));
  if (answer->video) SetUpVideo(*answer->video);
  return answer->answer.Write();
}

Result<std::string> Peer::Offer(Time now) {
  if (state_ != State::kNew || ice_) return WrongState("an offer of ours");
  CHECK(config_.video != nullptr, "state %s: a camera's offer needs a video", ToString(state_));
  StartIce(now, ice::Role::kControlling);
  our_offer_ = sdp::CreateCameraOffer(DescribeSession(HandshakeInStun::kOffer), DescribeMedia());
  if (config_.handshake_in_stun == HandshakeInStun::kOffer) piggyback_.Offer();
  return our_offer_->Write();
}

Result<std::string> Peer::OfferToReceive(Time now) {
  sdp::ViewerMedia media;
  media.data_channels = config_.data_channels;
  return OfferAsViewer(now, std::move(media));
}

Result<std::string> Peer::OfferToSteer(Time now) {
  sdp::ViewerMedia media;
  media.profiles.clear();
  media.data_channels = true;
  return OfferAsViewer(now, std::move(media));
}

Result<std::string> Peer::OfferAsViewer(Time now, sdp::ViewerMedia media) {
  if (state_ != State::kNew || ice_) return WrongState("an offer of ours");
  side_ = Side::kViewer;
  StartIce(now, ice::Role::kControlling);
  our_offer_ = sdp::CreateViewerOffer(DescribeSession(HandshakeInStun::kOffer), media);
  // Checks may come before the answer, and begin the handshake.
  if (config_.handshake_in_stun == HandshakeInStun::kOffer) piggyback_.Offer();
  return our_offer_->Write();
}

Status Peer::HandleAnswer(Time now, std::string_view answer_text) {
  if (state_ != State::kNew || !our_offer_) return WrongState("an answer");
  auto answer = sdp::SessionDescription::Parse(answer_text);
  if (!answer.ok()) return answer.status();
  auto negotiated = sdp::ApplyAnswer(*our_offer_, *answer);
  if (!negotiated.ok()) return negotiated.status();
  agreed_data_ = negotiated->data;
  RETURN_IF_ERROR(ConnectTo(now, negotiated->remote, negotiated->video.has_value()));
  our_offer_.reset();
  if (negotiated->video) SetUpVideo(*negotiated->video);
  return {};
}

Status Peer::ConnectTo(Time now, const sdp::RemoteTransport& remote, bool has_media) {
  std::vector<crypto::Fingerprint> fingerprints;
  for (const std::string& text : remote.fingerprints) {
    auto fingerprint = crypto::Fingerprint::Parse(text);
    if (!fingerprint.ok()) return fingerprint.status();
    if (*fingerprint == config_.certificate.fingerprint()) {
      return {StatusCode::kInvalidArgument,
              "a=fingerprint is that of this camera: it does not watch itself"};
    }
    fingerprints.push_back(std::move(*fingerprint));
  }
  const ice::Credentials credentials{remote.ufrag, remote.pwd};
  if (!ice::IsValid(credentials)) {
    return {StatusCode::kMalformed, "ice-ufrag or ice-pwd is not 4 or 22 to 256 ice-chars"};
  }
  const auto role = remote.setup == sdp::Setup::kActive ? dtls::Role::kServer : dtls::Role::kClient;
  if (remote.dtls_in_stun) {
    piggyback_.Agree();
  } else {
    piggyback_.Decline();
  }
  dtls::Config config{config_.certificate, role, config_.srtp_profiles};
  if (remote.dtls_in_stun) config.mtu = kDtlsInStunMtu;
  config.needs_srtp = has_media;
  auto transport = dtls::Transport::Open(config, random_);
  if (!transport.ok()) return transport.status();
  dtls_ = std::move(*transport);
  dtls_->SetRemoteFingerprints(std::move(fingerprints));

  mid_ = remote.mid;
  remote_ufrag_ = remote.ufrag;
  ice_->SetRemoteCredentials(now, credentials);
  for (const std::string& candidate : remote.candidates) AddCandidate(now, candidate);
  if (remote.end_of_candidates) ice_->EndOfRemoteCandidates(now);
  state_ = State::kConnecting;
  if (role == dtls::Role::kServer || reachable_ || piggyback_.is_active()) StartDtls(now);
  Advance(now);
  return {};
}

void Peer::SetUpVideo(const sdp::NegotiatedVideo& video) {
  if (side_ == Side::kViewer) {
    if (!video.remote_ssrc) return;  // Nothing that could be told from noise.
    rtp::ReceiveStreamConfig receive;
    receive.local_ssrc = ssrc_;
    receive.cname = cname_;
    receive.ssrc = *video.remote_ssrc;
    receive.payload_type = video.payload_type;
    if (video.remote_rtx_ssrc && video.rtx_payload_type) {
      receive.rtx_ssrc = video.remote_rtx_ssrc;
      receive.rtx_payload_type = video.rtx_payload_type;
    }
    receive.nack = video.nack;
    receiver_.emplace(receive, random_);
    return;
  }
  if (config_.video == nullptr) return;
  rtp::VideoSenderConfig send;
  send.ssrc = ssrc_;
  send.payload_type = video.payload_type;
  if (video.rtx_payload_type) {
    send.rtx_ssrc = rtx_ssrc_;
    send.rtx_payload_type = video.rtx_payload_type;
  }
  send.extensions = {video.extensions.mid, video.extensions.transport_cc,
                     video.extensions.playout_delay, video.extensions.abs_capture_time};
  send.mid = video.mid;
  send.cname = cname_;
  send.nack = video.nack;
  video_sender_.emplace(send, *config_.video, random_);
}

}  // namespace ocellus::peer
