// SPDX-License-Identifier: Apache-2.0
// Packets from whom nobody asked. The checklist that these tests name is docs/robustness.md.
#include <gtest/gtest.h>

#include "tests/sim/peer_pair.h"

namespace ocellus::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const SocketAddress kStranger = *SocketAddress::Parse("203.0.113.66:6666");

struct Watching {
  explicit Watching(const PeerPairOptions& options = {}) : pair(options) {
    pair.Negotiate();
    EXPECT_TRUE(pair.RunUntilFirstPicture());
  }
  PeerPair pair;
};

// Keeps the last SRTP packet that went from the camera, and to whom the camera sends.
struct Wire {
  static void Observe(void* context, const Network::Observation& seen) {
    auto& wire = *static_cast<Wire*>(context);
    if (seen.from != wire.camera) return;
    wire.destinations[seen.to.ToString()]++;
    if (!seen.payload.empty() && seen.payload[0] >= 128) {
      wire.last_srtp.assign(seen.payload.begin(), seen.payload.end());
    }
  }
  SocketAddress camera = *SocketAddress::Parse("192.0.2.1:8555");
  std::map<std::string, size_t> destinations;
  std::vector<uint8_t> last_srtp;
};

// Checklist 5.
TEST(Strangers, DtlsAndMediaFromAnUnvalidatedAddressAreDroppedUnread) {
  Watching watching;
  PeerPair& pair = watching.pair;
  const SocketAddress camera = *SocketAddress::Parse("192.0.2.1:8555");
  const uint8_t close_notify[] = {21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 1, 0};
  const uint8_t client_hello[] = {22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1};
  const uint8_t rtcp_bye[] = {0x81, 203, 0, 1, 1, 2, 3, 4};
  for (const Bytes packet : {Bytes(close_notify), Bytes(client_hello), Bytes(rtcp_bye)}) {
    pair.network().Inject(kStranger, camera, packet);
  }
  pair.network().RunFor(seconds(2));
  EXPECT_EQ(pair.camera().peer().stats().datagrams_unauthenticated, 3u);
  EXPECT_EQ(pair.camera().peer().state(), peer::State::kConnected);
  EXPECT_LE(pair.viewer().LongestGap(pair.network().now()), milliseconds(40));
}

// Checklist 6: RTP bleed. A viewer's packets that come again from elsewhere do not move the media.
TEST(Strangers, RepeatedMediaFromANewAddressDoesNotMoveTheSendAddress) {
  Watching watching;
  PeerPair& pair = watching.pair;
  Wire wire;
  wire.camera = *SocketAddress::Parse("198.51.100.7:40000");  // Watch the viewer's reports.
  pair.network().Observe(Wire::Observe, &wire);
  pair.network().RunFor(seconds(3));
  ASSERT_FALSE(wire.last_srtp.empty());
  const std::vector<uint8_t> report = wire.last_srtp;

  Wire camera;
  pair.network().Observe(Wire::Observe, &camera);
  pair.network().Inject(kStranger, camera.camera, report);
  pair.network().RunFor(seconds(2));
  EXPECT_EQ(camera.destinations.count(kStranger.ToString()), 0u);
  EXPECT_EQ(camera.destinations.size(), 1u);
}

// Checklist 22, 25, 26: garbage and forged media from the right address.
TEST(Strangers, GarbageFromTheViewersAddressNeverEndsTheCall) {
  Watching watching;
  PeerPair& pair = watching.pair;
  const SocketAddress camera = *SocketAddress::Parse("192.0.2.1:8555");
  const SocketAddress viewer = *SocketAddress::Parse("198.51.100.7:40000");
  SeededRandom random(5);
  for (int i = 0; i < 10'000; ++i) {
    std::vector<uint8_t> packet(random.Below(200));
    random.Fill(packet);
    // Half of it looks like SRTP or DTLS of epoch 1.
    if (packet.size() > 14 && i % 4 == 0) packet[0] = 0x80;
    if (packet.size() > 14 && i % 4 == 1) {
      const uint8_t record[] = {23, 0xfe, 0xfd, 0, 1};
      std::copy(std::begin(record), std::end(record), packet.begin());
    }
    pair.network().Inject(viewer, camera, packet);
    if (i % 100 == 0) pair.network().RunFor(milliseconds(10));
  }
  pair.network().RunFor(seconds(2));
  EXPECT_EQ(pair.camera().peer().state(), peer::State::kConnected);
  EXPECT_LE(pair.viewer().LongestGap(pair.network().now()), milliseconds(40));
}

// Checklist 16: before the real viewer's handshake, somebody else tries.
TEST(Strangers, AHandshakeFromElsewhereDuringSetUpDoesNotDisturbTheViewer) {
  PeerPairOptions options;
  options.conditions.delay = milliseconds(25);
  PeerPair pair(options);
  pair.Negotiate();
  const SocketAddress camera = *SocketAddress::Parse("192.0.2.1:8555");
  const uint8_t client_hello[] = {22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1};
  for (int i = 0; i < 20; ++i) {
    pair.network().Inject(kStranger, camera, client_hello);
    pair.network().RunFor(milliseconds(5));
  }
  EXPECT_TRUE(pair.RunUntilFirstPicture());
  EXPECT_EQ(pair.camera().peer().stats().datagrams_unauthenticated, 20u);
}

}  // namespace
}  // namespace ocellus::sim
