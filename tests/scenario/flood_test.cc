// SPDX-License-Identifier: Apache-2.0
// Ten thousand forged binding requests a second, beside a viewer who watches. Checklist 10.
#include <gtest/gtest.h>

#include "tests/rtc/ice/forged_check.h"
#include "tests/sim/peer_pair.h"

namespace ocellus::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const SocketAddress kCamera = *SocketAddress::Parse("192.0.2.1:8555");
const SocketAddress kViewer = *SocketAddress::Parse("198.51.100.7:40000");

// What the camera sends to others than the viewer.
struct ToStrangers {
  size_t datagrams = 0;
  size_t bytes = 0;

  static void Observe(void* self, const Network::Observation& seen) {
    if (seen.from != kCamera || seen.to == kViewer) return;
    ++static_cast<ToStrangers*>(self)->datagrams;
    static_cast<ToStrangers*>(self)->bytes += seen.payload.size();
  }
};

class Flood : public testing::Test {
 protected:
  Flood() : pair_(Options()) {
    pair_.network().Observe(ToStrangers::Observe, &to_strangers_);
    pair_.Negotiate();
    EXPECT_TRUE(pair_.RunUntilFirstPicture());
    pair_.network().RunFor(seconds(2));
  }

  static PeerPairOptions Options() {
    PeerPairOptions options;
    options.conditions.delay = milliseconds(20);
    return options;
  }

  // Ten a millisecond for 5 s, each from an address of its own.
  void Run(ice::ForgedCheck check) {
    for (uint32_t i = 0; i < 50'000; ++i) {
      check.id[0] = static_cast<uint8_t>(i);
      check.id[1] = static_cast<uint8_t>(i >> 8);
      const std::vector<uint8_t> bytes = check.Write();
      const uint8_t ip[] = {203, 0, static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i)};
      pair_.network().Inject({*IpAddress::FromBytes(ip), 1000}, kCamera, bytes);
      bytes_in_ += bytes.size();
      if (i % 10 == 9) pair_.network().RunFor(milliseconds(1));
    }
    pair_.network().RunFor(seconds(1));
  }

  // Ten refusals a second at most, nothing else, and a picture without a pause.
  void ExpectUndisturbed() {
    EXPECT_LE(to_strangers_.datagrams, 60u);
    EXPECT_LE(to_strangers_.bytes, bytes_in_);
    EXPECT_LE(pair_.viewer().LongestGap(pair_.network().now()), milliseconds(100));
    const peer::PeerStats stats = pair_.camera().peer().stats();
    EXPECT_EQ(stats.path->remote, kViewer);
    EXPECT_EQ(stats.pairs.size(), 1u) << "strangers take no room";
  }

  PeerPair pair_;
  ToStrangers to_strangers_;
  size_t bytes_in_ = 0;
};

// Checklist 10.
TEST_F(Flood, OfChecksForOtherUfragsDisturbsNobody) {
  ice::ForgedCheck check;
  check.recipient = {"none", "nonenonenonenonenonenone"};
  Run(check);
  ExpectUndisturbed();
}

// Checklist 10. These cost an HMAC each.
TEST_F(Flood, OfChecksWithTheRightUfragDisturbsNobody) {
  ice::ForgedCheck check;
  check.recipient = {std::string(pair_.camera().peer().local_ufrag()), "nonenonenonenonenonenone"};
  Run(check);
  ExpectUndisturbed();
}

// Checklist 10.
TEST_F(Flood, OfChecksWithoutIntegrityDisturbsNobody) {
  ice::ForgedCheck check;
  check.recipient = {std::string(pair_.camera().peer().local_ufrag()), ""};
  check.has_integrity = false;
  Run(check);
  ExpectUndisturbed();
}

// Checklist 10.
TEST_F(Flood, OfChecksWithoutAFingerprintIsNotAnsweredAtAll) {
  ice::ForgedCheck check;
  check.recipient = {std::string(pair_.camera().peer().local_ufrag()), "nonenonenonenonenonenone"};
  check.has_fingerprint = false;
  Run(check);
  ExpectUndisturbed();
  EXPECT_EQ(to_strangers_.datagrams, 0u);
}

}  // namespace
}  // namespace ocellus::sim
