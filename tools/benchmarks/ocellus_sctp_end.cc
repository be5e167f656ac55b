// SPDX-License-Identifier: Apache-2.0
#include "tools/benchmarks/ocellus_sctp_end.h"

#include "firmware/base/check.h"
#include "tools/benchmarks/heap_meter.h"

namespace ocellus::benchmarks {
namespace {

// The channel that both sides know without DCEP.
const sctp::ChannelId kChannel(0);

}  // namespace

OcellusSctpEnd::OcellusSctpEnd(PacketSink& out, bool is_active)
    : out_(out), is_active_(is_active), random_(is_active ? 1 : 2) {
  config_.mtu = kSctpMtu;
  config_.peer_max_message_size = kMaxChannelMessageSize;
  const HeapScope scope;
  channels_ = std::make_unique<sctp::DataChannels>(Time{}, config_, random_);
}

OcellusSctpEnd::~OcellusSctpEnd() = default;

void OcellusSctpEnd::Start(Time now) {
  const HeapScope scope;
  channels_->Start(now, is_active_);
  sctp::ChannelOptions options;
  options.negotiated = kChannel;
  CHECK(channels_->Open(now, options).ok(), "no channel");
}

bool OcellusSctpEnd::Send(Time now, Bytes message) {
  if (channels_->room() < message.size()) return false;
  const HeapScope scope;
  return channels_->Send(now, kChannel, sctp::MessageKind::kBinary, message).ok();
}

void OcellusSctpEnd::Flush(Time now) {
  while (const auto event = PollEvent()) {
    if (const auto* message = std::get_if<sctp::ChannelMessage>(&*event)) {
      bytes_received_ += message->payload.size();
    }
    CHECK(!std::holds_alternative<sctp::ChannelsFailed>(*event), "the association is lost");
  }
  uint8_t packet[kSctpMtu];
  while (const auto size = PollTransmit(now, packet)) out_.Carry(now, Bytes(packet).first(*size));
}

// Apart, because the memory of what happens next is not on its account.
std::optional<sctp::ChannelEvent> OcellusSctpEnd::PollEvent() {
  const HeapScope scope;
  return channels_->PollEvent();
}

std::optional<size_t> OcellusSctpEnd::PollTransmit(Time now, MutableBytes out) {
  const HeapScope scope;
  return channels_->PollTransmit(now, out);
}

void OcellusSctpEnd::HandlePacket(Time now, Bytes packet) {
  const HeapScope scope;
  channels_->HandlePacket(now, packet);
}

void OcellusSctpEnd::HandleTimeout(Time now) {
  const HeapScope scope;
  channels_->HandleTimeout(now);
}

void OcellusSctpEnd::OpenChannel(Time now) {
  const HeapScope scope;
  sctp::ChannelOptions options;
  options.label = "file";
  options.protocol = "ocellus.file.v1";
  CHECK(channels_->Open(now, options).ok(), "no channel");
}

}  // namespace ocellus::benchmarks
