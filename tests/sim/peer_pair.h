// SPDX-License-Identifier: Apache-2.0
// A camera and a viewer, both our own Peer, on a simulated network: a whole call in virtual time.
// The camera sends numbered pictures of a size that the test chooses; the viewer puts them together
// and keeps when each was whole. Whoever uses their data channels is in channel_users.h.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "firmware/base/frame_ring.h"
#include "firmware/media/h264_depacketizer.h"
#include "firmware/media/keyframe_policy.h"
#include "firmware/rtc/peer/peer.h"
#include "tests/sim/channel_users.h"
#include "tests/sim/film.h"
#include "tests/sim/network.h"

namespace ocellus::sim {

// What the wall clock says when a simulation begins: 2026-11-20 12:00:00 UTC.
constexpr std::chrono::seconds kWallTimeAtStart(1'795'176'000);

// A certificate per process: making one costs milliseconds, and tests make thousands of peers.
const crypto::Certificate& TestCertificate(size_t index = 0);

// A Peer on the network; without `addresses`, one that a ReachNode carries.
class PeerNode : public Node {
 public:
  PeerNode(Network& network, const peer::PeerConfig& config,
           const std::vector<SocketAddress>& addresses, Random& random);
  ~PeerNode() override;

  void HandleDatagram(Time now, const Datagram& in) override;
  void HandleTimeout(Time now) override;
  std::optional<Transmit> PollTransmit(Time now, MutableBytes out) override;
  Time next_deadline() const override;

  peer::Peer& peer() { return peer_; }
  // `user` is told what happens on the data channels from now on, and outlives the node.
  void AddChannelUser(ChannelUser& user) { channel_users_.push_back(&user); }
  // Whether it polls its events: an application that hangs does not.
  void SetReading(bool reading) { reading_ = reading; }
  std::optional<peer::Connected> connected() const { return connected_; }
  std::optional<Time> connected_at() const { return connected_at_; }
  std::optional<peer::CloseReason> closed() const { return closed_; }

 protected:
  virtual void HandleMedia(Time, const rtp::Packet&) {}
  void HandleEvents(Time now);

 private:
  Network& network_;
  peer::Peer peer_;
  std::vector<ChannelUser*> channel_users_;
  bool reading_ = true;
  std::optional<peer::Connected> connected_;
  std::optional<Time> connected_at_;
  std::optional<peer::CloseReason> closed_;
};

// Films numbered pictures, keyframes when its peer's viewer needs one.
class CameraNode : public PeerNode {
 public:
  CameraNode(Network& network, const peer::PeerConfig& config, FrameRing& ring,
             const std::vector<SocketAddress>& addresses, Random& random, const FilmOptions& film);

  void HandleTimeout(Time now) override;
  std::optional<Transmit> PollTransmit(Time now, MutableBytes out) override;
  Time next_deadline() const override;

  void StopFilming() { next_frame_ = kNever; }
  const Film& film() const { return film_; }

 private:
  void FilmOne(Time now);

  Film film_;
  media::KeyframePolicy keyframes_;
  Time next_frame_;
  bool keyframe_due_ = true;
};

// Watches, and decodes as a browser does: from a keyframe with its parameter sets on, and asking
// for one as long as there is none.
class ViewerNode : public PeerNode {
 public:
  ViewerNode(Network& network, const peer::PeerConfig& config,
             const std::vector<SocketAddress>& addresses, Random& random);

  struct Picture {
    uint32_t number = 0;
    bool keyframe = false;
    Time at;
  };
  // Whole pictures in the order in which they became whole, from the first keyframe on.
  const std::vector<Picture>& pictures() const { return pictures_; }
  // The longest time between two of them, from the first to `end`.
  Duration LongestGap(Time end) const;

 protected:
  void HandleMedia(Time now, const rtp::Packet& packet) override;

 private:
  struct WaitingPacket {
    media::H264Depacketizer::Packet packet;
    std::vector<uint8_t> payload;
    Time since;
  };

  void Depacketize(Time now, const WaitingPacket& waiting);
  void HandleUnit(Time now, const media::AccessUnit& unit);

  // By unwrapped sequence number: a packet waits for those before it, kReorderPatience at most.
  std::map<int64_t, WaitingPacket> waiting_;
  Unwrapper<SequenceNumber> unwrapper_;
  std::optional<int64_t> next_;
  media::H264Depacketizer depacketizer_;
  Time next_keyframe_request_{};
  std::vector<Picture> pictures_;
};

struct PeerPairOptions {
  uint64_t seed = 1;
  Time start{std::chrono::hours(1)};  // What the clock says at first.
  LinkConditions conditions;
  Duration signaling_delay{};  // One way.
  FilmOptions film;
  std::vector<srtp::Profile> camera_profiles = {srtp::Profile::kAeadAes128Gcm,
                                                srtp::Profile::kAes128CmHmacSha1_80};
  std::vector<srtp::Profile> viewer_profiles = camera_profiles;
  peer::HandshakeInStun camera_handshake = peer::HandshakeInStun::kWhenOffered;
  peer::HandshakeInStun viewer_handshake = peer::HandshakeInStun::kNever;
  bool camera_channels = true;
  bool viewer_channels = true;
  bool viewer_watches = true;  // False: it has data channels alone.
  std::vector<SocketAddress> camera_addresses = {*SocketAddress::Parse("192.0.2.1:8555")};
  std::vector<SocketAddress> viewer_addresses = {*SocketAddress::Parse("198.51.100.7:40000")};
};

class PeerPair {
 public:
  explicit PeerPair(const PeerPairOptions& options);

  // The viewer offers and the camera answers; the viewer has the answer afterwards.
  void Negotiate();
  // Runs until both are connected, or for `limit`.
  bool RunUntilConnected(Duration limit = std::chrono::seconds(10));
  bool RunUntilFirstPicture(Duration limit = std::chrono::seconds(10));

  Network& network() { return network_; }
  CameraNode& camera() { return *camera_; }
  ViewerNode& viewer() { return *viewer_; }
  // When the answer reached the viewer.
  Time answered_at() const { return answered_at_; }

 private:
  const PeerPairOptions options_;
  SeededRandom random_;
  Network network_;
  WallClock wall_clock_;
  FrameRing ring_;
  std::unique_ptr<CameraNode> camera_;
  std::unique_ptr<ViewerNode> viewer_;
  Time answered_at_{};
};

}  // namespace ocellus::sim
