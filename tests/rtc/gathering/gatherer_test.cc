// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/gathering/gatherer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rtc/gathering/gatherer_network.h"

namespace ocellus::gathering {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using GathererTest = GathererNetwork;

// RFC 8445 section 5.1.3.
// RFC 8445 section 5.1.3.
TEST_F(GathererTest, RelaysInBothDirections) {
  GathererNode camera(network_, With({"turn:192.0.2.1"}), {kInside}, &nat_);
  network_.RunFor(milliseconds(100));
  const auto candidate = camera.Find(CandidateType::kRelayed);
  ASSERT_TRUE(candidate);
  EXPECT_EQ(candidate->address.ip, server1_.address().ip);
  EXPECT_EQ(candidate->base, candidate->address);
  EXPECT_EQ(candidate->server, 1u);
  // The allocation tells the mapping too.
  EXPECT_EQ(camera.mapped()->ip, kOutside);
  EXPECT_EQ(candidate->related, camera.mapped());
  EXPECT_TRUE(camera.gatherer.IsRelayed(candidate->address));
  EXPECT_FALSE(camera.gatherer.IsRelayed(kInside));

  for (const char* text : {"one", "two", "three"}) {
    ASSERT_TRUE(camera.Say(candidate->address, viewer_.address(), text));
    network_.RunFor(milliseconds(200));
  }
  const std::string from = "198.51.100.77:50000 to " + candidate->address.ToString() + ": re: ";
  EXPECT_THAT(camera.heard, ElementsAre(from + "one", from + "two", from + "three"));
  EXPECT_FALSE(camera.Say(At("192.0.2.66:1"), viewer_.address(), "nowhere"));
}

// Checklist 64.
TEST_F(GathererTest, OneAddressMayBeStunAndTurnServer) {
  GathererNode camera(network_, With({"stun:192.0.2.1", "turn:192.0.2.1"}), {kInside}, &nat_);
  network_.RunFor(milliseconds(200));
  EXPECT_EQ(camera.gatherer.servers()[0].state, ServerState::kReady);
  EXPECT_EQ(camera.gatherer.servers()[1].state, ServerState::kReady);
  EXPECT_EQ(camera.gatherer.candidates().size(), 3u);
}

TEST_F(GathererTest, AllocatesOnEachTurnServer) {
  GathererNode camera(network_, With({"turn:192.0.2.1", "turn:192.0.2.2"}), {kInside}, &nat_);
  network_.RunFor(milliseconds(200));
  const auto& candidates = camera.gatherer.candidates();
  ASSERT_EQ(candidates.size(), 4u);
  EXPECT_EQ(candidates[2].address.ip, server1_.address().ip);
  EXPECT_EQ(candidates[3].address.ip, server2_.address().ip);
}

// A second allocation on one 5-tuple would be refused (RFC 8656 section 7.2).
TEST_F(GathererTest, TwoNamesOfOneServerAreOneAllocation) {
  GathererNode camera(network_, With({"turn:192.0.2.1", "turn:other.example"}), {kInside}, &nat_,
                      {{"other.example", {server1_.address().ip}}});
  network_.RunFor(seconds(10));
  EXPECT_EQ(server1_.allocations(), 1u);
  EXPECT_EQ(server1_.stats().allocations, 1u);
  EXPECT_EQ(camera.gatherer.servers()[1].error, "another entry has the same address");
}

TEST_F(GathererTest, AsksForEachNameOnce) {
  Options options = With({"stun:example.org", "turn:example.org", "turn:other.example"});
  GathererNode camera(network_, options, {kInside}, &nat_,
                      {{"example.org", {server1_.address().ip}}});
  network_.RunFor(milliseconds(300));
  EXPECT_THAT(camera.asked, ElementsAre("example.org", "other.example"));
  EXPECT_EQ(camera.gatherer.servers()[2].error, "its name is not found: no such host");
  network_.RunFor(seconds(2));
  camera.names["other.example"] = {server2_.address().ip};
  network_.RunFor(seconds(9));
  EXPECT_EQ(camera.gatherer.servers()[0].state, ServerState::kReady);
  EXPECT_EQ(camera.gatherer.servers()[1].state, ServerState::kReady);
  EXPECT_EQ(camera.gatherer.servers()[2].state, ServerState::kReady);
}

TEST_F(GathererTest, SaysWhyAServerRefuses) {
  Options options = With({"turn:192.0.2.1"});
  options.credentials = StaticCredentials{"camera", "a wrong password"};
  GathererNode camera(network_, options, {kInside}, &nat_);
  network_.RunFor(seconds(5));
  EXPECT_EQ(camera.gatherer.servers()[0].state, ServerState::kFailed);
  EXPECT_THAT(camera.gatherer.servers()[0].error, HasSubstr("401"));
  EXPECT_FALSE(camera.relayed());
  for (const ServerStatus& status : camera.gatherer.servers()) {
    EXPECT_EQ(status.ToString().find("a wrong password"), std::string::npos);
  }
}

// Checklist 11.
TEST_F(GathererTest, ComesBackWhenTheQuotaAllowsIt) {
  server1_.Refuse(stun::Method::kAllocate, 486);
  GathererNode camera(network_, With({"turn:192.0.2.1"}), {kInside}, &nat_);
  network_.RunFor(seconds(5));
  EXPECT_THAT(camera.gatherer.servers()[0].error, HasSubstr("486"));
  server1_.StopRefusing();
  network_.RunFor(seconds(8));
  EXPECT_TRUE(camera.relayed());
  EXPECT_EQ(camera.gatherer.servers()[0].error, "");
}

TEST_F(GathererTest, TriesAFailingServerLessAndLessOften) {
  server1_.Refuse(stun::Method::kAllocate, 486);
  GathererNode camera(network_, With({"turn:192.0.2.1"}), {kInside}, &nat_);
  network_.RunFor(seconds(8));
  EXPECT_GE(server1_.stats().refused, 3u);
  network_.RunFor(minutes(5));
  const uint64_t before = server1_.stats().refused;
  network_.RunFor(std::chrono::hours(1));
  EXPECT_LE(server1_.stats().refused - before, 80u);
  EXPECT_GE(server1_.stats().refused - before, 60u);
}

TEST_F(GathererTest, DatagramsOfOthersAreNotOurs) {
  GathererNode camera(network_, With({"stun:192.0.2.2", "turn:192.0.2.1"}), {kInside}, &nat_);
  network_.RunFor(milliseconds(200));
  const auto verdict = [&](const SocketAddress& from, std::vector<uint8_t> bytes,
                           TransportProtocol protocol = TransportProtocol::kUdp) {
    Datagram in{kInside, from, bytes, protocol};
    return camera.gatherer.HandleDatagram(network_.now(), in);
  };
  const std::vector<uint8_t> media(200, 0x80);
  using Verdict = Gatherer::Verdict;
  EXPECT_EQ(verdict(viewer_.address(), media), Verdict::kNotOurs);
  EXPECT_EQ(verdict(server2_.address(), media), Verdict::kNotOurs);
  EXPECT_EQ(verdict(server2_.address(), {}), Verdict::kNotOurs);
  EXPECT_EQ(verdict(server1_.address(), media), Verdict::kConsumed);
  EXPECT_EQ(verdict(server1_.address(), media, TransportProtocol::kTcp), Verdict::kNotOurs);
  // A connectivity check from a host that is also a STUN server is for ICE.
  uint8_t bytes[100];
  stun::MessageWriter writer(bytes, {});
  writer.AddFingerprint();
  const size_t size = *writer.Finish();
  EXPECT_EQ(verdict(server2_.address(), {bytes, bytes + size}), Verdict::kNotOurs);
}

// Checklist 4.
TEST_F(GathererTest, BelievesOnlyAnswersToWhatItAsked) {
  GathererNode camera(network_, With({"stun:192.0.2.1"}), {kInside}, &nat_);
  network_.RunFor(milliseconds(45));
  const auto before = camera.mapped();
  Packet request{server1_.address(), server1_.address(), {}};
  uint8_t bytes[100];
  stun::MessageWriter writer(bytes, {});
  request.bytes.assign(bytes, bytes + *writer.Finish());
  Packet forged = AnswerTo(request, {At("203.0.113.66:6666"), {}, {}, {}, {}});
  Datagram in{kInside, server1_.address(), forged.bytes};
  EXPECT_EQ(camera.gatherer.HandleDatagram(network_.now(), in), Gatherer::Verdict::kNotOurs);
  EXPECT_EQ(camera.mapped(), before);
}

// Checklist 11.
TEST_F(GathererTest, CloseGivesTheAllocationsBack) {
  GathererNode camera(network_, With({"turn:192.0.2.1", "stun:192.0.2.2"}), {kInside}, &nat_);
  network_.RunFor(milliseconds(200));
  EXPECT_EQ(server1_.allocations(), 1u);
  camera.gatherer.Close(network_.now());
  EXPECT_FALSE(camera.relayed());
  network_.RunFor(seconds(10));
  EXPECT_EQ(server1_.allocations(), 0u);
  EXPECT_EQ(server1_.stats().deletions, 1u);
  EXPECT_EQ(camera.gatherer.next_deadline(), kNever);
}

TEST_F(GathererTest, StaysSilentWithoutServers) {
  GathererNode camera(network_, Options(), {kInside}, &nat_);
  EXPECT_EQ(camera.gatherer.next_deadline(), kNever);
  EXPECT_THAT(camera.gatherer.servers(), IsEmpty());
}

}  // namespace
}  // namespace ocellus::gathering
