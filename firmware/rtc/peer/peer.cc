// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/peer/peer.h"

#include <algorithm>

#include "firmware/rtc/rtcp/compound.h"

namespace ocellus::peer {
namespace {

// RFC 7983 section 7: the first byte tells the protocols of one port apart.
enum class Protocol { kStun, kDtls, kRtpOrRtcp, kUnknown };

Protocol Demultiplex(Bytes datagram) {
  if (datagram.empty()) return Protocol::kUnknown;
  const uint8_t first = datagram[0];
  if (first <= 3) return Protocol::kStun;
  if (first >= 20 && first <= 63) return Protocol::kDtls;
  if (first >= 128 && first <= 191) return Protocol::kRtpOrRtcp;
  return Protocol::kUnknown;
}

// A path that has carried media for so long was no mere beginning.
constexpr Duration kPathSettled = std::chrono::milliseconds(500);

}  // namespace

const char* ToString(State state) {
  switch (state) {
    case State::kNew:
      return "new";
    case State::kConnecting:
      return "connecting";
    case State::kConnected:
      return "connected";
    case State::kClosed:
      return "closed";
  }
  return "unknown";
}

const char* ToString(CloseReason reason) {
  switch (reason) {
    case CloseReason::kLocal:
      return "closed by us";
    case CloseReason::kBye:
      return "the viewer left";
    case CloseReason::kNeverReached:
      return "no network path to the viewer worked";
    case CloseReason::kConsentLost:
      return "the viewer stopped answering";
    case CloseReason::kSecurity:
      return "the security handshake failed";
  }
  return "unknown";
}

void Peer::EnqueueFrame(Time now, FrameId id) {
  if (video_sender_ && state_ == State::kConnected) video_sender_->Enqueue(now, id);
}

bool Peer::TakeKeyframeRequest() { return video_sender_ && video_sender_->TakeKeyframeRequest(); }

void Peer::RequestRemoteKeyframe() {
  if (receiver_) receiver_->RequestKeyframe();
}

void Peer::HandleDatagram(Time now, const Datagram& in) {
  ++datagrams_received_;
  if (state_ == State::kClosed || !ice_) return;
  const Protocol protocol = Demultiplex(in.payload);
  if (protocol == Protocol::kStun) {
    HandleStun(now, in);
  } else if (!ice_->IsAuthenticated(ice::PathOf(in))) {
    ++datagrams_unauthenticated_;  // Invariant 1.
  } else if (protocol == Protocol::kDtls) {
    HandleDtls(now, in);
  } else if (protocol == Protocol::kRtpOrRtcp) {
    HandleSrtp(now, in);
  } else {
    ++datagrams_invalid_;
  }
  Advance(now);
}

void Peer::HandleSrtp(Time now, const Datagram& in) {
  if (!srtp_) return;  // Invariant 2. What came early is lost, as on any network.
  const MutableBytes packet = in.payload;
  const bool is_rtcp = rtcp::IsRtcp(packet);
  const auto size = is_rtcp ? srtp_->UnprotectRtcp(packet) : srtp_->UnprotectRtp(packet);
  if (!size) {
    ++datagrams_invalid_;
    return;
  }
  ice_->HandleMedia(now, ice::PathOf(in));
  piggyback_.HandleSecured();
  const Bytes plain = Bytes(packet).first(*size);
  if (is_rtcp) {
    HandleRtcp(now, plain);
    return;
  }
  const auto parsed = rtp::Packet::Parse(plain);
  if (!parsed.ok() || !receiver_) {
    ++datagrams_invalid_;
    return;
  }
  if (ice_->stats().rtt > Duration::zero()) receiver_->SetRoundTrip(ice_->stats().rtt);
  if (const auto media = receiver_->HandlePacket(now, *parsed)) {
    [[maybe_unused]] const bool delivered = events_.Push(MediaReceived{*media});
  }
}

void Peer::HandleRtcp(Time now, Bytes compound) {
  auto reader = rtcp::CompoundReader::Parse(compound);
  if (!reader.ok()) {
    ++datagrams_invalid_;
    return;
  }
  while (const auto packet = reader->Next()) {
    if (video_sender_) video_sender_->HandleRtcp(now, *packet);
    if (receiver_) receiver_->HandleRtcp(now, *packet);
  }
  const bool viewer_left = video_sender_ && video_sender_->viewer_left();
  const bool camera_left = receiver_ && receiver_->sender_left();
  if (viewer_left || camera_left) CloseBecause(CloseReason::kBye);
}

void Peer::HandleTimeout(Time now) {
  if (state_ == State::kClosed) return;
  if (ice_ && now >= ice_->next_deadline()) ice_->HandleTimeout(now);
  if (now >= DtlsDeadline()) dtls_->HandleTimeout(now);
  if (now >= DataDeadline()) channels_->HandleTimeout(now);
  Advance(now);
  if (now >= setup_deadline_) CloseBecause(CloseReason::kNeverReached);
}

Time Peer::next_deadline() const {
  if (state_ == State::kClosed) return kNever;
  Time next = setup_deadline_;
  if (ice_) next = std::min(next, ice_->next_deadline());
  next = std::min(next, DtlsDeadline());
  if (secured_path_) next = std::min(next, SecuredUntil());
  if (MayStream()) {
    if (video_sender_) next = std::min(next, video_sender_->next_deadline());
    if (receiver_) next = std::min(next, receiver_->next_deadline());
  }
  return std::min(next, DataDeadline());
}

void Peer::Advance(Time now) {
  if (secured_path_ && now >= SecuredUntil()) secured_path_.reset();
  while (state_ != State::kClosed) {
    CaptureFlight(now);
    if (ice_) {
      if (const auto event = ice_->PollEvent()) {
        HandleIceEvent(now, *event);
        continue;
      }
    }
    if (dtls_) {
      if (const auto event = dtls_->PollEvent()) {
        HandleDtlsEvent(now, *event);
        continue;
      }
    }
    return;
  }
}

void Peer::HandleIceEvent(Time now, const ice::Event& event) {
  if (std::holds_alternative<ice::Reachable>(event)) {
    reachable_ = true;
    StartDtls(now);  // Not waiting for nomination saves a round trip.
  } else if (std::holds_alternative<ice::Failed>(event)) {
    CloseBecause(connected_at_ ? CloseReason::kConsentLost : CloseReason::kNeverReached);
  }
}

std::optional<Transmit> Peer::PollTransmit(Time now, MutableBytes out) {
  if (state_ == State::kClosed) {
    if (!farewell_path_) return std::nullopt;
    if (const auto size = PollFarewell(now, out)) {
      return ice::TransmitOver(*farewell_path_, *size);
    }
    farewell_path_.reset();  // Invariant 3.
    return std::nullopt;
  }
  if (!ice_) return std::nullopt;
  if (now >= ice_->next_deadline()) {
    if (const auto message = PollStun(now, out)) return message;
  }
  const auto path = ice_->path();
  if (!path) return std::nullopt;
  if (const auto size = PollSecured(now, out)) {
    if (state_ == State::kConnecting) NoteHandshakeSent(*path);
    if (state_ == State::kConnected) NoteMediaSent(now, *path);
    return ice::TransmitOver(*path, *size);
  }
  return std::nullopt;
}

// A viewer whose camera has moved misses frames, and asks for them where the camera was until its
// own ICE gives that up, seconds later. Paths that replace each other while the call begins lose
// nothing.
void Peer::NoteMediaSent(Time now, const ice::Path& path) {
  if (media_path_ == path) return;
  const bool has_moved = media_path_ && (now >= media_path_since_ + kPathSettled ||
                                         !ice_->IsAuthenticated(*media_path_));
  if (has_moved && video_sender_) video_sender_->HandlePathChange();
  media_path_ = path;
  media_path_since_ = now;
}

std::optional<size_t> Peer::PollSecured(Time now, MutableBytes out) {
  if (const auto size = PollDtls(now, out)) return size;
  if (!MayStream()) return std::nullopt;
  if (const auto size = PollRtcp(now, out)) return srtp_->ProtectRtcp(out, *size);
  return PollVideoOrData(now, out);
}

std::optional<size_t> Peer::PollRtcp(Time now, MutableBytes out) {
  if (video_sender_) return video_sender_->PollRtcp(now, config_.wall_clock, out);
  if (receiver_) return receiver_->PollRtcp(now, out);
  return std::nullopt;
}

std::optional<size_t> Peer::PollFarewell(Time now, MutableBytes out) {
  if (MayStream() && video_sender_ && closed_by_us_) {
    if (const auto size = PollRtcp(now, out)) return srtp_->ProtectRtcp(out, *size);
  }
  return PollDtls(now, out);
}

std::optional<Event> Peer::PollEvent() {
  if (!events_.empty()) return events_.Pop();
  if (ice_ && state_ != State::kClosed) {
    if (auto name = ice_->PollNameToResolve()) return NameWanted{std::move(*name)};
  }
  return PollChannelEvent();
}

void Peer::Close(Time now) {
  if (state_ == State::kClosed) return;
  closed_by_us_ = true;
  if (ice_) farewell_path_ = ice_->path();
  if (video_sender_) video_sender_->Close();
  if (dtls_) dtls_->Close(now);
  state_ = State::kClosed;
}

void Peer::CloseBecause(CloseReason reason) {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  if (ice_) farewell_path_ = ice_->path();  // For a fatal alert that DTLS still has to send.
  events_.PushDroppingOldest(Closed{reason});
}

std::string_view Peer::local_ufrag() const {
  return ice_ ? std::string_view(ice_->local_credentials().ufrag) : std::string_view();
}

std::string_view Peer::previous_local_ufrag() const {
  const ice::Credentials* previous = ice_ ? ice_->previous_credentials() : nullptr;
  return previous != nullptr ? std::string_view(previous->ufrag) : std::string_view();
}

PeerStats Peer::stats() const {
  PeerStats stats;
  stats.state = state_;
  stats.srtp_profile = srtp_profile_;
  stats.created_at = created_at_;
  stats.connected_at = connected_at_;
  stats.datagrams_received = datagrams_received_;
  stats.datagrams_unauthenticated = datagrams_unauthenticated_;
  stats.datagrams_invalid = datagrams_invalid_;
  stats.data_ignored = data_ignored_;
  if (ice_) {
    stats.path = ice_->path();
    stats.pairs = ice_->pairs();
    for (const ice::PairStatus& pair : stats.pairs) {
      if (!stats.path || pair.path != *stats.path) continue;
      stats.local_type = pair.local_type;
      stats.remote_type = pair.remote_type;
      break;
    }
    if (ice_->stats().rtt > Duration::zero()) stats.round_trip_time = ice_->stats().rtt;
  }
  if (video_sender_) stats.video = video_sender_->stats();
  if (channels_) stats.channels = channels_->stats();
  stats.handshake_in_stun = piggyback_.stats();
  return stats;
}

}  // namespace ocellus::peer
