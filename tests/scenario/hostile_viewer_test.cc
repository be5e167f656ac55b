// SPDX-License-Identifier: Apache-2.0
// Viewers that hold the keys and misuse them.
#include <gtest/gtest.h>

#include "tests/sim/peer_pair.h"

namespace ocellus::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const SocketAddress kCamera = *SocketAddress::Parse("192.0.2.1:8555");

// A camera whose viewer is nobody but what the test says in its name.
struct Alone {
  Alone() : network(2) {
    camera = std::make_unique<CameraNode>(
        network, peer::PeerConfig{TestCertificate(0), profiles, wall_clock, &ring}, ring,
        std::vector<SocketAddress>{kCamera}, random, FilmOptions());
    network.Observe(Observe, this);
  }

  // An offer as a viewer of ours would make it, with other ICE lines.
  std::string Offer(const std::string& ice_lines) {
    const peer::PeerConfig config{TestCertificate(1), profiles, wall_clock};
    peer::Peer viewer(network.now(), config, {}, random);
    std::string offer = *viewer.OfferToReceive(network.now());
    for (const char* name : {"a=ice-ufrag:", "a=ice-pwd:"}) {
      const size_t begin = offer.find(name);
      offer.erase(begin, offer.find('\n', begin) + 1 - begin);
    }
    const size_t media = offer.find("m=video");
    return offer.insert(offer.find("a=", media), ice_lines);
  }

  static void Observe(void* context, const Network::Observation&) {
    ++static_cast<Alone*>(context)->datagrams;
  }

  SeededRandom random{1};
  Network network;
  WallClock wall_clock{network.now(), NtpTime::FromUnix(kWallTimeAtStart)};
  FrameRing ring;
  const std::vector<srtp::Profile> profiles = {srtp::Profile::kAes128CmHmacSha1_80};
  std::unique_ptr<CameraNode> camera;
  size_t datagrams = 0;
};

TEST(HostileViewer, CannotMakeTheCameraTalkToItself) {
  Alone alone;
  const auto offer = alone.camera->peer().Offer(alone.network.now());
  ASSERT_TRUE(offer.ok());
  // It names our own credentials and address as its own.
  std::string answer = *offer;
  const auto replace = [&answer](const std::string& from, const std::string& to) {
    for (size_t at = 0; (at = answer.find(from, at)) != std::string::npos; at += to.size()) {
      answer.replace(at, from.size(), to);
    }
  };
  replace("a=sendonly", "a=recvonly");
  replace("a=setup:active", "a=setup:passive");
  EXPECT_EQ(alone.camera->peer().HandleAnswer(alone.network.now(), answer).code(),
            StatusCode::kInvalidArgument);
  replace(TestCertificate(0).fingerprint().ToString(), TestCertificate(1).fingerprint().ToString());
  const Status answered = alone.camera->peer().HandleAnswer(alone.network.now(), answer);
  ASSERT_TRUE(answered.ok()) << answered.ToString();
  alone.network.RunFor(seconds(20));
  EXPECT_EQ(alone.datagrams, 0u);
}

TEST(HostileViewer, WithoutAnyAddressLeftTheCameraRests) {
  PeerPair pair({});
  pair.Negotiate();
  ASSERT_TRUE(pair.RunUntilFirstPicture());
  pair.network().RemoveAddress(kCamera.ip);
  pair.camera().peer().SetLocalAddresses(pair.network().now(), {});
  pair.network().RunFor(seconds(20));
  EXPECT_EQ(pair.camera().peer().state(), peer::State::kConnected);
}

}  // namespace
}  // namespace ocellus::sim
