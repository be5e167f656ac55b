// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sdp/attributes.h"

#include <gmock/gmock.h>

#include "tests/rtc/sdp/sdp_files.h"

namespace ocellus::sdp {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// A video m-line with one H264 payload type, and one attribute.
Result<MediaDescription> ParseWith(const std::string& attribute) {
  Result<SessionDescription> session = SessionDescription::Parse(
      "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
      "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=rtpmap:96 H264/90000\r\na=" +
      attribute + "\r\n");
  if (!session.ok()) return session.status();
  return session->media[0];
}

TEST(Attributes, GoIntoTheirFields) {
  EXPECT_EQ(ParseWith("mid:v")->mid, "v");
  EXPECT_TRUE(ParseWith("bundle-only")->bundle_only);
  EXPECT_EQ(ParseWith("recvonly")->direction, Direction::kRecvOnly);
  EXPECT_TRUE(ParseWith("rtcp-mux")->rtcp_mux);
  EXPECT_TRUE(ParseWith("rtcp-rsize")->rtcp_rsize);
  EXPECT_EQ(ParseWith("setup:passive")->setup, Setup::kPassive);
  EXPECT_EQ(ParseWith("msid:s t")->msid, "s t");
  EXPECT_EQ(ParseWith("sctp-port:5000")->sctp_port, 5000);
  EXPECT_EQ(ParseWith("max-message-size:1073741823")->max_message_size, 1073741823u);
  EXPECT_TRUE(ParseWith("end-of-candidates")->end_of_candidates);
  EXPECT_THAT(ParseWith("candidate:1 1 udp 2 192.0.2.1 9 typ host")->candidates,
              ElementsAre("candidate:1 1 udp 2 192.0.2.1 9 typ host"));
  EXPECT_THAT(ParseWith("fingerprint:SHA-256 0a:1B")->fingerprints, ElementsAre("sha-256 0a:1B"));
  EXPECT_EQ(ParseWith("rtpmap:97 opus/48000/2")->codecs[1].channels, 2);
  EXPECT_EQ(ParseWith("fmtp:97 apt=96")->codecs[1].parameters, "apt=96");
  EXPECT_THAT(ParseWith("ssrc-group:FID 1 2")->ssrc_groups[0].ssrcs, ElementsAre(Ssrc(1), Ssrc(2)));
}

TEST(Attributes, KeepTheDirectionOfAnExtension) {
  const auto media = ParseWith("extmap:6/recvonly urn:example:x some attributes");
  ASSERT_TRUE(media.ok());
  EXPECT_TRUE(media->extmaps[0] == (Extmap{6, Direction::kRecvOnly, "urn:example:x"}));
}

TEST(Attributes, GiveFeedbackForAllPayloadTypes) {
  const auto media = ParseWith("rtcp-fb:* nack pli");
  EXPECT_TRUE(media->codecs[0].HasFeedback("nack pli"));
  EXPECT_TRUE(media->codecs[1].HasFeedback("nack pli"));
  EXPECT_FALSE(ParseWith("rtcp-fb:96 nack")->codecs[1].HasFeedback("nack"));
}

TEST(Attributes, MergeTheLinesOfOneSsrc) {
  const auto media = ParseWith("ssrc:7 cname:cam\r\na=ssrc:7 msid:a b\r\na=ssrc:8 cname:cam");
  ASSERT_EQ(media->sources.size(), 2u);
  EXPECT_EQ(media->sources[0].cname, "cam");
}

TEST(Attributes, IgnoreUnknownOnesAndThoseForUnknownPayloadTypes) {
  for (const char* attribute : {"x-google-flag:conference", "rid:h send", "simulcast:send h;m;l",
                                "rtpmap:55 VP8/90000", "fmtp:55 a=b", "rtcp-fb:55 nack"}) {
    EXPECT_TRUE(ParseWith(attribute).ok()) << attribute;
  }
}

// Checklist 45.
TEST(Attributes, NameTheLineAndWhatWasExpected) {
  for (const char* attribute : {"mid:",
                                "mid:a b",
                                "setup:maybe",
                                "ice-ufrag:abc",
                                "ice-ufrag:a b c d",
                                "ice-pwd:short",
                                "fingerprint:sha-256",
                                "fingerprint:sha-256 ",
                                "fingerprint:sha-256 0A:1",
                                "fingerprint:0A",
                                "fingerprint:sha-256 0A-1B",
                                "extmap:0 urn:x",
                                "extmap:256 urn:x",
                                "extmap:1",
                                "extmap:1/both urn:x",
                                "rtpmap:96",
                                "rtpmap:96 H264",
                                "rtpmap:96 H264/x",
                                "rtpmap:999 H264/90000",
                                "fmtp:x a=b",
                                "rtcp-fb:96",
                                "rtcp-fb:x nack",
                                "ssrc:4294967296",
                                "ssrc-group:FID x",
                                "ssrc-group:",
                                "msid:",
                                "candidate:",
                                "sctp-port:65536",
                                "max-message-size:-1",
                                "max-message-size:many",
                                "max-message-size:18446744073709551616",
                                "sctpmap:5000",
                                "sctpmap:x webrtc-datachannel",
                                ":x"}) {
    const auto media = ParseWith(attribute);
    ASSERT_FALSE(media.ok()) << attribute;
    EXPECT_EQ(media.status().code(), StatusCode::kMalformed);
    EXPECT_THAT(media.status().message(), StartsWith("SDP line 7: a="));
    EXPECT_THAT(media.status().message(), HasSubstr("expected"));
  }
}

TEST(Attributes, RefuseTheSameExtensionIdTwice) {
  EXPECT_THAT(ParseWith("extmap:1 urn:x\r\na=extmap:1 urn:y").status().message(),
              StartsWith("SDP line 8: a=extmap"));
}

TEST(Attributes, NeverQuoteAPassword) {
  EXPECT_THAT(ParseWith("ice-pwd:secret").status().message(), testing::Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace ocellus::sdp
