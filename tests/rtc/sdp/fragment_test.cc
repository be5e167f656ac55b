// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sdp/fragment.h"

#include <gmock/gmock.h>

namespace ocellus::sdp {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

// RFC 9725 section 4.3.1, the first example.
constexpr const char* kTrickle =
    "a=group:BUNDLE 0 1\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
    "a=mid:0\r\n"
    "a=ice-ufrag:EsAw\r\n"
    "a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
    "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw\r\n"
    "a=candidate:3471623853 1 udp 2122194687 198.51.100.2 61765 typ host generation 0\r\n"
    "a=end-of-candidates\r\n";

TEST(Fragment, ReadsTrickledCandidates) {
  const auto fragment = Fragment::Parse(kTrickle);
  ASSERT_TRUE(fragment.ok()) << fragment.status().ToString();
  EXPECT_EQ(fragment->ufrag, "EsAw");
  EXPECT_EQ(fragment->pwd, "P2uYro0UCOQ4zxjKXaWCBui1");
  EXPECT_THAT(fragment->bundle, ElementsAre("0", "1"));
  ASSERT_EQ(fragment->media.size(), 1u);
  EXPECT_EQ(fragment->media[0].media, "audio");
  EXPECT_EQ(fragment->media[0].format, "111");
  EXPECT_EQ(fragment->media[0].mid, "0");
  EXPECT_EQ(fragment->media[0].candidates.size(), 2u);
  EXPECT_THAT(fragment->media[0].candidates[0], StartsWith("candidate:1387637174 1 udp"));
  EXPECT_TRUE(fragment->media[0].end_of_candidates);
}

// RFC 8840 section 9.1: credentials may stand above the m-lines.
TEST(Fragment, ReadsSessionLevelCredentials) {
  const auto fragment = Fragment::Parse(
      "a=ice-options:trickle ice2\na=ice-lite\na=ice-ufrag:EsAw\n"
      "a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\nm=video 9 RTP/AVP 0\na=mid:v\n");
  ASSERT_TRUE(fragment.ok()) << fragment.status().ToString();
  EXPECT_EQ(fragment->ufrag, "EsAw");
  EXPECT_TRUE(fragment->ice_lite);
  EXPECT_THAT(fragment->ice_options, ElementsAre("trickle", "ice2"));
  EXPECT_FALSE(fragment->media[0].end_of_candidates);
}

TEST(Fragment, TakesCredentialsWithoutMedia) {
  const auto fragment =
      Fragment::Parse("a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n");
  ASSERT_TRUE(fragment.ok());
  EXPECT_EQ(fragment->ufrag, "EsAw");
}

TEST(Fragment, WritesWhatParseReads) {
  Fragment fragment;
  fragment.ufrag = "EsAw";
  fragment.pwd = "P2uYro0UCOQ4zxjKXaWCBui1";
  fragment.ice_lite = true;
  fragment.ice_options = {"trickle", "ice2"};
  fragment.bundle = {"0", "d"};
  fragment.media.push_back({"video",
                            "UDP/TLS/RTP/SAVPF",
                            "96",
                            "0",
                            {"candidate:1 1 udp 2 192.0.2.1 9 typ host"},
                            true});
  fragment.media.push_back({"application", "UDP/DTLS/SCTP", "webrtc-datachannel", "d", {}, false});
  const std::string expected =
      "a=ice-lite\r\n"
      "a=ice-options:trickle ice2\r\n"
      "a=group:BUNDLE 0 d\r\n"
      "a=ice-ufrag:EsAw\r\n"
      "a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
      "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n"
      "a=mid:0\r\n"
      "a=candidate:1 1 udp 2 192.0.2.1 9 typ host\r\n"
      "a=end-of-candidates\r\n"
      "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
      "a=mid:d\r\n";
  EXPECT_EQ(fragment.Write(), expected);
  const auto again = Fragment::Parse(expected);
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(again->Write(), expected);
}

TEST(Fragment, RefusesWhatIsNoFragmentWithTheLine) {
  for (const char* text :
       {"v=0\r\n", "a=group:BUNDLE 0\r\nt=0 0\r\n", "not sdp", "",
        "a=candidate:1 1 udp 2 192.0.2.1 9 typ host\r\n", "a=ice-ufrag:EsAw\r\n"}) {
    const auto fragment = Fragment::Parse(text);
    ASSERT_FALSE(fragment.ok()) << text;
    EXPECT_EQ(fragment.status().code(), StatusCode::kMalformed);
    EXPECT_THAT(fragment.status().message(), StartsWith("SDP line "));
  }
}

TEST(Fragment, RefusesTwoTransports) {
  const auto fragment = Fragment::Parse(
      "m=audio 9 RTP/AVP 0\r\na=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
      "m=video 9 RTP/AVP 0\r\na=ice-ufrag:other\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n");
  EXPECT_EQ(fragment.status().message(),
            "SDP line 4: ICE credentials other than before, expected one transport");
}

}  // namespace
}  // namespace ocellus::sdp
