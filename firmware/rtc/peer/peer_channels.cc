// SPDX-License-Identifier: Apache-2.0
// The data channels of a Peer: SCTP packets, each in one DTLS record (RFC 8261), that share the
// path with the video.
#include "firmware/rtc/peer/peer.h"

namespace ocellus::peer {
namespace {

// Packets of video for each one of data, while both have some. A keyframe can be a hundred packets;
// what a person does must not wait behind them, and costs the keyframe a quarter at most.
constexpr unsigned kVideoTurns = 4;

}  // namespace

void Peer::StartChannels(Time now) {
  if (!agreed_data_) return;
  sctp::Config config;
  config.local_port = sdp::kSctpPort;
  config.peer_port = agreed_data_->peer_port;
  config.mtu = dtls_->max_message_size();
  config.max_message_size = kMaxChannelMessageSize;
  config.peer_max_message_size = agreed_data_->peer_max_message_size;
  channels_.emplace(now, config, random_);
  channels_->Start(now, dtls_->role() == dtls::Role::kClient);
}

bool Peer::ReceiveData(Time now) {
  uint8_t message[kMaxReceivedDatagramSize];
  bool received = false;
  while (const auto size = dtls_->PollReceived(message)) {
    received = true;
    if (channels_) {
      channels_->HandlePacket(now, Bytes(message).first(*size));
    } else {
      ++data_ignored_;
    }
  }
  return received;
}

std::optional<size_t> Peer::PollVideoOrData(Time now, MutableBytes out) {
  const bool data_is_due = video_turns_ >= kVideoTurns;
  if (data_is_due) {
    video_turns_ = 0;
    if (const auto size = PollData(now, out)) return size;
  }
  if (const auto size = PollVideo(now, out)) {
    ++video_turns_;
    return size;
  }
  return data_is_due ? std::nullopt : PollData(now, out);
}

std::optional<size_t> Peer::PollVideo(Time now, MutableBytes out) {
  if (!video_sender_) return std::nullopt;
  const auto size = video_sender_->PollRtp(now, out);
  return size ? srtp_->ProtectRtp(out, *size) : std::nullopt;
}

std::optional<size_t> Peer::PollData(Time now, MutableBytes out) {
  if (!channels_) return std::nullopt;
  uint8_t packet[kMaxDatagramSize];
  const auto size = channels_->PollTransmit(now, packet);
  // What DTLS cannot encrypt ends it: that is an event of its own.
  if (!size || !dtls_->Send(now, Bytes(packet).first(*size)).ok()) return std::nullopt;
  return dtls_->PollTransmit(now, out);
}

// Its timers wait while there is no path: whether the viewer is gone is for ICE to say.
Time Peer::DataDeadline() const {
  return channels_ && MayStream() ? channels_->next_deadline() : kNever;
}

std::optional<Event> Peer::PollChannelEvent() {
  if (!channels_ || state_ == State::kClosed) return std::nullopt;
  auto event = channels_->PollEvent();
  if (!event) return std::nullopt;
  return std::visit([](auto& each) { return Event(std::move(each)); }, *event);
}

}  // namespace ocellus::peer
