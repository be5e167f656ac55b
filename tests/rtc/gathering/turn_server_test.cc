// SPDX-License-Identifier: Apache-2.0
// One TURN server through its life: deaths, roaming, redirects and time-limited users.
#include "firmware/rtc/gathering/turn_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "firmware/rtc/turn/time_limited_credentials.h"
#include "tests/rtc/gathering/turn_network.h"

namespace ocellus::gathering {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using TurnServerTest = TurnNetwork;

// --- Over UDP: deaths and returns ----------------------------------------------------------------

TEST_F(TurnServerTest, AllocatesWithinTwoRoundTrips) {
  GathererNode camera(network_, With({"turn:192.0.2.1"}), {kInside}, &nat_);
  network_.RunFor(milliseconds(79));
  EXPECT_FALSE(camera.relayed());
  network_.RunFor(milliseconds(1));
  EXPECT_TRUE(camera.relayed());
  EXPECT_EQ(camera.gatherer.servers()[0].rtt, Duration(milliseconds(40)));
}

TEST_F(TurnServerTest, KeepsItsAllocationForHours) {
  GathererNode camera(network_, With({"turn:192.0.2.1"}), {kInside}, &nat_);
  network_.RunFor(milliseconds(100));
  const auto relayed = camera.relayed();
  network_.RunFor(hours(3));
  EXPECT_EQ(camera.relayed(), relayed);
  EXPECT_EQ(server_.stats().allocations, 1u);
  EXPECT_EQ(server_.stats().allocations_expired, 0u);
  Stream(camera, seconds(1));
  EXPECT_THAT(camera.heard, testing::Not(IsEmpty()));
}

TEST_F(TurnServerTest, AServerThatWasRestartedIsUsedAgain) {
  GathererNode camera(network_, With({"turn:192.0.2.1"}), {kInside}, &nat_);
  Stream(camera, seconds(10));
  const auto relayed = camera.relayed();
  server_.Kill();
  Stream(camera, seconds(3));
  server_.Start();
  const Time back = network_.now();
  EXPECT_TRUE(network_.RunUntilTrue(
      [&] {
        Stream(camera, milliseconds(100));
        return camera.relayed().has_value() && camera.relayed() != relayed;
      },
      seconds(60)));
  EXPECT_LE(network_.now() - back, Duration(seconds(5)));
  EXPECT_GT(camera.gatherer.TakeChanged(), false);
  const size_t heard = camera.heard.size();
  Stream(camera, seconds(1));
  EXPECT_GT(camera.heard.size(), heard);
}

TEST_F(TurnServerTest, ARestartThatTakesNoTimeIsNoticedWithinFiveSeconds) {
  GathererNode camera(network_, With({"turn:192.0.2.1"}), {kInside}, &nat_);
  Stream(camera, seconds(10));
  const auto relayed = camera.relayed();
  server_.Kill();
  server_.Start();
  Stream(camera, seconds(5));
  EXPECT_TRUE(camera.relayed());
  EXPECT_NE(camera.relayed(), relayed);
}

TEST_F(TurnServerTest, WithoutUseARestartIsNoticedByTheNextRefresh) {
  GathererNode camera(network_, With({"turn:192.0.2.1"}), {kInside}, &nat_);
  network_.RunFor(seconds(10));
  const auto relayed = camera.relayed();
  server_.Kill();
  server_.Start();
  network_.RunFor(minutes(8));
  EXPECT_TRUE(camera.relayed());
  EXPECT_NE(camera.relayed(), relayed);
}

TEST_F(TurnServerTest, AServerThatIsDeadLosesItsCandidate) {
  GathererNode camera(network_, With({"turn:192.0.2.1"}), {kInside}, &nat_);
  Stream(camera, seconds(10));
  server_.Kill();
  Stream(camera, seconds(10));
  EXPECT_TRUE(camera.relayed());
  EXPECT_THAT(camera.gatherer.servers()[0].error, HasSubstr("silent"));
  Stream(camera, seconds(15));
  EXPECT_FALSE(camera.relayed());
  EXPECT_EQ(camera.gatherer.servers()[0].state, ServerState::kFailed);
  EXPECT_EQ(camera.gatherer.servers()[0].error, "it does not answer any more");
}

TEST_F(TurnServerTest, ACableThatIsOutForTenSecondsChangesNothing) {
  GathererNode camera(network_, With({"turn:192.0.2.1"}), {kInside}, &nat_);
  Stream(camera, seconds(10));
  const auto relayed = camera.relayed();
  camera.gatherer.TakeChanged();
  SetDown(true);
  Stream(camera, seconds(10));
  SetDown(false);
  EXPECT_LE(Gap(camera, seconds(5)), Duration(milliseconds(300)));
  EXPECT_EQ(camera.relayed(), relayed);
  EXPECT_FALSE(camera.gatherer.TakeChanged());
}

// The server still has the old allocation for our port then, and has to be told to forget it.
TEST_F(TurnServerTest, ACableThatIsOutForAMinuteIsOvercome) {
  GathererNode camera(network_, With({"turn:192.0.2.1"}), {kInside}, &nat_);
  Stream(camera, seconds(10));
  SetDown(true);
  Stream(camera, seconds(60));
  EXPECT_FALSE(camera.relayed());
  SetDown(false);
  // The platform notices the cable.
  camera.SetHosts({kInside});
  Stream(camera, seconds(3));
  EXPECT_TRUE(camera.relayed());
  EXPECT_EQ(server_.allocations(), 1u);
}

TEST_F(TurnServerTest, ANatThatForgotUsIsNoticed) {
  GathererNode camera(network_, With({"turn:192.0.2.1"}), {kInside}, &nat_);
  Stream(camera, seconds(10));
  nat_.Reboot();
  EXPECT_LE(Gap(camera, seconds(30)), Duration(seconds(10)));
}

TEST_F(TurnServerTest, AnAddressThatIsGoneTakesTheAllocationWithIt) {
  GathererNode camera(network_, With({"turn:192.0.2.1"}), {kInside}, &nat_);
  network_.RunFor(seconds(1));
  const auto relayed = camera.relayed();
  camera.SetHosts({});
  EXPECT_FALSE(camera.relayed());
  EXPECT_EQ(camera.gatherer.servers()[0].error, "our address 192.168.1.2 is gone");
  camera.SetHosts({At("192.168.1.3:8555")});
  network_.RunFor(milliseconds(200));
  ASSERT_TRUE(camera.relayed());
  EXPECT_NE(camera.relayed(), relayed);
}

TEST_F(TurnServerTest, GoesOnToTheNextAddressOfTheName) {
  GathererNode camera(
      network_, With({"turn:example.org"}), {kInside}, &nat_,
      {{"example.org", {*IpAddress::Parse("192.0.2.99"), *IpAddress::Parse("192.0.2.1")}}});
  network_.RunFor(seconds(12));
  EXPECT_TRUE(camera.relayed());
  EXPECT_THAT(camera.asked, ElementsAre("example.org"));
}

TEST_F(TurnServerTest, TriesTheOtherFamilyAfterAFailure) {
  GathererNode camera(
      network_, With({"turn:example.org"}), {At("198.51.100.9:8555"), At("[2001:db8::9]:8555")},
      nullptr, {{"example.org", {*IpAddress::Parse("192.0.2.99"), At("[2001:db8::1]:1").ip}}});
  network_.RunFor(seconds(12));
  EXPECT_EQ(camera.gatherer.servers()[0].address, At("[2001:db8::1]:3478"));
  EXPECT_TRUE(camera.relayed());
}

TEST_F(TurnServerTest, AsksTheNameAgainWhenNoAddressAnswers) {
  GathererNode camera(network_, With({"turn:example.org"}), {kInside}, &nat_,
                      {{"example.org", {*IpAddress::Parse("192.0.2.99")}}});
  network_.RunFor(seconds(5));
  camera.names["example.org"] = {At("192.0.2.1:0").ip};
  network_.RunFor(seconds(10));
  EXPECT_TRUE(camera.relayed());
  EXPECT_EQ(camera.asked.size(), 2u);
}

TEST_F(TurnServerTest, SaysThatAnAnswerTakesLong) {
  GathererNode camera(network_, With({"turn:192.0.2.99"}), {kInside}, &nat_);
  EXPECT_EQ(camera.gatherer.servers()[0].state, ServerState::kConnecting);
  network_.RunFor(milliseconds(1600));
  EXPECT_EQ(camera.gatherer.servers()[0].state, ServerState::kFailed);
  EXPECT_EQ(camera.gatherer.servers()[0].error, "no answer yet");
  EXPECT_EQ(camera.gatherer.servers()[0].address, At("192.0.2.99:3478"));
  network_.RunFor(seconds(10));
  EXPECT_EQ(camera.gatherer.servers()[0].error, "no answer");
}

// What is granted after we have gone would block our port for minutes.
TEST_F(TurnServerTest, CloseGivesBackWhatIsOnlyBeingAskedFor) {
  GathererNode camera(network_, With({"turn:192.0.2.1"}), {kInside}, &nat_);
  network_.RunFor(milliseconds(70));
  camera.gatherer.Close(network_.now());
  network_.RunFor(seconds(10));
  EXPECT_EQ(server_.stats().allocations, 1u);
  EXPECT_EQ(server_.allocations(), 0u);
}

// --- A server whose answers the test writes ------------------------------------------------------

class ScriptedTurnTest : public testing::Test {
 protected:
  ScriptedTurnTest() {
    Options options = With({"turn:192.0.2.1"});
    options.credentials = std::monostate();
    gatherer_.emplace(options, random_);
    gatherer_->SetHosts(now_, std::vector<SocketAddress>{kInside});
    gatherer_->HandleTimeout(now_);
  }

