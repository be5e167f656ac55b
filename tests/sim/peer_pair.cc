// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/peer_pair.h"

#include <algorithm>
#include <map>

namespace ocellus::sim {
namespace {

// A sequence parameter set of constrained baseline, level 3.1, 640x480, and a picture parameter
// set, as OpenH264 writes them.
constexpr uint8_t kSps[] = {0x67, 0x42, 0xc0, 0x1f, 0x8c, 0x8d, 0x40,
                            0x50, 0x1e, 0xd0, 0x0f, 0x08, 0x84, 0x6a};
constexpr uint8_t kPps[] = {0x68, 0xce, 0x3c, 0x80};
constexpr uint8_t kIdrSlice = 0x65;
constexpr uint8_t kSlice = 0x41;

// How long the viewer waits for a packet that is missing before it goes on without.
constexpr Duration kReorderPatience = std::chrono::milliseconds(1000);

// 2026-11-20 12:00:00 UTC.
constexpr std::chrono::seconds kWallTimeAtStart(1'795'176'000);

void AppendNal(Bytes nal, hal::EncodedFrame& frame) {
  for (const uint8_t byte : {0, 0, 0, 1}) frame.data.push_back(byte);
  frame.nals.push_back({frame.data.size(), nal.size()});
  frame.data.insert(frame.data.end(), nal.begin(), nal.end());
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

// --- PeerNode
// -------------------------------------------------------------------------------------

PeerNode::PeerNode(Network& network, const peer::PeerConfig& config,
                   const std::vector<SocketAddress>& addresses, Random& random)
    : network_(network), peer_(network.now(), config, addresses, random) {
  std::vector<IpAddress> hosts;
  for (const SocketAddress& address : addresses) hosts.push_back(address.ip);
  network_.Attach(*this, hosts);
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
  return peer_.PollTransmit(now, out);
}

Time PeerNode::next_deadline() const { return peer_.next_deadline(); }

void PeerNode::HandleEvents(Time now) {
  while (const auto event = peer_.PollEvent()) {
    if (const auto* connected = std::get_if<peer::Connected>(&*event)) {
      connected_ = *connected;
      connected_at_ = now;
    } else if (const auto* media = std::get_if<peer::MediaReceived>(&*event)) {
      HandleMedia(now, media->packet);
    } else if (const auto* closed = std::get_if<peer::Closed>(&*event)) {
      closed_ = closed->reason;
    }
  }
}

// --- CameraNode
// -----------------------------------------------------------------------------------

CameraNode::CameraNode(Network& network, const peer::PeerConfig& config, FrameRing& ring,
                       const std::vector<SocketAddress>& addresses, Random& random,
                       const Film& film)
    : PeerNode(network, config, addresses, random),
      film_(film),
      packetizer_(ring),
      next_frame_(network.now()) {}

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
  hal::EncodedFrame frame;
  frame.captured_at = now;
  frame.keyframe = keyframe_due_;
  if (keyframe_due_) {
    AppendNal(kSps, frame);
    AppendNal(kPps, frame);
    keyframes_.HandleKeyframe(now);
    ++keyframes_filmed_;
  }
  // The picture's number stands behind the NAL header; the rest is bytes that look like no start
  // code.
  std::vector<uint8_t> slice(keyframe_due_ ? film_.keyframe_size : film_.frame_size, 0xa5);
  slice[0] = keyframe_due_ ? kIdrSlice : kSlice;
  for (size_t i = 0; i < 4; ++i) {
    slice[1 + i] = static_cast<uint8_t>(frames_filmed_ >> (24 - 8 * i));
  }
  AppendNal(slice, frame);
  const auto id = packetizer_.Push(frame);
  CHECK(id.ok(), "frame of %zu bytes: %s", slice.size(), id.status().ToString().c_str());
  keyframe_due_ = false;
  filmed_at_.push_back(now);
  ++frames_filmed_;
  next_frame_ += film_.interval;
  peer().EnqueueFrame(now, *id);
}

// --- ViewerNode
// -----------------------------------------------------------------------------------

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
    if (unit->damaged || unit->frame.nals.empty()) continue;
    const hal::EncodedFrame::Nal& nal = unit->frame.nals.back();
    const Bytes slice = Bytes(unit->frame.data).subspan(nal.offset, nal.size);
    if (slice.size() < 5) continue;
    Picture picture;
    picture.keyframe = slice[0] == kIdrSlice;
    for (size_t i = 0; i < 4; ++i) picture.number = picture.number << 8 | slice[1 + i];
    picture.at = now;
    pictures_.push_back(picture);
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

// --- PeerPair
// -------------------------------------------------------------------------------------

PeerPair::PeerPair(const PeerPairOptions& options)
    : options_(options), random_(options.seed), network_(random_.Next()) {
  network_.SetDefaultConditions(options_.conditions);
  wall_clock_ = {network_.now(), NtpTime::FromUnix(kWallTimeAtStart)};
  const peer::PeerConfig camera{TestCertificate(0), options_.camera_profiles, wall_clock_, &ring_};
  const peer::PeerConfig viewer{TestCertificate(1), options_.viewer_profiles, wall_clock_};
  camera_ = std::make_unique<CameraNode>(network_, camera, ring_, options_.camera_addresses,
                                         random_, options_.film);
  viewer_ = std::make_unique<ViewerNode>(network_, viewer, options_.viewer_addresses, random_);
}

void PeerPair::Negotiate() {
  const bool viewer_offers = options_.offerer == PeerPairOptions::Offerer::kViewer;
  peer::Peer& camera = camera_->peer();
  peer::Peer& viewer = viewer_->peer();
  const auto offer =
      viewer_offers ? viewer.OfferToReceive(network_.now()) : camera.Offer(network_.now());
  CHECK(offer.ok(), "offer: %s", offer.status().ToString().c_str());
  network_.RunFor(options_.signaling_delay);
  const auto answer =
      viewer_offers ? camera.Answer(network_.now(), *offer) : viewer.Answer(network_.now(), *offer);
  CHECK(answer.ok(), "answer: %s", answer.status().ToString().c_str());
  network_.RunFor(options_.signaling_delay);
  const Status applied = viewer_offers ? viewer.HandleAnswer(network_.now(), *answer)
                                       : camera.HandleAnswer(network_.now(), *answer);
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
