// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sdp/session_description.h"

#include <gtest/gtest.h>

namespace ocellus::sdp {
namespace {

TEST(Codec, ComparesNamesWithoutCase) {
  Codec codec;
  codec.name = "h264";
  codec.clock_rate = 90'000;
  EXPECT_TRUE(codec.Is("H264", 90'000));
  EXPECT_FALSE(codec.Is("H264", 8000));
  EXPECT_FALSE(codec.Is("H26", 90'000));
}

TEST(Codec, FindsAParameterAmongOthers) {
  Codec codec;
  codec.parameters = "level-asymmetry-allowed=1; packetization-mode=1 ;Profile-Level-Id=42e01f;x";
  EXPECT_EQ(codec.Parameter("packetization-mode"), "1");
  EXPECT_EQ(codec.Parameter("profile-level-id"), "42e01f");
  EXPECT_EQ(codec.Parameter("x"), "");
  EXPECT_FALSE(codec.Parameter("mode"));
  EXPECT_FALSE(Codec().Parameter("x"));
}

TEST(MediaDescription, IsRejectedByPortZeroUnlessBundleOnly) {
  MediaDescription media;
  EXPECT_FALSE(media.is_rejected());
  media.port = 0;
  EXPECT_TRUE(media.is_rejected());
  media.bundle_only = true;
  EXPECT_FALSE(media.is_rejected());
}

TEST(MediaDescription, KnowsItsKindAndPlace) {
  MediaDescription media;
  media.line = 12;
  EXPECT_EQ(media.kind(), MediaKind::kVideo);
  EXPECT_EQ(media.Where(), "SDP line 12 (video)");
  media.media = "text";
  EXPECT_EQ(media.kind(), MediaKind::kOther);
}

TEST(SessionDescription, FindsMediaAndTheirBundle) {
  SessionDescription session;
  session.media.resize(2);
  session.media[1].mid = "b";
  session.groups = {{"LS", {"a", "b"}}, {"BUNDLE", {"b"}}};
  EXPECT_EQ(session.FindMedia("b"), &session.media[1]);
  EXPECT_EQ(session.FindMedia("a"), nullptr);
  EXPECT_EQ(session.FindBundle("b"), &session.groups[1]);
  EXPECT_EQ(session.FindBundle("a"), nullptr);
}

TEST(Direction, SaysWhoSends) {
  EXPECT_TRUE(CanSend(Direction::kSendOnly) && CanSend(Direction::kSendRecv));
  EXPECT_FALSE(CanSend(Direction::kRecvOnly) || CanSend(Direction::kInactive));
  EXPECT_TRUE(CanReceive(Direction::kRecvOnly) && CanReceive(Direction::kSendRecv));
  EXPECT_FALSE(CanReceive(Direction::kSendOnly) || CanReceive(Direction::kInactive));
  EXPECT_STREQ(ToString(Direction::kRecvOnly), "recvonly");
  EXPECT_STREQ(ToString(Setup::kActPass), "actpass");
}

}  // namespace
}  // namespace ocellus::sdp