  // The next request. Its own server answers it by what `fill` adds.
  template <typename Fill>
  SocketAddress Answer(stun::MessageClass message_class, Fill fill) {
    uint8_t out[kMaxDatagramSize];
    const auto outgoing = gatherer_->PollTransmit(now_, out);
    CHECK(outgoing, "nothing to answer at %lld",
          static_cast<long long>(ToMilliseconds(now_ - Time())));
    const Packet request{
        outgoing->transmit.local, outgoing->transmit.remote, {out, out + outgoing->transmit.size}};
    uint8_t bytes[kMaxDatagramSize];
    stun::MessageWriter writer(
        bytes, {message_class, request.message().method(), request.message().transaction_id()});
    fill(writer);
    Datagram in{request.from, request.to, MutableBytes(bytes).first(writer.Finish().value())};
    EXPECT_EQ(gatherer_->HandleDatagram(now_, in), Gatherer::Verdict::kConsumed);
    return request.to;
  }
  SocketAddress Redirect(const SocketAddress& other) {
    return Answer(stun::MessageClass::kError, [&](stun::MessageWriter& writer) {
      writer.AddErrorCode(stun::ErrorCode::kTryAlternate);
      writer.AddAddress(stun::AttributeType::kAlternateServer, other);
    });
  }
  SocketAddress Grant(const SocketAddress& relayed, const SocketAddress& mapped) {
    return Answer(stun::MessageClass::kSuccess, [&](stun::MessageWriter& writer) {
      writer.AddXorAddress(stun::AttributeType::kXorRelayedAddress, relayed);
      writer.AddXorAddress(stun::AttributeType::kXorMappedAddress, mapped);
      writer.AddU32(stun::AttributeType::kLifetime, 600);
    });
  }

