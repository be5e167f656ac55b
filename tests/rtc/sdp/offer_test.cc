// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/rtc/sdp/sdp_files.h"

namespace ocellus::sdp {
namespace {

TEST(CreateCameraOffer, OffersOneVideoToSendAndDataChannels) {
  const SessionDescription offer = CreateCameraOffer(TestSession(), TestMedia("640028"));
  EXPECT_EQ(offer.Write(),
            "v=0\r\n"
            "o=- 4611731400430051336 1 IN IP4 127.0.0.1\r\n"
            "s=-\r\n"
            "t=0 0\r\n"
            "a=ice-options:trickle ice2\r\n"
            "a=group:BUNDLE 0 1\r\n"
            "a=extmap-allow-mixed\r\n"
            "a=msid-semantic:WMS *\r\n"
            "m=video 8555 UDP/TLS/RTP/SAVPF 102 103\r\n"
            "c=IN IP4 192.0.2.1\r\n"
            "a=mid:0\r\n"
            "a=sendonly\r\n"
            "a=rtpmap:102 H264/90000\r\n"
            "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=640028\r\n"
            "a=rtcp-fb:102 nack\r\n"
            "a=rtcp-fb:102 nack pli\r\n"
            "a=rtcp-fb:102 ccm fir\r\n"
            "a=rtcp-fb:102 transport-cc\r\n"
            "a=rtcp-fb:102 goog-remb\r\n"
            "a=rtpmap:103 rtx/90000\r\n"
            "a=fmtp:103 apt=102\r\n"
            "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
            "a=extmap:2 "
            "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
            "a=extmap:3 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay\r\n"
            "a=extmap:4 http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time\r\n"
            "a=msid:ocellus video\r\n"
            "a=ssrc-group:FID 1111 2222\r\n"
            "a=ssrc:1111 cname:camera\r\n"
            "a=ssrc:2222 cname:camera\r\n"
            "a=ice-ufrag:F7gI\r\n"
            "a=ice-pwd:x9cml/YzichV2+XlhiMu8g12\r\n"
            "a=fingerprint:sha-256 0B:30:55:7A:9F:C4:E9:0E:33:58:7D:A2:C7:EC:11:36:5B:80:A5:CA:EF:"
            "14:39:5E:83:A8:CD:F2:17:3C:61:86\r\n"
            "a=setup:active\r\n"
            "a=rtcp-mux\r\n"
            "a=rtcp-rsize\r\n"
            "a=candidate:1 1 udp 2130706431 2001:db8::1 8555 typ host\r\n"
            "a=candidate:2 1 udp 2130706175 192.0.2.1 8555 typ host\r\n"
            "a=end-of-candidates\r\n"
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
            "c=IN IP4 0.0.0.0\r\n"
            "a=mid:1\r\n"
            "a=ice-ufrag:F7gI\r\n"
            "a=ice-pwd:x9cml/YzichV2+XlhiMu8g12\r\n"
            "a=fingerprint:sha-256 0B:30:55:7A:9F:C4:E9:0E:33:58:7D:A2:C7:EC:11:36:5B:80:A5:CA:EF:"
            "14:39:5E:83:A8:CD:F2:17:3C:61:86\r\n"
            "a=setup:active\r\n"
            "a=sctp-port:5000\r\n"
            "a=max-message-size:262144\r\n");
}

TEST(CreateCameraOffer, LeavesOutRetransmissionWhenNotWanted) {
  LocalMedia media = TestMedia();
  media.video->rtx = false;
  const SessionDescription offer = CreateCameraOffer(TestSession(), media);
  EXPECT_EQ(offer.media[0].codecs.size(), 1u);
  EXPECT_EQ(offer.media[0].sources.size(), 1u);
}

TEST(CreateCameraOffer, LeavesOutDataChannelsWhenNotWanted) {
  const SessionDescription offer = CreateCameraOffer(TestSession(), TestVideo());
  EXPECT_EQ(offer.media.size(), 1u);
  EXPECT_EQ(offer.groups[0].mids.size(), 1u);
}

TEST(CreateViewerOffer, OffersToReceiveEachProfile) {
  LocalSession session = TestSession();
  session.end_of_candidates = false;
  const SessionDescription offer = CreateViewerOffer(session, ViewerMedia());
  ASSERT_EQ(offer.media.size(), 1u);
  const MediaDescription& video = offer.media[0];
  EXPECT_EQ(video.direction, Direction::kRecvOnly);
  EXPECT_EQ(video.setup, Setup::kActPass);
  EXPECT_EQ(video.codecs.size(), 6u);
  EXPECT_TRUE(video.sources.empty());
  EXPECT_FALSE(video.end_of_candidates);
  EXPECT_TRUE(ParseOrFail(offer.Write()) == offer);
}

TEST(CreateViewerOffer, OffersDataChannelsWhenWanted) {
  ViewerMedia media;
  media.data_channels = true;
  const SessionDescription offer = CreateViewerOffer(TestSession(), media);
  ASSERT_EQ(offer.media.size(), 2u);
  EXPECT_EQ(offer.media[1].kind(), MediaKind::kApplication);
  EXPECT_EQ(offer.media[1].setup, Setup::kActPass);
  EXPECT_TRUE(offer.groups[0].Contains("0") && offer.groups[0].Contains("1"));
  EXPECT_TRUE(ParseOrFail(offer.Write()) == offer);
}

TEST(CreateViewerOffer, OffersDataChannelsAloneToWhoDoesNotWatch) {
  ViewerMedia media;
  media.profiles.clear();
  media.data_channels = true;
  const SessionDescription offer = CreateViewerOffer(TestSession(), media);
  ASSERT_EQ(offer.media.size(), 1u);
  EXPECT_EQ(offer.media[0].kind(), MediaKind::kApplication);
  EXPECT_EQ(offer.media[0].candidates, TestSession().candidates);
  const auto answer = CreateAnswer(offer, TestSession(), TestMedia());
  ASSERT_TRUE(answer.ok()) << answer.status().ToString();
  EXPECT_TRUE(answer->data && !answer->video);
  EXPECT_TRUE(ApplyAnswer(offer, answer->answer)->data);
}

TEST(CreateViewerOffer, IsAnsweredByOurCamera) {
  const SessionDescription offer = CreateViewerOffer(TestSession(), ViewerMedia());
  for (const char* profile : {"42c01f", "4d0028", "640028"}) {
    EXPECT_TRUE(CreateAnswer(offer, TestSession(), TestMedia(profile)).ok()) << profile;
  }
}

}  // namespace
}  // namespace ocellus::sdp
