// SPDX-License-Identifier: Apache-2.0
// The handshake on its way: by itself, and in STUN. How long it takes is
// scenario/connect_time_test.
#include <gtest/gtest.h>

#include "firmware/rtc/stun/dtls_in_stun.h"
#include "tests/rtc/ice/forged_check.h"
#include "tests/sim/call_log.h"
#include "tests/sim/peer_pair.h"

namespace ocellus::peer {
namespace {

using sim::CallLog;
using sim::PeerPair;
using sim::PeerPairOptions;
using std::chrono::milliseconds;
using std::chrono::seconds;

PeerPairOptions InStun() {
  PeerPairOptions options;
  options.conditions.delay = milliseconds(50);
  options.signaling_delay = milliseconds(50);
  options.viewer_handshake = HandshakeInStun::kOffer;
  return options;
}

TEST(PeerHandshake, EndsWithTheSameKeysInStunAndWithoutIt) {
  for (const HandshakeInStun wanted : {HandshakeInStun::kNever, HandshakeInStun::kOffer}) {
    PeerPairOptions options = InStun();
    options.viewer_handshake = wanted;
    PeerPair pair(options);
    pair.Negotiate();
    ASSERT_TRUE(pair.RunUntilFirstPicture());
    const bool in_stun = wanted == HandshakeInStun::kOffer;
    for (const Peer* peer : {&pair.camera().peer(), &pair.viewer().peer()}) {
      const PeerStats stats = peer->stats();
      EXPECT_EQ(stats.state, State::kConnected);
      EXPECT_EQ(stats.handshake_in_stun.carried > 0, in_stun);
      EXPECT_EQ(stats.handshake_in_stun.received > 0, in_stun);
    }
  }
}

TEST(PeerHandshake, SaysNothingOfItInStunOnceItIsComplete) {
  PeerPair pair(InStun());
  pair.Negotiate();
  ASSERT_TRUE(pair.RunUntilFirstPicture());
  pair.network().RunFor(seconds(1));
  CallLog log(pair.network());
  pair.network().RunFor(seconds(20));  // Consent checks both ways.
  size_t messages = 0;
  for (const CallLog::Line& line : log.lines()) {
    if (line.kind != CallLog::Kind::kCheck && line.kind != CallLog::Kind::kAnswer) continue;
    ++messages;
    EXPECT_LE(line.bytes, 100u);
  }
  EXPECT_GE(messages, 8u);
}

// Checklist 21: it also gets through where STUN and DTLS are lost, doubled and out of order.
TEST(PeerHandshake, ConnectsThroughABadNetworkInStunToo) {
  int within_ten_seconds = 0;
  constexpr int kCalls = 100;
  for (int seed = 1; seed <= kCalls; ++seed) {
    PeerPairOptions options = InStun();
    options.seed = static_cast<uint64_t>(seed);
    options.conditions.delay = milliseconds(30);
    options.conditions.loss = 0.2;
    options.conditions.duplicate = 0.1;
    options.conditions.reorder = 0.2;
    options.conditions.reorder_delay = milliseconds(60);
    PeerPair pair(options);
    pair.Negotiate();
    if (pair.RunUntilConnected(seconds(10))) ++within_ten_seconds;
  }
  EXPECT_GE(within_ten_seconds, kCalls - 1);
}

// The handshake goes on by itself where only STUN's first messages got through with it.
TEST(PeerHandshake, WaitsForNoCheckOnceThereIsAPath) {
  PeerPairOptions options = InStun();
  options.viewer_addresses = {*SocketAddress::Parse("198.51.100.7:40000"),
                              *SocketAddress::Parse("198.51.100.8:40000")};
  PeerPair pair(options);
  CallLog log(pair.network());
  pair.Negotiate();
  ASSERT_TRUE(pair.RunUntilConnected());
  EXPECT_LE(*pair.camera().connected_at() - pair.answered_at(), milliseconds(160));
  EXPECT_TRUE(log.First(CallLog::Kind::kHandshake).has_value()) << log.Print(pair.answered_at());
}

// A camera whose viewer is forged, message by message.
class ForgedViewer {
 public:
  ForgedViewer()
      : viewer_(now_,
                {sim::TestCertificate(1),
                 profiles_,
                 wall_,
                 nullptr,
                 nullptr,
                 {},
                 HandshakeInStun::kOffer},
                {}, random_),
        camera_(now_, {sim::TestCertificate(0), profiles_, wall_, &ring_}, local_, random_) {
    const auto offer = viewer_.OfferToReceive(now_);
    const auto answer = camera_.Answer(now_, *offer);
    const auto parsed = sdp::SessionDescription::Parse(*answer);
    EXPECT_TRUE(parsed->has_ice_option("sped"));
    check_.recipient = {*parsed->media[0].ice_ufrag, *parsed->media[0].ice_pwd};
    check_.sender_ufrag = *sdp::SessionDescription::Parse(*offer)->media[0].ice_ufrag;
  }