  sim::SeededRandom random_{1};
  Time now_{hours(1)};
  std::optional<Gatherer> gatherer_;
};

// RFC 8489 section 10.
TEST_F(ScriptedTurnTest, FollowsAServerThatNamesAnother) {
  EXPECT_EQ(Redirect(At("192.0.2.7:3479")), At("192.0.2.1:3478"));
  now_ += milliseconds(50);
  EXPECT_EQ(Grant(At("192.0.2.7:50000"), At("203.0.113.5:8555")), At("192.0.2.7:3479"));
  EXPECT_EQ(gatherer_->servers()[0].address, At("192.0.2.7:3479"));
  EXPECT_TRUE(gatherer_->IsRelayed(At("192.0.2.7:50000")));
}

TEST_F(ScriptedTurnTest, DoesNotFollowServersThatNameEachOtherForEver) {
  for (unsigned i = 0; i < kMaxRedirects + 1; ++i) {
    Redirect(i % 2 ? At("192.0.2.1:3478") : At("192.0.2.7:3479"));
    now_ += milliseconds(50);
  }
  EXPECT_THAT(gatherer_->servers()[0].error, HasSubstr("300"));
  EXPECT_GT(gatherer_->next_deadline(), now_);
  // And begins at the first one again.
  now_ = gatherer_->next_deadline();
  gatherer_->HandleTimeout(now_);
  EXPECT_EQ(Grant(At("192.0.2.1:50000"), At("203.0.113.5:8555")), At("192.0.2.1:3478"));
}

TEST_F(ScriptedTurnTest, AMappedAddressThatIsNoneIsNoCandidate) {
  Grant(At("192.0.2.1:50000"), At("0.0.0.0:0"));
  EXPECT_EQ(gatherer_->candidates().size(), 2u);
  EXPECT_FALSE(gatherer_->candidates()[1].related);
}

// Else everything that leaves from our own port would go to the server.
TEST_F(ScriptedTurnTest, ARelayedAddressThatIsOurOwnIsNotUsed) {
  Grant(kInside, At("203.0.113.5:8555"));
  EXPECT_FALSE(gatherer_->IsRelayed(kInside));
}

// --- Time-limited users --------------------------------------------------------------------------

class TimeLimitedTest : public TurnServerTest {
 protected:
  static Options SharedSecretOptions() {
    Options options = With({"turn:192.0.2.1"});
    options.credentials = SharedSecret{"north", "camera", hours(1)};
    return options;
  }
  // The users that the secret makes around now.
  void AddUsers() {
    for (int64_t hour = 472'222; hour < 472'240; ++hour) {
      const auto user = turn::MakeTimeLimitedCredentials("north", hour * 3600, "camera");
      server_.AddUser(user.username, user.password);
    }
  }
  void SetClock(GathererNode& camera) {
    camera.gatherer.SetWallClock(network_.now(),
                                 {network_.now(), NtpTime::FromUnix(seconds(1'700'000'000))});
  }
};

TEST_F(TimeLimitedTest, NeedsTheTimeOfDay) {
  AddUsers();
  GathererNode camera(network_, SharedSecretOptions(), {kInside}, &nat_);
  network_.RunFor(seconds(5));
  EXPECT_FALSE(camera.relayed());
  EXPECT_EQ(camera.gatherer.servers()[0].error, "the clock of this camera is not set");
  SetClock(camera);
  network_.RunFor(milliseconds(200));
  EXPECT_TRUE(camera.relayed());
}

TEST_F(TimeLimitedTest, AClockThatWasSetRightIsTriedAtOnce) {
  AddUsers();
  GathererNode camera(network_, SharedSecretOptions(), {kInside}, &nat_);
  const auto tell = [&](seconds off) {
    const auto today = seconds(1'700'000'000) + (network_.now() - Time(hours(1))) + off;
    camera.gatherer.SetWallClock(network_.now(), {network_.now(), NtpTime::FromUnix(today)});
  };
  // Told every second that it is still 1970 or so: backs off all the same.
  for (int i = 0; i < 120; ++i) {
    tell(seconds(-1'600'000'000));
    network_.RunFor(seconds(1));
  }
  EXPECT_THAT(camera.gatherer.servers()[0].error, HasSubstr("401"));
  EXPECT_LE(server_.stats().wrong_credentials, 12u);
  tell(seconds(0));
  network_.RunFor(milliseconds(200));
  EXPECT_TRUE(camera.relayed());
}

TEST_F(TimeLimitedTest, TheUserIsReplacedInAQuietMoment) {
  AddUsers();
  GathererNode camera(network_, SharedSecretOptions(), {kInside}, &nat_);
  SetClock(camera);
  network_.RunFor(minutes(10));
  const auto relayed = camera.relayed();
  ASSERT_TRUE(relayed);
  // In use for 100 minutes: stays, as the server goes on with the user that it knows.
  Stream(camera, minutes(100));
  EXPECT_EQ(camera.relayed(), relayed);
  network_.RunFor(seconds(35));
  EXPECT_NE(camera.relayed(), relayed);
  EXPECT_TRUE(camera.relayed());
  EXPECT_EQ(server_.stats().deletions, 1u);
  EXPECT_EQ(server_.allocations(), 1u);
}

TEST_F(TimeLimitedTest, ARestartedCameraFreesWhatItHadBefore) {
  AddUsers();
  {
    GathererNode before(network_, SharedSecretOptions(), {kInside}, &nat_);
    SetClock(before);
    network_.RunFor(seconds(1));
    ASSERT_TRUE(before.relayed());
  }
  GathererNode after(network_, SharedSecretOptions(), {kInside}, &nat_);
  SetClock(after);
  network_.RunFor(seconds(5));
  EXPECT_TRUE(after.relayed());
  EXPECT_EQ(server_.allocations(), 1u);
}

}  // namespace
}  // namespace ocellus::gathering
