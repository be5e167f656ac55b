// SPDX-License-Identifier: Apache-2.0
// The handshake of a Peer: when it starts, how its datagrams travel (by themselves over the path
// that ICE has found, and before that in STUN where both sides do it), and what comes of it.
#include "firmware/rtc/peer/peer.h"

namespace ocellus::peer {
namespace {

stun::DtlsInStun ReadDtlsInStun(Bytes message) {
  const auto parsed = stun::Message::Parse(message);
  return parsed.ok() ? stun::DtlsInStun::Read(*parsed) : stun::DtlsInStun();
}

}  // namespace

void Peer::StartDtls(Time now) {
  if (!dtls_ || dtls_started_) return;
  dtls_started_ = true;
  dtls_->Start(now);
  while (!early_dtls_.empty()) dtls_->HandleDatagram(now, early_dtls_.Pop());
}

void Peer::HandleDtls(Time now, const Datagram& in) {
  piggyback_.HandleDirect(in.payload);
  if (!dtls_) return;
  dtls_->HandleDatagram(now, in.payload);
  Advance(now);  // What comes with the peer's last flight is for channels that begin with it.
  if (!ReceiveData(now)) return;
  ice_->HandleMedia(now, ice::PathOf(in));
  piggyback_.HandleSecured();
}

void Peer::HandleStun(Time now, const Datagram& in) {
  ice_->HandleDatagram(now, in);
  if (!ice_->is_authentic()) return;
  if (const auto datagram = piggyback_.HandleMessage(ReadDtlsInStun(in.payload))) {
    if (dtls_started_) {
      dtls_->HandleDatagram(now, *datagram);
    } else {
      early_dtls_.PushDroppingOldest({datagram->begin(), datagram->end()});
    }
  }
  const bool peer_has_all = piggyback_.is_active() && piggyback_.IsAcknowledged();
  if (dtls_ && !peer_has_all && ice_->path() == ice::PathOf(in)) dtls_->HandlePathAlive(now);
}

void Peer::CaptureFlight(Time now) {
  if (state_ != State::kConnecting || !dtls_ || !piggyback_.is_active()) return;
  uint8_t datagram[kMaxDatagramSize];
  bool begun = false;
  while (const auto size = dtls_->PollTransmit(now, datagram)) {
    if (!begun) piggyback_.BeginFlight();
    begun = true;
    piggyback_.AddToFlight(Bytes(datagram).first(*size));
  }
}

// Without a path, the checks that carry the flight repeat it: the handshake's timer has to wait
// (draft-hancke-webrtc-sped-00, "DTLS Timers and MTU").
Time Peer::DtlsDeadline() const {
  if (!dtls_ || (state_ == State::kConnecting && !ice_->path())) return kNever;
  return dtls_->next_deadline();
}

std::optional<Transmit> Peer::PollStun(Time now, MutableBytes out) {
  const auto transmit = ice_->PollTransmit(now, out, piggyback_.Next());
  if (!transmit || !piggyback_.is_active()) return transmit;
  const stun::DtlsInStun carried = ReadDtlsInStun(out.first(transmit->size));
  piggyback_.NoteSent(carried);
  if (carried.datagram) {
    NoteHandshakeSent({transmit->local, transmit->remote, transmit->protocol});
  }
  return transmit;
}

std::optional<size_t> Peer::PollDtls(Time now, MutableBytes out) {
  if (const auto size = piggyback_.PollDirect(out)) return size;
  return dtls_ ? dtls_->PollTransmit(now, out) : std::nullopt;
}

void Peer::NoteHandshakeSent(const ice::Path& path) {
  if (!handshake_path_) handshake_path_ = path;
  if (*handshake_path_ != path) handshake_moved_ = true;
}

void Peer::HandleDtlsEvent(Time now, const dtls::Event& event) {
  if (const auto* closed = std::get_if<dtls::Closed>(&event)) {
    if (closed->reason == dtls::CloseReason::kClosedByPeer) {
      CloseBecause(CloseReason::kBye);
    } else {
      LOG_WARN("DTLS with a viewer failed: %s (%d)", dtls::ToString(closed->reason),
               closed->detail);
      CloseBecause(CloseReason::kSecurity);
    }
    return;
  }
  const auto& connected = std::get<dtls::Connected>(event);
  if (connected.srtp) {
    const dtls::SrtpKeys& keys = *connected.srtp;
    auto session = srtp::Session::Create(keys.profile, keys.local, keys.remote);
    if (!session.ok()) {
      LOG_ERROR("SRTP could not be set up: %s", session.status().ToString().c_str());
      CloseBecause(CloseReason::kSecurity);
      return;
    }
    srtp_.emplace(std::move(*session));
    srtp_profile_ = keys.profile;
  }
  state_ = State::kConnected;
  connected_at_ = now;
  setup_deadline_ = kNever;
  piggyback_.HandleConnected(dtls_->role());
  if (piggyback_.is_active()) {
    LOG_INFO("peer: of the handshake, STUN brought %u datagrams and took %u",
             static_cast<unsigned>(piggyback_.stats().received),
             static_cast<unsigned>(piggyback_.stats().carried));
  }
  if (video_sender_) video_sender_->Start(now);
  StartChannels(now);
  const auto path = ice_->path();
  if (!handshake_moved_) secured_path_ = handshake_path_;
  CHECK(events_.Push(Connected{path.value_or(ice::Path{}), srtp_profile_}),
        "%zu events wait before the first packet", events_.size());
}

}  // namespace ocellus::peer
