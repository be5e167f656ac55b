// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/peer_pair.h"

#include <algorithm>

namespace ocellus::sim {
namespace {

// How long the viewer waits for a packet that is missing before it goes on without.
constexpr Duration kReorderPatience = std::chrono::milliseconds(1000);

// How often a viewer that can decode nothing yet asks for a keyframe: as Chromium.
constexpr Duration kKeyframeRequestInterval = std::chrono::milliseconds(200);

bool HasParameterSets(const hal::EncodedFrame& frame) {
  bool sequence = false;
  bool picture = false;
  for (const auto& nal : frame.nals) {
    sequence = sequence || (frame.data[nal.offset] & 0x1f) == 7;
    picture = picture || (frame.data[nal.offset] & 0x1f) == 8;
  }
  return sequence && picture;
}

}  // namespace

const crypto::Certificate& TestCertificate(size_t index) {
  static std::map<size_t, crypto::Certificate> certificates;
  auto found = certificates.find(index);
  if (found == certificates.end()) {
    SeededRandom random(1000 + index);
    auto made = crypto::Certificate::Generate(random, kWallTimeAtStart.count());
    found = certificates.emplace(index, std::move(*made)).first;
  }
  return found->second;
}

// --- PeerNode ------------------------------------------------------------------------------------

PeerNode::PeerNode(Network& network, const peer::PeerConfig& config,
                   const std::vector<SocketAddress>& addresses, Random& random)
    : network_(network), peer_(network.now(), config, ice::HostCandidates(addresses), random) {
  std::vector<IpAddress> hosts;
  for (const SocketAddress& address : addresses) hosts.push_back(address.ip);
  if (!hosts.empty()) network_.Attach(*this, hosts);
}

PeerNode::~PeerNode() { network_.Detach(*this); }

void PeerNode::HandleDatagram(Time now, const Datagram& in) {
  peer_.HandleDatagram(now, in);
  HandleEvents(now);
}

void PeerNode::HandleTimeout(Time now) {
  peer_.HandleTimeout(now);
  HandleEvents(now);
}

std::optional<Transmit> PeerNode::PollTransmit(Time now, MutableBytes out) {
  const auto transmit = peer_.PollTransmit(now, out);
  HandleEvents(now);
  return transmit;
}

Time PeerNode::next_deadline() const { return peer_.next_deadline(); }

void PeerNode::HandleEvents(Time now) {
  while (const auto event = reading_ ? peer_.PollEvent() : std::nullopt) {
    if (const auto* connected = std::get_if<peer::Connected>(&*event)) {
      connected_ = *connected;
      connected_at_ = now;
    } else if (const auto* media = std::get_if<peer::MediaReceived>(&*event)) {
      HandleMedia(now, media->packet);
    } else if (const auto* closed = std::get_if<peer::Closed>(&*event)) {
      closed_ = closed->reason;
    } else {
      for (ChannelUser* user : channel_users_) user->HandleChannelEvent(now, peer_, *event);
    }
  }
}

// --- CameraNode ----------------------------------------------------------------------------------

CameraNode::CameraNode(Network& network, const peer::PeerConfig& config, FrameRing& ring,
                       const std::vector<SocketAddress>& addresses, Random& random,
                       const FilmOptions& film)
    : PeerNode(network, config, addresses, random), film_(ring, film), next_frame_(network.now()) {}

void CameraNode::HandleTimeout(Time now) {
  PeerNode::HandleTimeout(now);
  if (now >= next_frame_) FilmOne(now);
}

std::optional<Transmit> CameraNode::PollTransmit(Time now, MutableBytes out) {
  const auto transmit = PeerNode::PollTransmit(now, out);
  if (peer().TakeKeyframeRequest()) keyframes_.Request(now);
  if (keyframes_.TakeDue(now)) keyframe_due_ = true;
  return transmit;
}

Time CameraNode::next_deadline() const {
  return std::min({PeerNode::next_deadline(), next_frame_, keyframes_.next_deadline()});
}

void CameraNode::FilmOne(Time now) {
  const FrameId id = film_.Shoot(now, keyframe_due_);
  if (keyframe_due_) keyframes_.HandleKeyframe(now);
  keyframe_due_ = false;
  next_frame_ += film_.options().interval;
  peer().EnqueueFrame(now, id);
}

// --- ViewerNode ----------------------------------------------------------------------------------

ViewerNode::ViewerNode(Network& network, const peer::PeerConfig& config,
                       const std::vector<SocketAddress>& addresses, Random& random)
    : PeerNode(network, config, addresses, random) {}

void ViewerNode::HandleMedia(Time now, const rtp::Packet& packet) {
  const int64_t number = unwrapper_.Unwrap(packet.sequence_number);
  if (next_ && number < *next_) return;
  WaitingPacket& waiting = waiting_[number];
  waiting.packet = {packet.sequence_number, packet.timestamp, packet.marker, {}};
  waiting.payload.assign(packet.payload.begin(), packet.payload.end());
  waiting.since = now;
  while (!waiting_.empty()) {
    const auto first = waiting_.begin();
    const bool in_order = !next_ || first->first == *next_;
    if (!in_order && now - first->second.since < kReorderPatience) return;
    next_ = first->first + 1;
    Depacketize(now, first->second);
    waiting_.erase(first);
  }
}

void ViewerNode::Depacketize(Time now, const WaitingPacket& waiting) {
  media::H264Depacketizer::Packet packet = waiting.packet;
  packet.payload = waiting.payload;
  depacketizer_.HandlePacket(packet);
  while (const media::AccessUnit* unit = depacketizer_.PollAccessUnit()) {
    HandleUnit(now, *unit);
  }
}

void ViewerNode::HandleUnit(Time now, const media::AccessUnit& unit) {
  const auto number = unit.damaged ? std::nullopt : Film::ReadNumber(unit.frame);
  const bool can_begin = number && unit.frame.keyframe && HasParameterSets(unit.frame);
  if (number && (can_begin || !pictures_.empty())) {
    pictures_.push_back({*number, unit.frame.keyframe, now});
  } else if (pictures_.empty() && now >= next_keyframe_request_) {
    next_keyframe_request_ = now + kKeyframeRequestInterval;
    peer().RequestRemoteKeyframe();
  }
}

Duration ViewerNode::LongestGap(Time end) const {
  Duration longest{};
  for (size_t i = 0; i < pictures_.size(); ++i) {
    const Time next = i + 1 < pictures_.size() ? pictures_[i + 1].at : end;
    longest = std::max(longest, next - pictures_[i].at);
  }
  return longest;
}

// --- PeerPair ------------------------------------------------------------------------------------

PeerPair::PeerPair(const PeerPairOptions& options)
    : options_(options), random_(options.seed), network_(random_.Next(), options.start) {
  network_.SetDefaultConditions(options_.conditions);
  wall_clock_ = {network_.now(), NtpTime::FromUnix(kWallTimeAtStart)};
  peer::PeerConfig camera{TestCertificate(0), options_.camera_profiles, wall_clock_, &ring_};
  peer::PeerConfig viewer{TestCertificate(1), options_.viewer_profiles, wall_clock_};
  camera.handshake_in_stun = options_.camera_handshake;
  viewer.handshake_in_stun = options_.viewer_handshake;
  camera.data_channels = options_.camera_channels;
  viewer.data_channels = options_.viewer_channels;
  camera_ = std::make_unique<CameraNode>(network_, camera, ring_, options_.camera_addresses,
                                         random_, options_.film);
  viewer_ = std::make_unique<ViewerNode>(network_, viewer, options_.viewer_addresses, random_);
}

void PeerPair::Negotiate() {
  peer::Peer& viewer = viewer_->peer();
  const auto offer = options_.viewer_watches ? viewer.OfferToReceive(network_.now())
                                             : viewer.OfferToSteer(network_.now());
  CHECK(offer.ok(), "offer: %s", offer.status().ToString().c_str());
  network_.RunFor(options_.signaling_delay);
  const auto answer = camera_->peer().Answer(network_.now(), *offer);
  CHECK(answer.ok(), "answer: %s", answer.status().ToString().c_str());
  network_.RunFor(options_.signaling_delay);
  const Status applied = viewer_->peer().HandleAnswer(network_.now(), *answer);
  CHECK(applied.ok(), "answer: %s", applied.ToString().c_str());
  answered_at_ = network_.now();
}

bool PeerPair::RunUntilConnected(Duration limit) {
  return network_.RunUntilTrue(
      [this] { return camera_->connected_at() && viewer_->connected_at(); }, limit);
}

bool PeerPair::RunUntilFirstPicture(Duration limit) {
  return network_.RunUntilTrue([this] { return !viewer_->pictures().empty(); }, limit);
}

}  // namespace ocellus::sim
