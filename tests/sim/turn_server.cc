// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/turn_server.h"

#include <algorithm>

#include "firmware/base/byte_reader.h"
#include "firmware/base/byte_writer.h"
#include "firmware/base/limits.h"

namespace ocellus::sim {
namespace {

using stun::AttributeType;
using stun::Message;
using stun::MessageClass;
using stun::MessageWriter;
using stun::Method;

constexpr uint8_t kUdp = 17;  // RFC 8656 section 18.8: the protocol number of IP.
constexpr size_t kChannelHeaderSize = 4;
// RFC 8656 section 12: all other numbers are reserved.
constexpr uint16_t kFirstChannel = 0x4000;
constexpr uint16_t kLastChannel = 0x4FFF;
// RFC 8656 section 7.2: relayed ports come from the dynamic range.
constexpr uint16_t kFirstRelayedPort = 49152;

// RFC 8656 sections 18.6 and 18.11: the family is the first byte, the others are zero.
std::optional<IpAddress::Family> ReadFamily(Bytes value) {
  if (value.size() != 4) return std::nullopt;
  if (value[0] == 1) return IpAddress::Family::kV4;
  if (value[0] == 2) return IpAddress::Family::kV6;
  return std::nullopt;
}

std::vector<SocketAddress> PeersIn(const Message& message) {
  std::vector<SocketAddress> peers;
  for (const stun::Attribute attribute : message) {
    if (attribute.type != AttributeType::kXorPeerAddress) continue;
    const auto peer = message.ReadXorAddress(attribute.value);
    if (peer) peers.push_back(*peer);
  }
  return peers;
}

}  // namespace

// --- The verbs of a node -------------------------------------------------------------------------

TurnServer::TurnServer(Network& network, const TurnServerOptions& options, uint64_t seed)
    : network_(network), options_(options), random_(seed) {
  std::vector<IpAddress> addresses = options_.addresses;
  if (options_.alternate_address) addresses.push_back(*options_.alternate_address);
  network_.Attach(*this, addresses);
  AddUser(options_.username, options_.password);
  MakeNoncesStale();
}

TurnServer::~TurnServer() { network_.Detach(*this); }

SocketAddress TurnServer::address(IpAddress::Family family) const {
  for (const IpAddress& ip : options_.addresses) {
    if (ip.family() == family) return {ip, options_.port};
  }
  CHECK(false, "a server without an address of that family, of %zu", options_.addresses.size());
}

bool TurnServer::Listens(const SocketAddress& local) const {
  return local.port == options_.port ||
         (options_.alternate_address && local.port == options_.alternate_port);
}

void TurnServer::HandleDatagram(Time now, const Datagram& in) {
  if (!alive_) return;
  Expire(now);
  if (!Listens(in.local)) {
    Allocation* allocation = FindRelayed(in.local);
    if (allocation != nullptr) HandlePeerData(*allocation, in);
    return;
  }
  const Tuple tuple{in.remote, in.local};
  // RFC 8656 section 12: a channel number begins with the bits 01, STUN with 00.
  if (in.payload.size() >= kChannelHeaderSize && (in.payload[0] & 0xC0) == 0x40) {
    HandleChannelData(tuple, in.payload);
    return;
  }
  const auto message = Message::Parse(in.payload);
  if (!message.ok() || (message->has_fingerprint() && !message->FingerprintMatches())) {
    ++stats_.malformed;
    return;
  }
  HandleMessage(now, tuple, *message);
}

void TurnServer::HandleTimeout(Time now) { Expire(now); }

std::optional<Transmit> TurnServer::PollTransmit(Time, MutableBytes out) {
  if (outgoing_.empty()) return std::nullopt;
  const Outgoing next = std::move(outgoing_.front());
  outgoing_.pop_front();
  std::copy(next.bytes.begin(), next.bytes.end(), out.begin());
  return Transmit{next.from, next.to, next.bytes.size()};
}

Time TurnServer::next_deadline() const {
  Time next = kNever;
  for (const Allocation& allocation : allocations_) {
    next = std::min(next, allocation.expires);
    for (const Permission& permission : allocation.permissions) {
      next = std::min(next, permission.expires);
    }
    for (const Channel& channel : allocation.channels) next = std::min(next, channel.expires);
  }
  return next;
}

void TurnServer::Expire(Time now) {
  const auto remove = [now](auto& items, uint64_t& counter) {
    const auto expired = std::remove_if(items.begin(), items.end(),
                                        [now](const auto& item) { return item.expires <= now; });
    counter += static_cast<uint64_t>(items.end() - expired);
    items.erase(expired, items.end());
  };
  remove(allocations_, stats_.allocations_expired);
  for (Allocation& allocation : allocations_) {
    remove(allocation.permissions, stats_.permissions_expired);
    remove(allocation.channels, stats_.channels_expired);
  }
}

// --- On command ----------------------------------------------------------------------------------

void TurnServer::Refuse(Method method, unsigned error, unsigned times) {
  refusals_.push_back({method, error, times});
}

void TurnServer::Kill() {
  alive_ = false;
  allocations_.clear();
  outgoing_.clear();
  MakeNoncesStale();
}

bool TurnServer::IsRefused(const Request& request) {
  for (Refusal& refusal : refusals_) {
    if (refusal.method != request.message.method() || refusal.times == 0) continue;
    --refusal.times;
    Fail(request, refusal.error);
    return true;
  }
  return false;
}

// --- Requests ------------------------------------------------------------------------------------

void TurnServer::HandleMessage(Time now, const Tuple& tuple, const Message& message) {
  const bool relays = options_.service == TurnServerOptions::Service::kStunAndTurn;
  if (message.message_class() == MessageClass::kIndication) {
    if (message.method() == Method::kSend && relays) HandleSend(tuple, message);
    return;  // RFC 8489 section 6.3.2: a Binding indication keeps a mapping alive; no answer.
  }
  if (message.message_class() != MessageClass::kRequest) {
    ++stats_.malformed;
    return;
  }
  if (message.method() == Method::kBinding) return HandleBinding(tuple, message);
  if (!relays) return Fail(tuple, message, 400);
  const auto request = Authenticate(tuple, message);
  if (!request || IsRefused(*request)) return;
  switch (message.method()) {
    case Method::kAllocate:
      return HandleAllocate(now, *request);
    case Method::kRefresh:
      return HandleRefresh(now, *request);
    case Method::kCreatePermission:
      return HandleCreatePermission(now, *request);
    case Method::kChannelBind:
      return HandleChannelBind(now, *request);
    default:
      return Fail(*request, 400);
  }
}

std::optional<SocketAddress> TurnServer::AllocateAddress(IpAddress::Family family) {
  for (const IpAddress& ip : options_.addresses) {
    if (ip.family() != family) continue;
    while (true) {
      const auto port =
          static_cast<uint16_t>(kFirstRelayedPort + random_.Below(0x10000 - kFirstRelayedPort));
      if (FindRelayed({ip, port}) == nullptr) return SocketAddress{ip, port};
    }
  }
  return std::nullopt;
}

// RFC 8656 section 7.2: what the client asks for, but not more than the maximum and not less than
// the default.
Duration TurnServer::GrantedLifetime(const Message& message) const {
  const auto wanted = message.FindU32(AttributeType::kLifetime);
  if (!wanted) return options_.default_lifetime;
  const Duration lifetime =
      std::min<Duration>(std::chrono::seconds(*wanted), options_.max_lifetime);
  return std::max(lifetime, options_.default_lifetime);
}

// RFC 8656 section 7.2.
void TurnServer::HandleAllocate(Time now, const Request& request) {
  const Message& message = request.message;
  if (const Allocation* allocation = Find(request.tuple)) {
    // "If the request is a retransmission [...] the server returns the same response."
    if (allocation->made_by != message.transaction_id()) return Fail(request, 437);
    return Grant(request, allocation, allocation->lifetime);
  }
  const auto transport = message.Find(AttributeType::kRequestedTransport);
  if (!transport || transport->size() != 4) return Fail(request, 400);
  if ((*transport)[0] != kUdp) return Fail(request, 442);
  const auto requested = message.Find(AttributeType::kRequestedAddressFamily);
  const auto additional = message.Find(AttributeType::kAdditionalAddressFamily);
  if (requested && additional) return Fail(request, 400);
  if (additional && ReadFamily(*additional) != IpAddress::Family::kV6) return Fail(request, 400);
  std::optional<IpAddress::Family> family = IpAddress::Family::kV4;
  if (requested) family = ReadFamily(*requested);
  if (!family) return Fail(request, 440);

  Allocation allocation;
  const auto relayed = AllocateAddress(*family);
  if (!relayed) return Fail(request, 440);
  allocation.relayed.push_back(*relayed);
  if (additional) {
    const auto second = AllocateAddress(IpAddress::Family::kV6);
    if (second) allocation.relayed.push_back(*second);
  }
  allocation.tuple = request.tuple;
  allocation.username = request.username;
  allocation.made_by = message.transaction_id();
  allocation.lifetime = GrantedLifetime(message);
  allocation.expires = now + allocation.lifetime;
  allocations_.push_back(allocation);
  ++stats_.allocations;
  Grant(request, &allocation, allocation.lifetime);
}

// RFC 8656 section 8.2.
void TurnServer::HandleRefresh(Time now, const Request& request) {
  Allocation* allocation = Find(request.tuple);
  if (allocation == nullptr) return Fail(request, 437);
  if (allocation->username != request.username) return Fail(request, 441);
  // Of which family: without the attribute, of all.
  const SocketAddress* meant = nullptr;
  if (const auto requested = request.message.Find(AttributeType::kRequestedAddressFamily)) {
    if (const auto family = ReadFamily(*requested)) meant = RelayedOf(*allocation, *family);
    if (meant == nullptr) return Fail(request, 443);
  }
  if (request.message.FindU32(AttributeType::kLifetime) == 0u) {
    auto& relayed = allocation->relayed;
    if (meant == nullptr) {
      relayed.clear();
    } else {
      relayed.erase(relayed.begin() + (meant - relayed.data()));
    }
    if (relayed.empty()) {
      allocations_.erase(allocations_.begin() + (allocation - allocations_.data()));
      ++stats_.deletions;
    }
    return Grant(request, nullptr, {});
  }
  allocation->lifetime = GrantedLifetime(request.message);
  allocation->expires = now + allocation->lifetime;
  ++stats_.refreshes;
  Grant(request, nullptr, allocation->lifetime);
}

unsigned TurnServer::CheckPeer(const Allocation& allocation,
                               const std::optional<SocketAddress>& peer) const {
  if (!peer) return 400;
  if (RelayedOf(allocation, peer->ip.family()) == nullptr) return 443;
  const bool forbidden =
      std::find(forbidden_.begin(), forbidden_.end(), peer->ip) != forbidden_.end();
  return forbidden ? 403 : 0;
}

void TurnServer::Permit(Time now, Allocation& allocation, const IpAddress& peer) {
  const Time expires = now + options_.permission_lifetime;
  for (Permission& permission : allocation.permissions) {
    if (permission.peer != peer) continue;
    permission.expires = expires;
    ++stats_.permission_refreshes;
    return;
  }
  allocation.permissions.push_back({peer, expires});
  ++stats_.permissions;
}

// RFC 8656 section 10.2: all of the peers, or none.
void TurnServer::HandleCreatePermission(Time now, const Request& request) {
  Allocation* allocation = Find(request.tuple);
  if (allocation == nullptr) return Fail(request, 437);
  if (allocation->username != request.username) return Fail(request, 441);
  const std::vector<SocketAddress> peers = PeersIn(request.message);
  if (peers.empty()) return Fail(request, 400);
  for (const SocketAddress& peer : peers) {
    const unsigned error = CheckPeer(*allocation, peer);
    if (error != 0) return Fail(request, error);
  }
  for (const SocketAddress& peer : peers) Permit(now, *allocation, peer.ip);
  Grant(request, nullptr, {});
}

// RFC 8656 section 12.2.
void TurnServer::HandleChannelBind(Time now, const Request& request) {
  Allocation* allocation = Find(request.tuple);
  if (allocation == nullptr) return Fail(request, 437);
  if (allocation->username != request.username) return Fail(request, 441);
  const auto value = request.message.FindU32(AttributeType::kChannelNumber);
  const auto peer = request.message.FindXorAddress(AttributeType::kXorPeerAddress);
  const auto number = static_cast<uint16_t>(value.value_or(0) >> 16);
  if (!value || number < kFirstChannel || number > kLastChannel) return Fail(request, 400);
  if (const unsigned error = CheckPeer(*allocation, peer)) return Fail(request, error);
  Channel* channel = FindChannel(*allocation, number);
  if (channel != FindChannel(*allocation, *peer)) return Fail(request, 400);
  const Time expires = now + options_.channel_lifetime;
  if (channel != nullptr) {
    channel->expires = expires;
    ++stats_.channel_refreshes;
  } else {
    allocation->channels.push_back({number, *peer, expires});
    ++stats_.channels;
  }
  Permit(now, *allocation, peer->ip);
  Grant(request, nullptr, {});
}

// --- Data ----------------------------------------------------------------------------------------

// RFC 8656 section 11.2: without a permission, "the message is silently discarded".
void TurnServer::HandleSend(const Tuple& tuple, const Message& message) {
  Allocation* allocation = Find(tuple);
  const auto peer = message.FindXorAddress(AttributeType::kXorPeerAddress);
  const auto data = message.Find(AttributeType::kData);
  if (!peer || !data || !UnknownIn(message).empty()) {
    ++stats_.malformed;
    return;
  }
  const SocketAddress* relayed =
      allocation == nullptr ? nullptr : RelayedOf(*allocation, peer->ip.family());
  if (relayed == nullptr || !IsPermitted(*allocation, peer->ip)) {
    ++stats_.dropped_to_peers;
    return;
  }
  ++stats_.indications_to_peers;
  outgoing_.push_back({*relayed, *peer, {data->begin(), data->end()}});
}

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |         Channel Number        |            Length             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                       Application Data                        ...
// RFC 8656 section 12.4: over UDP padding is allowed, and not part of the length.
void TurnServer::HandleChannelData(const Tuple& tuple, Bytes datagram) {
  ByteReader reader(datagram);
  const uint16_t number = reader.ReadU16();
  const Bytes data = reader.ReadBytes(reader.ReadU16());
  if (!reader.ok() || reader.remaining() > 3) {
    ++stats_.malformed;
    return;
  }
  Allocation* allocation = Find(tuple);
  const Channel* channel = allocation == nullptr ? nullptr : FindChannel(*allocation, number);
  const SocketAddress* relayed =
      channel == nullptr ? nullptr : RelayedOf(*allocation, channel->peer.ip.family());
  if (relayed == nullptr || !IsPermitted(*allocation, channel->peer.ip)) {
    ++stats_.dropped_to_peers;
    return;
  }
  ++stats_.channel_data_to_peers;
  outgoing_.push_back({*relayed, channel->peer, {data.begin(), data.end()}});
}

// RFC 8656 sections 11.3 and 12.7.
void TurnServer::HandlePeerData(Allocation& allocation, const Datagram& in) {
  if (!IsPermitted(allocation, in.remote.ip)) {
    ++stats_.dropped_from_peers;
    return;
  }
  std::vector<uint8_t> bytes(in.payload.size() + kMaxRelayOverhead);
  if (const Channel* channel = FindChannel(allocation, in.remote)) {
    ++stats_.channel_data_from_peers;
    ByteWriter writer(bytes);
    writer.WriteU16(channel->number);
    writer.WriteU16(static_cast<uint16_t>(in.payload.size()));
    writer.WriteBytes(in.payload);
    bytes.resize(writer.size());
  } else {
    ++stats_.indications_from_peers;
    stun::TransactionId id;
    random_.Fill(id);
    MessageWriter writer(bytes, {MessageClass::kIndication, Method::kData, id});
    writer.AddXorAddress(AttributeType::kXorPeerAddress, in.remote);
    writer.Add(AttributeType::kData, in.payload);
    bytes.resize(writer.Finish().value());
  }
  outgoing_.push_back({allocation.tuple.server, allocation.tuple.client, std::move(bytes)});
}

// --- Look-ups ------------------------------------------------------------------------------------

bool TurnServer::IsPermitted(const Allocation& allocation, const IpAddress& peer) {
  return std::any_of(allocation.permissions.begin(), allocation.permissions.end(),
                     [&peer](const Permission& permission) { return permission.peer == peer; });
}

TurnServer::Channel* TurnServer::FindChannel(Allocation& allocation, uint16_t number) {
  for (Channel& channel : allocation.channels) {
    if (channel.number == number) return &channel;
  }
  return nullptr;
}

TurnServer::Channel* TurnServer::FindChannel(Allocation& allocation, const SocketAddress& peer) {
  for (Channel& channel : allocation.channels) {
    if (channel.peer == peer) return &channel;
  }
  return nullptr;
}

const SocketAddress* TurnServer::RelayedOf(const Allocation& allocation, IpAddress::Family family) {
  for (const SocketAddress& relayed : allocation.relayed) {
    if (relayed.ip.family() == family) return &relayed;
  }
  return nullptr;
}

TurnServer::Allocation* TurnServer::Find(const Tuple& tuple) {
  for (Allocation& allocation : allocations_) {
    if (allocation.tuple == tuple) return &allocation;
  }
  return nullptr;
}

TurnServer::Allocation* TurnServer::FindRelayed(const SocketAddress& relayed) {
  for (Allocation& allocation : allocations_) {
    const auto& own = allocation.relayed;
    if (std::find(own.begin(), own.end(), relayed) != own.end()) return &allocation;
  }
  return nullptr;
}

}  // namespace ocellus::sim
