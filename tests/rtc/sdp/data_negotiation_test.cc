// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sdp/data_negotiation.h"

#include <gmock/gmock.h>

#include "firmware/base/limits.h"
#include "tests/rtc/sdp/sdp_files.h"

namespace ocellus::sdp {
namespace {

using testing::HasSubstr;

// An m-line with `attributes` below it.
MediaDescription Parse(const std::string& m_line, const std::string& attributes = "") {
  return ParseOrFail("v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n" + m_line + "\r\n" +
                     attributes)
      .media[0];
}

constexpr const char* kNewForm = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel";
constexpr const char* kOldForm = "m=application 9 DTLS/SCTP 5000";

// Both browsers' m-lines, in every captured description.
TEST(DataNegotiation, TakesEveryCapturedMediaLine) {
  size_t seen = 0;
  for (const auto& path : SdpFiles(kCapturedSdp)) {
    const SessionDescription description = ParseOrFail(ReadFile(path));
    for (size_t i = 0; i < description.media.size(); ++i) {
      const MediaDescription& media = description.media[i];
      if (media.kind() != MediaKind::kApplication || media.is_rejected()) continue;
      ++seen;
      const auto answer = AnswerData(media);
      ASSERT_TRUE(answer.ok()) << path << ": " << answer.status().ToString();
      EXPECT_EQ(answer->mid, media.mid) << path;
      EXPECT_EQ(ReadData(media, i).m_line_index, i) << path;
      EXPECT_EQ(ReadData(media, i).peer_port, 5000) << path;
      EXPECT_GE(ReadData(media, i).peer_max_message_size, 262'144u) << path;
    }
  }
  EXPECT_GT(seen, 40u);
}

TEST(DataNegotiation, AnswersOurPortAndLimit) {
  const auto answer = AnswerData(Parse(kNewForm, "a=mid:7\r\na=sctp-port:6000\r\n"));
  ASSERT_TRUE(answer.ok()) << answer.status().ToString();
  EXPECT_EQ(answer->mid, "7");
  EXPECT_EQ(answer->sctp_port, 5000);
  EXPECT_EQ(answer->max_message_size, kMaxChannelMessageSize);
}

// RFC 8841 section 4.1 names both protocols; which of them it is depends on the default candidate.
TEST(DataNegotiation, AnswersInTheProtocolOfTheOffer) {
  const auto answer = AnswerData(Parse("m=application 9 TCP/DTLS/SCTP webrtc-datachannel"));
  ASSERT_TRUE(answer.ok()) << answer.status().ToString();
  EXPECT_EQ(answer->protocol, "TCP/DTLS/SCTP");
  EXPECT_EQ(answer->formats, std::vector<std::string>{"webrtc-datachannel"});
}

// As aiortc and browsers before 2019 offer it.
TEST(DataNegotiation, SpeaksTheFormFromBeforeRfc8841) {
  const MediaDescription offered =
      Parse("m=application 9 DTLS/SCTP 5001", "a=sctpmap:5001 webrtc-datachannel 1024\r\n");
  const auto answer = AnswerData(offered);
  ASSERT_TRUE(answer.ok()) << answer.status().ToString();
  EXPECT_EQ(ReadData(offered, 0).peer_port, 5001);
  SessionDescription description;
  description.media = {*answer};
  EXPECT_THAT(description.Write(), HasSubstr("m=application 9 DTLS/SCTP 5000\r\n"));
  EXPECT_THAT(description.Write(), HasSubstr("a=sctpmap:5000 webrtc-datachannel 65535\r\n"));
  EXPECT_TRUE(ParseOrFail(description.Write()) == description);
}

TEST(DataNegotiation, ReadsThePeersLimit) {
  const auto limit = [](const std::string& attributes) {
    return ReadData(Parse(kNewForm, attributes), 0).peer_max_message_size;
  };
  // RFC 8841 section 6.1: 64 KB where there is none, and 0 for any size.
  EXPECT_EQ(limit(""), 65'536u);
  EXPECT_EQ(limit("a=max-message-size:0\r\n"), 0u);
  EXPECT_EQ(limit("a=max-message-size:1\r\n"), 1u);
  EXPECT_EQ(limit("a=max-message-size:4294967295\r\n"), 4'294'967'295u);
  EXPECT_EQ(limit("a=max-message-size:18446744073709551615\r\n"), SIZE_MAX);
}

TEST(DataNegotiation, TakesBrowsersPortWhereNoneIsNamed) {
  EXPECT_EQ(ReadData(Parse(kNewForm), 0).peer_port, 5000);
  EXPECT_EQ(ReadData(Parse(kNewForm, "a=sctp-port:1\r\n"), 0).peer_port, 1);
}

TEST(DataNegotiation, NamesTheLineAndWhatIsMissing) {
  const auto why = [](const std::string& m_line, const std::string& attributes = "") {
    return AnswerData(Parse(m_line, attributes)).status().ToString();
  };
  EXPECT_EQ(why("m=application 0 UDP/DTLS/SCTP webrtc-datachannel"),
            "unsupported: SDP line 5 (application): disabled (port 0), expected a port");
  EXPECT_EQ(why("m=application 9 DTLS/SCTP/x webrtc-datachannel"),
            "unsupported: SDP line 5 (application): 'DTLS/SCTP/x', expected UDP/DTLS/SCTP");
  EXPECT_THAT(why("m=application 9 UDP/DTLS/SCTP bfcp"), HasSubstr("not for webrtc-datachannel"));
  EXPECT_THAT(why(kNewForm, "a=sctp-port:0\r\n"), HasSubstr("a=sctp-port:0, expected a port"));
  EXPECT_THAT(why(kOldForm), HasSubstr("no a=sctpmap for webrtc-datachannel"));
  EXPECT_THAT(why(kOldForm, "a=sctpmap:5000 bfcp 2\r\n"), HasSubstr("no a=sctpmap"));
}

// Firefox offers with bundle-only, whose port is 0.
TEST(DataNegotiation, TakesAMediaLineThatIsBundledOnly) {
  EXPECT_TRUE(CheckData(Parse("m=application 0 UDP/DTLS/SCTP webrtc-datachannel",
                              "a=bundle-only\r\na=mid:1\r\n"))
                  .ok());
}

TEST(DataNegotiation, OffersWhatItWouldAccept) {
  const MediaDescription offer = OfferData("1");
  EXPECT_EQ(offer.mid, "1");
  EXPECT_TRUE(CheckData(offer).ok());
  EXPECT_EQ(ReadData(offer, 1).peer_max_message_size, kMaxChannelMessageSize);
}

}  // namespace
}  // namespace ocellus::sdp
