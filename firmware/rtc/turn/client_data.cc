// SPDX-License-Identifier: Apache-2.0
// The packets that go through the relay: in both directions, on the packet path.
#include <algorithm>
#include <cstring>

#include "firmware/base/limits.h"
#include "firmware/rtc/stun/message_writer.h"
#include "firmware/rtc/turn/channel_data.h"
#include "firmware/rtc/turn/client.h"

namespace ocellus::turn {

using stun::AttributeType;
using stun::MessageClass;
using stun::Method;

std::optional<Relayed> Client::HandleMessage(Time now, MutableBytes message) {
  if (state_ == State::kClosed || state_ == State::kFailed) {
    stats_.Count(Drop::kUnexpected);
    return std::nullopt;
  }
  if (IsChannelData(message)) return HandleChannelData(now, message);
  const auto parsed = stun::Message::Parse(message);
  if (!parsed.ok()) {
    stats_.Count(Drop::kMalformed);
    return std::nullopt;
  }
  switch (parsed->message_class()) {
    case MessageClass::kIndication:
      return HandleData(now, message, *parsed);
    case MessageClass::kSuccess:
    case MessageClass::kError:
      HandleResponse(now, *parsed);
      return std::nullopt;
    case MessageClass::kRequest:
      break;
  }
  stats_.Count(Drop::kUnexpected);
  return std::nullopt;
}

// RFC 8656 section 12.6.
std::optional<Relayed> Client::HandleChannelData(Time now, MutableBytes message) {
  const auto parsed = ParseChannelData(message);
  if (!parsed) {
    stats_.Count(Drop::kMalformed);
    return std::nullopt;
  }
  const SocketAddress* peer = peers_.PeerOfChannel(parsed->channel);
  const SocketAddress* relayed = peer != nullptr ? RelayedFor(*peer) : nullptr;
  if (relayed == nullptr) {
    stats_.Count(Drop::kChannel);
    return std::nullopt;
  }
  last_heard_ = now;
  return Relayed{*relayed, *peer, parsed->data};
}

// RFC 8656 section 11.4: the client "SHOULD also check that the XOR-PEER-ADDRESS attribute value
// contains an IP address with which the client believes there is an active permission". Its port
// may be any: a NAT in front of the peer may have changed it.
std::optional<Relayed> Client::HandleData(Time now, MutableBytes datagram,
                                          const stun::Message& data) {
  const auto peer = data.FindXorAddress(AttributeType::kXorPeerAddress);
  const auto payload = data.Find(AttributeType::kData);
  if (data.method() != Method::kData || !peer || !payload) {
    stats_.Count(Drop::kUnexpected);
    return std::nullopt;
  }
  const SocketAddress* relayed = RelayedFor(*peer);
  if (relayed == nullptr || !peers_.IsPermitted(now, peer->ip)) {
    stats_.Count(Drop::kPeer);
    return std::nullopt;
  }
  last_heard_ = now;
  const auto offset = static_cast<size_t>(payload->data() - datagram.data());
  return Relayed{*relayed, *peer, datagram.subspan(offset, payload->size())};
}

const SocketAddress* Client::RelayedFor(const SocketAddress& peer) const {
  for (const SocketAddress& relayed : relayed_) {
    if (relayed.ip.family() == peer.ip.family()) return &relayed;
  }
  return nullptr;
}

bool Client::Prepare(Time now, const SocketAddress& peer) {
  if (RelayedFor(peer) == nullptr) return false;
  peers_.Use(now, peer);
  return HasRequest(now);
}

std::optional<size_t> Client::Wrap(Time now, const SocketAddress& relayed,
                                   const SocketAddress& peer, MutableBytes packet, size_t size) {
  CHECK(size <= packet.size(), "packet of %zu bytes in %zu", size, packet.size());
  const SocketAddress* ours = RelayedFor(peer);
  if (ours == nullptr || *ours != relayed) return std::nullopt;
  PeerTable::Peer& known = peers_.Use(now, peer);
  if (known.permission->refused) return std::nullopt;
  const auto wrapped = now < known.channel_expires
                           ? WrapInChannelData(known.channel, options_.protocol, packet, size)
                           : WrapInSend(peer, packet, size);
  if (!wrapped) return std::nullopt;
  peers_.CountPacket(now, peer, known);
  last_sent_ = now;
  if (now >= last_heard_ + kDoubtfulSilence && refresh_at_ != kNever) refresh_at_ = now;
  return wrapped;
}

// RFC 8656 section 11.1: XOR-PEER-ADDRESS and DATA, in this order, so that the packet moves once.
std::optional<size_t> Client::WrapInSend(const SocketAddress& peer, MutableBytes packet,
                                         size_t size) {
  const size_t address_size = stun::kAttributeHeaderSize + 4 + peer.ip.bytes().size();
  const size_t offset = stun::kHeaderSize + address_size + stun::kAttributeHeaderSize;
  if (size > 0xFFFF - offset || offset + PaddedSize(size) > packet.size()) return std::nullopt;
  std::memmove(packet.data() + offset, packet.data(), size);
  stun::Header header{MessageClass::kIndication, Method::kSend, {}};
  random_.Fill(header.transaction_id);
  stun::MessageWriter writer(packet, header);
  writer.AddXorAddress(AttributeType::kXorPeerAddress, peer);
  writer.AddInPlace(AttributeType::kData, size);
  return writer.Finish();
}

}  // namespace ocellus::turn
