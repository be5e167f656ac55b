// SPDX-License-Identifier: Apache-2.0
// What a Peer's signalling says about ICE: candidates of every kind, names, restarts of both sides.
#include <gtest/gtest.h>

#include "tests/rtc/ice/local_candidate_maker.h"
#include "tests/sim/peer_pair.h"

namespace ocellus::peer {
namespace {

using ice::Host;
using ice::Passive;
using ice::Reflexive;
using ice::Relayed;
using sim::PeerPair;
using sim::PeerPairOptions;
using std::chrono::milliseconds;
using std::chrono::seconds;

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// A connected pair with an RTT of 40 ms.
class PeerIce : public testing::Test {
 protected:
  PeerIce() : pair_(Options()) {}

  static PeerPairOptions Options() {
    PeerPairOptions options;
    options.conditions.delay = milliseconds(20);
    return options;
  }
  void Connect() {
    pair_.Negotiate();
    ASSERT_TRUE(pair_.RunUntilFirstPicture());
    pair_.network().RunFor(seconds(2));
  }
  Time now() { return pair_.network().now(); }
  Peer& camera() { return pair_.camera().peer(); }
  Peer& viewer() { return pair_.viewer().peer(); }
  // The longest pause of the picture until then.
  Duration LongestGap() { return pair_.viewer().LongestGap(now()); }

