// SPDX-License-Identifier: Apache-2.0
// Hosts with several addresses, of both families, and behind a NAT that changes its mind.
#include <gtest/gtest.h>

#include "tests/sim/peer_pair.h"

namespace ocellus::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

SocketAddress Address(std::string_view text) { return *SocketAddress::Parse(text); }

PeerPairOptions With(std::initializer_list<const char*> camera,
                     std::initializer_list<const char*> viewer) {
  PeerPairOptions options;
  options.conditions.delay = milliseconds(10);
  options.camera_addresses.clear();
  options.viewer_addresses.clear();
  for (const char* address : camera) options.camera_addresses.push_back(Address(address));
  for (const char* address : viewer) options.viewer_addresses.push_back(Address(address));
  return options;
}

TEST(Networks, AViewerWithIpv6AloneMeetsACameraWithBoth) {
  PeerPair pair(With({"192.0.2.1:8555", "[2001:db8::1]:8555"}, {"[2001:db8:1::7]:40000"}));
  pair.Negotiate();
  ASSERT_TRUE(pair.RunUntilFirstPicture());
  EXPECT_EQ(pair.camera().peer().stats().path->local, Address("[2001:db8::1]:8555"));
  EXPECT_LE(pair.viewer().pictures().front().at - pair.answered_at(), milliseconds(200));
}

TEST(Networks, NothingInCommonEndsWithAReason) {
  PeerPair pair(With({"192.0.2.1:8555"}, {"[2001:db8:1::7]:40000"}));
  pair.Negotiate();
  pair.network().RunFor(peer::kSetupTimeout + seconds(1));
  EXPECT_EQ(pair.camera().closed(), peer::CloseReason::kNeverReached);
}

// Whichever of the four paths works is found; both hosts have a cable and a radio.
TEST(Networks, OfTwoInterfacesOnEachSideOnePathIsEnough) {
  const PeerPairOptions options =
      With({"192.0.2.1:8555", "198.18.0.1:8555"}, {"198.51.100.7:40000", "203.0.113.7:40000"});
  for (const SocketAddress& camera : options.camera_addresses) {
    for (const SocketAddress& viewer : options.viewer_addresses) {
      PeerPair pair(options);
      LinkConditions down = options.conditions;
      down.down = true;
      pair.network().SetDefaultConditions(down);
      pair.network().link(camera.ip, viewer.ip).conditions() = options.conditions;
      pair.network().link(viewer.ip, camera.ip).conditions() = options.conditions;
      pair.Negotiate();
      ASSERT_TRUE(pair.RunUntilFirstPicture()) << camera.ToString() << ", " << viewer.ToString();
      const auto path = pair.camera().peer().stats().path;
      EXPECT_EQ(path->local, camera);
      EXPECT_EQ(path->remote, viewer);
      EXPECT_LE(pair.viewer().pictures().front().at - pair.answered_at(), seconds(1));
    }
  }
}

// A viewer whose NAT shows it to the world under an address that it does not know.
class NattedViewer : public Node {
 public:
  NattedViewer(Network& network, const peer::PeerConfig& config, Random& random)
      : peer(network.now(), config, ice::HostCandidates(Span<const SocketAddress>(&kInside, 1)),
             random) {
    network.Attach(*this, {outside.ip});
  }

  void HandleDatagram(Time now, const Datagram& in) override {
    if (in.local != outside) return;
    peer.HandleDatagram(now, {kInside, in.remote, in.payload});
    while (const auto event = peer.PollEvent()) {
      if (std::holds_alternative<peer::MediaReceived>(*event)) last_media = now;
    }
  }
  void HandleTimeout(Time now) override { peer.HandleTimeout(now); }
  std::optional<Transmit> PollTransmit(Time now, MutableBytes out) override {
    const auto transmit = peer.PollTransmit(now, out);
    if (!transmit) return std::nullopt;
    return Transmit{outside, transmit->remote, transmit->size};
  }
  Time next_deadline() const override { return peer.next_deadline(); }

  static inline const SocketAddress kInside = Address("10.0.0.2:40000");
  SocketAddress outside = Address("198.51.100.7:61000");
  peer::Peer peer;
  std::optional<Time> last_media;
};

// The camera follows the viewer's next check, which comes with its consent: every 4 to 6 s.
TEST(Networks, AViewerWhoseNatForgetsItIsFollowedToItsNewPort) {
  SeededRandom random(8);
  Network network(9);
  LinkConditions conditions;
  conditions.delay = milliseconds(10);
  network.SetDefaultConditions(conditions);
  const WallClock wall_clock{network.now(), NtpTime::FromUnix(kWallTimeAtStart)};
  const std::vector<srtp::Profile> profiles = {srtp::Profile::kAes128CmHmacSha1_80};
  FrameRing ring;
  CameraNode camera(network, {TestCertificate(0), profiles, wall_clock, &ring}, ring,
                    {Address("192.0.2.1:8555")}, random, {});
  NattedViewer viewer(network, {TestCertificate(1), profiles, wall_clock}, random);
  const auto answer =
      camera.peer().Answer(network.now(), *viewer.peer.OfferToReceive(network.now()));
  ASSERT_TRUE(answer.ok());
  ASSERT_TRUE(viewer.peer.HandleAnswer(network.now(), *answer).ok());
  ASSERT_TRUE(network.RunUntilTrue([&] { return viewer.last_media.has_value(); }, seconds(5)));
  EXPECT_EQ(camera.peer().stats().path->remote, viewer.outside);
  network.RunFor(seconds(10));

  for (uint16_t port = 61001; port < 61004; ++port) {
    viewer.outside.port = port;
    viewer.last_media.reset();
    const Time moved_at = network.now();
    ASSERT_TRUE(network.RunUntilTrue([&] { return viewer.last_media.has_value(); }, seconds(30)));
    EXPECT_LE(network.now() - moved_at, milliseconds(6200)) << port;
    EXPECT_EQ(camera.peer().stats().path->remote, viewer.outside);
    network.RunFor(seconds(20));
    EXPECT_GE(*viewer.last_media, network.now() - milliseconds(50));
  }
}

}  // namespace
}  // namespace ocellus::sim
