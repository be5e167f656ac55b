// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/rtc/sdp/sdp_files.h"

namespace ocellus::sdp {
namespace {

using testing::HasSubstr;

TEST(ApplyAnswer, TakesChromiumsAnswersToACamera) {
  for (const char* number : {"1", "2", "3"}) {
    for (const char* kind : {".answer.sdp", ".answer-gathered.sdp"}) {
      const SessionDescription offer = ParseFile(std::string("camera") + number + ".sdp");
      const std::string name = std::string("chromium156/chromium-camera") + number + kind;
      const auto applied = ApplyAnswer(offer, ParseFile(name));
      ASSERT_TRUE(applied.ok()) << name << ": " << applied.status().ToString();
      EXPECT_EQ(applied->remote.setup, Setup::kActive) << name;
      ASSERT_TRUE(applied->video) << name;
      EXPECT_EQ(applied->video->payload_type, PayloadType(102)) << name;
      EXPECT_EQ(applied->video->rtx_payload_type, PayloadType(103)) << name;
      EXPECT_EQ(applied->video->extensions.mid, ExtensionId(1)) << name;
      EXPECT_EQ(applied->video->extensions.playout_delay, ExtensionId(4)) << name;
      EXPECT_TRUE(applied->video->transport_cc && applied->video->nack) << name;
      EXPECT_FALSE(applied->video->remote_ssrc) << name;
      ASSERT_TRUE(applied->data) << name;
      EXPECT_EQ(applied->data->peer_max_message_size, 262'144u) << name;
    }
  }
}

// Captured answers of both browsers to CreateCameraOffer (Firefox with H.264).
TEST(ApplyAnswer, TakesTheBrowsersAnswersToOurOffer) {
  const SessionDescription offer = CreateCameraOffer(TestSession(), TestVideo());
  for (const char* name : {"chromium156/chromium-counter-offer.answer.sdp",
                           "firefox153/firefox-counter-offer.answer.sdp"}) {
    const auto applied = ApplyAnswer(offer, ParseFile(name));
    ASSERT_TRUE(applied.ok()) << name << ": " << applied.status().ToString();
    EXPECT_EQ(applied->remote.setup, Setup::kPassive) << name;
    ASSERT_TRUE(applied->video) << name;
    EXPECT_EQ(applied->video->payload_type, PayloadType(102)) << name;
    EXPECT_EQ(applied->video->rtx_payload_type, PayloadType(103)) << name;
    EXPECT_EQ(applied->video->profile_level_id.ToString(), "42e01f") << name;
    EXPECT_EQ(applied->video->extensions.mid, ExtensionId(1)) << name;
    EXPECT_EQ(applied->video->extensions.playout_delay, ExtensionId(3)) << name;
    EXPECT_TRUE(applied->video->transport_cc && applied->video->pli) << name;
  }
}

TEST(ApplyAnswer, TakesTheBrowsersAnswersToOurOfferOfDataChannels) {
  const SessionDescription offer = CreateCameraOffer(TestSession(), TestMedia());
  for (const char* name : {"chromium156/chromium-counter-offer-data.answer.sdp",
                           "firefox153/firefox-counter-offer-data.answer.sdp"}) {
    const auto applied = ApplyAnswer(offer, ParseFile(name));
    ASSERT_TRUE(applied.ok()) << name << ": " << applied.status().ToString();
    EXPECT_TRUE(applied->video) << name;
    ASSERT_TRUE(applied->data) << name;
    EXPECT_EQ(applied->data->m_line_index, 1u) << name;
    EXPECT_EQ(applied->data->peer_port, 5000) << name;
    EXPECT_GE(applied->data->peer_max_message_size, 262'144u) << name;
  }
}

// Checklist 47: a Firefox without H.264 rejects the video; the transport is that of the audio.
TEST(ApplyAnswer, KeepsTheRestWhenTheVideoIsRejected) {
  for (const char* number : {"1", "2", "3"}) {
    const SessionDescription offer = ParseFile(std::string("camera") + number + ".sdp");
    const auto applied = ApplyAnswer(
        offer, ParseFile(std::string("firefox153/firefox-camera") + number + ".answer.sdp"));
    ASSERT_TRUE(applied.ok()) << applied.status().ToString();
    EXPECT_FALSE(applied->video);
    EXPECT_TRUE(applied->data);
    EXPECT_EQ(applied->remote.mid, "1");
    EXPECT_EQ(applied->remote.setup, Setup::kActive);
    EXPECT_EQ(applied->remote.fingerprints.size(), 1u);
    EXPECT_TRUE(applied->remote.trickle);
  }
}

// Our viewer, our camera: both sides must mean the same.
TEST(ApplyAnswer, AgreesWithTheAnswerer) {
  const SessionDescription offer = CreateViewerOffer(TestSession(), ViewerMedia());
  for (const char* profile : {"42c01f", "4d0028", "640028"}) {
    const auto answer = CreateAnswer(offer, TestSession(), TestMedia(profile));
    ASSERT_TRUE(answer.ok()) << answer.status().ToString();
    const auto applied = ApplyAnswer(offer, ParseOrFail(answer->answer.Write()));
    ASSERT_TRUE(applied.ok()) << applied.status().ToString();
    EXPECT_EQ(applied->remote.setup, Setup::kActive);
    EXPECT_EQ(answer->remote.setup, Setup::kPassive);
    EXPECT_EQ(applied->remote.candidates, TestSession().candidates);
    EXPECT_TRUE(applied->remote.end_of_candidates);
    ASSERT_TRUE(applied->video);
    const NegotiatedVideo& theirs = *applied->video;
    const NegotiatedVideo& ours = *answer->video;
    EXPECT_EQ(theirs.payload_type, ours.payload_type);
    EXPECT_EQ(theirs.rtx_payload_type, ours.rtx_payload_type);
    EXPECT_EQ(theirs.profile_level_id, ours.profile_level_id);
    EXPECT_EQ(theirs.extensions.mid, ours.extensions.mid);
    EXPECT_EQ(theirs.extensions.transport_cc, ours.extensions.transport_cc);
    EXPECT_EQ(theirs.extensions.abs_capture_time, ours.extensions.abs_capture_time);
    EXPECT_EQ(theirs.remote_ssrc, Ssrc(1111));
    EXPECT_EQ(theirs.remote_rtx_ssrc, Ssrc(2222));
  }
}

// An answer that a viewer could give to our offer, with one thing changed.
class CameraOffer : public testing::Test {
 protected:
  CameraOffer() {
    answer_ = offer_;
    answer_.media[0].direction = Direction::kRecvOnly;
    answer_.media[0].setup = Setup::kPassive;
    answer_.media[0].sources.clear();
    answer_.media[0].line = 8;
  }
  MediaDescription& video() { return answer_.media[0]; }
  std::string Error() const { return ApplyAnswer(offer_, answer_).status().message(); }

  const SessionDescription offer_ = CreateCameraOffer(TestSession(), TestVideo());
  SessionDescription answer_;
};

TEST_F(CameraOffer, TakesAPassiveViewer) {
  const auto applied = ApplyAnswer(offer_, answer_);
  ASSERT_TRUE(applied.ok()) << applied.status().ToString();
  EXPECT_EQ(applied->remote.setup, Setup::kPassive);
  EXPECT_TRUE(applied->video);
}

TEST_F(CameraOffer, RefusesAnActiveViewer) {
  video().setup = Setup::kActive;
  EXPECT_THAT(Error(), HasSubstr("a=setup:active to an offer of active"));
}

TEST_F(CameraOffer, HasNoVideoWhenTheViewerDoesNotReceive) {
  video().direction = Direction::kInactive;
  const auto applied = ApplyAnswer(offer_, answer_);
  ASSERT_TRUE(applied.ok());
  EXPECT_FALSE(applied->video);
}

TEST_F(CameraOffer, IgnoresWhatItDidNotOffer) {
  video().extmaps = {{9, std::nullopt, std::string(extension_uri::kMid)},
                     {3, std::nullopt, std::string(extension_uri::kPlayoutDelay)}};
  const auto applied = ApplyAnswer(offer_, answer_);
  ASSERT_TRUE(applied.ok());
  EXPECT_FALSE(applied->video->extensions.mid);
  EXPECT_EQ(applied->video->extensions.playout_delay, ExtensionId(3));
}

TEST_F(CameraOffer, RefusesAPayloadTypeThatItDidNotOffer) {
  video().codecs[0].payload_type = PayloadType(96);
  EXPECT_EQ(Error(), "SDP line 8 (video): no H264 of the offer, expected one or port 0");
}

TEST_F(CameraOffer, RefusesOtherMediaLines) {
  answer_.media.push_back(video());
  EXPECT_EQ(Error(), "SDP with 2 m= lines, expected 1 as in the offer");
  answer_.media.pop_back();
  video().mid = "7";
  EXPECT_EQ(Error(), "SDP line 8 (video): expected video with mid 0 as in the offer");
  video().mid = "0";
  video().media = "audio";
  EXPECT_THAT(Error(), HasSubstr("expected video"));
}

TEST_F(CameraOffer, RefusesAnAnswerThatAcceptsNothing) {
  video().port = 0;
  EXPECT_EQ(Error(), "SDP with every m= rejected, expected one accepted");
}

TEST_F(CameraOffer, NeedsRtcpMuxAndATransport) {
  video().rtcp_mux = false;
  EXPECT_THAT(Error(), HasSubstr("no a=rtcp-mux"));
  video().rtcp_mux = true;
  video().fingerprints = {"sha-1 AA"};
  EXPECT_THAT(Error(), HasSubstr("weak hash"));
  video().ice_ufrag.reset();
  EXPECT_THAT(Error(), HasSubstr("expected ICE"));
}

// --- Data channels -------------------------------------------------------------------------------

// The same with data channels, which the viewer may take or leave.
class DataOffer : public testing::Test {
 protected:
  DataOffer() {
    answer_ = offer_;
    for (MediaDescription& media : answer_.media) media.setup = Setup::kPassive;
    answer_.media[0].direction = Direction::kRecvOnly;
  }
  MediaDescription& video() { return answer_.media[0]; }
  MediaDescription& data() { return answer_.media[1]; }
  // What is agreed on; nothing: the rest of the answer holds.
  std::optional<NegotiatedData> Applied() const {
    const auto applied = ApplyAnswer(offer_, answer_);
    EXPECT_TRUE(applied.ok()) << applied.status().ToString();
    return applied.ok() ? applied->data : std::nullopt;
  }

  const SessionDescription offer_ = CreateCameraOffer(TestSession(), TestMedia());
  SessionDescription answer_;
};

TEST_F(DataOffer, TakesWhatTheViewerSaysOfItself) {
  data().sctp_port = 6000;
  data().max_message_size = 0;
  ASSERT_TRUE(Applied());
  EXPECT_EQ(Applied()->m_line_index, 1u);
  EXPECT_EQ(Applied()->peer_port, 6000);
  EXPECT_EQ(Applied()->peer_max_message_size, 0u);
}

// Checklist 47: players without data channels.
TEST_F(DataOffer, SendsVideoToAViewerThatRejectsThem) {
  data().port = 0;
  answer_.groups[0].mids = {"0"};
  EXPECT_FALSE(Applied());
  EXPECT_TRUE(ApplyAnswer(offer_, answer_)->video);
}

TEST_F(DataOffer, KeepsThemWhenTheVideoIsRejected) {
  video().port = 0;
  answer_.groups[0].mids = {"1"};
  EXPECT_TRUE(Applied());
  EXPECT_FALSE(ApplyAnswer(offer_, answer_)->video);
  EXPECT_EQ(ApplyAnswer(offer_, answer_)->remote.mid, "1");
}

TEST_F(DataOffer, HasNoneOverAnotherTransportOrWithAClosedPort) {
  data().sctp_port = 0;
  EXPECT_FALSE(Applied());
  data().sctp_port = 5000;
  EXPECT_TRUE(Applied());
  answer_.groups[0].mids = {"0"};
  EXPECT_FALSE(Applied());
}

TEST(ApplyAnswer, AgreesWithTheAnswererOnDataChannels) {
  ViewerMedia viewer;
  viewer.data_channels = true;
  const SessionDescription offer = CreateViewerOffer(TestSession(), viewer);
  for (const LocalMedia& media : {TestMedia(), TestVideo()}) {
    const auto answer = CreateAnswer(offer, TestSession(), media);
    ASSERT_TRUE(answer.ok()) << answer.status().ToString();
    const auto applied = ApplyAnswer(offer, ParseOrFail(answer->answer.Write()));
    ASSERT_TRUE(applied.ok()) << applied.status().ToString();
    EXPECT_EQ(applied->data.has_value(), media.data_channels);
    EXPECT_EQ(answer->data.has_value(), media.data_channels);
    EXPECT_TRUE(applied->video && answer->video);
  }
}

}  // namespace
}  // namespace ocellus::sdp
