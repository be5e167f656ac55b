// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sdp/parser.h"

#include <gmock/gmock.h>

#include <random>

#include "firmware/base/limits.h"
#include "tests/rtc/sdp/sdp_files.h"

namespace ocellus::sdp {
namespace {

using testing::MatchesRegex;
using testing::StartsWith;

constexpr const char* kHeader = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";

std::string ErrorOf(std::string_view text) {
  const auto session = SessionDescription::Parse(text);
  return session.ok() ? "ok" : session.status().message();
}

// Checklist 45.
TEST(Parser, TakesEveryCapturedSdp) {
  const auto files = SdpFiles(kCapturedSdp);
  ASSERT_EQ(files.size(), 69u);
  for (const auto& file : files) {
    EXPECT_EQ(ErrorOf(ReadFile(file)), "ok") << file;
  }
}

TEST(Parser, ReadsAChromiumOffer) {
  const SessionDescription offer = ParseFile("chromium156/chromium-video-dc-first.offer.sdp");
  EXPECT_EQ(offer.session_id, 3764500067218473476u);
  EXPECT_EQ(offer.session_version, 2u);
  EXPECT_TRUE(offer.extmap_allow_mixed);
  EXPECT_TRUE(offer.has_ice_option("trickle"));
  ASSERT_EQ(offer.media.size(), 2u);
  const MediaDescription& video = offer.media[0];
  EXPECT_EQ(video.line, 8u);
  EXPECT_EQ(video.codecs.size(), 34u);
  EXPECT_EQ(video.direction, Direction::kRecvOnly);
  EXPECT_EQ(video.ice_ufrag, "btJC");
  EXPECT_EQ(video.setup, Setup::kActPass);
  EXPECT_EQ(video.extmaps.size(), 11u);
  const Codec* h264 = video.FindCodec(PayloadType(108));
  ASSERT_NE(h264, nullptr);
  EXPECT_TRUE(h264->Is("H264", 90'000));
  EXPECT_EQ(h264->Parameter("profile-level-id"), "42e01f");
  EXPECT_THAT(h264->feedback,
              testing::ElementsAre("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"));
  EXPECT_THAT(offer.media[1].formats, testing::ElementsAre("webrtc-datachannel"));
  EXPECT_EQ(offer.media[1].sctp_port, 5000);
}

// Firefox writes fingerprint and ice-options for the session.
TEST(Parser, MovesSessionAttributesDownToTheMedia) {
  const SessionDescription offer = ParseFile("firefox153/firefox-max-bundle.offer.sdp");
  ASSERT_EQ(offer.media.size(), 3u);
  EXPECT_TRUE(offer.has_ice_option("trickle"));
  for (const MediaDescription& media : offer.media) {
    ASSERT_EQ(media.fingerprints.size(), 1u);
    EXPECT_THAT(media.fingerprints[0], StartsWith("sha-256 71:99:D2"));
  }
  EXPECT_TRUE(offer.media[1].bundle_only);
  EXPECT_FALSE(offer.media[1].is_rejected());
}

TEST(Parser, LetsTheMediaOverrideTheSession) {
  const SessionDescription session = ParseOrFail(
      std::string(kHeader) +
      "a=setup:passive\r\na=inactive\r\na=ice-ufrag:sess\r\na=ice-pwd:0123456789012345678901\r\n"
      "a=fingerprint:sha-256 AA\r\na=end-of-candidates\r\nc=IN IP4 192.0.2.1\r\n"
      "m=video 9 RTP/SAVPF 96\r\n"
      "m=audio 9 RTP/SAVPF 0\r\na=setup:active\r\na=sendonly\r\na=ice-ufrag:media\r\n"
      "a=ice-pwd:9876543210987654321098\r\na=fingerprint:sha-256 BB\r\nc=IN IP4 192.0.2.2\r\n");
  EXPECT_EQ(session.media[0].setup, Setup::kPassive);
  EXPECT_EQ(session.media[0].direction, Direction::kInactive);
  EXPECT_EQ(session.media[0].ice_ufrag, "sess");
  EXPECT_EQ(session.media[0].fingerprints[0], "sha-256 AA");
  EXPECT_TRUE(session.media[0].end_of_candidates);
  EXPECT_EQ(session.media[0].connection, "IN IP4 192.0.2.1");
  EXPECT_EQ(session.media[1].setup, Setup::kActive);
  EXPECT_EQ(session.media[1].direction, Direction::kSendOnly);
  EXPECT_EQ(session.media[1].ice_ufrag, "media");
  ASSERT_EQ(session.media[1].fingerprints.size(), 1u);
  EXPECT_EQ(session.media[1].fingerprints[0], "sha-256 BB");
  EXPECT_EQ(session.media[1].connection, "IN IP4 192.0.2.2");
}

TEST(Parser, KnowsStaticPayloadTypes) {
  const SessionDescription session =
      ParseOrFail(std::string(kHeader) + "m=audio 9 RTP/AVP 0 8 9 100\r\n");
  EXPECT_TRUE(session.media[0].codecs[0].Is("PCMU", 8000));
  EXPECT_TRUE(session.media[0].codecs[1].Is("PCMA", 8000));
  EXPECT_EQ(session.media[0].codecs[3].name, "");
}

TEST(Parser, TakesLfOnlyAndAMissingLastLineEnd) {
  EXPECT_EQ(ErrorOf("v=0\no=- 1 2 IN IP4 127.0.0.1\ns=-\nt=0 0\nm=audio 9 RTP/AVP 0"), "ok");
}

// Checklist 46.
TEST(Parser, RefusesNumbersOutOfRange) {
  const std::string header = kHeader;
  EXPECT_EQ(ErrorOf(header + "m=audio 17000 RTP/AVP 4294967296\r\n"),
            "SDP line 5: m= with '4294967296', expected payload types from 0 to 127");
  EXPECT_THAT(ErrorOf(header + "m=audio 17000 RTP/AVP 128\r\n"), StartsWith("SDP line 5: m="));
  EXPECT_THAT(ErrorOf(header + "m=audio 65536 RTP/AVP 0\r\n"), StartsWith("SDP line 5: m="));
  EXPECT_THAT(ErrorOf("v=0\r\no=- 18446744073709551616 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"),
              StartsWith("SDP line 2: o="));
}

// Checklist 46. The bound is on the work: nothing is read of a text that is too large, and reading
// stops at the first media too many.
TEST(Parser, RefusesHugeTextBeforeReadingIt) {
  const auto session = SessionDescription::Parse(kHeader + std::string(1'000'000, 'a'));
  EXPECT_EQ(session.status().code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(session.status().message(), "SDP of 1000043 bytes, expected at most 65536");
}

// Checklist 46.
TEST(Parser, RefusesAThousandMediaAtTheFirstTooMany) {
  std::string text = kHeader;
  for (int i = 0; i < 1000; ++i) text += "m=audio 9 RTP/AVP 0\r\n";
  EXPECT_EQ(ErrorOf(text), "SDP line 37: m=, expected at most 32 of them");
}

TEST(Parser, RefusesMoreAttributesThanTheLimit) {
  std::string text = std::string(kHeader) + "m=audio 9 RTP/AVP 0\r\n";
  for (size_t i = 0; i <= kMaxSdpAttributes; ++i) text += "a=x\r\n";
  EXPECT_EQ(ErrorOf(text), "SDP line 1030: a=, expected at most 1024 for a media");
}

TEST(Parser, NamesTheLineOfWhatIsMissingOrMisplaced) {
  EXPECT_EQ(ErrorOf(""), "SDP line 1: nothing, expected a session description");
  EXPECT_EQ(ErrorOf("o=- 1 2 IN IP4 x\r\n"), "SDP line 1: o=, expected v=");
  EXPECT_EQ(ErrorOf("v=1\r\n"), "SDP line 1: v='1', expected v=0 as the first line");
  EXPECT_EQ(ErrorOf("v=0\r\ns=-\r\n"), "SDP line 2: s=, expected o=");
  EXPECT_THAT(ErrorOf("v=0\r\no=- 1 IN IP4 x\r\n"), StartsWith("SDP line 2: o="));
  EXPECT_THAT(ErrorOf("v=0\r\no=- 1 2 IN IP4 x\r\ns=-\r\n"), StartsWith("SDP line 3: no t="));
  EXPECT_THAT(ErrorOf("v=0\r\no=- 1 2 IN IP4 x\r\ns=-\r\nm=audio 9 RTP/AVP 0\r\n"),
              StartsWith("SDP line 4: no t="));
  const std::string header = kHeader;
  EXPECT_THAT(ErrorOf(header + "v=0\r\n"), StartsWith("SDP line 5: v="));
  EXPECT_THAT(ErrorOf(header + "o=- 1 2 IN IP4 x\r\n"), StartsWith("SDP line 5: o="));
  EXPECT_EQ(ErrorOf(header + "x=1\r\n"),
            "SDP line 5: x= does not belong here, expected one of vosiuepcbtrzkam");
  EXPECT_THAT(ErrorOf(header + "t=now\r\n"), StartsWith("SDP line 5: t="));
  EXPECT_THAT(ErrorOf(header + "c=IN IP5 x\r\n"), StartsWith("SDP line 5: c="));
  EXPECT_THAT(ErrorOf(header + "b=AS:x\r\n"), StartsWith("SDP line 5: b="));
  EXPECT_THAT(ErrorOf(header + "m=audio 9 RTP/AVP\r\n"), StartsWith("SDP line 5: m="));
  EXPECT_THAT(ErrorOf(header + "m=audio 9 RTP/AVP 0\r\nt=0 0\r\n"), StartsWith("SDP line 6: t="));
}

TEST(Parser, RefusesHalfOfTheCredentials) {
  EXPECT_EQ(ErrorOf(std::string(kHeader) + "m=audio 9 RTP/AVP 0\r\na=ice-ufrag:abcd\r\n"),
            "SDP line 5: only one of a=ice-ufrag and a=ice-pwd for this media, expected both");
}

TEST(Parser, RefusesAMidThatIsTaken) {
  EXPECT_EQ(ErrorOf(std::string(kHeader) +
                    "m=audio 9 RTP/AVP 0\r\na=mid:0\r\nm=video 9 RTP/AVP 96\r\na=mid:0\r\n"),
            "SDP line 7: a=mid:'0' as an earlier media, expected its own");
}

// Checklist 45: broken ones get an error that names a line, and nothing worse.
TEST(Parser, SurvivesAnOfferCutAtEveryByte) {
  const std::string offer = ReadFile("tests/data/sdp/firefox153/firefox-recvonly-av-dc.offer.sdp");
  for (size_t size = 0; size < offer.size(); ++size) {
    const std::string error = ErrorOf(std::string_view(offer).substr(0, size));
    if (error != "ok") {
      ASSERT_THAT(error, MatchesRegex("SDP line [0-9]+: .*")) << size;
    }
  }
}

TEST(Parser, SurvivesMutatedOffers) {
  std::mt19937 random(20);
  const std::string offer = ReadFile("tests/data/sdp/chromium156/chromium-mic-talkback.offer.sdp");
  const auto below = [&random](size_t bound) { return static_cast<size_t>(random()) % bound; };
  int refused = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string text = offer;
    for (int i = 0; i < 3; ++i) {
      const size_t at = below(text.size());
      const size_t size = below(30);
      if (round % 3 == 0) text[at] = static_cast<char>(random());
      if (round % 3 == 1) text.erase(at, size);
      if (round % 3 == 2) text.insert(at, text.substr(below(text.size()), size));
    }
    const auto session = SessionDescription::Parse(text);
    if (!session.ok()) {
      ++refused;
      ASSERT_THAT(session.status().message(), MatchesRegex("SDP line [0-9]+: (.|\n)*"));
      continue;
    }
    EXPECT_TRUE(ParseOrFail(session->Write()) == *session) << "round " << round;
    (void)CreateAnswer(*session, TestSession(), TestMedia()).ok();
  }
  EXPECT_GT(refused, 500);
}

TEST(Parser, TakesOrRefusesPublicSamplesWithTheirLine) {
  const auto files = SdpFiles("../shared/vectors/public/sdp");
  if (files.empty()) GTEST_SKIP() << "no public samples beside the repository";
  for (const auto& file : files) {
    const auto session = SessionDescription::Parse(ReadFile(file));
    if (session.ok()) {
      EXPECT_TRUE(ParseOrFail(session->Write()) == *session) << file;
    } else {
      EXPECT_THAT(session.status().message(), MatchesRegex("SDP line [0-9]+: .*")) << file;
      EXPECT_EQ(file.string().find("aiortc"), std::string::npos) << session.status().ToString();
    }
  }
}

}  // namespace
}  // namespace ocellus::sdp
