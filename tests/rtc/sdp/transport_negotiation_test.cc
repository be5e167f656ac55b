// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sdp/transport_negotiation.h"

#include <gmock/gmock.h>

#include "tests/rtc/sdp/sdp_files.h"

namespace ocellus::sdp {
namespace {

using testing::ElementsAre;

SessionDescription WithMedia(size_t count) {
  SessionDescription session;
  session.media.resize(count);
  return session;
}

TEST(AddTransport, PutsCandidatesOnTheTaggedMediaOnly) {
  SessionDescription session = WithMedia(3);
  session.media[0].port = 0;
  AddTransport(TestSession(), Setup::kActive, 1, session);
  EXPECT_FALSE(session.media[0].ice_ufrag);
  for (const size_t i : {1u, 2u}) {
    EXPECT_EQ(session.media[i].ice_ufrag, "F7gI");
    EXPECT_EQ(session.media[i].setup, Setup::kActive);
    EXPECT_EQ(session.media[i].fingerprints.size(), 1u);
  }
  EXPECT_EQ(session.media[1].candidates, TestSession().candidates);
  EXPECT_TRUE(session.media[1].end_of_candidates);
  EXPECT_TRUE(session.media[2].candidates.empty());
  EXPECT_FALSE(session.media[2].end_of_candidates);
}

// RFC 8839 section 4.2.1.2.
TEST(AddTransport, NamesTheFirstIpv4CandidateAsDefault) {
  SessionDescription session = WithMedia(1);
  AddTransport(TestSession(), Setup::kActive, 0, session);
  EXPECT_EQ(session.media[0].port, 8555);
  EXPECT_EQ(session.media[0].connection, "IN IP4 192.0.2.1");
}

// RFC 8840 section 4.1.1.
TEST(AddTransport, KeepsPort9WithoutAnIpv4Candidate) {
  LocalSession local = TestSession();
  for (const auto& candidates :
       {std::vector<std::string>{},
        std::vector<std::string>{"candidate:1 1 udp 2130706431 2001:db8::1 8555 typ host"},
        std::vector<std::string>{"candidate:1 1 tcp 2130706431 192.0.2.1 9 typ host"},
        std::vector<std::string>{"candidate:1 1 udp 2130706431 camera.local 8555 typ host"},
        std::vector<std::string>{"candidate:1"}}) {
    local.candidates = candidates;
    SessionDescription session = WithMedia(1);
    AddTransport(local, Setup::kActive, 0, session);
    EXPECT_EQ(session.media[0].port, 9);
    EXPECT_EQ(session.media[0].connection, "IN IP4 0.0.0.0");
  }
}

// RFC 9143 section 7.1.3: bundle-only media leave the transport to the tagged one.
TEST(TransportOf, FallsBackToTheTaggedMedia) {
  SessionDescription session = WithMedia(2);
  session.groups = {{"BUNDLE", {"a", "b"}}};
  session.media[0].mid = "a";
  session.media[0].ice_ufrag = "ufrag";
  session.media[1].mid = "b";
  EXPECT_EQ(&TransportOf(session, session.media[1]), &session.media[0]);
  session.media[1].ice_ufrag = "own";
  EXPECT_EQ(&TransportOf(session, session.media[1]), &session.media[1]);
  session.media[1].ice_ufrag.reset();
  session.groups.clear();
  EXPECT_EQ(&TransportOf(session, session.media[1]), &session.media[1]);
}

TEST(ReadTransport, ReadsAGatheredOffer) {
  const SessionDescription offer = ParseFile("chromium156/chromium-h264-only.offer-gathered.sdp");
  const auto remote = ReadTransport(offer, offer.media[0]);
  ASSERT_TRUE(remote.ok()) << remote.status().ToString();
  EXPECT_EQ(remote->ufrag, *offer.media[0].ice_ufrag);
  EXPECT_EQ(remote->pwd, *offer.media[0].ice_pwd);
  EXPECT_TRUE(remote->trickle);
  EXPECT_FALSE(remote->ice_lite);
  EXPECT_EQ(remote->candidates.size(), 4u);
  EXPECT_EQ(remote->fingerprints.size(), 1u);
}

// Checklist 18: sha-1 alone is no fingerprint; of several, all that are strong can be matched.
TEST(ReadTransport, KeepsOnlyStrongFingerprints) {
  SessionDescription session = WithMedia(1);
  MediaDescription& media = session.media[0];
  media.line = 5;
  media.ice_ufrag = "ufrag";
  media.ice_pwd = "0123456789012345678901";
  media.fingerprints = {"sha-1 AA", "sha-256 BB", "sha-512 CC", "md5 DD"};
  EXPECT_THAT(ReadTransport(session, media)->fingerprints, ElementsAre("sha-256 BB", "sha-512 CC"));
  media.fingerprints = {"sha-1 AA"};
  EXPECT_EQ(ReadTransport(session, media).status().message(),
            "SDP line 5 (video): a=fingerprint with a weak hash only, expected sha-256");
  media.fingerprints.clear();
  EXPECT_EQ(ReadTransport(session, media).status().message(),
            "SDP line 5 (video): no a=fingerprint, expected one with sha-256");
}

TEST(ReadTransport, NeedsIce) {
  SessionDescription session = WithMedia(1);
  session.media[0].line = 5;
  session.media[0].fingerprints = {"sha-256 BB"};
  EXPECT_EQ(ReadTransport(session, session.media[0]).status().message(),
            "SDP line 5 (video): no a=ice-ufrag and a=ice-pwd, expected ICE");
}

TEST(RoleOfOfferer, LetsUsBeActiveWhereItCan) {
  MediaDescription media;
  media.setup = Setup::kActPass;
  EXPECT_EQ(*RoleOfOfferer(media), Setup::kPassive);
  media.setup = Setup::kPassive;
  EXPECT_EQ(*RoleOfOfferer(media), Setup::kPassive);
  media.setup = Setup::kActive;
  EXPECT_EQ(*RoleOfOfferer(media), Setup::kActive);
  media.setup.reset();
  EXPECT_EQ(*RoleOfOfferer(media), Setup::kActive);
  media.setup = Setup::kHoldConn;
  EXPECT_EQ(RoleOfOfferer(media).status().code(), StatusCode::kUnsupported);
}

TEST(RoleOfAnswerer, MustFitTheOffer) {
  MediaDescription media;
  media.setup = Setup::kPassive;
  EXPECT_EQ(*RoleOfAnswerer(Setup::kActive, media), Setup::kPassive);
  EXPECT_EQ(*RoleOfAnswerer(Setup::kActPass, media), Setup::kPassive);
  EXPECT_FALSE(RoleOfAnswerer(Setup::kPassive, media).ok());
  media.setup = Setup::kActive;
  EXPECT_EQ(*RoleOfAnswerer(Setup::kActPass, media), Setup::kActive);
  EXPECT_FALSE(RoleOfAnswerer(Setup::kActive, media).ok());
  media.setup = Setup::kActPass;
  EXPECT_FALSE(RoleOfAnswerer(Setup::kActPass, media).ok());
  media.setup = Setup::kHoldConn;
  EXPECT_FALSE(RoleOfAnswerer(Setup::kActPass, media).ok());
}

}  // namespace
}  // namespace ocellus::sdp
