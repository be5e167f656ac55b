// SPDX-License-Identifier: Apache-2.0
// The network changes under a stream: addresses come and go, cables too, and better paths appear.
// Nothing is signalled, for WHEP gives a camera no way to.
#include <gtest/gtest.h>

#include "tests/rtc/ice/local_candidate_maker.h"
#include "tests/sim/peer_pair.h"

namespace ocellus::sim {
namespace {

using ice::Address;
using ice::Host;
using ice::Relayed;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kRtt = milliseconds(100);
constexpr Duration kFrame = Duration(33'333);
// A pause that comes of a change: the check and its answer, the next pictures, and a few Ta.
constexpr Duration kPause = kRtt + 3 * kFrame;

class Roaming : public testing::Test {
 protected:
  void Start(const PeerPairOptions& options) {
    pair_ = std::make_unique<PeerPair>(options);
    pair_->Negotiate();
    ASSERT_TRUE(pair_->RunUntilFirstPicture());
    Run(seconds(3));
  }
  void Start() { Start(Options()); }
  static PeerPairOptions Options() {
    PeerPairOptions options;
    options.conditions.delay = kRtt / 2;
    return options;
  }

  void Run(Duration duration) { pair_->network().RunFor(duration); }
  Time now() { return pair_->network().now(); }
  peer::Peer& camera() { return pair_->camera().peer(); }
  peer::Peer& viewer() { return pair_->viewer().peer(); }

  // The host has these addresses from now on, and knows it.
  void Move(PeerNode& node, const std::vector<const char*>& addresses) {
    std::vector<ice::LocalCandidate> candidates;
    std::vector<IpAddress> ips;
    for (const char* address : addresses) {
      candidates.push_back(Host(address));
      ips.push_back(candidates.back().address.ip);
    }
    const auto path = node.peer().path();
    if (path && std::find(ips.begin(), ips.end(), path->local.ip) == ips.end()) {
      pair_->network().RemoveAddress(path->local.ip);
    }
    pair_->network().Attach(node, ips);
    node.peer().SetLocalCandidates(now(), candidates);
  }
  void SetCable(bool plugged) {
    LinkConditions conditions = Options().conditions;
    conditions.down = !plugged;
    pair_->network().SetDefaultConditions(conditions);
  }

  // The longest pause of the picture since then.
  Duration PauseSince(Time since) {
    Duration longest{};
    Time last = since;
    for (const ViewerNode::Picture& picture : pair_->viewer().pictures()) {
      if (picture.at <= since) continue;
      longest = std::max(longest, picture.at - last);
      last = picture.at;
    }
    return std::max(longest, now() - last);
  }
  // Each picture follows the one before.
  void ExpectNoPictureLost() {
    const auto& pictures = pair_->viewer().pictures();
    for (size_t i = 1; i < pictures.size(); ++i) {
      ASSERT_EQ(pictures[i].number, pictures[i - 1].number + 1);
    }
  }

  std::unique_ptr<PeerPair> pair_;
};

TEST_F(Roaming, TheCamerasAddressIsSwappedAndTheStreamGoesOnAfterARoundTrip) {
  Start();
  const Time swapped = now();
  Move(pair_->camera(), {"192.0.2.99:8555"});
  Run(seconds(60));
  EXPECT_LE(PauseSince(swapped), kPause);
  EXPECT_EQ(camera().path()->local, Address("192.0.2.99:8555"));
  EXPECT_EQ(viewer().path()->remote, Address("192.0.2.99:8555"));
  ExpectNoPictureLost();
}

// A browser's requests for what was lost go where the camera was, for seconds.
TEST_F(Roaming, ACameraThatHasMovedSendsAKeyframeUnasked) {
  Start();
  Run(seconds(5));
  const uint32_t before = pair_->camera().film().keyframes();
  Move(pair_->camera(), {"192.0.2.99:8555"});
  Run(seconds(5));
  EXPECT_EQ(pair_->camera().film().keyframes(), before + 1);
}

TEST_F(Roaming, TheCameraGoesFromOneNetworkToAnotherManyTimes) {
  Start();
  const Time start = now();
  for (int i = 10; i < 60; ++i) {
    Move(pair_->camera(), {("192.0.2." + std::to_string(i) + ":8555").c_str()});
    Run(seconds(1 + i % 12));
  }
  EXPECT_LE(PauseSince(start), kPause);
  EXPECT_EQ(camera().state(), peer::State::kConnected);
  ExpectNoPictureLost();
}

// Wi-Fi while the cable is still in: no pause at all when the cable goes.
TEST_F(Roaming, ASecondInterfaceTakesOverWithoutAPause) {
  Start();
  Move(pair_->camera(), {"192.0.2.1:8555", "192.0.2.99:8555"});
  Run(seconds(10));
  const Time pulled = now();
  Move(pair_->camera(), {"192.0.2.99:8555"});
  Run(seconds(60));
  EXPECT_LE(PauseSince(pulled), kFrame + milliseconds(1));
  EXPECT_EQ(camera().path()->local, Address("192.0.2.99:8555"));
  ExpectNoPictureLost();
}

TEST_F(Roaming, TheViewersAddressIsSwapped) {
  Start();
  const Time swapped = now();
  Move(pair_->viewer(), {"203.0.113.9:50000"});
  Run(seconds(60));
  EXPECT_EQ(camera().path()->remote, Address("203.0.113.9:50000"));
  // Its check, the camera's and the nomination; what was under way to the old address is lost.
  EXPECT_LT(PauseSince(swapped), seconds(1));
}

TEST_F(Roaming, BothAddressesAreSwappedAtOnceAndConsentDecides) {
  Start();
  const Time swapped = now();
  Move(pair_->camera(), {"192.0.2.99:8555"});
  Move(pair_->viewer(), {"203.0.113.9:50000"});
  Run(seconds(60));
  // Neither knows where the other is, and nothing was signalled.
  EXPECT_EQ(camera().state(), peer::State::kClosed);
  EXPECT_GE(PauseSince(swapped), seconds(30));
}

TEST_F(Roaming, ACableThatIsOutForTenSecondsResumesByItself) {
  Start();
  SetCable(false);
  Run(seconds(10));
  const Time plugged = now();
  SetCable(true);
  Run(seconds(20));
  EXPECT_EQ(camera().state(), peer::State::kConnected);
  const auto& pictures = pair_->viewer().pictures();
  EXPECT_GT(pictures.back().at, plugged + seconds(19));
  EXPECT_LT(PauseSince(plugged), seconds(2));
}

// The same, where the host drops the address with the cable.
TEST_F(Roaming, AnAddressThatIsGoneForTenSecondsResumesByItself) {
  Start();
  SetCable(false);
  pair_->network().RemoveAddress(Address("192.0.2.1:8555").ip);
  camera().SetLocalCandidates(now(), {});
  Run(seconds(10));
  EXPECT_EQ(camera().path(), std::nullopt);
  const Time plugged = now();
  SetCable(true);
  Move(pair_->camera(), {"192.0.2.1:8555"});
  Run(seconds(20));
  EXPECT_LE(PauseSince(plugged), kPause);
}

// Checklist 7.
TEST_F(Roaming, ACableThatIsOutForSixtySecondsFreesTheSlotAfterThirty) {
  for (const bool address_stays : {true, false}) {
    Start();
    SetCable(false);
    if (!address_stays) camera().SetLocalCandidates(now(), {});
    const Time pulled = now();
    ASSERT_TRUE(pair_->network().RunUntilTrue(
        [this] { return camera().state() == peer::State::kClosed; }, seconds(60)));
    EXPECT_LE(now() - pulled, seconds(30));
    EXPECT_GE(now() - pulled, seconds(23));
    EXPECT_EQ(pair_->camera().closed(), peer::CloseReason::kConsentLost);
    EXPECT_EQ(camera().next_deadline(), kNever);
  }
}

// --- Relays: addresses of the camera's that cost more
// ---------------------------------------------

constexpr const char* kRelay = "203.0.113.50:5000";
constexpr const char* kNextRelay = "203.0.113.60:5000";

class Relays : public Roaming {
 protected:
  // The camera is behind a relay that adds 30 ms, and at 192.0.2.1 besides, where nothing passes.
  void StartBehindRelay() {
    pair_ = std::make_unique<PeerPair>(Options());
    for (const char* relay : {kRelay, kNextRelay}) {
      pair_->network().Attach(pair_->camera(), {Address(relay).ip});
      Link(relay, kRtt / 2 + milliseconds(30));
    }
    SetDirect(false);
    Announce({Host("192.0.2.1:8555"), Relayed(kRelay, 1)});
    pair_->Negotiate();
    ASSERT_TRUE(pair_->RunUntilFirstPicture());
    ASSERT_EQ(camera().path()->local, Address(kRelay));
    EXPECT_EQ(camera().stats().local_type, ice::CandidateType::kRelayed);
    EXPECT_EQ(viewer().stats().remote_type, ice::CandidateType::kRelayed);
  }
  void Announce(const std::vector<ice::LocalCandidate>& candidates) {
    camera().SetLocalCandidates(now(), candidates);
  }
  void Link(const char* ours, Duration delay) {
    const IpAddress home = Address("198.51.100.7:40000").ip;
    for (sim::Link* link : {&pair_->network().link(Address(ours).ip, home),
                            &pair_->network().link(home, Address(ours).ip)}) {
      link->conditions().delay = delay;
    }
  }
  void SetDirect(bool works) {
    const IpAddress home = Address("198.51.100.7:40000").ip;
    const IpAddress host = Address("192.0.2.1:8555").ip;
    for (sim::Link* link :
         {&pair_->network().link(host, home), &pair_->network().link(home, host)}) {
      link->conditions().delay = kRtt / 2;
      link->conditions().down = !works;
    }
  }
};

TEST_F(Relays, ADirectPathThatOpensLateIsTakenAndNothingIsLost) {
  StartBehindRelay();
  Run(seconds(2));
  SetDirect(true);
  const Time opened = now();
  ASSERT_TRUE(pair_->network().RunUntilTrue(
      [this] { return camera().path()->local == Address("192.0.2.1:8555"); }, seconds(40)));
  Run(seconds(20));
  EXPECT_EQ(viewer().path()->remote, Address("192.0.2.1:8555"));
  EXPECT_LE(PauseSince(opened), 2 * kFrame);
  ExpectNoPictureLost();
}

TEST_F(Relays, ARelayThatDiesIsReplacedByANewOne) {
  StartBehindRelay();
  Run(seconds(2));
  const Time died = now();
  pair_->network().RemoveAddress(Address(kRelay).ip);
  Announce({Host("192.0.2.1:8555")});
  Run(seconds(4));
  EXPECT_EQ(camera().state(), peer::State::kConnected);
  Announce({Host("192.0.2.1:8555"), Relayed(kNextRelay, 2)});
  Run(seconds(30));
  EXPECT_EQ(camera().path()->local, Address(kNextRelay));
  EXPECT_LE(PauseSince(died), seconds(5));
}

TEST_F(Relays, ADirectPathTakesOverWhenTheRelayDies) {
  StartBehindRelay();
  Run(seconds(60));  // The direct one was given up long ago.
  SetDirect(true);
  Run(seconds(5));
  const Time died = now();
  pair_->network().RemoveAddress(Address(kRelay).ip);
  Announce({Host("192.0.2.1:8555")});
  Run(seconds(30));
  EXPECT_EQ(camera().path()->local, Address("192.0.2.1:8555"));
  EXPECT_LE(PauseSince(died), kPause + milliseconds(30));
}

// Checklist 64.
TEST_F(Relays, ACameraThatHidesItsHostIsSilentThereAndStreamsThroughTheRelay) {
  pair_ = std::make_unique<PeerPair>(Options());
  pair_->network().Attach(pair_->camera(), {Address(kRelay).ip});
  Announce({Relayed(kRelay, 1)});
  struct Host {
    size_t datagrams = 0;
    static void Observe(void* self, const Network::Observation& seen) {
      if (seen.from.ip == Address("192.0.2.1:8555").ip) ++static_cast<Host*>(self)->datagrams;
    }
  } host;
  pair_->network().Observe(Host::Observe, &host);
  pair_->Negotiate();
  // The viewer guesses.
  const std::string guess =
      "m=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:1 1 udp 2122260223 192.0.2.1 8555 "
      "typ host\r\n";
  ASSERT_TRUE(viewer().AddRemoteCandidates(now(), guess).ok());
  ASSERT_TRUE(pair_->RunUntilFirstPicture());
  Run(seconds(60));
  EXPECT_EQ(camera().path()->local, Address(kRelay));
  EXPECT_EQ(host.datagrams, 0u);
}

}  // namespace
}  // namespace ocellus::sim
