// SPDX-License-Identifier: Apache-2.0
// Who may watch: only the holder of the certificate that the signalling announced.
#include <gtest/gtest.h>

#include <set>

#include "tests/sim/peer_pair.h"

namespace ocellus::sim {
namespace {

using std::chrono::seconds;

// Checklist 18: a man in the middle who has another certificate.
TEST(Security, AWrongFingerprintGetsNoMedia) {
  SeededRandom random(3);
  Network network(4);
  WallClock wall_clock{network.now(), NtpTime::FromUnix(seconds(1'795'176'000))};
  FrameRing ring;
  const std::vector<srtp::Profile> profiles = {srtp::Profile::kAes128CmHmacSha1_80};
  const std::vector<SocketAddress> here = {*SocketAddress::Parse("192.0.2.1:8555")};
  const std::vector<SocketAddress> there = {*SocketAddress::Parse("198.51.100.7:40000")};
  CameraNode camera(network, {TestCertificate(0), profiles, wall_clock, &ring}, ring, here, random,
                    {});
  ViewerNode viewer(network, {TestCertificate(1), profiles, wall_clock}, there, random);
  std::string offer = *viewer.peer().OfferToReceive(network.now());
  const std::string real = TestCertificate(1).fingerprint().ToString();
  const std::string other = TestCertificate(2).fingerprint().ToString();
  const size_t at = offer.find(real);
  ASSERT_NE(at, std::string::npos);
  offer.replace(at, real.size(), other);
  const auto answer = camera.peer().Answer(network.now(), offer);
  ASSERT_TRUE(answer.ok()) << answer.status().ToString();
  const Status applied = viewer.peer().HandleAnswer(network.now(), *answer);
  ASSERT_TRUE(applied.ok()) << applied.ToString();
  network.RunFor(seconds(5));
  EXPECT_EQ(camera.closed(), peer::CloseReason::kSecurity);
  EXPECT_FALSE(camera.connected_at().has_value());
  EXPECT_TRUE(viewer.pictures().empty());
}

TEST(Security, NoCommonProfileFailsCleanly) {
  PeerPairOptions options;
  options.camera_profiles = {srtp::Profile::kAeadAes128Gcm};
  options.viewer_profiles = {srtp::Profile::kAes128CmHmacSha1_80};
  PeerPair pair(options);
  pair.Negotiate();
  pair.network().RunFor(seconds(5));
  EXPECT_EQ(pair.camera().closed(), peer::CloseReason::kSecurity);
  EXPECT_EQ(pair.viewer().closed(), peer::CloseReason::kSecurity);
  EXPECT_TRUE(pair.viewer().pictures().empty());
}

// Checklist 29: no (SSRC, sequence number) twice with different bytes; SSRCs differ per session.
struct Numbers {
  static void Observe(void* context, const Network::Observation& seen) {
    auto& numbers = *static_cast<Numbers*>(context);
    const Bytes packet = seen.payload;
    if (packet.size() < 12 || packet[0] < 128 || packet[0] > 191) return;
    if (packet[1] >= 192 && packet[1] <= 223) return;  // RTCP.
    const std::vector<uint8_t> key = {packet[2], packet[3],  packet[8],
                                      packet[9], packet[10], packet[11]};
    numbers.ssrcs.insert({packet[8], packet[9], packet[10], packet[11]});
    const std::vector<uint8_t> bytes(packet.begin(), packet.end());
    const auto [found, added] = numbers.packets.emplace(key, bytes);
    if (!added && found->second != bytes) ++numbers.reused;
  }
  std::map<std::vector<uint8_t>, std::vector<uint8_t>> packets;
  std::set<std::vector<uint8_t>> ssrcs;
  size_t reused = 0;
};

TEST(Security, NoPacketNumberIsUsedForTwoPackets) {
  std::set<std::vector<uint8_t>> all_ssrcs;
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    PeerPairOptions options;
    options.seed = seed;
    options.conditions.loss = 0.1;
    options.conditions.delay = std::chrono::milliseconds(20);
    PeerPair pair(options);
    Numbers numbers;
    pair.network().Observe(Numbers::Observe, &numbers);
    pair.Negotiate();
    pair.network().RunFor(seconds(20));
    EXPECT_GT(pair.camera().peer().stats().video.retransmissions_sent, 10u);
    EXPECT_EQ(numbers.reused, 0u);
    EXPECT_EQ(numbers.ssrcs.size(), 2u);  // Media and RTX.
    for (const auto& ssrc : numbers.ssrcs) EXPECT_TRUE(all_ssrcs.insert(ssrc).second);
  }
}

}  // namespace
}  // namespace ocellus::sim
