// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sdp/video_negotiation.h"

#include <gmock/gmock.h>

#include "tests/rtc/sdp/sdp_files.h"

namespace ocellus::sdp {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Codec H264(uint8_t payload_type, const std::string& parameters) {
  Codec codec;
  codec.payload_type = PayloadType(payload_type);
  codec.name = "H264";
  codec.clock_rate = 90'000;
  codec.parameters = parameters;
  codec.feedback = {"goog-remb", "transport-cc", "ccm fir", "nack", "nack pli", "nack rpsi"};
  return codec;
}

MediaDescription Offered(std::vector<Codec> codecs) {
  MediaDescription media;
  media.line = 8;
  media.mid = "0";
  media.direction = Direction::kRecvOnly;
  media.codecs = std::move(codecs);
  media.rtcp_mux = true;
  media.extmaps = {{3, std::nullopt, std::string(extension_uri::kTransportCc)},
                   {9, std::nullopt, std::string(extension_uri::kMid)},
                   {5, std::nullopt, "urn:3gpp:video-orientation"}};
  return media;
}

// What Chromium offers, by payload type.
MediaDescription ChromiumOffer() {
  return Offered({H264(100, "packetization-mode=1;profile-level-id=42001f"),
                  H264(101, "packetization-mode=0;profile-level-id=42e01f"),
                  H264(102, "packetization-mode=1;profile-level-id=42e01f"),
                  H264(103, "packetization-mode=1;profile-level-id=4d001f"),
                  H264(104, "packetization-mode=1;profile-level-id=f4001f")});
}

// The payload type that answers a stream of this profile; 0 when it is refused.
int Chosen(const MediaDescription& offered, const char* profile_level_id) {
  const auto answer = AnswerVideo(offered, *TestMedia(profile_level_id).video);
  return answer.ok() ? answer->codecs[0].payload_type.value() : 0;
}

std::string ParametersOf(const std::string& offered, const char* profile_level_id) {
  return AnswerVideo(Offered({H264(96, offered)}), *TestMedia(profile_level_id).video)
      ->codecs[0]
      .parameters;
}

TEST(AnswerVideo, ChoosesTheProfileOfTheStream) {
  EXPECT_EQ(Chosen(ChromiumOffer(), "42c01f"), 102);
  EXPECT_EQ(Chosen(ChromiumOffer(), "42e028"), 102);
  EXPECT_EQ(Chosen(ChromiumOffer(), "420028"), 100);
  EXPECT_EQ(Chosen(ChromiumOffer(), "4d0028"), 103);
}

TEST(AnswerVideo, ElseTheLeastDecoderBeyondIt) {
  EXPECT_EQ(Chosen(ChromiumOffer(), "640028"), 104);
  EXPECT_EQ(Chosen(Offered({H264(104, "packetization-mode=1;profile-level-id=f4001f"),
                            H264(103, "packetization-mode=1;profile-level-id=4d001f"),
                            H264(100, "packetization-mode=1;profile-level-id=42001f")}),
                   "42c01f"),
            100);
}

TEST(AnswerVideo, RefusesDecodersThatCannotHaveIt) {
  const MediaDescription baseline_only =
      Offered({H264(96, "packetization-mode=1;profile-level-id=42e01f")});
  const auto answer = AnswerVideo(baseline_only, *TestMedia("640028").video);
  EXPECT_EQ(answer.status().code(), StatusCode::kUnsupported);
  EXPECT_EQ(answer.status().message(),
            "SDP line 8 (video): no H264 with packetization-mode=1 that decodes profile-level-id "
            "640028, expected one");
}

TEST(AnswerVideo, NeedsPacketizationMode1) {
  EXPECT_EQ(Chosen(Offered({H264(96, "packetization-mode=0;profile-level-id=42e01f")}), "42e01f"),
            0);
  EXPECT_EQ(Chosen(Offered({H264(96, "profile-level-id=42e01f")}), "42e01f"), 0);
}

// RFC 6184 section 8.1: no profile-level-id means Baseline.
TEST(AnswerVideo, TakesAPayloadTypeWithoutProfile) {
  EXPECT_EQ(ParametersOf("packetization-mode=1", "42e01f"),
            "packetization-mode=1;profile-level-id=42000a");
}

TEST(AnswerVideo, MatchesAProfileThatHasNoNameByItsBytes) {
  const MediaDescription offered =
      Offered({H264(96, "packetization-mode=1;profile-level-id=6e101f")});
  EXPECT_EQ(Chosen(offered, "6e101f"), 96);
  EXPECT_EQ(Chosen(offered, "6e301f"), 0);
  EXPECT_EQ(Chosen(Offered({H264(96, "packetization-mode=1;profile-level-id=zz")}), "42e01f"), 0);
}

// RFC 6184 section 8.2.2.
TEST(AnswerVideo, KeepsTheOfferedProfileAndSaysItsOwnLevelWhereItMay) {
  EXPECT_EQ(ParametersOf("level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
                         "42c028"),
            "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e028");
  EXPECT_EQ(ParametersOf("packetization-mode=1;profile-level-id=42e01f", "42c028"),
            "packetization-mode=1;profile-level-id=42e01f");
  EXPECT_EQ(ParametersOf("packetization-mode=1;profile-level-id=42e01f", "42c00d"),
            "packetization-mode=1;profile-level-id=42e00d");
}

TEST(AnswerVideo, AnswersOnlyTheExtensionsThatWeUseUnderTheirIds) {
  const auto answer = AnswerVideo(ChromiumOffer(), *TestMedia().video);
  ASSERT_EQ(answer->extmaps.size(), 2u);
  EXPECT_EQ(answer->extmaps[0].id, 3);
  EXPECT_EQ(answer->extmaps[1].id, 9);
}

// RFC 8285 section 6.
TEST(AnswerVideo, MirrorsTheDirectionOfAnExtension) {
  MediaDescription offered = ChromiumOffer();
  offered.extmaps = {{6, Direction::kRecvOnly, std::string(extension_uri::kPlayoutDelay)},
                     {7, Direction::kSendOnly, std::string(extension_uri::kTransportCc)}};
  const auto answer = AnswerVideo(offered, *TestMedia().video);
  ASSERT_EQ(answer->extmaps.size(), 1u);
  EXPECT_EQ(answer->extmaps[0].id, 6);
  EXPECT_EQ(answer->extmaps[0].direction, Direction::kSendOnly);
  EXPECT_EQ(ReadVideo(*answer, 0)->extensions.playout_delay, ExtensionId(6));
}

TEST(AnswerVideo, LeavesOutExtensionsThatDoNotFitOneByteHeaders) {
  MediaDescription offered = ChromiumOffer();
  offered.mid = std::string(17, 'm');
  offered.extmaps = {{15, std::nullopt, std::string(extension_uri::kPlayoutDelay)},
                     {1, std::nullopt, std::string(extension_uri::kMid)}};
  EXPECT_TRUE(AnswerVideo(offered, *TestMedia().video)->extmaps.empty());
}

TEST(AnswerVideo, AnswersTransportFeedbackOnlyWithItsExtension) {
  MediaDescription offered = ChromiumOffer();
  EXPECT_THAT(AnswerVideo(offered, *TestMedia().video)->codecs[0].feedback,
              ElementsAre("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"));
  offered.extmaps.clear();
  EXPECT_THAT(AnswerVideo(offered, *TestMedia().video)->codecs[0].feedback,
              ElementsAre("goog-remb", "ccm fir", "nack", "nack pli"));
}

TEST(AnswerVideo, TakesTheRetransmissionOfItsPayloadType) {
  MediaDescription offered = ChromiumOffer();
  Codec rtx = H264(110, "apt=100");
  rtx.name = "rtx";
  offered.codecs.push_back(rtx);
  EXPECT_EQ(AnswerVideo(offered, *TestMedia().video)->codecs.size(), 1u);
  rtx.payload_type = PayloadType(111);
  rtx.parameters = "apt=102;rtx-time=3000";
  offered.codecs.push_back(rtx);
  const auto answer = AnswerVideo(offered, *TestMedia().video);
  ASSERT_EQ(answer->codecs.size(), 2u);
  EXPECT_EQ(answer->codecs[1].payload_type, PayloadType(111));
  ASSERT_EQ(answer->ssrc_groups.size(), 1u);
  EXPECT_THAT(answer->ssrc_groups[0].ssrcs, ElementsAre(Ssrc(1111), Ssrc(2222)));
  LocalVideo without = *TestMedia().video;
  without.rtx = false;
  EXPECT_EQ(AnswerVideo(offered, without)->codecs.size(), 1u);
  EXPECT_TRUE(AnswerVideo(offered, without)->ssrc_groups.empty());
}

TEST(AnswerVideo, SaysWhyItCannotSend) {
  const auto why = [](const MediaDescription& offered) {
    return AnswerVideo(offered, *TestMedia().video).status().message();
  };
  MediaDescription offered = ChromiumOffer();
  offered.direction = Direction::kSendOnly;
  EXPECT_THAT(why(offered), HasSubstr("sendonly, expected recvonly"));
  offered = ChromiumOffer();
  offered.port = 0;
  EXPECT_THAT(why(offered), HasSubstr("port 0"));
  offered = ChromiumOffer();
  offered.protocol = "UDP/DTLS/SCTP";
  EXPECT_THAT(why(offered), HasSubstr("UDP/DTLS/SCTP"));
}

TEST(OnlyOffered, DropsWhatTheOfferDoesNotHave) {
  const MediaDescription offered = OfferVideoToReceive(ViewerMedia());
  MediaDescription answer = offered;
  answer.direction = Direction::kSendOnly;
  answer.codecs[0].feedback.push_back("ack rpsi");
  answer.codecs.push_back(H264(40, "packetization-mode=1"));
  answer.codecs[1].name = "VP8";
  answer.extmaps[0].id = 13;
  const MediaDescription agreed = OnlyOffered(offered, answer);
  EXPECT_EQ(agreed.codecs.size(), offered.codecs.size() - 1);
  EXPECT_FALSE(agreed.codecs[0].HasFeedback("ack rpsi"));
  EXPECT_EQ(agreed.extmaps.size(), offered.extmaps.size() - 1);
}

TEST(ReadVideo, TellsWhatAnAnswerMeans) {
  MediaDescription answer = OfferVideoToSend(*TestMedia().video);
  const auto video = ReadVideo(answer, 3);
  ASSERT_TRUE(video);
  EXPECT_EQ(video->mid, "0");
  EXPECT_EQ(video->m_line_index, 3u);
  EXPECT_EQ(video->payload_type, PayloadType(102));
  EXPECT_EQ(video->rtx_payload_type, PayloadType(103));
  EXPECT_EQ(video->profile_level_id.ToString(), "42c01f");
  EXPECT_EQ(video->extensions.mid, ExtensionId(1));
  EXPECT_EQ(video->extensions.transport_cc, ExtensionId(2));
  EXPECT_EQ(video->extensions.playout_delay, ExtensionId(3));
  EXPECT_EQ(video->extensions.abs_capture_time, ExtensionId(4));
  EXPECT_TRUE(video->nack && video->pli && video->fir && video->transport_cc && video->goog_remb);
  EXPECT_TRUE(video->rtcp_rsize);
  answer.codecs.clear();
  EXPECT_FALSE(ReadVideo(answer, 0));
}

TEST(ReadVideo, HasNoTransportFeedbackWithoutTheExtension) {
  MediaDescription answer = OfferVideoToSend(*TestMedia().video);
  answer.extmaps.clear();
  EXPECT_FALSE(ReadVideo(answer, 0)->transport_cc);
}

TEST(ReadVideo, LooksAtExtensionsFromTheSendersSide) {
  MediaDescription answer = OfferVideoToSend(*TestMedia().video);
  answer.direction = Direction::kRecvOnly;  // The answerer is the viewer.
  answer.extmaps[2].direction = Direction::kRecvOnly;
  answer.extmaps[3].direction = Direction::kSendOnly;
  EXPECT_TRUE(ReadVideo(answer, 0)->extensions.playout_delay);
  EXPECT_FALSE(ReadVideo(answer, 0)->extensions.abs_capture_time);
}

}  // namespace
}  // namespace ocellus::sdp