  Peer& camera() { return camera_; }
  ice::ForgedCheck& check() { return check_; }
  size_t bytes_received() const { return bytes_received_; }
  size_t bytes_sent() const { return bytes_sent_; }
  size_t dtls_bytes_received() const { return dtls_bytes_received_; }

  // As if from the host with this number; what it gets in return is counted.
  void SendFrom(unsigned host) {
    check_.id[0] = static_cast<uint8_t>(host);
    check_.id[1] = static_cast<uint8_t>(host >> 8);
    std::vector<uint8_t> request = check_.Write();
    bytes_sent_ += request.size();
    const std::string address = "203.0.113." + std::to_string(1 + host % 200) + ":9999";
    camera_.HandleDatagram(now_, {local_[0].address, *SocketAddress::Parse(address), request});
    Poll();
  }
  void RunFor(Duration duration) {
    const Time end = now_ + duration;
    while (camera_.next_deadline() <= end) {
      now_ = std::max(now_, camera_.next_deadline());
      camera_.HandleTimeout(now_);
      Poll();
    }
    now_ = end;
  }

 private:
  void Poll() {
    uint8_t out[kMaxDatagramSize];
    while (const auto transmit = camera_.PollTransmit(now_, out)) {
      bytes_received_ += transmit->size;
      const auto message = stun::Message::Parse(Bytes(out).first(transmit->size));
      if (!message.ok()) continue;
      if (const auto datagram = stun::DtlsInStun::Read(*message).datagram) {
        dtls_bytes_received_ += datagram->size();
      }
    }
  }

  Time now_{std::chrono::hours(1)};
  sim::SeededRandom random_{1};
  WallClock wall_{now_, NtpTime::FromUnix(sim::kWallTimeAtStart)};
  FrameRing ring_;
  const std::vector<srtp::Profile> profiles_ = {srtp::Profile::kAes128CmHmacSha1_80};
  const std::vector<ice::LocalCandidate> local_ = [] {
    ice::LocalCandidate host;
    host.address = *SocketAddress::Parse("192.0.2.1:8555");
    host.base = host.address;
    return std::vector<ice::LocalCandidate>{host};
  }();
  Peer viewer_;
  Peer camera_;
  ice::ForgedCheck check_;
  size_t bytes_sent_ = 0;
  size_t bytes_received_ = 0;
  size_t dtls_bytes_received_ = 0;
};

// Checklist 2 and 5: a datagram in a check that nobody vouches for is not read.
TEST(PeerHandshake, ReadsNothingFromAnUnauthenticatedCheck) {
  ForgedViewer viewer;
  viewer.check().padding = 200;  // In META-DTLS-IN-STUN: a handshake record.
  ice::ForgedCheck good = viewer.check();
  viewer.check().recipient.pwd = std::string(24, 'x');
  viewer.SendFrom(1);
  EXPECT_EQ(viewer.camera().stats().handshake_in_stun.received, 0u);
  viewer.check() = good;
  viewer.SendFrom(1);
  EXPECT_EQ(viewer.camera().stats().handshake_in_stun.received, 1u);
  EXPECT_EQ(viewer.camera().state(), State::kConnecting);  // It was garbage.
}

// Checklist 10: a viewer who names others' addresses as its own makes us send them no more than the
// bound, however many it names and however often.
TEST(PeerHandshake, ManyForgedAddressesAreSentABoundedNumberOfDatagrams) {
  ForgedViewer viewer;
  for (unsigned i = 0; i < 2000; ++i) {
    viewer.SendFrom(i);
    viewer.RunFor(milliseconds(5));
  }
  EXPECT_GT(viewer.dtls_bytes_received(), 1000u);
  EXPECT_LE(viewer.dtls_bytes_received(), kMaxDtlsInStunBytes);
  EXPECT_LE(viewer.bytes_received(), 3 * viewer.bytes_sent() + 2 * kMaxDtlsInStunBytes);
}

}  // namespace
}  // namespace ocellus::peer