  PeerPair pair_;
};

TEST_F(PeerIce, SignalsCandidatesOfEveryKind) {
  camera().SetLocalCandidates(
      now(), std::vector<ice::LocalCandidate>{Host("192.0.2.1:8555"), Passive("192.0.2.1:8555"),
                                              Reflexive("203.0.113.7:61000", "192.0.2.1:8555", 1),
                                              Relayed("203.0.113.50:5000", 2)});
  const auto offer = viewer().OfferToReceive(now());
  const auto answer = camera().Answer(now(), *offer);
  ASSERT_TRUE(answer.ok());
  EXPECT_TRUE(Has(*answer, " 192.0.2.1 8555 typ host\r\n"));
  EXPECT_TRUE(Has(*answer, " 192.0.2.1 8555 typ host tcptype passive\r\n"));
  EXPECT_TRUE(Has(*answer, " 203.0.113.7 61000 typ srflx raddr 192.0.2.1 rport 8555\r\n"));
  EXPECT_TRUE(Has(*answer, " 203.0.113.50 5000 typ relay raddr 203.0.113.7 rport 61000\r\n"));
  EXPECT_TRUE(Has(*answer, "c=IN IP4 192.0.2.1\r\n"));
  // The restart's fragment has them, too.
  ASSERT_TRUE(viewer().HandleAnswer(now(), *answer).ok());
  const auto fragment = camera().RestartIce(now());
  ASSERT_TRUE(fragment.ok());
  EXPECT_TRUE(Has(*fragment, "typ host tcptype passive\r\n"));
  EXPECT_TRUE(Has(*fragment, "typ relay raddr 203.0.113.7 rport 61000\r\n"));
}

// Checklist 64.
TEST_F(PeerIce, NoHostAddressIsInTheDescriptionsOfARelayedCamera) {
  ice::LocalCandidate relayed = Relayed("203.0.113.50:5000", 2);
  relayed.related.reset();
  camera().SetLocalCandidates(now(), {&relayed, 1});
  const auto answer = camera().Answer(now(), *viewer().OfferToReceive(now()));
  ASSERT_TRUE(answer.ok());
  EXPECT_FALSE(Has(*answer, "192.0.2.1"));
  EXPECT_TRUE(Has(*answer, "c=IN IP4 203.0.113.50\r\n"));
  EXPECT_TRUE(Has(*answer, " 203.0.113.50 5000 typ relay raddr 0.0.0.0 rport 0\r\n"));
  const auto fragment = camera().RestartIce(now());
  EXPECT_FALSE(Has(*fragment, "192.0.2.1"));
}

// Checklist 64: nor when the relay is not there yet.
TEST_F(PeerIce, ARelayedCameraWithoutItsRelayNamesNoAddress) {
  camera().SetLocalCandidates(now(), {});
  const auto answer = camera().Answer(now(), *viewer().OfferToReceive(now()));
  ASSERT_TRUE(answer.ok());
  EXPECT_FALSE(Has(*answer, "192.0.2.1"));
  EXPECT_TRUE(Has(*answer, "c=IN IP4 0.0.0.0\r\n"));
}

TEST_F(PeerIce, AsksForTheNamesOfCandidatesOnce) {
  Connect();
  const std::string name = "43253f72-4e6c-43d9-8e2b-f580bd9e26b6.local";
  const std::string fragment =
      "m=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:1 1 udp 2147483647 " + name +
      " 50000 typ host\r\n";
  ASSERT_TRUE(camera().AddRemoteCandidates(now(), fragment).ok());
  ASSERT_TRUE(camera().AddRemoteCandidates(now(), fragment).ok());
  std::vector<std::string> wanted;
  while (const auto event = camera().PollEvent()) {
    if (const auto* asked = std::get_if<NameWanted>(&*event)) wanted.push_back(asked->name);
  }
  EXPECT_EQ(wanted, std::vector<std::string>{name});
  const IpAddress ip = *IpAddress::Parse("198.51.100.9");
  camera().HandleResolvedName(now(), name, {&ip, 1});
  const auto pairs = camera().stats().pairs;
  EXPECT_TRUE(std::any_of(pairs.begin(), pairs.end(), [&](const ice::PairStatus& pair) {
    return pair.path.remote == SocketAddress{ip, 50000};
  }));
}

TEST_F(PeerIce, TellsThePathInUseAndTheOthers) {
  Connect();
  const PeerStats stats = camera().stats();
  EXPECT_EQ(stats.local_type, ice::CandidateType::kHost);
  EXPECT_EQ(stats.remote_type, ice::CandidateType::kHost);
  EXPECT_EQ(stats.path->protocol, TransportProtocol::kUdp);
  ASSERT_EQ(stats.pairs.size(), 1u);
  EXPECT_TRUE(stats.pairs[0].selected);
  EXPECT_EQ(stats.pairs[0].rtt, milliseconds(40));
}

// Checklist 12, by our side.
TEST_F(PeerIce, RestartOfOursKeepsThePictureAndRefusesTheOldCredentials) {
  Connect();
  const std::string old_ufrag(camera().local_ufrag());
  const auto request = camera().RestartIce(now());
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(camera().previous_local_ufrag(), old_ufrag);
  pair_.network().RunFor(seconds(7));  // Signalling is slow.
  const auto answer = viewer().RestartIce(now(), *request);
  ASSERT_TRUE(answer.ok()) << answer.status().ToString();
  pair_.network().RunFor(milliseconds(200));
  ASSERT_TRUE(camera().HandleRestartAnswer(now(), *answer).ok());
  pair_.network().RunFor(seconds(2));
  EXPECT_NE(camera().local_ufrag(), old_ufrag);
  EXPECT_EQ(camera().previous_local_ufrag(), "") << "refused after the switch";
  EXPECT_TRUE(camera().stats().path.has_value());
  pair_.network().RunFor(seconds(60));
  EXPECT_EQ(camera().state(), State::kConnected);
  EXPECT_LT(LongestGap(), milliseconds(100));
}

// Checklist 12.
TEST_F(PeerIce, RestartsOfBothSidesAtOnceAreOne) {
  Connect();
  const auto from_camera = camera().RestartIce(now());
  const auto from_viewer = viewer().RestartIce(now());
  pair_.network().RunFor(milliseconds(100));
  const auto camera_answer = camera().RestartIce(now(), *from_viewer);
  const auto viewer_answer = viewer().RestartIce(now(), *from_camera);
  ASSERT_TRUE(camera_answer.ok()) << camera_answer.status().ToString();
  ASSERT_TRUE(viewer_answer.ok());
  pair_.network().RunFor(milliseconds(100));
  EXPECT_TRUE(camera().HandleRestartAnswer(now(), *viewer_answer).ok());
  EXPECT_TRUE(viewer().HandleRestartAnswer(now(), *camera_answer).ok());
  // Both name the credentials that the requests had.
  EXPECT_TRUE(Has(*camera_answer, std::string(camera().local_ufrag())));
  EXPECT_TRUE(Has(*from_camera, std::string(camera().local_ufrag())));
  pair_.network().RunFor(seconds(40));
  EXPECT_EQ(camera().previous_local_ufrag(), "");
  EXPECT_LT(LongestGap(), milliseconds(100));
}

// The other side drops our request and sees its own through.
TEST_F(PeerIce, RestartsOfBothSidesOfWhichOneIsDroppedAreOne) {
  Connect();
  ASSERT_TRUE(camera().RestartIce(now()).ok());
  const auto from_viewer = viewer().RestartIce(now());
  const auto answer = camera().RestartIce(now(), *from_viewer);
  ASSERT_TRUE(answer.ok());
  ASSERT_TRUE(viewer().HandleRestartAnswer(now(), *answer).ok());
  pair_.network().RunFor(seconds(40));
  EXPECT_EQ(camera().previous_local_ufrag(), "");
  EXPECT_LT(LongestGap(), milliseconds(100));
}

TEST_F(PeerIce, AnswersToNoRestartAreRefused) {
  Connect();
  const std::string fragment = "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n";
  EXPECT_EQ(camera().HandleRestartAnswer(now(), fragment).code(), StatusCode::kFailedPrecondition);
  const std::string request = *camera().RestartIce(now());
  EXPECT_EQ(camera().HandleRestartAnswer(now(), "a=ice-ufrag:abcd\r\n").code(),
            StatusCode::kMalformed);
  EXPECT_EQ(camera().HandleRestartAnswer(now(), "a=ice-ufrag:ab\r\na=ice-pwd:short\r\n").code(),
            StatusCode::kMalformed);
  const std::string old = "a=ice-ufrag:" + std::string(viewer().local_ufrag()) +
                          "\r\na=ice-pwd:0123456789012345678901\r\n";
  EXPECT_EQ(camera().HandleRestartAnswer(now(), old).code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(camera().RestartIce(now(), old).status().code(), StatusCode::kFailedPrecondition);
  // Candidates of the generation before are none of the new one's.
  EXPECT_EQ(camera().AddRemoteCandidates(now(), "m=video 9 UDP/TLS/RTP/SAVPF 0\r\n").code(),
            StatusCode::kFailedPrecondition);
  EXPECT_TRUE(camera().HandleRestartAnswer(now(), fragment).ok());
  EXPECT_TRUE(camera().HandleRestartAnswer(now(), fragment).ok()) << "a second time";
  // The old path goes on, as nobody comes with the new credentials.
  pair_.network().RunFor(seconds(20));
  EXPECT_LT(LongestGap(), milliseconds(100));
}

TEST_F(PeerIce, ThereIsNothingToRestartBeforeTheDescriptionsOrAfterTheEnd) {
  EXPECT_EQ(camera().RestartIce(now()).status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(camera().HandleRestartAnswer(now(), "").code(), StatusCode::kFailedPrecondition);
  Connect();
  camera().Close(now());
  EXPECT_EQ(camera().RestartIce(now()).status().code(), StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace ocellus::peer
