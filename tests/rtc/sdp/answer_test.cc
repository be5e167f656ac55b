// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/rtc/sdp/sdp_files.h"

namespace ocellus::sdp {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// "video sendonly 108 109 active | audio rejected | application active"
std::string Decisions(const SessionDescription& answer) {
  std::string text;
  for (const MediaDescription& media : answer.media) {
    if (!text.empty()) text += " | ";
    text += media.media;
    if (media.is_rejected()) {
      text += " rejected";
      continue;
    }
    if (media.is_rtp()) text += std::string(" ") + ToString(media.direction);
    for (const Codec& codec : media.codecs) {
      text += " " + std::to_string(codec.payload_type.value());
    }
    text += std::string(" ") + ToString(media.setup.value());
  }
  return text;
}

struct Golden {
  const char* file;
  const char* expected;  // The decisions, or the start of the error.
};

// What a Constrained Baseline camera answers to each captured description, taken as an offer.
constexpr Golden kGolden[] = {
    // clang-format off
    {"camera1.sdp",
     "SDP line 8 (video): sendonly, expected recvonly or sendrecv"},
    {"camera2.sdp",
     "SDP line 8 (video): sendonly, expected recvonly or sendrecv"},
    {"camera3.sdp",
     "SDP line 8 (video): sendonly, expected recvonly or sendrecv"},
    {"chromium156/c156-default-a.local.sdp",
     "video sendonly 108 active | audio inactive 111 active | application active"},
    {"chromium156/c156-default-b.local.sdp",
     "SDP line 8 (video): sendonly, expected recvonly or sendrecv"},
    {"chromium156/chromium-camera1.answer-gathered.sdp",
     "video sendonly 102 103 passive | audio inactive 111 passive | application passive"},
    {"chromium156/chromium-camera1.answer.sdp",
     "video sendonly 102 103 passive | audio inactive 111 passive | application passive"},
    {"chromium156/chromium-camera2.answer-gathered.sdp",
     "video sendonly 102 103 passive | audio inactive 111 passive | application passive"},
    {"chromium156/chromium-camera2.answer.sdp",
     "video sendonly 102 103 passive | audio inactive 111 passive | application passive"},
    {"chromium156/chromium-camera3.answer-gathered.sdp",
     "video sendonly 102 103 passive | audio inactive 111 passive | application passive"},
    {"chromium156/chromium-camera3.answer.sdp",
     "video sendonly 102 103 passive | audio inactive 111 passive | application passive"},
    {"chromium156/chromium-counter-offer-data.answer.sdp",
     "video sendonly 102 103 active | application active"},
    {"chromium156/chromium-counter-offer.answer.sdp",
     "video sendonly 102 103 active"},
    {"chromium156/chromium-dc-only.offer-gathered.sdp",
     "application active"},
    {"chromium156/chromium-dc-only.offer.sdp",
     "application active"},
    {"chromium156/chromium-h264-only.offer-gathered.sdp",
     "video sendonly 108 active"},
    {"chromium156/chromium-h264-only.offer.sdp",
     "video sendonly 108 active"},
    {"chromium156/chromium-ice-restart.answer.sdp",
     "SDP line 8 (video): sendonly, expected recvonly or sendrecv"},
    {"chromium156/chromium-ice-restart.offer.sdp",
     "video sendonly 108 109 active | application active"},
    {"chromium156/chromium-legacy-recv.offer-gathered.sdp",
     "audio inactive 111 active | video sendonly 108 109 active"},
    {"chromium156/chromium-legacy-recv.offer.sdp",
     "audio inactive 111 active | video sendonly 108 109 active"},
    {"chromium156/chromium-loop.answer.sdp",
     "SDP line 8 (video): sendonly, expected recvonly or sendrecv"},
    {"chromium156/chromium-loop.connected.sdp",
     "video sendonly 108 109 active | application active"},
    {"chromium156/chromium-max-bundle.offer-gathered.sdp",
     "audio inactive 111 active | video sendonly 108 109 active | application active"},
    {"chromium156/chromium-max-bundle.offer.sdp",
     "audio inactive 111 active | video sendonly 108 109 active | application active"},
    {"chromium156/chromium-max-compat.offer-gathered.sdp",
     "audio inactive 111 active | video sendonly 108 109 active | application active"},
    {"chromium156/chromium-max-compat.offer.sdp",
     "audio inactive 111 active | video sendonly 108 109 active | application active"},
    {"chromium156/chromium-mic-talkback.offer-gathered.sdp",
     "video sendonly 108 109 active | audio inactive 111 active | application active"},
    {"chromium156/chromium-mic-talkback.offer.sdp",
     "video sendonly 108 109 active | audio inactive 111 active | application active"},
    {"chromium156/chromium-recvonly-av-dc.offer-gathered.sdp",
     "audio inactive 111 active | video sendonly 108 109 active | application active"},
    {"chromium156/chromium-recvonly-av-dc.offer.sdp",
     "audio inactive 111 active | video sendonly 108 109 active | application active"},
    {"chromium156/chromium-recvonly-av.offer-gathered.sdp",
     "audio inactive 111 active | video sendonly 108 109 active"},
    {"chromium156/chromium-recvonly-av.offer.sdp",
     "audio inactive 111 active | video sendonly 108 109 active"},
    {"chromium156/chromium-reoffer-stopped-mline-recycled.offer.sdp",
     "video rejected | application active | audio inactive 111 active"},
    {"chromium156/chromium-rsa-cert.offer-gathered.sdp",
     "application active"},
    {"chromium156/chromium-rsa-cert.offer.sdp",
     "application active"},
    {"chromium156/chromium-sendrecv-gum.offer-gathered.sdp",
     "audio inactive 111 active | video sendonly 108 109 active | application active"},
    {"chromium156/chromium-sendrecv-gum.offer.sdp",
     "audio inactive 111 active | video sendonly 108 109 active | application active"},
    {"chromium156/chromium-simulcast.offer-gathered.sdp",
     "SDP line 8 (video): sendonly, expected recvonly or sendrecv"},
    {"chromium156/chromium-simulcast.offer.sdp",
     "SDP line 8 (video): sendonly, expected recvonly or sendrecv"},
    {"chromium156/chromium-two-video.offer-gathered.sdp",
     "video sendonly 108 109 active | video rejected | audio inactive 111 active"},
    {"chromium156/chromium-two-video.offer.sdp",
     "video sendonly 108 109 active | video rejected | audio inactive 111 active"},
    {"chromium156/chromium-video-dc-first.offer-gathered.sdp",
     "video sendonly 108 109 active | application active"},
    {"chromium156/chromium-video-dc-first.offer.sdp",
     "video sendonly 108 109 active | application active"},
    {"chromium156/interop-x1-viewer-offer.sdp",
     "SDP line 8 (video): no H264"},
    {"chromium156/interop-x2-viewer-offer.sdp",
     "SDP line 8 (video): no H264"},
    {"firefox153/firefox-camera1.answer.sdp",
     "video rejected | audio inactive 111 passive | application passive"},
    {"firefox153/firefox-camera2.answer.sdp",
     "video rejected | audio inactive 111 passive | application passive"},
    {"firefox153/firefox-camera3.answer.sdp",
     "video rejected | audio inactive 111 passive | application passive"},
    {"firefox153/firefox-counter-offer-data.answer.sdp",
     "video sendonly 102 103 active | application active"},
    {"firefox153/firefox-counter-offer.answer.sdp",
     "video sendonly 102 103 active"},
    {"firefox153/firefox-dc-only.offer.sdp",
     "application active"},
    {"firefox153/firefox-h264-only.offer.sdp",
     "SDP line 9 (video): no H264"},
    {"firefox153/firefox-ice-restart.answer.sdp",
     "SDP line 10 (video): sendonly, expected recvonly or sendrecv"},
    {"firefox153/firefox-ice-restart.offer.sdp",
     "SDP line 10 (video): no H264"},
    {"firefox153/firefox-loop.answer.sdp",
     "SDP line 10 (video): sendonly, expected recvonly or sendrecv"},
    {"firefox153/firefox-loop.connected.sdp",
     "SDP line 10 (video): no H264"},
    {"firefox153/firefox-max-bundle.offer.sdp",
     "SDP line 34 (video): no H264"},
    {"firefox153/firefox-max-compat.offer.sdp",
     "SDP line 34 (video): no H264"},
    {"firefox153/firefox-mic-talkback.offer.sdp",
     "SDP line 9 (video): no H264"},
    {"firefox153/firefox-recvonly-av-dc.offer.sdp",
     "SDP line 34 (video): no H264"},
    {"firefox153/firefox-recvonly-av.offer.sdp",
     "SDP line 34 (video): no H264"},
    {"firefox153/firefox-sendrecv-gum.offer.sdp",
     "SDP line 35 (video): no H264"},
    {"firefox153/firefox-simulcast.offer.sdp",
     "SDP line 9 (video): sendonly, expected recvonly or sendrecv"},
    {"firefox153/firefox-two-video.offer.sdp",
     "SDP line 9 (video): no H264"},
    {"firefox153/firefox-video-dc-first.offer.sdp",
     "SDP line 9 (video): no H264"},
    {"firefox153/firefox-with-h264.offer.sdp",
     "audio inactive 109 active | video sendonly 126 127 active | application active"},
    {"firefox153/interop-x1-camera-answer.sdp",
     "SDP line 8 (video): sendonly, expected recvonly or sendrecv"},
    {"firefox153/interop-x2-camera-answer.sdp",
     "SDP line 8 (video): sendonly, expected recvonly or sendrecv"},
    // clang-format on
};

// Checklist 45.
TEST(CreateAnswer, DecidesEachCapturedMediaLine) {
  ASSERT_EQ(std::size(kGolden), SdpFiles(kCapturedSdp).size());
  for (const Golden& golden : kGolden) {
    const auto answer = CreateAnswer(ParseFile(golden.file), TestSession(), TestMedia());
    const std::string decided = answer.ok() ? Decisions(answer->answer) : answer.status().message();
    EXPECT_THAT(decided, StartsWith(golden.expected)) << golden.file;
    if (!answer.ok()) {
      EXPECT_EQ(answer.status().code(), StatusCode::kUnsupported) << golden.file;
    }
  }
}

// Checklist 47. RFC 3264 section 6: the same m-lines in the same order; RFC 9143 section 7.3: the
// BUNDLE group has exactly those that are not rejected.
TEST(CreateAnswer, MirrorsTheMediaLinesAndBundlesTheAccepted) {
  for (const Golden& golden : kGolden) {
    const SessionDescription offer = ParseFile(golden.file);
    const auto answer = CreateAnswer(offer, TestSession(), TestMedia());
    if (!answer.ok()) continue;
    ASSERT_EQ(answer->answer.media.size(), offer.media.size()) << golden.file;
    ASSERT_EQ(answer->answer.groups.size(), 1u) << golden.file;
    size_t with_candidates = 0;
    for (size_t i = 0; i < offer.media.size(); ++i) {
      const MediaDescription& answered = answer->answer.media[i];
      EXPECT_EQ(answered.media, offer.media[i].media) << golden.file;
      EXPECT_EQ(answered.mid, offer.media[i].mid) << golden.file;
      EXPECT_EQ(answered.protocol, offer.media[i].protocol) << golden.file;
      EXPECT_EQ(answer->answer.groups[0].Contains(*answered.mid), !answered.is_rejected());
      with_candidates += answered.candidates.empty() ? 0 : 1;
    }
    EXPECT_EQ(with_candidates, 1u) << golden.file;
    const MediaDescription* tagged =
        answer->answer.FindMedia(answer->answer.groups[0].mids.front());
    EXPECT_EQ(tagged->candidates, TestSession().candidates) << golden.file;
    EXPECT_EQ(answer->remote.mid, *tagged->mid) << golden.file;
    EXPECT_TRUE(ParseOrFail(answer->answer.Write()) == answer->answer) << golden.file;
  }
}

TEST(CreateAnswer, WritesItAsBrowsersExpect) {
  const auto answer = CreateAnswer(ParseFile("chromium156/chromium-mic-talkback.offer.sdp"),
                                   TestSession(), TestMedia("42c028"));
  ASSERT_TRUE(answer.ok()) << answer.status().ToString();
  EXPECT_EQ(answer->answer.Write(),
            "v=0\r\n"
            "o=- 4611731400430051336 1 IN IP4 127.0.0.1\r\n"
            "s=-\r\n"
            "t=0 0\r\n"
            "a=ice-options:trickle ice2\r\n"
            "a=group:BUNDLE 0 1 2\r\n"
            "a=extmap-allow-mixed\r\n"
            "a=msid-semantic:WMS *\r\n"
            "m=video 8555 UDP/TLS/RTP/SAVPF 108 109\r\n"
            "c=IN IP4 192.0.2.1\r\n"
            "a=mid:0\r\n"
            "a=sendonly\r\n"
            "a=rtpmap:108 H264/90000\r\n"
            "a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e028\r\n"
            "a=rtcp-fb:108 goog-remb\r\n"
            "a=rtcp-fb:108 transport-cc\r\n"
            "a=rtcp-fb:108 ccm fir\r\n"
            "a=rtcp-fb:108 nack\r\n"
            "a=rtcp-fb:108 nack pli\r\n"
            "a=rtpmap:109 rtx/90000\r\n"
            "a=fmtp:109 apt=108\r\n"
            "a=extmap:4 "
            "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
            "a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay\r\n"
            "a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
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
            "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
            "c=IN IP4 0.0.0.0\r\n"
            "a=mid:1\r\n"
            "a=inactive\r\n"
            "a=rtpmap:111 opus/48000/2\r\n"
            "a=fmtp:111 minptime=10;useinbandfec=1\r\n"
            "a=ice-ufrag:F7gI\r\n"
            "a=ice-pwd:x9cml/YzichV2+XlhiMu8g12\r\n"
            "a=fingerprint:sha-256 0B:30:55:7A:9F:C4:E9:0E:33:58:7D:A2:C7:EC:11:36:5B:80:A5:CA:EF:"
            "14:39:5E:83:A8:CD:F2:17:3C:61:86\r\n"
            "a=setup:active\r\n"
            "a=rtcp-mux\r\n"
            "a=rtcp-rsize\r\n"
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
            "c=IN IP4 0.0.0.0\r\n"
            "a=mid:2\r\n"
            "a=ice-ufrag:F7gI\r\n"
            "a=ice-pwd:x9cml/YzichV2+XlhiMu8g12\r\n"
            "a=fingerprint:sha-256 0B:30:55:7A:9F:C4:E9:0E:33:58:7D:A2:C7:EC:11:36:5B:80:A5:CA:EF:"
            "14:39:5E:83:A8:CD:F2:17:3C:61:86\r\n"
            "a=setup:active\r\n"
            "a=sctp-port:5000\r\n"
            "a=max-message-size:262144\r\n");
}

TEST(CreateAnswer, TellsTheParametersOfTheCall) {
  const auto answer = CreateAnswer(ParseFile("chromium156/chromium-recvonly-av.offer-gathered.sdp"),
                                   TestSession(), TestMedia());
  ASSERT_TRUE(answer.ok()) << answer.status().ToString();
  EXPECT_EQ(answer->remote.setup, Setup::kPassive);
  EXPECT_EQ(answer->remote.mid, "0");
  EXPECT_EQ(answer->remote.candidates.size(), 4u);
  ASSERT_TRUE(answer->video);
  EXPECT_EQ(answer->video->m_line_index, 1u);
  EXPECT_EQ(answer->video->mid, "1");
  EXPECT_EQ(answer->video->payload_type, PayloadType(108));
  EXPECT_EQ(answer->video->rtx_payload_type, PayloadType(109));
  EXPECT_EQ(answer->video->extensions.mid, ExtensionId(4));
  EXPECT_EQ(answer->video->extensions.transport_cc, ExtensionId(3));
  EXPECT_TRUE(answer->video->nack && answer->video->pli && answer->video->fir);
  EXPECT_TRUE(answer->video->transport_cc && answer->video->rtcp_rsize);
  EXPECT_FALSE(answer->video->remote_ssrc);
}

constexpr const char* kTransport =
    "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=setup:actpass\r\n"
    "a=fingerprint:sha-256 AA:BB\r\n";
constexpr const char* kVideo =
    "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 H264/90000\r\na=recvonly\r\na=rtcp-mux\r\n"
    "a=fmtp:96 packetization-mode=1;profile-level-id=42e01f\r\n";

SessionDescription Offer(const std::string& lines) {
  return ParseOrFail("v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n" + lines);
}

TEST(CreateAnswer, NeedsNoBundleForOneMedia) {
  const auto answer =
      CreateAnswer(Offer(std::string(kVideo) + kTransport), TestSession(), TestMedia());
  ASSERT_TRUE(answer.ok()) << answer.status().ToString();
  EXPECT_TRUE(answer->answer.groups.empty());
  EXPECT_EQ(answer->video->mid, "");
  EXPECT_FALSE(answer->video->extensions.mid);
}

TEST(CreateAnswer, RejectsWhatIsOutsideTheBundleOfTheVideo) {
  const auto answer =
      CreateAnswer(Offer(std::string("m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=rtcp-mux\r\n") +
                         kTransport + kVideo + kTransport),
                   TestSession(), TestMedia());
  EXPECT_EQ(Decisions(answer->answer), "audio rejected | video sendonly 96 active");
}

// RFC 9143 section 7.3.3.
TEST(CreateAnswer, TagsTheNextMediaWhenTheFirstIsRejected) {
  const auto answer = CreateAnswer(
      Offer(std::string("a=group:BUNDLE d v\r\n") +
            "m=application 9 UDP/DTLS/SCTP something-else\r\na=mid:d\r\n" + kTransport +
            "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=bundle-only\r\na=mid:v\r\n"
            "a=rtpmap:96 H264/90000\r\na=recvonly\r\n"
            "a=fmtp:96 packetization-mode=1\r\na=rtcp-mux\r\n"),
      TestSession(), TestMedia());
  ASSERT_TRUE(answer.ok()) << answer.status().ToString();
  EXPECT_EQ(Decisions(answer->answer), "application rejected | video sendonly 96 active");
  EXPECT_THAT(answer->answer.groups[0].mids, ElementsAre("v"));
  EXPECT_FALSE(answer->answer.media[1].candidates.empty());
  EXPECT_EQ(answer->remote.mid, "v");
  EXPECT_EQ(answer->remote.ufrag, "abcd");
}

// Checklist 47.
TEST(CreateAnswer, SendsInTheVideoBesideARecycledOrForeignOne) {
  const std::string other = "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n";
  const std::string foreign =
      "m=video 9 UDP/TLS/RTP/SAVPF 97\r\na=rtpmap:97 VP8/90000\r\na=mid:1\r\na=rtcp-mux\r\n";
  const std::string text = "m=text 9 UDP/TLS/RTP/SAVPF 98\r\na=mid:3\r\n";
  const auto answer = CreateAnswer(Offer("a=group:BUNDLE 1 2 3\r\n" + other + foreign + kTransport +
                                         kVideo + "a=mid:2\r\n" + kTransport + text + kTransport),
                                   TestSession(), TestMedia());
  ASSERT_TRUE(answer.ok()) << answer.status().ToString();
  EXPECT_EQ(Decisions(answer->answer),
            "video rejected | video rejected | video sendonly 96 active | text rejected");
  EXPECT_THAT(answer->answer.groups[0].mids, ElementsAre("2"));
  EXPECT_EQ(answer->video->m_line_index, 2u);
}

TEST(CreateAnswer, RejectsAudioWithoutACodecOfOurs) {
  const auto answer =
      CreateAnswer(Offer(std::string("a=group:BUNDLE a v\r\n") +
                         "m=audio 9 UDP/TLS/RTP/SAVPF 99\r\na=mid:a\r\na=rtpmap:99 G729/8000\r\n" +
                         kTransport + kVideo + "a=mid:v\r\n" + kTransport),
                   TestSession(), TestMedia());
  EXPECT_EQ(Decisions(answer->answer), "audio rejected | video sendonly 96 active");
}

TEST(CreateAnswer, TakesTheOtherRoleOfTheHandshake) {
  const auto role = [](const char* setup) {
    const auto answer =
        CreateAnswer(Offer(std::string(kVideo) + kTransport + setup), TestSession(), TestMedia());
    return answer.ok() ? ToString(*answer->answer.media[0].setup) : answer.status().message();
  };
  EXPECT_EQ(role(""), std::string("active"));
  EXPECT_EQ(role("a=setup:active\r\n"), std::string("passive"));
  EXPECT_EQ(role("a=setup:passive\r\n"), std::string("active"));
  EXPECT_THAT(role("a=setup:holdconn\r\n"), HasSubstr("holdconn"));
}

TEST(CreateAnswer, SaysWhatTheTransportLacks) {
  const auto why = [](const std::string& lines) {
    return CreateAnswer(Offer(lines), TestSession(), TestMedia()).status().message();
  };
  EXPECT_EQ(why(kVideo), "SDP line 5 (video): no a=ice-ufrag and a=ice-pwd, expected ICE");
  EXPECT_EQ(why(std::string(kVideo) + "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n"),
            "SDP line 5 (video): no a=fingerprint, expected one with sha-256");
  // Checklist 18.
  EXPECT_EQ(why(std::string(kVideo) + "a=fingerprint:sha-1 AA\r\na=ice-ufrag:abcd\r\n"
                                      "a=ice-pwd:0123456789012345678901\r\n"),
            "SDP line 5 (video): a=fingerprint with a weak hash only, expected sha-256");
  EXPECT_EQ(why(std::string("m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 H264/90000\r\n"
                            "a=fmtp:96 packetization-mode=1\r\n") +
                kTransport),
            "SDP line 5 (video): no a=rtcp-mux, expected RTCP on the port of RTP");
}

TEST(CreateAnswer, SaysWhenThereIsNothingToSend) {
  EXPECT_EQ(CreateAnswer(Offer(std::string(kVideo) + kTransport), TestSession(), LocalMedia())
                .status()
                .message(),
            "no video to send");
}

// --- Data channels -------------------------------------------------------------------------------

constexpr const char* kData =
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=sctp-port:5000\r\n"
    "a=max-message-size:262144\r\n";

TEST(CreateAnswer, TellsTheParametersOfTheDataChannels) {
  const auto chromium =
      CreateAnswer(ParseFile("chromium156/chromium-recvonly-av-dc.offer-gathered.sdp"),
                   TestSession(), TestMedia());
  ASSERT_TRUE(chromium.ok() && chromium->data) << chromium.status().ToString();
  EXPECT_EQ(chromium->data->m_line_index, 2u);
  EXPECT_EQ(chromium->data->peer_port, 5000);
  EXPECT_EQ(chromium->data->peer_max_message_size, 262'144u);
  EXPECT_TRUE(chromium->video);
  const auto firefox =
      CreateAnswer(ParseFile("firefox153/firefox-with-h264.offer.sdp"), TestSession(), TestMedia());
  ASSERT_TRUE(firefox.ok() && firefox->data) << firefox.status().ToString();
  EXPECT_EQ(firefox->data->peer_max_message_size, 1'073'741'823u);
}

TEST(CreateAnswer, LeavesDataChannelsOutWhereTheyAreNotWanted) {
  const SessionDescription offer = ParseFile("chromium156/chromium-video-dc-first.offer.sdp");
  const auto answer = CreateAnswer(offer, TestSession(), TestVideo());
  ASSERT_TRUE(answer.ok()) << answer.status().ToString();
  EXPECT_EQ(Decisions(answer->answer), "video sendonly 108 109 active | application rejected");
  EXPECT_FALSE(answer->data);
}

// In either order; the first one carries the transport.
TEST(CreateAnswer, TakesDataChannelsBeforeAndAfterTheVideo) {
  const std::string data = std::string(kData) + "a=mid:d\r\n" + kTransport;
  const std::string video = std::string(kVideo) + "a=mid:v\r\n" + kTransport;
  const auto before =
      CreateAnswer(Offer("a=group:BUNDLE d v\r\n" + data + video), TestSession(), TestMedia());
  ASSERT_TRUE(before.ok()) << before.status().ToString();
  EXPECT_EQ(Decisions(before->answer), "application active | video sendonly 96 active");
  EXPECT_THAT(before->answer.groups[0].mids, ElementsAre("d", "v"));
  EXPECT_EQ(before->remote.mid, "d");
  EXPECT_EQ(before->answer.media[0].candidates, TestSession().candidates);
  EXPECT_TRUE(before->data && before->video);
  const auto after =
      CreateAnswer(Offer("a=group:BUNDLE v d\r\n" + video + data), TestSession(), TestMedia());
  ASSERT_TRUE(after.ok()) << after.status().ToString();
  EXPECT_EQ(Decisions(after->answer), "video sendonly 96 active | application active");
  EXPECT_EQ(after->remote.mid, "v");
  EXPECT_TRUE(after->data && after->video);
}

// Who steers and does not watch. RTCP has nothing to do there.
TEST(CreateAnswer, TakesDataChannelsAlone) {
  const LocalMedia without_video{std::nullopt, true};
  for (const LocalMedia& media : {TestMedia(), without_video}) {
    const auto answer = CreateAnswer(Offer(std::string(kData) + kTransport), TestSession(), media);
    ASSERT_TRUE(answer.ok()) << answer.status().ToString();
    EXPECT_EQ(Decisions(answer->answer), "application active");
    EXPECT_EQ(answer->answer.media[0].candidates, TestSession().candidates);
    EXPECT_TRUE(answer->data);
    EXPECT_FALSE(answer->video);
  }
}

// Checklist 47. A transceiver that was stopped says port 0: nobody waits for its video.
TEST(CreateAnswer, TakesDataChannelsBesideARecycledVideo) {
  const auto answer =
      CreateAnswer(Offer(std::string("a=group:BUNDLE d\r\n") +
                         "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:v\r\na=inactive\r\n" + kData +
                         "a=mid:d\r\n" + kTransport),
                   TestSession(), TestMedia());
  ASSERT_TRUE(answer.ok()) << answer.status().ToString();
  EXPECT_EQ(Decisions(answer->answer), "video rejected | application active");
  EXPECT_EQ(answer->data->m_line_index, 1u);
}

// Somebody who wants to watch must know why there is no picture.
TEST(CreateAnswer, RefusesVideoThatItCannotSendInSpiteOfDataChannels) {
  const auto answer =
      CreateAnswer(Offer(std::string("a=group:BUNDLE v d\r\nm=video 9 UDP/TLS/RTP/SAVPF 97\r\n"
                                     "a=rtpmap:97 VP8/90000\r\na=mid:v\r\na=rtcp-mux\r\n") +
                         kTransport + kData + "a=mid:d\r\n" + kTransport),
                   TestSession(), TestMedia());
  EXPECT_THAT(answer.status().message(), HasSubstr("no H264"));
}

// One transport carries everything; and RFC 8831 section 6.1 has one association for all channels.
TEST(CreateAnswer, RejectsDataChannelsOutsideTheBundleAndASecondTime) {
  const std::string data = std::string(kData) + kTransport;
  const auto outside = CreateAnswer(
      Offer("a=group:BUNDLE v\r\n" + std::string(kVideo) + "a=mid:v\r\n" + kTransport + data),
      TestSession(), TestMedia());
  ASSERT_TRUE(outside.ok()) << outside.status().ToString();
  EXPECT_EQ(Decisions(outside->answer), "video sendonly 96 active | application rejected");
  EXPECT_FALSE(outside->data);
  const auto twice =
      CreateAnswer(Offer("a=group:BUNDLE d e\r\n" + data + "a=mid:d\r\n" + data + "a=mid:e\r\n"),
                   TestSession(), TestMedia());
  ASSERT_TRUE(twice.ok()) << twice.status().ToString();
  EXPECT_EQ(Decisions(twice->answer), "application active | application rejected");
  EXPECT_THAT(twice->answer.groups[0].mids, ElementsAre("d"));
}

TEST(CreateAnswer, SaysWhatDataChannelsAloneLack) {
  const auto why = [](const std::string& lines) {
    return CreateAnswer(Offer(lines + kTransport), TestSession(), TestMedia()).status().message();
  };
  EXPECT_EQ(why("m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"),
            "SDP line 5 (application): disabled (port 0), expected a port");
  EXPECT_EQ(why("m=application 9 UDP/BFCP x\r\n"),
            "SDP line 5 (application): 'UDP/BFCP', expected UDP/DTLS/SCTP");
  EXPECT_EQ(why("m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=rtcp-mux\r\n"),
            "SDP without m=video, expected one to send to");
}

// draft-hancke-webrtc-sped: "an answerer that supports SPED and wishes to use it MUST include
// `sped` in its answer. Otherwise, the answerer MUST NOT include the option".
TEST(CreateAnswer, AgreesOnDtlsInStunWhenBothSidesWantIt) {
  LocalSession willing = TestSession();
  willing.dtls_in_stun = true;
  const SessionDescription offers[] = {CreateViewerOffer(willing, ViewerMedia()),
                                       CreateViewerOffer(TestSession(), ViewerMedia())};
  for (const SessionDescription& offer : offers) {
    for (const LocalSession& local : {willing, TestSession()}) {
      const bool both = offer.has_ice_option("sped") && local.dtls_in_stun;
      const auto answer = CreateAnswer(offer, local, TestMedia());
      ASSERT_TRUE(answer.ok()) << answer.status().ToString();
      EXPECT_EQ(answer->remote.dtls_in_stun, both);
      EXPECT_EQ(answer->answer.has_ice_option("sped"), both);
      const auto applied = ApplyAnswer(offer, answer->answer);
      ASSERT_TRUE(applied.ok()) << applied.status().ToString();
      EXPECT_EQ(applied->remote.dtls_in_stun, both);
    }
  }
}

}  // namespace
}  // namespace ocellus::sdp
