// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>

#include "firmware/rtc/peer/peer.h"
#include "tests/sim/peer_pair.h"

namespace ocellus::peer {
namespace {

const Time kNow{std::chrono::hours(1)};

std::string ReadSdp(const std::string& name) {
  std::ifstream file("tests/data/sdp/" + name, std::ios::binary);
  EXPECT_TRUE(file.good()) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

class PeerNegotiation : public testing::Test {
 protected:
  Peer& MakeCamera(bool data_channels = true) {
    PeerConfig config{sim::TestCertificate(0), profiles_, wall_clock_, &ring_};
    config.data_channels = data_channels;
    return camera_.emplace(kNow, config, ice::HostCandidates(addresses_), random_);
  }

  sim::SeededRandom random_{1};
  FrameRing ring_;
  const WallClock wall_clock_{kNow, NtpTime::FromUnix(sim::kWallTimeAtStart)};
  const std::vector<srtp::Profile> profiles_ = {srtp::Profile::kAeadAes128Gcm,
                                                srtp::Profile::kAes128CmHmacSha1_80};
  const std::vector<SocketAddress> addresses_ = {*SocketAddress::Parse("192.0.2.1:8555"),
                                                 *SocketAddress::Parse("[2001:db8::1]:8555")};
  std::optional<Peer> camera_;
};

TEST_F(PeerNegotiation, AnswersABrowsersOfferAsTheDtlsClientWithItsCandidates) {
  for (const char* name : {"chromium156/chromium-recvonly-av.offer-gathered.sdp",
                           "firefox153/firefox-with-h264.offer.sdp"}) {
    Peer& camera = MakeCamera();
    const auto answer = camera.Answer(kNow, ReadSdp(name));
    ASSERT_TRUE(answer.ok()) << name << ": " << answer.status().ToString();
    EXPECT_NE(answer->find("a=setup:active\r\n"), std::string::npos);
    EXPECT_NE(answer->find("192.0.2.1 8555 typ host"), std::string::npos);
    EXPECT_NE(answer->find("2001:db8::1 8555 typ host"), std::string::npos);
    EXPECT_NE(answer->find(sim::TestCertificate(0).fingerprint().ToString()), std::string::npos);
    EXPECT_EQ(camera.state(), State::kConnecting);
    EXPECT_EQ(camera.local_ufrag().size(), 8u);
  }
}

TEST_F(PeerNegotiation, TakesBrowsersAnswersToItsOffer) {
  for (const std::string browser : {"chromium156/chromium", "firefox153/firefox"}) {
    for (const bool data_channels : {true, false}) {
      const std::string name =
          browser + (data_channels ? "-counter-offer-data" : "-counter-offer") + ".answer.sdp";
      Peer& camera = MakeCamera(data_channels);
      const auto offer = camera.Offer(kNow);
      ASSERT_TRUE(offer.ok());
      EXPECT_NE(offer->find("a=sendonly\r\n"), std::string::npos);
      EXPECT_EQ(offer->find("m=application") != std::string::npos, data_channels);
      const Status applied = camera.HandleAnswer(kNow, ReadSdp(name));
      EXPECT_TRUE(applied.ok()) << name << ": " << applied.ToString();
      EXPECT_EQ(camera.state(), State::kConnecting);
    }
  }
}

// A browser checks as soon as it has made its answer, and the answer takes longer.
TEST_F(PeerNegotiation, StartsDtlsWhenTheChecksCameBeforeTheAnswer) {
  Peer& camera = MakeCamera();
  const auto offer = sdp::SessionDescription::Parse(*camera.Offer(kNow));
  const std::string answer = ReadSdp("chromium156/chromium-counter-offer-data.answer.sdp");
  const auto parsed = sdp::SessionDescription::Parse(answer);

  ice::Agent viewer(ice::Role::kControlled, random_);
  const SocketAddress home = *SocketAddress::Parse("198.51.100.7:50000");
  viewer.SetLocalCandidates(kNow, ice::HostCandidates(Span<const SocketAddress>(&home, 1)));
  viewer.SetRemoteCredentials(kNow, {*offer->media[0].ice_ufrag, *offer->media[0].ice_pwd});
  viewer.AddRemoteCandidate(kNow, *ice::Candidate::Parse(offer->media[0].candidates[0]));
  uint8_t buffer[kMaxDatagramSize];
  const auto check = viewer.PollTransmit(kNow, buffer);
  ASSERT_TRUE(check.has_value());
  camera.HandleDatagram(kNow,
                        {check->remote, check->local, MutableBytes(buffer).first(check->size)});

  ASSERT_TRUE(camera.HandleAnswer(kNow, answer).ok());
  bool client_hello = false;
  while (const auto sent = camera.PollTransmit(kNow, buffer)) {
    if (buffer[0] == 22) client_hello = sent->remote == home;
  }
  EXPECT_TRUE(client_hello);
}

TEST_F(PeerNegotiation, EverySessionHasItsOwnSecretsAndSources) {
  const std::string offer = ReadSdp("chromium156/chromium-recvonly-av.offer-gathered.sdp");
  const auto first = sdp::SessionDescription::Parse(*MakeCamera().Answer(kNow, offer));
  const auto second = sdp::SessionDescription::Parse(*MakeCamera().Answer(kNow, offer));
  EXPECT_NE(first->session_id, second->session_id);
  const auto video = [](const sdp::SessionDescription& answer) {
    for (const auto& media : answer.media) {
      if (media.kind() == sdp::MediaKind::kVideo) return media;
    }
    return sdp::MediaDescription();
  };
  const sdp::MediaDescription first_video = video(*first);
  const sdp::MediaDescription second_video = video(*second);
  ASSERT_EQ(first_video.sources.size(), 2u);  // Media and RTX.
  ASSERT_EQ(second_video.sources.size(), 2u);
  EXPECT_NE(first_video.ice_ufrag, second_video.ice_ufrag);
  EXPECT_NE(first_video.ice_pwd, second_video.ice_pwd);
  EXPECT_NE(first_video.sources[0].ssrc, second_video.sources[0].ssrc);
  EXPECT_NE(first_video.sources[0].cname, second_video.sources[0].cname);
  EXPECT_NE(first_video.sources[0].ssrc, first_video.sources[1].ssrc);
}

TEST_F(PeerNegotiation, RefusesAnOfferThatItCannotServe) {
  EXPECT_EQ(MakeCamera().Answer(kNow, "v=0\r\nnonsense\r\n").status().code(),
            StatusCode::kMalformed);
  const std::string without_h264 = ReadSdp("firefox153/firefox-recvonly-av-dc.offer.sdp");
  EXPECT_EQ(MakeCamera().Answer(kNow, without_h264).status().code(), StatusCode::kUnsupported);
  const std::string data_only = ReadSdp("chromium156/chromium-dc-only.offer-gathered.sdp");
  EXPECT_EQ(MakeCamera(false).Answer(kNow, data_only).status().code(), StatusCode::kUnsupported);
}

TEST_F(PeerNegotiation, AnswersWhoWantsDataChannelsAlone) {
  for (const char* name : {"chromium156/chromium-dc-only.offer-gathered.sdp",
                           "firefox153/firefox-dc-only.offer.sdp"}) {
    Peer& camera = MakeCamera();
    const auto answer = camera.Answer(kNow, ReadSdp(name));
    ASSERT_TRUE(answer.ok()) << name << ": " << answer.status().ToString();
    EXPECT_NE(answer->find("a=sctp-port:5000\r\n"), std::string::npos);
    EXPECT_NE(answer->find("a=max-message-size:262144\r\n"), std::string::npos);
    EXPECT_NE(answer->find("192.0.2.1 8555 typ host"), std::string::npos);
    EXPECT_EQ(camera.state(), State::kConnecting);
  }
}

TEST_F(PeerNegotiation, TakesOneOfferOnly) {
  const std::string offer = ReadSdp("chromium156/chromium-h264-only.offer-gathered.sdp");
  Peer& camera = MakeCamera();
  ASSERT_TRUE(camera.Answer(kNow, offer).ok());
  EXPECT_EQ(camera.Answer(kNow, offer).status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(camera.Offer(kNow).status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(camera.HandleAnswer(kNow, offer).code(), StatusCode::kFailedPrecondition);
}

TEST_F(PeerNegotiation, TakesCandidatesOfTheCurrentCredentialsOnly) {
  Peer& camera = MakeCamera();
  const std::string offer = ReadSdp("chromium156/chromium-h264-only.offer-gathered.sdp");
  ASSERT_TRUE(camera.Answer(kNow, offer).ok());
  const auto parsed = sdp::SessionDescription::Parse(offer);
  const auto fragment = [](const std::string& ufrag, const std::string& pwd) {
    return "a=ice-ufrag:" + ufrag + "\r\na=ice-pwd:" + pwd +
           "\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
           "a=candidate:1 1 udp 2113937151 198.51.100.7 50000 typ host\r\n";
  };
  const std::string& pwd = *parsed->media[0].ice_pwd;
  EXPECT_TRUE(camera.AddRemoteCandidates(kNow, fragment(*parsed->media[0].ice_ufrag, pwd)).ok());
  EXPECT_EQ(camera.AddRemoteCandidates(kNow, fragment("other", pwd)).code(),
            StatusCode::kFailedPrecondition);
  EXPECT_EQ(camera.AddRemoteCandidates(kNow, "a=candidate").code(), StatusCode::kMalformed);
}

TEST_F(PeerNegotiation, RestartsIceWithNewCredentialsOnly) {
  Peer& camera = MakeCamera();
  const std::string offer = ReadSdp("chromium156/chromium-h264-only.offer-gathered.sdp");
  ASSERT_TRUE(camera.Answer(kNow, offer).ok());
  const auto parsed = sdp::SessionDescription::Parse(offer);
  const std::string before(camera.local_ufrag());
  const std::string same = "a=ice-ufrag:" + *parsed->media[0].ice_ufrag +
                           "\r\na=ice-pwd:" + *parsed->media[0].ice_pwd + "\r\n";
  EXPECT_EQ(camera.RestartIce(kNow, same).status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(camera.RestartIce(kNow, "a=ice-ufrag:abcd\r\n").status().code(),
            StatusCode::kMalformed);
  EXPECT_EQ(camera.local_ufrag(), before);
  const auto restarted =
      camera.RestartIce(kNow, "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n");
  ASSERT_TRUE(restarted.ok()) << restarted.status().ToString();
  EXPECT_NE(camera.local_ufrag(), before);
  EXPECT_NE(restarted->find("192.0.2.1 8555 typ host"), std::string::npos);
}

}  // namespace
}  // namespace ocellus::peer
