// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/rtc/sdp/sdp_files.h"

namespace ocellus::sdp {
namespace {

TEST(Writer, WritesWhatParseReads) {
  for (const auto& file : SdpFiles(kCapturedSdp)) {
    const SessionDescription parsed = ParseOrFail(ReadFile(file));
    EXPECT_TRUE(ParseOrFail(parsed.Write()) == parsed) << file;
  }
}

// RFC 8829 section 5.2.1.
TEST(Writer, KeepsTheOrderOfJsep) {
  SessionDescription session;
  session.session_id = 1;
  session.session_version = 2;
  session.ice_lite = true;
  session.ice_options = {"trickle", "ice2"};
  session.groups = {{"BUNDLE", {"v", "d"}}};
  session.extmap_allow_mixed = true;
  session.msid_semantic = "WMS *";
  MediaDescription video;
  video.mid = "v";
  video.bundle_only = true;
  video.direction = Direction::kSendOnly;
  video.codecs = {{PayloadType(96), "H264", 90'000, 1, "packetization-mode=1", {"nack"}},
                  {PayloadType(97), "opus", 48'000, 2, "", {}}};
  video.extmaps = {{1, std::nullopt, "urn:a"}, {2, Direction::kSendOnly, "urn:b"}};
  video.extmap_allow_mixed = true;
  video.msid = "s t";
  video.ssrc_groups = {{"FID", {Ssrc(1), Ssrc(2)}}};
  video.sources = {{Ssrc(1), "c"}, {Ssrc(2), ""}};
  video.ice_ufrag = "ufrag";
  video.ice_pwd = "0123456789012345678901";
  video.fingerprints = {"sha-256 AA", "sha-512 BB"};
  video.setup = Setup::kActive;
  video.rtcp_mux = true;
  video.rtcp_rsize = true;
  video.candidates = {"candidate:1 1 udp 2 192.0.2.1 9 typ host"};
  video.end_of_candidates = true;
  MediaDescription data;
  data.media = "application";
  data.protocol = "UDP/DTLS/SCTP";
  data.formats = {"webrtc-datachannel"};
  data.mid = "d";
  data.sctp_port = 5000;
  data.max_message_size = 262144;
  session.media = {video, data};
  const std::string expected =
      "v=0\r\n"
      "o=- 1 2 IN IP4 127.0.0.1\r\n"
      "s=-\r\n"
      "t=0 0\r\n"
      "a=ice-lite\r\n"
      "a=ice-options:trickle ice2\r\n"
      "a=group:BUNDLE v d\r\n"
      "a=extmap-allow-mixed\r\n"
      "a=msid-semantic:WMS *\r\n"
      "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n"
      "c=IN IP4 0.0.0.0\r\n"
      "a=mid:v\r\n"
      "a=bundle-only\r\n"
      "a=sendonly\r\n"
      "a=rtpmap:96 H264/90000\r\n"
      "a=fmtp:96 packetization-mode=1\r\n"
      "a=rtcp-fb:96 nack\r\n"
      "a=rtpmap:97 opus/48000/2\r\n"
      "a=extmap:1 urn:a\r\n"
      "a=extmap:2/sendonly urn:b\r\n"
      "a=extmap-allow-mixed\r\n"
      "a=msid:s t\r\n"
      "a=ssrc-group:FID 1 2\r\n"
      "a=ssrc:1 cname:c\r\n"
      "a=ssrc:2\r\n"
      "a=ice-ufrag:ufrag\r\n"
      "a=ice-pwd:0123456789012345678901\r\n"
      "a=fingerprint:sha-256 AA\r\n"
      "a=fingerprint:sha-512 BB\r\n"
      "a=setup:active\r\n"
      "a=rtcp-mux\r\n"
      "a=rtcp-rsize\r\n"
      "a=candidate:1 1 udp 2 192.0.2.1 9 typ host\r\n"
      "a=end-of-candidates\r\n"
      "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
      "c=IN IP4 0.0.0.0\r\n"
      "a=mid:d\r\n"
      "a=sctp-port:5000\r\n"
      "a=max-message-size:262144\r\n";
  EXPECT_EQ(session.Write(), expected);
  EXPECT_TRUE(ParseOrFail(expected) == session);
}

}  // namespace
}  // namespace ocellus::sdp
